/** The GPU's code path, on a software GPU where there is no other: training on `webgpu` moves weights as `cpu` does. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { expect, test } from "../fixtures";
import { distillery, jsonLines } from "../product/commandLine";

/** The software Vulkan driver in Debian's chromium. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const TOLERANCE = 1e-3;

const SMALL = {
  "student.width": 16,
  "student.depth": 2,
  "trainer.batch": 16,
  "trainer.warmup": 0,
  "teacher-path.batch": 4,
  "student-8.batch": 4,
  "student-6.batch": 4,
  "student-4.batch": 4,
};

async function checkpointOf(device: "cpu" | "webgpu", folder: string) {
  const out = join(folder, device);
  const set = Object.entries(SMALL).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
  const args = ["run", "std-2d", "--steps", "2", "--device", device, "--json", "--out", out, ...set];
  const { status, stdout, stderr } = await distillery(args, join(folder, "home"));
  expect(stderr.split("\n").at(-2) ?? "", `run on ${device}`).not.toContain("failed");
  expect(status, stderr).toBe(0);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ status: "done", device, steps: 2 });
  return decodeSafetensors(await readFile(join(out, "checkpoint.safetensors"))).tensors;
}

test("two training steps on webgpu end with the same tensors as on cpu", async ({ folder }) => {
  const hasGpu = existsSync("/dev/nvidia0") || existsSync("/dev/dri/renderD128");
  expect(
    hasGpu || process.platform !== "linux" || existsSync(SWIFTSHADER),
    `WebGPU needs a GPU or the software driver of Debian's chromium: ${SWIFTSHADER} is missing (apt-get install chromium).`,
  ).toBe(true);

  const cpu = await checkpointOf("cpu", folder);
  const webgpu = await checkpointOf("webgpu", folder);
  expect(Object.keys(webgpu)).toEqual(Object.keys(cpu));
  const compared = Object.keys(cpu).filter((name) => name.startsWith("variable:"));
  expect(compared.length).toBeGreaterThan(6);
  for (const name of compared) {
    const a = cpu[name];
    const b = webgpu[name];
    if (a?.dtype !== "float32" || b?.dtype !== "float32") continue;
    expect(b.shape, name).toEqual(a.shape);
    const [x, y] = [Array.from(a.data, Number), Array.from(b.data, Number)];
    const length = Math.hypot(...x);
    const distance = Math.hypot(...x.map((value, i) => value - (y[i] ?? Number.NaN)));
    expect(distance, `${name}: |cpu - webgpu|`).toBeLessThanOrEqual(TOLERANCE * length + 1e-12);
  }
});
