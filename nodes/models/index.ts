/** Networks that ship with the product, one folder each: `model.onnx`, `card.json`. Graphs name one as `bundled:<folder>`. */
import { modelInfoSchema, modelPortSchema, type UserModelInfo } from "@distillery/shared/graph/modelInfo";
import { z } from "zod";

const portSchema = modelPortSchema.extend({ dtype: z.enum(["float32", "float16", "int64", "int32", "bool", "uint8"]) });

/** `card.json`: what a model is and where it comes from, for machines; `card.md` beside it is for people. */
export const cardSchema = z.object({
  /** The folder's name. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  title: z.string(),
  kind: z.enum(["denoiser", "encoder"]),
  file: z
    .string()
    .regex(/^[\w.-]+\.onnx$/)
    .default("model.onnx"),
  inputs: z.array(portSchema).min(1),
  outputs: z.array(portSchema).min(1),
  labels: modelInfoSchema.shape.labels,
  predictionType: modelInfoSchema.shape.predictionType,
  data: z.string(),
  licence: z.string(),
  architecture: z.string(),
  steps: z.number().int(),
  seed: z.number().int(),
  /** Measured results, by name. */
  numbers: z.record(z.string(), z.union([z.number(), z.string()])),
  /** Makes the model again. */
  command: z.string(),
  bytes: z.number().int().optional(),
  sha256: z.string().length(64).optional(),
});
export type ModelCard = z.output<typeof cardSchema>;

const PREFIX = "bundled:";

/** Cards by path `./<folder>/card.json`. Throws naming the file that is no card, or lies in another folder than it says. */
export function readCards(files: Readonly<Record<string, unknown>>): ModelCard[] {
  return Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => {
      const card = cardSchema.safeParse(content);
      if (!card.success) {
        const [issue] = card.error.issues;
        throw new Error(`nodes/models/${path}: ${issue?.path.join(".")}: ${issue?.message}`);
      }
      if (path.split("/").at(-2) !== card.data.id)
        throw new Error(`nodes/models/${path} says it is "${card.data.id}"; the folder must have that name.`);
      return card.data;
    });
}

export const infoOf = ({
  id,
  title,
  bytes = 0,
  inputs,
  outputs,
  labels,
  predictionType,
}: ModelCard): UserModelInfo => ({
  id: `${PREFIX}${id}`,
  name: title,
  bytes,
  inputs: inputs.map(({ name, shape }) => ({ name, shape })),
  outputs: outputs.map(({ name, shape }) => ({ name, shape })),
  ...(labels === undefined ? {} : { labels }),
  ...(predictionType === undefined ? {} : { predictionType }),
  bundled: true,
});

export const cards: readonly ModelCard[] = readCards(
  import.meta.glob<unknown>("./*/card.json", { eager: true, import: "default" }),
);
export const bundledModels: readonly UserModelInfo[] = cards.map(infoOf);
