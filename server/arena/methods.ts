import { METHOD_NAMES } from "@distillery/nodes/templates/methods";
import { type Template, templates } from "../graph/catalog";

/** The marked templates that are there, in the order of the table. */
export const methodTemplates = (): { title: string; template: Template }[] =>
  Object.entries(METHOD_NAMES).flatMap(([id, title]) => {
    const template = templates.find((each) => each.id === id);
    return template === undefined ? [] : [{ title, template }];
  });
