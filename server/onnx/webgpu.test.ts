import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyGraph } from "../testing/graphs";
import { startTestServer, type TestServer } from "../testing/server";

// A GPU, or the software driver that comes with Debian's chromium; elsewhere there is nothing to test on.
const hasWebGpu = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/dev/dri/renderD128", "/dev/nvidia0"].some(existsSync);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.remove());

async function train(device: "cpu" | "webgpu"): Promise<Record<string, number>> {
  const { id } = await server.runs.start({ graph: tinyGraph({ steps: 3 }), overrides: { device } });
  const run = await server.runs.finished(id);
  expect(run).toMatchObject({ status: "done", error: null, device });
  return run.metrics;
}

test.skipIf(!hasWebGpu)(
  "training on WebGPU, with the weights kept there, is training on the CPU",
  async () => {
    const cpu = await train("cpu");
    const gpu = await train("webgpu");
    for (const name of ["lossFirst", "lossLast", "trajectoryErrorBefore", "trajectoryErrorAfter"])
      expect(Math.abs((gpu[name] ?? Number.NaN) / (cpu[name] ?? 0) - 1), name).toBeLessThan(1e-4);
  },
  120_000,
);
