import type { FileNode } from "../codec";
import type { Attribute } from "../graph";
import { type Change, importError, ints64, type Normaliser, type PlanInput, type Surroundings } from "./plan";

const text = (value: string): Attribute => ({ kind: "string", value });

/**
 * One form for Resize: inputs (x, -, scales) with one scale for every axis, or (x, -, -, sizes). Opset 10 had no roi,
 * asymmetric coordinates and floor; `axes` (opset 18) are written out.
 */
export const normaliseResize: Normaliser = (node, { inputs, attributes }, around) => {
  const { axes, keep_aspect_ratio_policy, ...rest } = attributes;
  if (around.opset < 11) {
    const old = { coordinate_transformation_mode: text("asymmetric"), nearest_mode: text("floor") };
    return { inputs: [inputs[0]!, null, inputs[1]!], attributes: { ...rest, ...old } };
  }
  const output = around.typeOf(node.outputs[0]!).shape;
  const scales = stored(node, 2, around);
  const policy = keep_aspect_ratio_policy?.kind === "string" ? keep_aspect_ratio_policy.value : "stretch";
  if (policy !== "stretch") throw importError(node, `keeps the aspect ratio (${policy}), which is not supported.`);
  if (scales === null) return { inputs: [inputs[0]!, null, null, ints64(output)], attributes: rest };
  const rank = output.length;
  const named = axes?.kind === "ints" ? axes.value.map((axis) => (axis < 0 ? axis + rank : axis)) : null;
  const all = named === null ? scales : output.map((_, i) => (named.includes(i) ? scales[named.indexOf(i)]! : 1));
  return { inputs: [inputs[0]!, null, floats(all)], attributes: rest };
};

/** Upsample (opsets 7 to 9) is Resize with asymmetric coordinates. */
export const normaliseUpsample: Normaliser = (node, { inputs, attributes }, around): Change => {
  const { scales, mode = text("nearest") } = attributes;
  const factors = scales?.kind === "floats" ? scales.value : stored(node, 1, around);
  if (factors === null) throw importError(node, "has no scales.");
  return {
    op: "Resize",
    inputs: [inputs[0]!, null, floats(factors)],
    attributes: { mode, coordinate_transformation_mode: text("asymmetric"), nearest_mode: text("floor") },
  };
};

const floats = (values: readonly number[]): PlanInput => ({
  constant: values,
  shape: [values.length],
  dtype: "float32",
});

/** Values of a stored input; null when it is absent or empty. */
function stored(node: FileNode, index: number, around: Surroundings): number[] | null {
  const name = node.inputs[index];
  if (name === undefined || name === "") return null;
  const values = around.constantOf(name);
  if (values === undefined) throw importError(node, `computes its scales or sizes ("${name}") at run time.`);
  return values.length === 0 ? null : Array.from(values, Number);
}
