import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type {
  ConditionValue,
  ParameterView,
  Prediction,
  PredictionType,
  StateValue,
  UserModelInfo,
} from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import type { ImportedModel, MakeParameter, NamedType } from "@distillery/shared/onnx/import";
import { cast, reshape } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { predictionFrom } from "../schedule/prediction";

const TIME_NAMES = ["t", "timestep", "timesteps", "time"];
const CLASS_NAMES = ["class", "class_labels", "y"];

const params = z.object({
  model: z
    .string()
    .max(200)
    .default("")
    .meta({ title: "Model", description: "A registered ONNX file.", widget: "model" }),
  trainable: z.boolean().default(false).meta({
    title: "Trainable",
    description: "On: a trainer may train its weights, starting from the file's. Off: a teacher.",
  }),
  stateInput: z.string().max(200).default("").meta({
    title: "State input",
    description: "Name of the input that takes the state; empty: the first with two or more dimensions.",
  }),
  timeInput: z
    .string()
    .max(200)
    .default("")
    .meta({
      title: "Time input",
      description: `Name of the input that takes the raw timestep; empty: ${TIME_NAMES.join(", ")}.`,
    }),
  classInput: z
    .string()
    .max(200)
    .default("")
    .meta({
      title: "Class input",
      description: `Name of the input that takes the class index; empty: ${CLASS_NAMES.join(", ")}, if there is one.`,
    }),
});

export const onnxModel = defineNode({
  type: "model/onnx",
  version: 1,
  title: "ONNX model",
  family: "model",
  help:
    "A network from an ONNX file, as a teacher or as a student. Files exported here give the pair predX0, eps; " +
    "of any other file the first output is read as the schedule's prediction type says.",
  formula: "x [B, ...], timestep [B] (, class [B]) -> epsilon, sample or v_prediction",
  inputs: { schedule: wire.schedule.optional().describe("Overrides how the output is read: its prediction type.") },
  outputs: { weights: wire.weights },
  params,
  emit({ schedule }, settings, context) {
    if (settings.model === "") return context.fail("Choose a model: upload an ONNX file first, then pick it here.");
    const info =
      context.resources.model(settings.model) ??
      context.fail(
        `There is no model "${settings.model}" here; upload it or pick another.`,
        undefined,
        "unknown-model",
      );
    const inputs = findInputs(info, settings, context);
    const parameters: ParameterView = (path, spec) =>
      context.variable(path, { ...spec, role: settings.trainable ? "parameter" : "frozen" }, context.nodeId);
    return {
      weights: {
        owner: context.nodeId,
        title: context.title,
        trainable: settings.trainable,
        sampleShape: fixedShape(inputs.state.shape.slice(1)),
        parameters,
        predict(state, condition, view) {
          const model = importedFor(info, inputs, state, context);
          // A teacher's weights stay constants of the graph, unless somebody looks at them through a view.
          const seen = view ?? (settings.trainable ? parameters : undefined);
          const tensors = model.inputs.map((input) => feed(input, inputs, state, condition, context));
          const outputs = model.instantiate(context.graph, {
            prefix: `${context.graph.freshName(context.nodeId)}/`,
            inputs: tensors,
            ...(seen === undefined ? {} : { parameter: parameterMaker(seen, context) }),
          });
          return readOutputs(
            model,
            outputs,
            state,
            schedule?.predictionType ?? state.t.schedule.predictionType,
            context,
          );
        },
      },
    };
  },
});

type FileInput = UserModelInfo["inputs"][number];
interface Inputs {
  readonly state: FileInput;
  readonly time: FileInput;
  readonly label: FileInput | undefined;
}

