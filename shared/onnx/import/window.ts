import type { Attribute } from "../graph";
import { importError, type Normaliser } from "./plan";

/**
 * Writes the padding of Conv, ConvTranspose and pooling out: auto_pad and output_shape become pads (ONNX operator
 * reference, Conv and ConvTranspose).
 */
export const normaliseWindow: Normaliser = (node, { attributes }, { typeOf }) => {
  const { auto_pad, output_shape, ...rest } = attributes;
  const ints = (name: string, otherwise: readonly number[]) =>
    attributes[name]?.kind === "ints" ? attributes[name].value : otherwise;
  const x = typeOf(node.inputs[0]!).shape.slice(2);
  const y = typeOf(node.outputs[0]!).shape.slice(2);
  const kernel = ints("kernel_shape", node.inputs[1] ? typeOf(node.inputs[1]).shape.slice(2) : []);
  if (kernel.length !== x.length) throw importError(node, `has a kernel of ${kernel.length} axes for ${x.length}.`);
  const ones = x.map(() => 1);
  const strides = ints("strides", ones);
  const dilations = ints("dilations", ones);
  const mode = auto_pad?.kind === "string" ? auto_pad.value : "NOTSET";
  const window: Record<string, Attribute> = {
    ...rest,
    kernel_shape: { kind: "ints", value: kernel },
    strides: { kind: "ints", value: strides },
    dilations: { kind: "ints", value: dilations },
  };
  const same = mode === "SAME_UPPER" || mode === "SAME_LOWER";
  if (!same && output_shape === undefined) {
    const zeros = [...ones, ...ones].map(() => 0);
    const pads = mode === "VALID" ? zeros : ints("pads", zeros);
    return { attributes: { ...window, pads: { kind: "ints", value: pads } } };
  }
  const outputPadding = ints(
    "output_padding",
    x.map(() => 0),
  );
  const total = kernel.map((size, i) => {
    const span = dilations[i]! * (size - 1) + 1;
    return node.op === "ConvTranspose"
      ? strides[i]! * (x[i]! - 1) + outputPadding[i]! + span - y[i]!
      : Math.max(0, strides[i]! * (y[i]! - 1) + span - x[i]!);
  });
  if (total.some((n) => n < 0)) throw importError(node, "asks for an output larger than its input reaches.");
  const small = total.map((n) => Math.floor(n / 2));
  const large = total.map((n, i) => n - small[i]!);
  // ConvTranspose with a given output shape puts the odd zero first unless told SAME_UPPER.
  const endsLarge = mode === "SAME_UPPER";
  const pads = endsLarge ? [...small, ...large] : [...large, ...small];
  return { attributes: { ...window, pads: { kind: "ints", value: pads } } };
};
