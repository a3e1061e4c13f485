/** Leads the operations of an ONNX Runtime profile back to the document's nodes, by their names. */
import { z } from "zod";
import type { NodeTime } from "./profile";

/** One line of ONNX Runtime's profile; times in microseconds. */
const eventSchema = z.object({
  cat: z.string(),
  name: z.string(),
  ts: z.number(),
  dur: z.number(),
  args: z.record(z.string(), z.unknown()).default({}),
});
type ProfileEvent = z.infer<typeof eventSchema>;

export interface OperationTimes {
  /** Microseconds of the measured runs, by operation name. */
  readonly operations: ReadonlyMap<string, number>;
  /** Microseconds inside the runtime. */
  readonly session: number;
  readonly runs: number;
  /** Bytes; null where the provider does not say. */
  readonly peak: number | null;
}

const KERNEL = "_kernel_time";

/** Reads the runtime's profile, leaving out its first `skipped` runs. Lines of other kinds are passed over. */
export function operationTimes(lines: readonly unknown[], skipped: number): OperationTimes {
  const events = lines.flatMap((line): ProfileEvent[] => {
    const parsed = eventSchema.safeParse(line);
    return parsed.success ? [parsed.data] : [];
  });
  const all = events.filter(({ name }) => name === "model_run").sort((a, b) => a.ts - b.ts);
  const runs = all.slice(skipped);
  const begin = runs[0]?.ts ?? Number.POSITIVE_INFINITY;
  const operations = new Map<string, number>();
  let peak: number | null = null;
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== "Node" || ts < begin || !name.endsWith(KERNEL)) continue;
    const operation = name.slice(0, -KERNEL.length);
    operations.set(operation, (operations.get(operation) ?? 0) + dur);
    const held = Number(args.mem_in_use_peak);
    if (Number.isFinite(held)) peak = Math.max(peak ?? 0, held);
  }
  return { operations, session: runs.reduce((sum, { dur }) => sum + dur, 0), runs: runs.length, peak };
}

export interface Place {
  readonly node: string;
  readonly network: string | null;
  readonly pass: "forward" | "backward";
}

const GRADIENT = "/grad/";

/**
 * `solver/teacher/Mul_3` is computed by `solver`, inside the network of `teacher`; `trainer/grad/solver/Mul_3/Mul_9` is its
 * backward pass. What the runtime makes of an operation keeps its name in front: `solver/Mul_3/QuickGeluFusion/`.
 */
export function placeOf(operation: string, isNode: (id: string) => boolean): Place | undefined {
  const at = operation.lastIndexOf(GRADIENT);
  const path = (at < 0 ? operation : operation.slice(at + GRADIENT.length)).split("/");
  const node = takeNode(path, isNode);
  if (node === undefined) return undefined;
  return { node, network: takeNode(path, isNode) ?? null, pass: at < 0 ? "forward" : "backward" };
}

/** Takes the node's id from the front of a path; ids may have slashes themselves. The last part is the operation's own name. */
function takeNode(path: string[], isNode: (id: string) => boolean): string | undefined {
  for (let length = 1; length < path.length; length++) {
    const id = path.slice(0, length).join("/");
    if (!isNode(id)) continue;
    path.splice(0, length);
    return id;
  }
  return undefined;
}

/** Adds up the operations by node and network; `aliases` says where an operation outside every node belongs. */
export function attribute(
  operations: ReadonlyMap<string, number>,
  isNode: (id: string) => boolean,
  aliases: ReadonlyMap<string, string> = new Map(),
): { nodes: NodeTime[]; unattributed: number } {
  const times = new Map<string, NodeTime>();
  let unattributed = 0;
  for (const [operation, time] of operations) {
    const place = placeOf(operation, isNode) ?? placeOf(aliases.get(operation) ?? "", isNode);
    if (place === undefined) {
      unattributed += time;
      continue;
    }
    const { node, network, pass } = place;
    const key = JSON.stringify([node, network]);
    const sum = times.get(key) ?? { node, network, forward: 0, backward: 0 };
    times.set(key, { ...sum, [pass]: sum[pass] + time });
  }
  return { nodes: [...times.values()], unattributed };
}