function findInputs(info: UserModelInfo, settings: z.output<typeof params>, context: StageContext): Inputs {
  const names = info.inputs.map(({ name }) => name).join(", ");
  const named = (wanted: string) =>
    info.inputs.find(({ name }) => name === wanted) ??
    context.fail(`"${info.name}" has no input "${wanted}"; it has ${names}.`, undefined, "unknown-input");
  const pick = (wanted: string, guess: () => FileInput | undefined) => (wanted === "" ? guess() : named(wanted));
  const among = (known: readonly string[]) => () => info.inputs.find(({ name }) => known.includes(name));
  const state = pick(settings.stateInput, () => info.inputs.find(({ shape }) => shape.length >= 2));
  const time = pick(settings.timeInput, among(TIME_NAMES));
  const label = pick(settings.classInput, among(CLASS_NAMES));
  if (state === undefined || time === undefined) {
    const missing = state === undefined ? "the state" : "the timestep";
    return context.fail(
      `It is not clear which input of "${info.name}" takes ${missing}; name it. It has ${names}.`,
      undefined,
      "unknown-input",
    );
  }
  const left = info.inputs.find((input) => input !== state && input !== time && input !== label);
  if (left !== undefined) {
    context.fail(`"${info.name}" also wants "${left.name}", which nothing here can give.`, undefined, "unknown-input");
  }
  return { state, time, label };
}

const fixedShape = (shape: readonly (number | string)[]): number[] | null => {
  const fixed = shape.filter((d) => typeof d === "number");
  return fixed.length === shape.length ? fixed : null;
};

/** The file imported for this state's shape; a missing import is a finding that goes away once it is there. */
function importedFor(
  info: UserModelInfo,
  { state, time, label }: Inputs,
  { x }: StateValue,
  context: StageContext,
): ImportedModel {
  const batch = x.shape[0] as number;
  const sizes: Record<string, number> = {};
  for (const input of label === undefined ? [state, time] : [state, time, label]) {
    input.shape.forEach((d, axis) => {
      if (typeof d !== "number") sizes[`${input.name}.${axis}`] = input === state ? (x.shape[axis] ?? 1) : batch;
    });
  }
  const model = context.resources.importedModel?.(info.id, sizes);
  return (
    model ??
    context.fail(
      `"${info.name}" is imported for batches of ${batch} when a run starts.`,
      undefined,
      "model-not-imported",
    )
  );
}

/** The tensor for one input of the file, in the file's own type and shape. */
function feed(
  { name, dtype, shape }: NamedType,
  inputs: Inputs,
  { x, t }: StateValue,
  condition: ConditionValue | null,
  context: StageContext,
): Tensor {
  if (name === inputs.state.name) return x;
  const isTime = name === inputs.time.name;
  const value = isTime ? t.schedule.timestep(t) : condition?.tensors.class;
  if (value === undefined)
    return context.fail(`Input "${name}" wants a class, but no condition with classes is connected.`);
  if (value.size !== shape.reduce((product, d) => product * d, 1)) {
    context.fail(
      `Input "${name}" of the file takes [${shape.join(", ")}] values, but a batch of ${value.size} needs one for each sample; ` +
        "export the file with a free batch dimension.",
      undefined,
      "shape-mismatch",
    );
  }
  return cast(reshape(value, shape), dtype);
}

/** Float weights through the view (variables start as the file's values); whole numbers stay constants. */
const parameterMaker =
  (view: ParameterView, context: StageContext): MakeParameter =>
  (name, shape, dtype, load) => {
    if (dtype !== "float32") return context.graph.initializer(context.graph.freshName(name), dtype, shape, load);
    return view(name, { shape, init: { kind: "data", load: () => Float32Array.from(load(), Number) } });
  };

function readOutputs(
  model: ImportedModel,
  outputs: readonly Tensor[],
  state: StateValue,
  type: PredictionType,
  context: StageContext,
): Prediction {
  const output = (name: string) => outputs[model.outputs.findIndex((each) => each.name === name)];
  const [predX0, eps, first] = [output("predX0"), output("eps"), outputs[0]];
  if (predX0 !== undefined && eps !== undefined) return { predX0, eps };
  if (first === undefined || first.shape.join() !== state.x.shape.join()) {
    return context.fail(
      `The file's output has shape [${first?.shape.join(", ") ?? ""}], the state [${state.x.shape.join(", ")}]; they must be equal.`,
      undefined,
      "shape-mismatch",
    );
  }
  return predictionFrom(first, state, type);
}
