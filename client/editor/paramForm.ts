/** From a node's zod schema to the fields of a form. */
import type { GraphNode, Params } from "@distillery/shared/graph/document";
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { z } from "zod";
import { say } from "../language";

export type FieldKind =
  | "number"
  | "integer"
  | "boolean"
  | "enum"
  | "text"
  | "multi"
  | "range"
  | "numbers"
  | "object"
  | "json";
export type Json = Params[string];

export interface FormField {
  /** Names from the parameters' root: ["optimiser", "rate"]. */
  readonly path: readonly string[];
  readonly kind: FieldKind;
  readonly title: string;
  readonly description: string;
  readonly widget?: string;
  readonly unit?: string;
  /** Seldom needed: folded away until asked for. */
  readonly advanced?: boolean;
  /** Shown only while these other parameters have one of these values. */
  readonly when?: Readonly<Record<string, readonly Json[]>>;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly options: readonly Json[];
  readonly defaultValue: Json | undefined;
  /** Fields of a nested object. */
  readonly fields: readonly FormField[];
}

/** The parts of a JSON schema that a form needs, with the schema's `.meta(...)`. */
const propertySchema = z.looseObject({
  type: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  widget: z.string().optional(),
  unit: z.string().optional(),
  advanced: z.boolean().optional(),
  when: z.record(z.string(), z.array(z.json())).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  default: z.json().optional(),
  anyOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  prefixItems: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
type Property = z.infer<typeof propertySchema>;

const forms = new WeakMap<z.ZodType, readonly FormField[]>();

/** The form of a node type; made once per definition. */
export function formOf(definition: Pick<NodeDefinition, "params">): readonly FormField[] {
  const known = forms.get(definition.params);
  if (known) return known;
  const schema = propertySchema.parse(z.toJSONSchema(definition.params, { io: "input", unrepresentable: "any" }));
  const made = fieldsOf(schema, []);
  forms.set(definition.params, made);
  return made;
}

function fieldsOf(schema: Property, path: readonly string[]): FormField[] {
  return Object.entries(schema.properties ?? {}).map(([name, value]) => fieldOf([...path, name], value));
}

const titleFrom = (name: string): string => {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function fieldOf(path: readonly string[], value: unknown): FormField {
  const property = propertySchema.parse(value);
  const kind = kindOf(property);
  const limit = (n: number | undefined) => (n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER ? n : undefined);
  const optional = {
    widget: property.widget,
    unit: property.unit,
    advanced: property.advanced,
    when: property.when,
    min: property.min ?? limit(property.minimum ?? property.exclusiveMinimum),
    max: property.max ?? limit(property.maximum ?? property.exclusiveMaximum),
    step: property.step,
  };
  return {
    path,
    kind,
    title: property.title ?? titleFrom(path.at(-1) ?? ""),
    description: property.description ?? "",
    options: optionsOf(property, kind),
    defaultValue: property.default,
    fields: kind === "object" ? fieldsOf(property, path) : [],
    ...Object.fromEntries(Object.entries(optional).filter(([, v]) => v !== undefined)),
  };
}

function kindOf(property: Property): FieldKind {
  if (optionsOf(property, "enum").length > 0) return "enum";
  switch (property.type) {
    case "number":
      return "number";
    case "integer":
      return "integer";
    case "boolean":
      return "boolean";
    case "string":
      return "text";
    case "object":
      return property.properties ? "object" : "json";
    case "array": {
      const items = itemsOf(property);
      if (items.length === 2 && items.every((item) => item.type === "number" || item.type === "integer"))
        return "range";
      if (!property.prefixItems && (items[0]?.type === "number" || items[0]?.type === "integer")) return "numbers";
      return items.length === 1 && optionsOf(items[0] ?? {}, "enum").length > 0 ? "multi" : "json";
    }
    default:
      return "json";
  }
}

function itemsOf(property: Property): Property[] {
  if (property.prefixItems) return property.prefixItems.map((item) => propertySchema.parse(item));
  return property.items === undefined ? [] : [propertySchema.parse(property.items)];
}

/** Choices of an enum, of a union of literals, or of the items of an array. */
function optionsOf(property: Property, kind: FieldKind): Json[] {
  if (kind === "multi") return optionsOf(itemsOf(property)[0] ?? {}, "enum");
  if (kind !== "enum") return [];
  if (property.enum) return property.enum;
  const members = (property.anyOf ?? []).map((member) => propertySchema.parse(member));
  const constants = members.map((member) => member.const);
  return constants.length > 0 && constants.every((constant) => constant !== undefined) ? constants : [];
}

export const isObject = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a path, or the default when the node does not say. */
export function valueAt(params: Params, field: FormField): Json | undefined {
  let value: Json | undefined = params;
  for (const name of field.path) value = isObject(value) ? value[name] : undefined;
  return value === undefined ? field.defaultValue : value;
}

/** The top-level parameter that holds `path`, with the value at `path` replaced (or removed when undefined). */
export function withValue(params: Params, path: readonly string[], value: Json | undefined): Json | undefined {
  const [, ...inner] = path;
  const replace = (holder: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined => {
    if (name === undefined) return value;
    const present = isObject(holder) ? holder : {};
    const next = replace(present[name], rest);
    const { [name]: _, ...others } = present;
    return next === undefined ? others : { ...others, [name]: next };
  };
  return replace(params[path[0] ?? ""], inner);
}

/** `8, 6, 4` as numbers; the text itself when it is something else, for the schema to say what is wrong. */
export function numbersIn(text: string): Json {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== "");
  const numbers = parts.map(Number);
  return numbers.every(Number.isFinite) ? numbers : text;
}

/** Whether a field means anything with the other parameters as they are. */
export const isMeant = (params: Params, { when = {} }: FormField, fields: readonly FormField[]): boolean =>
  Object.entries(when).every(([name, values]) => {
    const other = fields.find(({ path }) => path.length === 1 && path[0] === name);
    return other === undefined || values.includes(valueAt(params, other) ?? null);
  });

/** Whether a node sets this field to something other than its default. */
export const isChanged = (params: Params, field: FormField): boolean =>
  field.defaultValue !== undefined && JSON.stringify(valueAt(params, field)) !== JSON.stringify(field.defaultValue);

/** What is wrong with a node's parameters: dotted path -> message. */
export function paramErrors(definition: Pick<NodeDefinition, "params">, params: Params): ReadonlyMap<string, string> {
  const parsed = definition.params.safeParse(params);
  if (parsed.success) return new Map();
  return new Map(parsed.error.issues.map((issue) => [issue.path.join("."), errorText(issue)]));
}

const words = say.editor.errors;

/** The commonest findings in plain words; the schema's own words for the rest. */
function errorText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "number" || issue.expected === "int"
        ? words[issue.expected === "int" ? "wholeNumber" : "number"]
        : words.type(issue.expected);
    case "too_small":
      if (issue.origin === "array") return words.chooseAtLeast(issue.minimum);
      return words[issue.inclusive === false ? "greaterThan" : "atLeast"](issue.minimum);
    case "too_big":
      if (issue.origin === "array") return words.chooseAtMost(issue.maximum);
      return words[issue.inclusive === false ? "lessThan" : "atMost"](issue.maximum);
    case "invalid_value":
      return words.oneOf(issue.values.map(String));
    default:
      return issue.message;
  }
}

const SUMMARY_LINES = 3;

/** The fields shown on the card: the first few that fit on one line each. */
export const summaryFields = (definition: Pick<NodeDefinition, "params">): readonly FormField[] =>
  formOf(definition)
    .filter(
      ({ kind, widget, advanced }) => kind !== "object" && (kind !== "json" || widget === "overrides") && !advanced,
    )
    .slice(0, SUMMARY_LINES);

/** A value in a few characters. */
export function shortValue(value: Json | undefined, field: FormField): string {
  if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)) return "–";
  const unit = field.unit ? ` ${field.unit}` : "";
  if (typeof value === "number") return shortNumber(value) + unit;
  if (typeof value === "boolean") return value ? say.editor.values.on : say.editor.values.off;
  if (Array.isArray(value))
    return field.kind === "range"
      ? value.map((v) => (typeof v === "number" ? shortNumber(v) : String(v))).join(" – ") + unit
      : value.length <= (field.kind === "numbers" ? 6 : 2)
        ? value.map(String).join(", ")
        : say.editor.values.chosen(value.length);
  if (!isObject(value)) return String(value);
  if (field.widget !== "overrides") return "…";
  const parts = Object.entries(value).map(([path, each]) => `${path.split(".").at(-1)} ${plainValue(each)}`);
  return parts.length === 0 ? "–" : parts.join(", ");
}

const plainValue = (value: Json): string =>
  typeof value === "number" ? shortNumber(value) : typeof value === "object" ? "…" : String(value);

const shortNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e6
    ? String(value)
    : Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6
      ? value.toExponential(1).replace("e-", "e−").replace("e+", "e")
      : String(Number(value.toPrecision(4)));

export const paramsOf = (node: GraphNode | undefined): Params => node?.params ?? {};
