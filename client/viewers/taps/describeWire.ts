/** What a wire without pictures stands for, in words: its node's parameters and the newest numbers of a run. */
import type { GraphNode } from "@distillery/shared/graph/document";
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { z } from "zod";
import { say } from "../../language";
import type { RunLog } from "../../run/runLog";
import { formatNumber } from "../format";

const words = say.viewers.wire;

export interface Fact {
  name: string;
  value: string;
}

export function describeWire(
  socket: string,
  node: GraphNode,
  definition: Pick<NodeDefinition, "params" | "outputs">,
  log: RunLog | null,
): Fact[] {
  const facts: Fact[] = [];
  const help = definition.outputs[socket]?.help;
  if (help) facts.push({ name: words.carries, value: help });
  for (const [key, series] of [...(log?.series ?? []), ...(log?.metrics ?? [])])
    if (key.startsWith(`${node.id}.`) && series.last !== undefined)
      facts.push({ name: key.slice(node.id.length + 1), value: formatNumber(series.last) });
  const parsed = definition.params.safeParse(node.params);
  const params: Record<string, unknown> = parsed.success ? parsed.data : node.params;
  const titles = titlesOf(definition.params);
  for (const [name, value] of Object.entries(params)) facts.push({ name: titles[name] ?? name, value: shown(value) });
  return facts;
}

function titlesOf(params: z.ZodObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params.shape).flatMap(([name, field]) => {
      const title = field instanceof z.ZodType ? field.meta()?.title : undefined;
      return title ? [[name, title]] : [];
    }),
  );
}

const shown = (value: unknown): string => {
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return JSON.stringify(value);
};
