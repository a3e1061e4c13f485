import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import {
  add,
  cast,
  clip,
  div,
  greaterOrEqual,
  log,
  logSoftmax,
  mul,
  neg,
  reduceMean,
  reduceSum,
  softmax,
  split,
  stopGradient,
  sub,
} from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { koleo } from "./koleo";
import { projectionHead } from "./projectionHead";
import { sinkhorn } from "./sinkhorn";

const steps = z.number().int().min(0).default(0);

export const dino = defineNode({
  type: "loss/dino",
  version: 1,
  title: "Self-distillation loss (DINO)",
  family: "loss",
  help:
    "Trains an encoder without labels: for every view of a picture the student has to tell the same soft prototype as the teacher, a " +
    "moving average of the student, tells for another view. The teacher sees whole pictures only, the student their parts, too. " +
    "Centring and a low teacher temperature keep the answer from becoming the same for everything. The heads' parameters belong " +
    "to the encoder, so its trainer and its average take them along.",
  formula: "L = mean_{i, v≠i} −Σ_k softmax((t_i − c)/τ_t)_k log softmax(s_v/τ_s)_k,  c ← m c + (1 − m) mean t",
  source: "Caron et al. 2021 (DINO), algorithm 1; Oquab et al. 2023 (DINOv2: Sinkhorn-Knopp centring, KoLeo)",
  inputs: {
    student: wire.weights.describe("The encoder to train."),
    teacher: wire.weights.describe("The moving average of it."),
    global: wire.image.describe(
      "Large views, view after view: the first of every picture, then the second of every picture.",
    ),
    local: wire.image.optional().describe("Small views, likewise; of any size the encoder takes."),
  },
  outputs: {
    loss: wire.loss,
    sharpness: wire.metric.describe("Entropy of one answer of the teacher: near 0 it is sure."),
    spread: wire.metric.describe(
      "Entropy of the mean answer over the batch: near 0 all pictures look alike to it (collapse).",
    ),
  },
  params: z.object({
    prototypes: z.number().int().min(2).max(65536).default(512).meta({
      title: "Prototypes",
      description: "Soft classes that the network makes up for itself; 65536 in the paper, on ImageNet.",
    }),
    hidden: z.number().int().min(1).max(8192).default(256).meta({
      title: "Hidden width",
      description: "Of the head's two hidden layers; 2048 in the paper.",
    }),
    bottleneck: z.number().int().min(1).max(2048).default(64).meta({
      title: "Bottleneck",
      description: "Numbers before the prototypes, on the unit sphere; 256 in the paper.",
    }),
    studentTemperature: z.number().positive().max(10).default(0.1).meta({
      title: "Student temperature",
      description: "Softness of the student's answer.",
      step: 0.01,
    }),
    teacherTemperature: z.number().positive().max(10).default(0.06).meta({
      title: "Teacher temperature",
      description: "Smaller than the student's: the answer to learn is sharper than the one given.",
      step: 0.01,
    }),
    firstTemperature: z.number().positive().max(10).default(0.04).meta({
      title: "First teacher temperature",
      description: "The teacher's temperature begins here and reaches its own evenly within the warm-up.",
      step: 0.01,
    }),
    warmup: steps.meta({ title: "Warm-up", description: "Of the teacher's temperature.", unit: "steps" }),
    centring: z.enum(["mean", "sinkhorn", "none"]).default("mean").meta({
      title: "Centring",
      description:
        "mean: the running mean of the teacher's answers is taken off (DINO); sinkhorn: all prototypes get the same share of each batch (SwAV, DINOv2).",
    }),
    centreMomentum: z.number().min(0).max(0.9999).default(0.9).meta({
      title: "Centre momentum",
      description: "Memory of the running mean.",
      step: 0.01,
    }),
    freezePrototypes: steps.meta({
      title: "Freeze the prototypes",
      description: "They do not move during the first steps; one epoch in the paper.",
      unit: "steps",
    }),
    koleo: z.number().min(0).max(100).default(0).meta({
      title: "Spread (KoLeo)",
      description:
        "Weight of a term that pushes each embedding away from its nearest one in the batch, per large view; 0.1 in DINOv2, 0 in DINO.",
      step: 0.1,
    }),
    weight: z
      .number()
      .min(0)
      .default(1)
      .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
  }),
  emit({ student, teacher, global, local }, params, context) {
    const { prototypes } = params;
    const globals = viewsOf(global.x, "global", context);
    const locals = local === undefined ? 0 : viewsOf(local.x, "local", context);
    if (globals + locals < 2) context.fail("it compares views of a picture; wire at least two.", "global");

    const see = extractorOf(student, context, "student");
    const seeAsTeacher = extractorOf(teacher, context, "teacher");
    const gate = cast(greaterOrEqual(context.step, params.freezePrototypes), "float32");
    const answersTo = (embedding: Tensor, views: number) => {
      const scores = projectionHead(student.parameters, embedding, params, gate);
      return rowsOf(logSoftmax(div(scores, params.studentTemperature)), views);
    };
    const seen = see(global.x).embedding;
    const answers = [
      ...answersTo(seen, globals),
      ...(local === undefined ? [] : answersTo(see(local.x).embedding, locals)),
    ];
    const scores = stopGradient(projectionHead(teacher.parameters, seeAsTeacher(global.x).embedding, params));
    const targets = stopGradient(targetsOf(scores, params, context));
    const distilled = disagreement(rowsOf(targets, globals), answers);
    const loss =
      params.koleo === 0 || context.batch < 2
        ? distilled
        : add(distilled, mul(total(rowsOf(seen, globals).map(koleo)), params.koleo));

    context.series("sharpness", reduceMean(entropy(targets), { keepdims: false }));
    context.series("spread", reduceMean(entropy(reduceMean(targets, { axes: [0] })), { keepdims: false }));
    const metric = (series: string, title: string) => ({ node: context.nodeId, series, title });
    return {
      loss: { value: mul(loss, params.weight) },
      sharpness: metric("sharpness", "Entropy of one answer"),
      spread: metric("spread", `Entropy of the mean answer (at most ${Math.log(prototypes).toFixed(2)})`),
    };
  },
});

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((sum, term) => add(sum, term));

