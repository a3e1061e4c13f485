/** From what is typed into the table of a sweep to values of parameters. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { MAX_BATCH, spaced } from "@distillery/shared/run/batch";
import { type FormField, formOf, type Json, numbersIn, paramErrors, valueAt } from "../editor/paramForm";
import { say } from "../language";

const words = say.run.sweep;

/** A parameter whose value can be swept. */
export interface Sweepable {
  /** `node.param` */
  readonly param: string;
  readonly node: string;
  readonly nodeTitle: string;
  readonly field: FormField;
  readonly value: Json | undefined;
}
export type AxisMode = "list" | "linear" | "log";
export interface AxisDraft {
  readonly param: string;
  mode: AxisMode;
  text: string;
  from: string;
  to: string;
  count: number;
  /** Of a parameter with few values: those ticked, as JSON. */
  chosen: readonly string[];
}

const KINDS: ReadonlySet<FormField["kind"]> = new Set(["number", "integer", "boolean", "enum", "text"]);
export const isNumber = ({ kind }: FormField): boolean => kind === "number" || kind === "integer";
/** What there is to choose from; empty where values are typed. */
export const choicesOf = ({ kind, options }: FormField): readonly Json[] =>
  kind === "boolean" ? [true, false] : kind === "enum" ? options : [];

export function sweepables(graph: Pick<GraphDocument, "nodes">, library: Pick<NodeLibrary, "get">): Sweepable[] {
  return graph.nodes.flatMap((node) => {
    const definition = library.get(node.type);
    if (!definition) return [];
    return formOf(definition)
      .filter(({ kind }) => KINDS.has(kind))
      .map((field) => ({
        param: `${node.id}.${field.path[0]}`,
        node: node.id,
        nodeTitle: node.title ?? definition.title,
        field,
        value: valueAt(node.params, field),
      }));
  });
}

export function draftOf({ param, field, value }: Sweepable): AxisDraft {
  const text = value === undefined || value === null ? "" : String(value);
  const hasChoices = choicesOf(field).length > 0;
  return {
    param,
    mode: "list",
    text,
    from: text,
    to: text,
    count: 3,
    chosen: hasChoices && value !== undefined ? [JSON.stringify(value)] : [],
  };
}

/** The values of a row, or why there are none. */
export function valuesOf(
  draft: AxisDraft,
  { node, field }: Sweepable,
  graph: Pick<GraphDocument, "nodes">,
  library: Pick<NodeLibrary, "get">,
): { values: Json[]; problem: string } {
  const typed = typedValues(draft, field);
  if (typeof typed === "string") return { values: [], problem: typed };
  const values = [...new Map(typed.map((value) => [JSON.stringify(value), value])).values()];
  if (values.length === 0) return { values, problem: words.none };
  const target = graph.nodes.find(({ id }) => id === node);
  const definition = target && library.get(target.type);
  const name = field.path[0] ?? "";
  for (const value of values) {
    const wrong = definition && paramErrors(definition, { ...target.params, [name]: value }).get(name);
    if (wrong) return { values: [], problem: `${JSON.stringify(value)}: ${wrong}` };
  }
  return { values, problem: "" };
}

function typedValues({ mode, text, from, to, count, chosen }: AxisDraft, field: FormField): Json[] | string {
  if (choicesOf(field).length > 0) return chosen.map((json): Json => JSON.parse(json));
  if (!isNumber(field)) return text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
  if (mode === "list") {
    const numbers = numbersIn(text);
    return Array.isArray(numbers) ? numbers : words.numbers;
  }
  const [a, b] = [Number(from), Number(to)];
  if (from.trim() === "" || to.trim() === "" || !Number.isFinite(a) || !Number.isFinite(b)) return words.ends;
  if (!Number.isInteger(count) || count < 2 || count > MAX_BATCH) return words.steps(MAX_BATCH);
  if (mode === "log" && !(a > 0 && b > 0)) return words.aboveZero;
  const values = spaced(a, b, count, mode);
  return field.kind === "integer" ? values.map(Math.round) : values;
}
