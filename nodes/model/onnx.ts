import { expr } from "@distillery/shared/graph/formula";
import type { ModelPort, UserModelInfo } from "@distillery/shared/graph/modelInfo";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { ConditionValue, Prediction, PredictionType, StateValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { cast } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { predictionFrom } from "../schedule/prediction";
import { type FileParts, modelFile } from "./file";
import { requiredValues } from "./hooks";
import { LABEL_NAMES, LABELS, type Label, labelOf } from "./labelInputs";
import { prompted } from "./promptTable";

const TIME_NAMES = ["t", "timestep", "timesteps", "time"];
/** What files call the guidance scale w that they are told. */
const SCALE_NAMES = ["w", "guidance_scale"];

const params = z.object({
  model: z
    .string()
    .max(200)
    .default("")
    .meta({ title: "Model", description: "A bundled or registered ONNX file.", widget: "denoiser" }),
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
      description: `Name of the input that takes the class index; empty: ${LABEL_NAMES.class.join(", ")}, if there is one.`,
    }),
  contentInput: z.string().max(200).default("").meta({
    title: "Content input",
    description: "Name of the input that takes the kind of content; empty: content, if there is one.",
  }),
  promptTable: z
    .string()
    .max(200)
    .default("")
    .meta({
      title: "Prompt table",
      description:
        "For networks that take text: an ONNX file from the class index to what they want besides, one row per class and a last one for " +
        "no class (the empty prompt): encoder_hidden_states; for SDXL text_embeds and time_ids, too.",
      widget: "model",
      advanced: true,
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
  formula: "x [B, ...], timestep [B] (, class [B], content [B], w [B]) -> epsilon, sample or v_prediction",
  inputs: { schedule: wire.schedule.optional().describe("Overrides how the output is read: its prediction type.") },
  outputs: { weights: wire.weights },
  params,
  terms: (_inputs, _params, { name }) => ({ weights: { expr: expr(name("φ")) } }),
  emit({ schedule }, settings, context) {
    const { info, parameters, apply } = modelFile(settings.model, settings.trainable, context);
    const table =
      settings.promptTable === "" ? undefined : modelFile(settings.promptTable, false, context, "prompt table");
    const inputs = findInputs(info, table?.info, settings, context);
    const given = (state: StateValue, condition: ConditionValue | null) => {
      const labels = [...inputs.labels].map(
        ([label, { name }]) => [name, labelOf(label, name, info, state, condition, context)] as const,
      );
      const time = state.t.schedule.timestep(state.t);
      const values = new Map([[inputs.state.name, state.x], [inputs.time.name, time], ...labels]);
      if (table !== undefined)
        for (const [name, value] of prompted(table, state, condition, context)) values.set(name, value);
      if (inputs.scale !== undefined) values.set(inputs.scale.name, scaleOf(inputs.scale, condition, context));
      return values;
    };
    return {
      weights: {
        owner: context.nodeId,
        title: context.title,
        trainable: settings.trainable,
        sampleShape: fixedShape(inputs.state.shape.slice(1)),
        ...(inputs.scale !== undefined && { guidanceEmbedding: true }),
        ...(schedule && { space: schedule.space }),
        ...madeFor(info.predictionType ?? schedule?.predictionType),
        parameters,
        predict(state, condition, view = parameters) {
          const type = schedule?.predictionType ?? state.t.schedule.predictionType;
          return readOutputs(apply(given(state, condition), view), state, type, context);
        },
        features(state, condition, hooks, view = parameters) {
          const choose = (parts: FileParts) => requiredValues(hooks, parts, info, context);
          const values = apply(given(state, condition), view, choose, ["batch", "channels", "height", "width"]);
          return [...values].map(([name, value]) => mapOf(name, value, context));
        },
      },
    };
  },
});

interface Inputs {
  readonly state: ModelPort;
  readonly time: ModelPort;
  readonly labels: ReadonlyMap<Label, ModelPort>;
  readonly scale: ModelPort | undefined;
}

function findInputs(
  info: UserModelInfo,
  table: UserModelInfo | undefined,
  settings: z.output<typeof params>,
  context: StageContext,
): Inputs {
  const names = info.inputs.map(({ name }) => name).join(", ");
  const named = (wanted: string) =>
    info.inputs.find(({ name }) => name === wanted) ??
    context.fail(`"${info.name}" has no input "${wanted}"; it has ${names}.`, undefined, "unknown-input");
  const pick = (wanted: string, guess: () => ModelPort | undefined) => (wanted === "" ? guess() : named(wanted));
  const among = (known: readonly string[]) => () => info.inputs.find(({ name }) => known.includes(name));
  const state = pick(settings.stateInput, () => info.inputs.find(({ shape }) => shape.length >= 2));
  const time = pick(settings.timeInput, among(TIME_NAMES));
  if (state === undefined || time === undefined) {
    const missing = state === undefined ? "the state" : "the timestep";
    return context.fail(
      `It is not clear which input of "${info.name}" takes ${missing}; name it. It has ${names}.`,
      undefined,
      "unknown-input",
    );
  }
  const labels = new Map(
    LABELS.flatMap((label) => {
      const port = pick(settings[`${label}Input`], among(LABEL_NAMES[label]));
      return port === undefined ? [] : [[label, port] as const];
    }),
  );
  const scale = info.inputs.find(({ name, shape }) => SCALE_NAMES.includes(name) && shape.length === 1);
  const isPrompted = ({ name }: ModelPort) => table?.outputs.some((output) => output.name === name) === true;
  const left = info.inputs.find(
    (input) => ![state, time, scale, ...labels.values()].includes(input) && !isPrompted(input),
  );
  if (left !== undefined) {
    const missing =
      table === undefined ? "; where it is of prompts, give a prompt table" : ` and "${table.name}" does not give`;
    context.fail(
      `"${info.name}" also wants "${left.name}", which nothing here can give${missing}.`,
      undefined,
      "unknown-input",
    );
  }
  return { state, time, labels, scale };
}

const fixedShape = (shape: readonly (number | string)[]): number[] | null => {
  const fixed = shape.filter((d) => typeof d === "number");
  return fixed.length === shape.length ? fixed : null;
};

const madeFor = (predictionType: PredictionType | undefined) =>
  predictionType === undefined ? {} : { predictionType };

const scaleOf = ({ name }: ModelPort, condition: ConditionValue | null, context: StageContext): Tensor =>
  condition?.guidanceScale ??
  context.fail(
    `Input "${name}" wants the guidance scale, but the condition does not tell it.`,
    undefined,
    "guidance-scale",
  );

/** An inner value that heads can look at. */
function mapOf(name: string, value: Tensor, context: StageContext): Tensor {
  if (value.rank === 4) return cast(value, "float32");
  return context.fail(
    `"${name}" has shape ${formatShape(value.shape)}; a hooked layer of a U-Net is [B, channels, height, width].`,
    undefined,
    "shape-mismatch",
  );
}

function readOutputs(
  outputs: ReadonlyMap<string, Tensor>,
  state: StateValue,
  type: PredictionType,
  context: StageContext,
): Prediction {
  const [predX0, eps, first] = [outputs.get("predX0"), outputs.get("eps"), [...outputs.values()][0]];
  const wrong = [predX0 ?? first, eps ?? first].find((output) => output?.shape.join() !== state.x.shape.join());
  if (first === undefined || wrong !== undefined) {
    return context.fail(
      `The file's output has shape [${wrong?.shape.join(", ") ?? ""}], the state [${state.x.shape.join(", ")}]; they must be equal.`,
      undefined,
      "shape-mismatch",
    );
  }
  return predX0 !== undefined && eps !== undefined ? { predX0, eps } : predictionFrom(first, state, type);
}