/** Mean cross entropy of every target [B, K] with every answer (log-probabilities) but the one to its own view; targets come first. */
function disagreement(targets: readonly Tensor[], answers: readonly Tensor[]): Tensor {
  // Summed over the answers first; what a view would teach itself is taken off.
  const all = total(answers);
  const terms = targets.map((target, i) =>
    reduceMean(reduceSum(mul(target, sub(all, answers[i] as Tensor)), { axes: [1], keepdims: false }), {
      keepdims: false,
    }),
  );
  return neg(div(total(terms), targets.length * (answers.length - 1)));
}

/** How many views of each picture of the batch are stacked in `images`. */
function viewsOf(images: Tensor, socket: string, { batch, fail }: StageContext): number {
  const rows = images.shape[0] ?? 0;
  if (rows % batch === 0) return rows / batch;
  return fail(
    `${rows} images are no whole number of views of a batch of ${batch}; take them from one Views node.`,
    socket,
  );
}

/** [views B, K] -> views times [B, K] */
const rowsOf = (x: Tensor, views: number): Tensor[] =>
  split(x, { axis: 0, split: Array<number>(views).fill((x.shape[0] as number) / views) });

interface TargetParams {
  readonly teacherTemperature: number;
  readonly firstTemperature: number;
  readonly warmup: number;
  readonly centring: "mean" | "sinkhorn" | "none";
  readonly centreMomentum: number;
}

/** What the teacher's scores [views B, K] ask for; updates the centre for the next step. */
function targetsOf(scores: Tensor, params: TargetParams, context: StageContext): Tensor {
  const { teacherTemperature, firstTemperature, warmup, centring, centreMomentum } = params;
  const risen = () => clip(div(context.step, warmup), { min: 0, max: 1 });
  const temperature =
    warmup === 0 ? teacherTemperature : add(mul(risen(), teacherTemperature - firstTemperature), firstTemperature);
  if (centring === "sinkhorn") return sinkhorn(div(scores, temperature));
  if (centring === "none") return softmax(div(scores, temperature));
  const centre = context.variable("centre", {
    shape: [1, scores.shape[1] as number],
    init: { kind: "zeros" },
    role: "slot",
  });
  const mean = reduceMean(scores, { axes: [0] });
  context.assign("centre", add(mul(centre, centreMomentum), mul(mean, 1 - centreMomentum)));
  return softmax(div(sub(scores, centre), temperature));
}

/** Of each row of probabilities [N, K] -> [N]. */
const entropy = (p: Tensor): Tensor => neg(reduceSum(mul(p, log(add(p, 1e-12))), { axes: [1], keepdims: false }));
