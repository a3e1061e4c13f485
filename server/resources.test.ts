import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createResources } from "./resources";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "distillery-resources-"));
  mkdirSync(join(home, "datasets", "d1"), { recursive: true });
  writeFileSync(join(home, "datasets", "d1", "images.safetensors"), "images");
  writeFileSync(join(home, "model.onnx"), "model");
  writeFileSync(join(home, "secret"), "secret");
  symlinkSync(join(home, "secret"), join(home, "datasets", "d1", "link"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const resources = () =>
  createResources({
    datasetFolder: join(home, "datasets"),
    datasets: [{ id: "d1", name: "D", size: 8, classes: [], count: 1 }],
    models: [{ id: "m1", name: "M", bytes: 5, inputs: [], outputs: [], file: join(home, "model.onnx") }],
    results: [{ path: "run:r1", file: join(home, "model.onnx") }],
  });
const text = async (path: string) => new TextDecoder().decode(await resources().bytes(path));

test("reads registered things and the library's own data", async () => {
  expect(await text("dataset:d1/images.safetensors")).toBe("images");
  expect(await text("model:m1")).toBe("model");
  expect(await text("run:r1")).toBe("model");
  expect(resources().model("m1")).toEqual({ id: "m1", name: "M", bytes: 5, inputs: [], outputs: [] });
  expect(JSON.parse(await text("emoji/manifest.json"))).toBeTypeOf("object");
});

test("reads a picture that travels inside the graph", async () => {
  const pixel = await sharp({ create: { width: 2, height: 1, channels: 3, background: "#ff0000" } })
    .png()
    .toBuffer();
  const image = await resources().image(`data:image/png;base64,${pixel.toString("base64")}`);
  expect(image).toEqual({ width: 2, height: 1, channels: 3, data: Buffer.from([255, 0, 0, 255, 0, 0]) });
  await expect(resources().image("data:image/png,plain")).rejects.toThrow(/no data: URL with base64 bytes/);
});

test.each([
  "../package.json",
  "emoji/../../package.json",
  "/etc/passwd",
  "data//etc/passwd",
  "..\\package.json",
  "emoji\0.png",
  "",
  ".",
  "dataset:d1/../d1/images.safetensors",
  "dataset:d1/link",
  "dataset:d1/",
  "dataset:../secret",
  "dataset:other/images.safetensors",
  "model:../secret",
  "run:r2",
  "file:///etc/passwd",
  "C:\\windows",
])("refuses %j", async (path) => {
  await expect(text(path)).rejects.toThrow(/outside|does not exist|no data set|no model|nothing at/);
});
