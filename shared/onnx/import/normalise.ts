/** Brings the nodes of older operator sets, and their many ways to say one thing, to the forms of opset 21. */
import { elementType, type FileAttribute, type FileNode } from "../codec";
import type { Attribute } from "../graph";
import {
  floatScalar,
  importError,
  ints64,
  type Normaliser,
  type PlanInput,
  type PlanNode,
  type Surroundings,
} from "./plan";
import { normaliseResize, normaliseUpsample } from "./resize";
import { normaliseWindow } from "./window";

/** `node` in the form of opset 21. Throws GraphError naming operator and node where there is none. */
export function normalise(node: FileNode, around: Surroundings): PlanNode {
  const attributes: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(node.attributes)) attributes[name] = plain(node, name, attribute);
  const inputs = node.inputs.map((name): PlanInput => (name === "" ? null : { value: name }));
  const rule = node.domain === "" ? RULES[node.op] : undefined;
  const change = rule?.(node, { inputs, attributes }, around) ?? {};
  const outputs = node.outputs.map((name) => (name === "" ? null : { name, ...around.typeOf(name) }));
  return { op: node.op, domain: node.domain, name: node.name, inputs, outputs, attributes, ...change };
}

function plain(node: FileNode, name: string, attribute: FileAttribute): Attribute {
  if (attribute.kind === "tensor" || attribute.kind === "strings" || attribute.kind === "unsupported") {
    const what = attribute.kind === "unsupported" ? attribute.value.toLowerCase() : attribute.kind;
    throw importError(node, `has an attribute "${name}" that holds a ${what}, which an imported graph cannot keep.`);
  }
  return attribute;
}

/** Moves a list attribute to an input of its own, as later operator sets have it. */
const listToInput =
  (attribute: string, index: number): Normaliser =>
  (_node, { inputs, attributes }) => {
    const { [attribute]: list, ...rest } = attributes;
    if (list?.kind !== "ints") return {};
    return { inputs: withInput(inputs, index, ints64(list.value)), attributes: rest };
  };

export function withInput(inputs: readonly PlanInput[], index: number, input: PlanInput): PlanInput[] {
  const longer = [...inputs];
  while (longer.length <= index) longer.push(null);
  longer[index] = input;
  return longer;
}

const slice: Normaliser = (node, { inputs, attributes }) => {
  const { starts, ends, axes } = attributes;
  if (starts?.kind !== "ints" || ends?.kind !== "ints") return {};
  const lists = [starts.value, ends.value, axes?.kind === "ints" ? axes.value : starts.value.map((_, i) => i)];
  if (inputs.length !== 1) throw importError(node, "has both attributes and inputs for its range.");
  return { inputs: [inputs[0]!, ...lists.map(ints64)], attributes: {} };
};

const split: Normaliser = (node, { inputs, attributes }, around) => {
  const { split: _, num_outputs: __, ...rest } = attributes;
  if (inputs[1] != null) return { attributes: rest };
  const axis = attributes.axis?.kind === "int" ? attributes.axis.value : 0;
  const sizes = node.outputs.map((name) => around.typeOf(name).shape.at(axis)!);
  return { inputs: withInput(inputs, 1, ints64(sizes)), attributes: rest };
};

const pad: Normaliser = (_node, { inputs, attributes }) => {
  const { pads, value, ...rest } = attributes;
  if (pads?.kind !== "ints") return {};
  const fill = value?.kind === "float" ? value.value : 0;
  return { inputs: [inputs[0]!, ints64(pads.value), floatScalar(fill)], attributes: rest };
};

const clip: Normaliser = (_node, { inputs, attributes }) => {
  const { min, max, ...rest } = attributes;
  const bound = (attribute: Attribute | undefined, given: PlanInput | undefined): PlanInput =>
    attribute?.kind === "float" ? floatScalar(attribute.value) : (given ?? null);
  return { inputs: [inputs[0]!, bound(min, inputs[1]), bound(max, inputs[2])], attributes: rest };
};

const dropout: Normaliser = (_node, { inputs }) => ({ op: "Identity", inputs: [inputs[0]!], attributes: {} });

/** Before opset 13 Softmax ran over all axes from `axis` (default 1) together. */
const softmax: Normaliser = (node, { attributes }, { opset, typeOf }) => {
  if (opset >= 13) return {};
  const { shape } = typeOf(node.inputs[0]!);
  const given = attributes.axis?.kind === "int" ? attributes.axis.value : 1;
  const axis = given < 0 ? given + shape.length : given;
  if (shape.slice(axis + 1).some((size) => size !== 1)) {
    throw importError(node, `runs over several axes (opset ${opset}); export the model with opset 13 or newer.`);
  }
  return { attributes: { axis: { kind: "int", value: axis } } };
};

/** Doubles become float32 everywhere, so a cast to double is one to float32. */
const cast: Normaliser = (node, { attributes }, { typeOf }) => ({
  attributes: { ...attributes, to: { kind: "int", value: elementType(typeOf(node.outputs[0]!).dtype) } },
});

const batchNormalization: Normaliser = (node, { attributes }) => {
  const training = attributes.training_mode?.kind === "int" ? attributes.training_mode.value : 0;
  if (training !== 0 || node.outputs.slice(1).some((name) => name !== "")) {
    throw importError(node, "is in training mode; export the model in evaluation mode.");
  }
  const epsilon: Attribute = attributes.epsilon ?? { kind: "float", value: 1e-5 };
  return { attributes: { epsilon } };
};

/** Before opset 21 scale and bias were given for each group. */
const groupNormalization: Normaliser = (node, _parts, { opset, typeOf }) => {
  const channels = typeOf(node.inputs[0]!).shape[1];
  if (opset >= 21 || typeOf(node.inputs[1]!).shape[0] === channels) return {};
  throw importError(node, `has one scale for each group (opset ${opset}); export the model with opset 21 or newer.`);
};

const reductions = ["Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"];

const RULES: Readonly<Record<string, Normaliser>> = {
  Squeeze: listToInput("axes", 1),
  Unsqueeze: listToInput("axes", 1),
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, listToInput("axes", 1)])),
  Slice: slice,
  Split: split,
  Pad: pad,
  Clip: clip,
  Dropout: dropout,
  Softmax: softmax,
  LogSoftmax: softmax,
  Cast: cast,
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  Conv: normaliseWindow,
  ConvTranspose: normaliseWindow,
  AveragePool: normaliseWindow,
  MaxPool: normaliseWindow,
  Resize: normaliseResize,
  Upsample: normaliseUpsample,
};
