/** What a graph may train and what has to stay as it is: rules about several nodes, which none of them can see by itself. */
import type { Issue } from "../graph/document";
import type { LossValue, WeightsValue } from "../graph/wires";
import type { Emission } from "./emit";
import type { ResolvedNode } from "./resolve";

const weightsOf = (node: ResolvedNode, emission: Emission, socket = "weights"): WeightsValue | undefined => {
  const edge = node.inputs.get(socket)?.[0];
  return edge && (emission.valueOf(edge) as WeightsValue | undefined);
};

/** Teachers, and encoders that are looked through, stay as they are: what arrives at a frozen input has no trainer. */
export function requireFrozen(trainers: readonly ResolvedNode[], emission: Emission, issues: Issue[]): void {
  const trained = new Set(trainers.map((trainer) => weightsOf(trainer, emission)?.owner));
  for (const node of emission.emitted) {
    for (const [socket, { isFrozen }] of Object.entries(node.definition.inputs)) {
      const edge = node.inputs.get(socket)?.[0];
      const weights = isFrozen ? weightsOf(node, emission, socket) : undefined;
      if (edge === undefined || weights === undefined || !weights.trainable || !trained.has(weights.owner)) continue;
      issues.push({
        severity: "error",
        code: "not-frozen",
        message:
          `"${node.title}" needs weights that stay as they are, but "${weights.title}" is trained here. ` +
          "Wire in the teacher, or a network that no trainer trains.",
        node: node.id,
        socket,
        edge,
      });
    }
  }
}

/**
 * A graph trains one student. Another denoiser may only be trained where each of the two learns from the other, as the
 * networks of score distillation do; what tells pictures apart is no denoiser.
 */
export function requireOneStudent(trainers: readonly ResolvedNode[], emission: Emission, issues: Issue[]): void {
  const trained = trainers.flatMap((trainer) => {
    const weights = weightsOf(trainer, emission);
    return weights?.predict === undefined ? [] : [{ trainer, weights }];
  });
  const [student, ...others] = trained;
  for (const other of others) {
    if (student === undefined || other.weights.owner === student.weights.owner) continue;
    const isMutual =
      learnsFrom(student.trainer, other.weights, emission) && learnsFrom(other.trainer, student.weights, emission);
    if (isMutual) continue;
    issues.push({
      severity: "error",
      code: "many-students",
      message:
        `A graph trains one student, but "${student.trainer.title}" trains "${student.weights.title}" and ` +
        `"${other.trainer.title}" trains "${other.weights.title}". Give each a graph of its own.`,
      node: other.trainer.id,
      socket: "weights",
    });
  }
}

/** Whether the losses of `trainer` are made with the parameters of `weights`, with a gradient to them or without. */
function learnsFrom({ inputs }: ResolvedNode, { owner }: WeightsValue, emission: Emission): boolean {
  const { graph, variables } = emission.stage;
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const losses = (inputs.get("loss") ?? []).map((edge) => emission.valueOf(edge) as LossValue | undefined);
  const waiting = losses.flatMap((loss) => (loss === undefined ? [] : [loss.value.name]));
  const found = new Set<string>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...(makers.get(name)?.inputs ?? []));
  }
  return [...variables.values()].some(
    ({ owner: own, spec, tensor }) => own === owner && spec.role === "parameter" && found.has(tensor.name),
  );
}
