/** Gradients of normalisation layers. */
import { GraphError, sizeOf, type Tensor } from "../graph";
import { add, div, mul, neg, reduceMean, reduceSum, reshape, sqrt, sub } from "../ops";
import { floatAttribute, intAttribute } from "./attributes";
import type { GradientRule, RuleContext, RuleTable } from "./rule";

/**
 * y = scale * (x - mean) / sqrt(variance + epsilon) + bias over the last axes (Ba et al. 2016), whose gradient is
 * dx = invStdDev * (g - mean(g) - normalised * mean(g * normalised)) with g = dy * scale.
 */
const layerNormalization: GradientRule = (context) => {
  const { node, inputs, needs } = context;
  const [x, scale, bias] = inputs as [Tensor, Tensor, Tensor | null | undefined];
  const dy = onlyFirstOutput(context);
  const first = intAttribute(node, "axis", -1);
  const start = first < 0 ? first + x.rank : first;
  const axes = x.shape.flatMap((_, i) => (i >= start ? [i] : []));
  const leading = x.shape.flatMap((_, i) => (i < start ? [i] : []));
  const sumLeading = (value: Tensor, shape: readonly number[]) =>
    reshape(reduceSum(value, { axes: leading, keepdims: false }), shape);

  const { centred, invStdDev } = moments(x, axes, floatAttribute(node, "epsilon", 1e-5));
  const normalised = mul(centred, invStdDev);
  const g = mul(dy, scale);
  const dx = needs[0]
    ? mul(invStdDev, sub(sub(g, reduceMean(g, { axes })), mul(normalised, reduceMean(mul(g, normalised), { axes }))))
    : null;
  const dScale = needs[1] ? sumLeading(mul(dy, normalised), scale.shape) : null;
  if (bias === undefined) return [dx, dScale];
  return [dx, dScale, bias !== null && needs[2] ? sumLeading(dy, bias.shape) : null];
};

const groupNormalization: GradientRule = (context) => {
  const x = context.inputs[0]!;
  const groups = intAttribute(context.node, "num_groups", 1);
  const scale = context.inputs[1]!;
  if (scale.shape[0] !== x.shape[1]) {
    throw new GraphError(
      `GroupNormalization "${context.node.name}": scale ${scale} must have one entry for each channel of ${x} (opset 21).`,
    );
  }
  return groupedGradient(context, groups);
};

const instanceNormalization: GradientRule = (context) => groupedGradient(context, context.inputs[0]!.shape[1]!);

/**
 * Statistics over the channels of a group and all pixels. With s1 = sum(dy) and s2 = sum(dy * (x - mean)) over the
 * pixels of every channel, everything else works on tensors without pixels:
 * dx = dy * (scale * invStdDev) - (x - mean) * mean(scale * s2) * invStdDev^3 - mean(scale * s1) * invStdDev.
 */
function groupedGradient(context: RuleContext, groups: number): (Tensor | null)[] {
  const { node, inputs, needs } = context;
  const [x, scale] = inputs as [Tensor, Tensor, Tensor];
  const dy = onlyFirstOutput(context);
  const [n = 0, channels = 0, ...spatial] = x.shape;
  const pixels = sizeOf(spatial);
  const perGroup = channels / groups;
  const shape = [n, groups, perGroup, pixels];
  const { centred, invStdDev } = moments(reshape(x, shape), [2, 3], floatAttribute(node, "epsilon", 1e-5));
  const dyGroups = reshape(dy, shape);
  const s1 = reduceSum(dyGroups, { axes: [3] });
  const s2 = reduceSum(mul(dyGroups, centred), { axes: [3] });
  const sumSamples = (value: Tensor) => reshape(reduceSum(value, { axes: [0], keepdims: false }), [channels]);

  let dx: Tensor | null = null;
  if (needs[0]) {
    const scales = reshape(scale, [1, groups, perGroup, 1]);
    const groupMean = (sum: Tensor) => div(reduceSum(mul(scales, sum), { axes: [2] }), perGroup * pixels);
    const slope = mul(groupMean(s2), mul(invStdDev, mul(invStdDev, invStdDev)));
    const offset = mul(groupMean(s1), invStdDev);
    const flow = sub(mul(dyGroups, mul(scales, invStdDev)), mul(centred, slope));
    dx = reshape(sub(flow, offset), x.shape);
  }
  return [dx, needs[1] ? sumSamples(mul(s2, invStdDev)) : null, needs[2] ? sumSamples(s1) : null];
}

/** y = (x - mean) / sqrt(variance + epsilon) * scale + bias with stored statistics, which may be trained too. */
const batchNormalization: GradientRule = (context) => {
  const { node, inputs, needs } = context;
  const [x, scale, , mean, variance] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
  if (intAttribute(node, "training_mode", 0) !== 0) {
    throw new GraphError(
      `BatchNormalization "${node.name}" is in training mode; only the inference form has a gradient.`,
    );
  }
  const dy = onlyFirstOutput(context);
  const shape = [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];
  const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const invStdDev = div(1, sqrt(add(variance, floatAttribute(node, "epsilon", 1e-5))));
  const perChannel = mul(scale, invStdDev);
  const sum = reduceSum(dy, { axes, keepdims: false });
  const product =
    needs[1] || needs[4] ? reduceSum(mul(dy, sub(x, reshape(mean, shape))), { axes, keepdims: false }) : null;
  return [
    needs[0] ? mul(dy, reshape(perChannel, shape)) : null,
    needs[1] ? mul(product!, invStdDev) : null,
    needs[2] ? sum : null,
    needs[3] ? neg(mul(sum, perChannel)) : null,
    needs[4] ? mul(mul(product!, -0.5), mul(perChannel, mul(invStdDev, invStdDev))) : null,
  ];
};

function moments(x: Tensor, axes: readonly number[], epsilon: number): { centred: Tensor; invStdDev: Tensor } {
  const centred = sub(x, reduceMean(x, { axes }));
  const variance = reduceMean(mul(centred, centred), { axes });
  return { centred, invStdDev: div(1, sqrt(add(variance, epsilon))) };
}

function onlyFirstOutput({ node, grads }: RuleContext): Tensor {
  const [dy, ...others] = grads;
  if (dy == null || others.some((gradient) => gradient !== null)) {
    throw new GraphError(`${node.op} "${node.name}": only its first output can be differentiated.`);
  }
  return dy;
}

export const normRules: RuleTable = {
  LayerNormalization: layerNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  BatchNormalization: batchNormalization,
};
