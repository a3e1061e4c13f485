/** The parameters of a node type in words: what they may be and what they are at first. */
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { type FormField, formOf, shortValue } from "../editor/paramForm";

export interface ParamRow {
  /** Dotted, as in `--set node.name=value`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly range: string;
  readonly initial: string;
  readonly advanced: boolean;
}

export const paramRows = (definition: Pick<NodeDefinition, "params">): ParamRow[] => rowsOf(formOf(definition));

const rowsOf = (fields: readonly FormField[]): ParamRow[] =>
  fields.flatMap((field) =>
    field.fields.length > 0
      ? rowsOf(field.fields)
      : [
          {
            name: field.path.join("."),
            title: field.title,
            description: field.description,
            range: rangeOf(field),
            initial: shortValue(field.defaultValue, field),
            advanced: field.advanced === true,
          },
        ],
  );

function rangeOf({ kind, min, max, options, unit }: FormField): string {
  const inUnit = unit ? ` ${unit}` : "";
  switch (kind) {
    case "number":
    case "integer": {
      const noun = kind === "integer" ? "whole number" : "number";
      if (min !== undefined && max !== undefined) return `${noun}, ${min} to ${max}${inUnit}`;
      if (min !== undefined) return `${noun}, from ${min}${inUnit}`;
      if (max !== undefined) return `${noun}, up to ${max}${inUnit}`;
      return noun + inUnit;
    }
    case "boolean":
      return "on or off";
    case "enum":
      return options.map(String).join(", ");
    case "multi":
      return `any of ${options.map(String).join(", ")}`;
    case "range":
      return `two numbers${inUnit}`;
    case "numbers":
      return "a list of numbers";
    case "text":
      return "text";
    default:
      return "";
  }
}
