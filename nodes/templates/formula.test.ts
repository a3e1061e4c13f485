/** The formulas of the templates, line by line as methods.md sections 3 and 4 have them. */

import { methodFormula } from "@distillery/shared/formula/methodFormula";
import type { GraphDocument, GraphNode } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { nodesIn, textOf } from "@distillery/shared/graph/formula";
import { expect, it } from "vitest";
import { library } from "../library";
import { templates } from "./index";

function linesOf(id: string): { objectives: string[]; where: string[] } {
  const document = templates.find((template) => template.id === id)?.document;
  if (!document) throw new Error(`no template ${id}`);
  return saidBy(document);
}
function saidBy(document: GraphDocument) {
  const { objectives, where } = methodFormula(document, library);
  const said = ({ left, relation, right }: (typeof where)[number]) => `${textOf(left)} ${relation} ${textOf(right)}`;
  return { objectives: objectives.map(said), where: where.map(said) };
}

const HUBER = "d(p, q) = mean(√((p − q)² + 0.001²) − 0.001)";
const JUMP = "f(x_t, t → s) = α_s x̂₀ + σ_s ε̂";
const GUIDED = "φ^w = φ(c) + w (φ(c) − φ(∅))";

it("STD in the plane: bank, teacher's step, two jumps to one s below it", () => {
  const { objectives, where } = linesOf("std-2d");
  expect(objectives).toEqual(["L_θ = d(f_θ(x_t, t → s), f_{θ^−}(x_t′, t′ → s))"]);
  expect(where).toEqual([
    HUBER,
    "α_t, σ_t = √ᾱ_t, √(1 − ᾱ_t)",
    "x_0 ∼ Ring of eight Gaussians",
    "τ = node ⌈0.75 N⌉ + 1",
    "x_τ = α_τ x_0 + σ_τ ε",
    "x_t = kept, if u < 0.8, else x_τ",
    "t′ = t − 1 node",
    "x_t′ = DDIM_φ(x_t, t → t′)",
    "s ∼ U{max(0, t′ − R) … t′ − 1}",
    "R = ⌈0.75 · 0.1 N⌉ nodes",
    JUMP,
    "θ^− = sg(θ)",
    "kept ← x_t′ while above node 2",
  ]);
});

it("STD for style: the same and the asymmetric adversarial loss, the real picture at r < s", () => {
  const { objectives, where } = linesOf("std-style");
  expect(objectives).toEqual([
    "L_θ = d(x̂_s, f_{θ^−}(x_t′, t′ → s, c)) − 0.02 mean D_ψ(E(x̂_s), c)",
    "L_ψ = mean max(−1, −D_ψ(E(x_r^∗), c)) + mean max(−1, D_ψ(E(x̂_s), c)) + λ (‖∂D/∂E‖ − 1)²",
  ]);
  for (const line of [
    GUIDED,
    "w ∼ U[2, 6]",
    "x_t′ = DDIM_{φ^w}(x_t, t → t′, c)",
    "x̂_s = f_θ(x_t, t → s, c)",
    "r ∼ U[0, s)",
    "x_r^∗ = α_r x_0^∗ + σ_r ε",
    "θ ← φ at the start",
  ])
    expect(where).toContain(line);
});

it("LCM: boundary function onto the clean end, moving average, told w", () => {
  const { objectives, where } = linesOf("lcm");
  expect(objectives).toEqual(["L_θ = d(f_θ(x_t, t, c, w), f_{θ^−}(x_t′, t′, c, w))"]);
  expect(where).toContain("f(x_t, t) = c_skip(t) x_t + c_out(t) x̂₀");
  expect(where).toContain("s = 0");
  expect(where).toContain("θ^− ← 0.95 θ^− + 0.05 θ");
  expect(where).toContain(HUBER);
});

it("TCD: l2, s anywhere down to 0, equality allowed", () => {
  const { objectives, where } = linesOf("tcd");
  expect(objectives).toEqual(["L_θ = d(f_θ(x_t, t → s, c), f_{θ^−}(x_t′, t′ → s, c))"]);
  expect(where).toContain("d(p, q) = mean (p − q)²");
  expect(where).toContain("s ∼ U{0 … t′}");
  expect(where).toContain("θ^− ← 0.95 θ^− + 0.05 θ");
});

