/** The recipes that STD's ablation compares, each an edit of the `std-style` graph: what is trained stays the same. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { GraphEdit } from "../graph/graphEdit";

export interface Recipe {
  readonly id: string;
  readonly title: string;
  apply(document: GraphDocument): GraphDocument;
}

/** Nodes of the adversarial loss in the template. */
const ADVERSARIAL = ["discriminator", "discriminator-trainer", "discriminator-curves", "seen", "features"];

export const recipes: readonly Recipe[] = [
  {
    id: "lcm",
    title: "LCM: random start on data noise, target s = 0, averaged target",
    // Without the average, as STD has it, targets at s = 0 run away from the student they are made of.
    apply: (document) =>
      new GraphEdit(document)
        .remove(...ADVERSARIAL)
        .remove("bank", "target-network")
        .add({ id: "average", type: "student/average", title: "Moving average (EMA)", params: { decay: 0.95 } })
        .connect("student.weights", "average.weights")
        .redirect("target-network", { weights: "average.weights" }, document)
        .set("start", { time: "uniform" })
        .redirect("bank", { x: "start.x", x0: "start.answer", condition: "start.condition" }, document)
        .set("target-time", { rule: "zero" })
        .set("student-jump", { parameterisation: "boundary" })
        .set("target-jump", { parameterisation: "boundary" })
        .result("lcm"),
  },
  {
    id: "single-trajectory",
    title: "Single trajectory, no bank",
    apply: (document) =>
      new GraphEdit(document)
        .remove(...ADVERSARIAL)
        .remove("bank")
        .add({ id: "walk", type: "solver/walk", params: guidanceOf(document, "solver") })
        .connect("teacher.weights", "walk.weights")
        .connect("start.x", "walk.x")
        .connect("start.condition", "walk.condition")
        .redirect("bank", { x: "walk.x", x0: "start.answer", condition: "start.condition" }, document)
        .result("single-trajectory"),
  },
  {
    id: "bank",
    title: "With bank",
    apply: (document) => new GraphEdit(document).remove(...ADVERSARIAL).result("bank"),
  },
  {
    id: "symmetric",
    title: "Bank, symmetric adversarial loss",
    apply: (document) => new GraphEdit(document).set("discriminator", { mode: "xs" }).result("symmetric"),
  },
  {
    id: "asymmetric",
    title: "Bank, asymmetric adversarial loss: STD",
    apply: (document) => new GraphEdit(document).set("discriminator", { mode: "xs-xr" }).result("asymmetric"),
  },
];

/** How the solver is guided, for another node that walks the same teacher. */
function guidanceOf(document: GraphDocument, id: string): Record<string, unknown> {
  const params = flatDocument(document).nodes.find((node) => node.id === id)?.params ?? {};
  return Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith("guidance")));
}
