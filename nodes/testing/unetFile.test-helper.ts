/** Test-only: the U-Net that PyTorch exported (shared/onnx/fixtures), registered as the model "unet". */
import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { Resources, UserModelInfo } from "@distillery/shared/graph/wires";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import { noResources } from "./stage";

export const unetBytes = readFileSync(new URL("../../shared/onnx/fixtures/unet.onnx", import.meta.url));

const unetInfo: UserModelInfo = {
  id: "unet",
  name: "unet.onnx",
  bytes: unetBytes.byteLength,
  inputs: [
    { name: "sample", shape: ["batch", 3, "height", "width"] },
    { name: "timestep", shape: ["batch"] },
  ],
  outputs: [{ name: "output", shape: ["batch", 3, "height", "width"] }],
};
const unetResources: Resources = { ...noResources, model: (id) => (id === "unet" ? unetInfo : undefined) };
const imports = new ModelImports(async () => unetBytes, shapeOracle);

/** Builds a stage, importing the file on the way. */
export async function buildWithUnet<T>(batch: number, build: (stage: StageBuilder) => T): Promise<[StageBuilder, T]> {
  for (;;) {
    const resources = { ...unetResources, importedModel: imports.get };
    const stage = new StageBuilder({ name: "test", kind: "train", batch, seed: 3, resources });
    try {
      return [stage, build(stage)];
    } catch (error) {
      if (!(await imports.importAsked())) throw error;
    }
  }
}