it("PCM: phase edges, identity at the edge, both sides noised to one u before they are judged", () => {
  const { objectives, where } = linesOf("pcm");
  expect(objectives).toEqual([
    "L_θ = d(x̂_s, x̂⁻_s) + 0.1 mean relu(1 − D_ψ(x̂_u, u, c))",
    "L_ψ = mean relu(1 − D_ψ(x̂⁻_u, u, c)) + mean relu(1 + D_ψ(x̂_u, u, c))",
  ]);
  for (const line of [
    "s = the last of 8 phase edges ≤ t′",
    "x̂⁻_s = f̄_{θ^−}(x_t′, t′ → s, c)",
    "u ∼ U[s, s + 125)",
    "x̂_u = √(ᾱ_u/ᾱ_s) x̂_s + √(1 − ᾱ_u/ᾱ_s) z",
    "θ^− = sg(θ)",
  ])
    expect(where).toContain(line);
});

it("SDXL-Lightning: five teacher steps, no target network, judged against the teacher's own state", () => {
  const { objectives, where } = linesOf("sdxl-lightning");
  expect(objectives[1]).toContain("mean softplus(−D_ψ(x_t, x_t′, t, t′, c))");
  expect(where).toContain("t′ = t − 5 nodes");
  expect(where).toContain("s = t′");
});

it("Hyper-SD's last stages: reward and score distillation on the student's clean sample", () => {
  const document = templates.find(({ id }) => id === "std-2d")?.document;
  if (!document) throw new Error("no template");
  const node = (id: string, type: string, params: GraphNode["params"]) => ({
    id,
    type,
    params,
    position: { x: 0, y: 0 },
  });
  const wire = (from: string, out: string, to: string, socket: string) => ({
    from: { node: from, socket: out },
    to: { node: to, socket },
  });
  const { objectives, where } = saidBy({
    ...document,
    nodes: [
      ...document.nodes,
      node("judge", "model/encoder", {}),
      node("reward", "loss/reward", { weight: 0.1 }),
      node("fake", "student/copy", {}),
      node("scores", "loss/score-distillation", { guidance: "lcm", guidanceScale: 3 }),
    ],
    edges: [
      ...document.edges,
      wire("judge", "weights", "reward", "weights"),
      wire("student-jump", "predX0", "reward", "images"),
      wire("start", "x0", "reward", "reference"),
      wire("reward", "loss", "trainer", "loss"),
      wire("teacher", "weights", "fake", "weights"),
      wire("teacher", "weights", "scores", "teacher"),
      wire("fake", "weights", "scores", "fake"),
      wire("student-jump", "predX0", "scores", "images"),
      wire("schedule", "schedule", "scores", "schedule"),
      wire("scores", "loss", "trainer", "loss"),
    ],
  });
  expect(objectives[0]).toContain(" + 0.1 mean relu(1 − r(x̂₀_θ(x_t, t)))");
  expect(objectives[0]).toContain(" + mean ½ |x̃_0 − sg(x̃_0 − g̃)|²");
  for (const line of [
    "r(x) = cos(E(x), E(x_0))",
    "x̃_0 = x̂₀_θ(x_t, t)",
    GUIDED,
    "x̃_{t″} = α_{t″} x̃_0 + σ_{t″} ε",
    "g̃ = (x̂₀_θ₂(x̃_{t″}, t″) − x̂₀_{φ^w}(x̃_{t″}, t″)) / mean |x̃_0 − x̂₀_{φ^w}(x̃_{t″}, t″)|",
  ])
    expect(where).toContain(line);
});

it("every part belongs to a node of its graph, and every template has an objective", () => {
  for (const { id, document } of templates) {
    const { objectives, where } = methodFormula(document, library);
    expect(objectives.length, id).toBeGreaterThan(0);
    const known = new Set(flatDocument(document).nodes.map((node) => node.id));
    for (const { left, right, node } of [...objectives, ...where])
      for (const part of [node, ...nodesIn(left), ...nodesIn(right)])
        expect(known.has(part), `${id} ${part}`).toBe(true);
  }
});

it("a weight is a factor; a muted loss is gone; an empty graph has no formula", () => {
  const document = templates.find(({ id }) => id === "std-2d")?.document;
  if (!document) throw new Error("no template");
  const change = (type: string, more: object) => ({
    ...document,
    nodes: document.nodes.map((node) => (node.type === type ? { ...node, ...more } : node)),
  });
  const [weighed] = methodFormula(change("loss/consistency", { params: { weight: 0.5 } }), library).objectives;
  expect(weighed && textOf(weighed.right)).toBe("0.5 d(f_θ(x_t, t → s), f_{θ^−}(x_t′, t′ → s))");
  expect(methodFormula(change("loss/consistency", { mode: "mute" }), library).objectives).toEqual([]);
  expect(methodFormula({ ...document, nodes: [], edges: [] }, library)).toEqual({ objectives: [], where: [] });
});
