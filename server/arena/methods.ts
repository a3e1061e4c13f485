import { METHODS, type MethodTemplate } from "@distillery/nodes/templates/methods";
import { type Template, templates } from "../graph/catalog";

/** The marked templates that are there, in the order of the table. */
export const methodTemplates = (): (Pick<MethodTemplate, "title" | "medium"> & { template: Template })[] =>
  METHODS.flatMap(({ id, title, medium }) => {
    const template = templates.find((each) => each.id === id);
    return template === undefined ? [] : [{ title, medium, template }];
  });
