import { library } from "@distillery/nodes/library";
import { templates } from "@distillery/nodes/templates/index";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { withParameters } from "@distillery/shared/graph/overrides";
import { expect, it } from "vitest";
import { GraphEditor } from "../document/graphEditor";
import { computationKey } from "./graphDiff";
import { takeValues } from "./runValues";

const present = templates.find(({ id }) => id === "std-style")?.document as GraphDocument;
const past = {
  ...withParameters(
    present,
    { "trainer.learningRate": 0.005, "trainer.steps": 40, "start.eta": 0.5, "bank.rate": 0.3, "viewer.rows": 3 },
    library,
  ).document,
  seed: 11,
};
const now = (editor: GraphEditor) => editor.toDocument(present.viewport);
const take = (editor: GraphEditor, from: GraphDocument) =>
  editor.edit("Use the values", (t) => takeValues(t, now(editor), from, editor.library));

it("takes over what folded parts hold, in one undo step, from any sheet", () => {
  for (const path of [[], ["training"]]) {
    const editor = new GraphEditor(library, present);
    editor.open(path);
    expect(take(editor, past)).toBe(4);
    expect(computationKey(now(editor), library)).toBe(computationKey(past, library));
    expect(now(editor).seed).toBe(11);
    editor.undo();
    expect(now(editor)).toEqual(present);
  }
});

it("leaves alone what the run did not have, and does nothing twice", () => {
  const editor = new GraphEditor(library, present);
  const other = { ...past, nodes: past.nodes.filter(({ id }) => id !== "viewer") };
  expect(take(editor, other)).toBe(3);
  expect(now(editor).nodes.find(({ id }) => id === "viewer")?.params.rows).toBe(6);
  expect(take(editor, other)).toBe(0);
});
