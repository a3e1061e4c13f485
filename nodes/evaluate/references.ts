/** What scores compare a result with, picture by picture: the right answer, where there is one, and the picture it was made from. */
import { type InputValues, type StageContext, wire } from "@distillery/shared/graph/node";
import type { ConditionValue, ImageValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { clip, reduceMean } from "@distillery/shared/onnx/ops";
import { CLIP_RANK, foldFrames, repeatCondition, unfoldFrames } from "../model/frames";

export const referenceInputs = {
  answer: wire.image
    .optional()
    .describe(
      "The same picture in the class it is to become. Exact between Fluent flat and Fluent 3D; elsewhere another drawing.",
    ),
  source: wire.image.optional().describe("The clean picture the path was made from (x0 of its Start)."),
};

/** Colours as they are shown: [-1, 1]. */
export const shown = (image: Tensor): Tensor => clip(image, { min: -1, max: 1 });

/** Refuses anything but pictures [B, C, H, W] and clips [B, F, C, H, W] of them, at least `size` wide and high. */
export function requirePictures(image: Tensor, context: StageContext, size = 1): void {
  const [height = 0, width = 0] = image.shape.slice(-2);
  if ((image.rank === 4 || image.rank === CLIP_RANK) && height >= size && width >= size) return;
  const wanted = size === 1 ? "" : ` of at least ${size} x ${size}`;
  context.fail(
    `This score looks at pictures [channels, height, width]${wanted}; the sampled states are ${formatShape(image.shape.slice(1))}.`,
    "trajectory",
    "shape-mismatch",
  );
}

/** Frames of a clip; 1 of a picture. */
const framesOf = (image: Tensor): number => (image.rank === CLIP_RANK ? (image.shape[1] as number) : 1);

/** Pictures as they are; clips as their frames, one clip after the other. */
export const picturesOf = (image: Tensor): Tensor => (image.rank === CLIP_RANK ? foldFrames(image) : image);

/** What belongs to the samples, for each of their pictures. */
export const conditionOfPictures = (condition: ConditionValue, image: Tensor): ConditionValue =>
  image.rank === CLIP_RANK ? repeatCondition(condition, framesOf(image)) : condition;

/** A value per picture [N] -> one per sample [B]: of a clip, the mean over its frames. */
export const perSampleOf = (values: Tensor, image: Tensor): Tensor =>
  image.rank === CLIP_RANK ? reduceMean(unfoldFrames(values, framesOf(image)), { axes: [1], keepdims: false }) : values;

/**
 * `compare(result, reference)`, [N] for N pictures each, for the wired references, averaged over the frames of clips: under `name` for the answer, under `nameToSource` for
 * the source. A finding when neither is wired, or when one has another shape.
 */
export function compareWithReferences(
  { answer, source }: Pick<InputValues<typeof referenceInputs, false>, "answer" | "source">,
  image: Tensor,
  name: string,
  context: StageContext,
  compare: (image: Tensor, reference: Tensor) => Tensor,
): Record<string, Tensor> {
  if (answer === undefined && source === undefined) {
    context.fail(
      "There is nothing to compare with: wire the right answer, the source, or both from the Start of these paths.",
      "answer",
      "missing-input",
    );
  }
  const against = (reference: ImageValue, socket: string) => {
    if (reference.x.shape.join() !== image.shape.join()) {
      context.fail(
        `The results have shape ${formatShape(image.shape)}, the ${socket} ${formatShape(reference.x.shape)}; take it from the Start of these paths.`,
        socket,
        "shape-mismatch",
      );
    }
    return perSampleOf(compare(picturesOf(image), picturesOf(reference.x)), image);
  };
  return {
    ...(answer && { [name]: against(answer, "answer") }),
    ...(source && { [`${name}ToSource`]: against(source, "source") }),
  };
}
