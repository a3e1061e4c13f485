/** Folding and shape inference by onnxruntime-node, for the import of ONNX files. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ShapeOracle } from "@distillery/shared/onnx/import";
import { InferenceSession } from "onnxruntime-node";

/** Only errors: ONNX Runtime warns about every initializer it removes. */
const LOG_SEVERITY = 3;

export const shapeOracle: ShapeOracle = {
  async fold(model) {
    const folder = await mkdtemp(join(tmpdir(), "distillery-fold-"));
    try {
      const path = join(folder, "model.onnx");
      const session = await InferenceSession.create(model, {
        graphOptimizationLevel: "basic",
        optimizedModelFilePath: path,
        logSeverityLevel: LOG_SEVERITY,
      });
      await session.release();
      return await readFile(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },

  async shapes(model) {
    const session = await InferenceSession.create(model, {
      graphOptimizationLevel: "disabled",
      logSeverityLevel: LOG_SEVERITY,
    });
    const types = session.outputMetadata.map((output) => {
      const shape = output.isTensor ? output.shape.map((d) => (typeof d === "number" ? d : -1)) : [-1];
      return [output.name, { dtype: output.isTensor ? output.type : "sequence", shape }] as const;
    });
    await session.release();
    return new Map(types);
  },
};
