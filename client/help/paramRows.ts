/** The parameters of a node type in words: what they may be and what they are at first. */
import type { NodeDefinition } from "@distillery/shared/graph/node";
import { type FormField, formOf, shortValue } from "../editor/paramForm";
import { say } from "../language";

const words = say.help.ranges;

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
      const noun = kind === "integer" ? words.wholeNumber : words.number;
      if (min !== undefined && max !== undefined) return words.between(noun, min, max, inUnit);
      if (min !== undefined) return words.from(noun, min, inUnit);
      if (max !== undefined) return words.upTo(noun, max, inUnit);
      return noun + inUnit;
    }
    case "boolean":
      return words.onOff;
    case "enum":
      return options.map(String).join(", ");
    case "multi":
      return words.anyOf(options.map(String));
    case "range":
      return words.twoNumbers(inUnit);
    case "numbers":
      return words.numbers;
    case "text":
      return words.text;
    default:
      return "";
  }
}
