/** A head from an ONNX file on an encoder's embedding, as the LAION aesthetic predictor is. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { FeaturesValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { reshape } from "@distillery/shared/onnx/ops";
import { normalised } from "../loss/normalised";
import { modelFile } from "./file";

/** The head's one number per image, [B], of the embedding scaled to length 1. */
export function headOn({ embedding }: FeaturesValue, head: string, context: StageContext): Tensor {
  const { info, parameters, apply } = modelFile(head, false, context);
  const [input, ...others] = info.inputs;
  if (input === undefined || others.length > 0) {
    return context.fail(`"${info.name}" has ${info.inputs.length} inputs; a head takes the embedding only.`);
  }
  const [score] = apply(new Map([[input.name, normalised(embedding)]]), parameters).values();
  if (score === undefined || score.size !== embedding.shape[0]) {
    return context.fail(
      `"${info.name}" gives ${score === undefined ? "nothing" : formatShape(score.shape)} for ${formatShape(embedding.shape)}; a head gives one number an image.`,
      undefined,
      "shape-mismatch",
    );
  }
  return reshape(score, [embedding.shape[0] as number]);
}
