/** What every trainable encoder shares: parameters of its own, a projection of what it sees, and a head per label. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { DatasetValue, FeaturesValue, ParameterView, WeightsValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { linear } from "./layers/linear";
import { initFromParam, labelsOf, ownParameters } from "./network";

export const encoderParams = {
  projection: z.number().int().min(0).max(4096).default(0).meta({
    title: "Projection",
    description:
      "Width of the embedding: a linear layer without bias over what the network sees, as in CSD. 0: none, the embedding is what it sees.",
  }),
  classifies: z
    .array(z.enum(["class", "content"]))
    .default([])
    .meta({
      title: "Classifies",
      description:
        "Labels of the data set that it learns to tell, one linear head each: class (style), content (kind).",
      widget: "multiselect",
    }),
  initFrom: initFromParam,
};

interface EncoderSettings {
  readonly projection: number;
  readonly classifies: readonly ("class" | "content")[];
  readonly initFrom: string;
}

/** Hooked layers [B, channels, positions] from first to last, and one vector per image [B, width]. */
export interface Sight {
  readonly layers: readonly Tensor[];
  readonly pooled: Tensor;
}

/** The network itself: images [B, C, H, W] in [-1, 1] to what it sees. */
export type Look = (view: ParameterView, images: Tensor) => Sight;

/** Weights of `look` for images like those of `dataset`; heads read the vector before the projection. */
export function trainableEncoder(
  dataset: DatasetValue,
  { projection, classifies, initFrom }: EncoderSettings,
  context: StageContext,
  look: Look,
): WeightsValue {
  const [channels] = requireImages(dataset, context);
  const known = labelsOf(dataset);
  const heads = classifies.map((name) => {
    const count = known[name];
    if (count !== undefined) return { name, count };
    return context.fail(`"${dataset.title}" has no label "${name}" to tell; take it out of "Classifies".`, "dataset");
  });
  const parameters = ownParameters(initFrom, context);
  const seen = new Map<Tensor, FeaturesValue>();
  const features = (images: Tensor, view: ParameterView): FeaturesValue => {
    const { layers, pooled } = look(view, images);
    return {
      layers,
      embedding: projection === 0 ? pooled : linear(view, "projection", pooled, projection, { bias: false }),
      logits: Object.fromEntries(heads.map(({ name, count }) => [name, linear(view, `head.${name}`, pooled, count)])),
    };
  };
  return {
    owner: context.nodeId,
    title: context.title,
    trainable: true,
    sampleShape: dataset.sampleShape,
    parameters,
    extract(images, view = parameters) {
      if (images.rank !== 4 || images.shape[1] !== channels) {
        context.fail(
          `The encoder looks at images [B, ${channels}, height, width], but gets ${formatShape(images.shape)}.`,
          undefined,
          "shape-mismatch",
        );
      }
      // Several losses that look at the same images share one pass, and so its gradient.
      const known = view === parameters ? seen.get(images) : undefined;
      const made = known ?? features(images, view);
      if (view === parameters) seen.set(images, made);
      return made;
    },
  };
}

/** Channels, height and width of a data set of images; a finding for any other. */
export function requireImages({ title, sampleShape }: DatasetValue, context: StageContext): [number, number, number] {
  const [channels = 0, height = 0, width = 0, ...rest] = sampleShape;
  if (width === 0 || rest.length > 0) {
    context.fail(
      `An encoder looks at images [channels, height, width], "${title}" has samples ${formatShape(sampleShape)}.`,
      "dataset",
      "shape-mismatch",
    );
  }
  return [channels, height, width];
}
