/**
 * Inpainting with any diffusion network (methods 7.2): where the mask is 0 the picture is known, and after every step the state is
 * put back there onto the straight path add_noise(z0, eps, t) of the known picture. The eps is the one the path began with:
 * a state whose known region lies on that path still holds it, eps = (x - alpha z0) / sigma, so nobody has to carry it.
 */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ImageValue, Prediction, StateValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { div, equal, greater, mul, slice, sub, where } from "@distillery/shared/onnx/ops";
import { coefficients, perSample, stateAt } from "../schedule/prediction";

export interface KnownRegion {
  /** The clean picture z0, [B, C, H, W]. */
  readonly clean: Tensor;
  /** bool [B, 1, H, W]: where new content is generated. */
  readonly isNew: Tensor;
}

/** The wired picture and mask; undefined when neither is wired, a finding when they do not fit the state or one is missing. */
export function knownRegion(
  known: ImageValue | undefined,
  mask: ImageValue | undefined,
  x: Tensor,
  context: StageContext,
): KnownRegion | undefined {
  if (known === undefined && mask === undefined) return undefined;
  if (known === undefined || mask === undefined) {
    const [missing, there] = known === undefined ? ["known", "mask"] : ["mask", "known"];
    return context.fail(
      `inpainting takes the clean picture and a mask, but only ${there} is wired. Wire ${missing}, too, or neither.`,
      missing,
      "missing-input",
    );
  }
  if (known.x.shape.join() !== x.shape.join()) {
    context.fail(
      `the known picture has shape ${formatShape(known.x.shape)}, the state ${formatShape(x.shape)}. Use one data set for both; of latents, the Start's latent.`,
      "known",
      "shape-mismatch",
    );
  }
  const [batch, , ...space] = x.shape;
  const wanted = [batch as number, 1, ...space];
  const isNew = nearest(mask.x, wanted);
  if (isNew === undefined) {
    return context.fail(
      `a mask for the state ${formatShape(x.shape)} has shape ${formatShape(wanted)}, but this one has ${formatShape(mask.x.shape)}.`,
      "mask",
      "shape-mismatch",
    );
  }
  return { clean: known.x, isNew: greater(isNew, 0.5) };
}

/** A mask of pixels at the positions of latents, which are a whole number of times fewer: every so many-th (methods 7.2). */
function nearest(mask: Tensor, wanted: readonly number[]): Tensor | undefined {
  if (mask.shape.join() === wanted.join()) return mask;
  const steps = wanted.map((size, axis) => (mask.shape[axis] ?? 0) / size);
  const [batch, channels, ...sides] = steps;
  const isWhole =
    mask.rank === wanted.length && batch === 1 && channels === 1 && sides.every((step) => step === sides[0]);
  if (!isWhole || !Number.isInteger(sides[0]) || sides[0] === 0) return undefined;
  return slice(mask, { starts: steps.map(() => 0), ends: [...mask.shape], steps });
}

const noiseIn = ({ x, t }: StateValue, clean: Tensor): Tensor => {
  const { alpha, sigma } = coefficients(t, x);
  return div(sub(x, mul(alpha, clean)), sigma);
};

/**
 * x := m x + (1 - m) add_noise(z0, eps, s) after a step from `from` to `stepped`: for every solver once its step is complete,
 * so after the corrector of Heun, after the re-noising of LCM and TCD (at the time arrived at), and without touching the
 * history of multistep solvers.
 */
export const blendAfterStep = (stepped: StateValue, from: StateValue, { clean, isNew }: KnownRegion): StateValue => ({
  x: where(isNew, stepped.x, stateAt(stepped.t, { predX0: clean, eps: noiseIn(from, clean) })),
  t: stepped.t,
});

/** The same along a whole path, which ends at node 0: there the known region is the clean picture itself. */
export function blendOnPath(stepped: StateValue, from: StateValue, region: KnownRegion): StateValue {
  const { x, t } = blendAfterStep(stepped, from, region);
  const isEnd = perSample(equal(t.node, 0), x);
  return { x: where(isEnd, where(region.isNew, stepped.x, region.clean), x), t };
}

/**
 * The other way, before the step: predX0 := m predX0 + (1 - m) z0 and the eps that matches it at the state. A deterministic
 * DDIM step from there arrives with the same known region as `blendAfterStep`.
 */
export function blendPrediction(prediction: Prediction, from: StateValue, { clean, isNew }: KnownRegion): Prediction {
  const predX0 = where(isNew, prediction.predX0, clean);
  return { predX0, eps: noiseIn(from, predX0) };
}
