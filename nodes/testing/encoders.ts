/** Test-only: encoders given by a formula. */
import type { FeaturesValue, WeightsValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";

export const formulaEncoder = (extract: (images: Tensor) => FeaturesValue): WeightsValue => ({
  owner: "encoder",
  title: "Encoder",
  trainable: false,
  sampleShape: null,
  parameters: () => {
    throw new Error("no parameters");
  },
  extract,
});
