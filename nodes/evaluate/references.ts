/** What scores compare a result with, picture by picture: the right answer, where there is one, and the picture it was made from. */
import { type InputValues, type StageContext, wire } from "@distillery/shared/graph/node";
import type { ImageValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { clip } from "@distillery/shared/onnx/ops";

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

/** Refuses anything but pictures [B, C, H, W], at least `size` wide and high. */
export function requirePictures(image: Tensor, context: StageContext, size = 1): void {
  const [, , height = 0, width = 0] = image.shape;
  if (image.rank === 4 && height >= size && width >= size) return;
  const wanted = size === 1 ? "" : ` of at least ${size} x ${size}`;
  context.fail(
    `This score looks at pictures [channels, height, width]${wanted}; the sampled states are ${formatShape(image.shape.slice(1))}.`,
    "trajectory",
    "shape-mismatch",
  );
}

/**
 * `compare(result, reference)`, [B] each, for the wired references: under `name` for the answer, under `nameToSource` for
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
    return compare(image, reference.x);
  };
  return {
    ...(answer && { [name]: against(answer, "answer") }),
    ...(source && { [`${name}ToSource`]: against(source, "source") }),
  };
}
