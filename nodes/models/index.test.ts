import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { validateDocument } from "@distillery/shared/compile/validate";
import { documentSchema } from "@distillery/shared/graph/document";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { noResources } from "../testing/stage";
import { bundledModels, cards, infoOf, readCards } from "./index";

const card = {
  id: "tiny",
  title: "Tiny",
  kind: "denoiser",
  inputs: [
    { name: "x", dtype: "float32", shape: ["batch", 2] },
    { name: "class", dtype: "int64", shape: ["batch"] },
  ],
  outputs: [{ name: "eps", dtype: "float32", shape: ["batch", 2] }],
  labels: { class: 3 },
  data: "none",
  licence: "MIT",
  architecture: "one layer",
  steps: 0,
  seed: 0,
  numbers: { loss: 0.5 },
  command: "none",
};

describe("cards of bundled models", () => {
  it("say what graphs need to know of a model", () => {
    const [read] = readCards({ "./tiny/card.json": card });
    expect(read?.file).toBe("model.onnx");
    expect(read && infoOf(read)).toEqual({
      id: "bundled:tiny",
      name: "Tiny",
      bytes: 0,
      inputs: [
        { name: "x", shape: ["batch", 2] },
        { name: "class", shape: ["batch"] },
      ],
      outputs: [{ name: "eps", shape: ["batch", 2] }],
      labels: { class: 3 },
      bundled: true,
    });
  });

  it("are refused with the name of the file and of the field", () => {
    expect(() => readCards({ "./tiny/card.json": { ...card, licence: 1 } })).toThrow("./tiny/card.json: licence");
    expect(() => readCards({ "./other/card.json": card })).toThrow('says it is "tiny"');
  });
});

describe.each(cards.map((shipped) => [shipped.id, shipped] as const))("bundled model %s", (id, shipped) => {
  const file = (name: string) => new URL(`./${id}/${name}`, import.meta.url);

  it("is the file its card describes", async () => {
    const bytes = readFileSync(file(shipped.file));
    const { bytes: size = bytes.length, sha256 = "" } = shipped;
    expect(bytes.length).toBe(size);
    if (sha256 !== "") expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const ports = (metadata: readonly InferenceSession.ValueMetadata[]) =>
      metadata.map((port) =>
        port.isTensor ? { name: port.name, dtype: port.type, shape: [...port.shape] } : { name: port.name },
      );
    expect(ports(session.inputMetadata)).toEqual(shipped.inputs);
    expect(ports(session.outputMetadata)).toEqual(shipped.outputs);
    await session.release();
  });

  it("has a card for people", () => {
    expect(existsSync(file("card.md"))).toBe(true);
  });
});

it.each(
  cards.map(({ id }) => [id] as const).filter(([id]) => existsSync(new URL(`./${id}/measure.json`, import.meta.url))),
)("bundled model %s comes with the graph that measures its card's numbers", (id) => {
  const graph = documentSchema.parse(
    JSON.parse(readFileSync(new URL(`./${id}/measure.json`, import.meta.url), "utf8")),
  );
  const known = {
    ...noResources,
    model: (wanted: string) => bundledModels.find((info) => info.id === wanted),
  };
  const { issues } = validateDocument(graph, library, known);
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
});
