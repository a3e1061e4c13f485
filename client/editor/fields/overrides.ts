/** Parameters of other nodes, as a stage of training may set them: what there is to choose from, and the field of each. */

import { say } from "../../language";
import { type FormField, formOf, type Json, valueAt } from "../paramForm";
import type { Choice, ChoiceSources } from "./choices";

export interface ParameterChoice extends Choice {
  /** The node it belongs to. */
  readonly group: string;
  /** The control for it, under the name `node.parameter`. */
  readonly field: FormField;
  /** What the graph says now. */
  readonly present: Json | undefined;
}

/** All parameters of all nodes but those that a stage cannot change: its own kind, and how long a trainer trains. */
export function parameterChoices({ graph, library }: ChoiceSources): ParameterChoice[] {
  return [...graph.nodes.values()].flatMap((node) => {
    const definition = library.get(node.type);
    if (definition === undefined || definition.stage !== undefined) return [];
    const group = node.title ?? definition.title;
    const fields = formOf(definition).filter(
      ({ path: [name] }) => definition.trainer === undefined || name !== "steps",
    );
    return fields.map((field) => {
      const value = `${node.id}.${field.path[0]}`;
      return {
        value,
        label: field.title,
        group,
        field: overrideField(value, say.editor.fields.param(group, field.title), field),
        present: valueAt(node.params, field),
      };
    });
  });
}

/** The same control for a value under another name, without a default to go back to. */
function overrideField(name: string, title: string, field: FormField): FormField {
  const { widget: _, advanced: __, ...plain } = field;
  return {
    ...plain,
    path: [name],
    title,
    kind: field.kind === "object" ? "json" : field.kind,
    defaultValue: undefined,
  };
}

/** For a name that no node has: shown as it is, to be mended or taken away. */
export const unknownField = (name: string): FormField =>
  overrideField(name, say.editor.fields.notInGraph(name), {
    path: [name],
    kind: "json",
    title: name,
    description: "",
    options: [],
    defaultValue: undefined,
    fields: [],
  });

export const isParameterChoice = (choice: Choice): choice is ParameterChoice => "field" in choice;
