/** Every preset, opened and checked with files of the right shapes that are never read. */
import { validateDocument } from "@distillery/shared/compile/validate";
import { documentSchema, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import type { Resources, UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { library } from "../../library";
import { expectTidy } from "../../testing/cards";
import { noResources } from "../../testing/stage";
import { templates } from "..";
import { METHODS } from "../methods";
import { BASES } from "./bases";
import { opened } from "./open";
import type { Preset } from "./preset";

const all = templates.flatMap((template) => template.presets.map((preset) => ({ template, preset })));

const port = (name: string, ...shape: (number | string)[]) => ({ name, shape: ["batch", ...shape] });

/** Files as a person would register them for this model. */
function files({ base }: Preset): Resources {
  const { size, frames } = BASES[base];
  const clip = frames === undefined ? [] : [frames];
  const latent = [...clip, 4, size / 8, size / 8];
  const text = base.startsWith("sdxl")
    ? [port("encoder_hidden_states", 77, 2048), port("text_embeds", 1280), port("time_ids", 6)]
    : [port("encoder_hidden_states", 77, 768)];
  const unet = [port("sample", ...latent), { name: "timestep", shape: ["batch"] }, ...text];
  const ports: Record<string, Pick<UserModelInfo, "inputs" | "outputs">> = {
    unet: { inputs: unet, outputs: [port("out_sample", ...latent)] },
    told: { inputs: [...unet, { name: "w", shape: ["batch"] }], outputs: [port("out_sample", ...latent)] },
    prompts: { inputs: [{ name: "class", shape: ["batch"] }], outputs: text },
    encoder: { inputs: [port("sample", 3, "height", "width")], outputs: [port("moments", 8, "h", "w")] },
    decoder: { inputs: [port("latent", 4, "h", "w")], outputs: [port("sample", 3, "height", "width")] },
    dino: { inputs: [port("images", 3, 224, 224)], outputs: [port("last", 257, 384)] },
  };
  const data: UserDatasetInfo = {
    id: "data",
    name: "Mine",
    size,
    classes: ["cats", "dogs"],
    count: 100,
    ...(frames && { frames }),
  };
  return {
    ...noResources,
    model: (id) => (ports[id] ? { id, name: `${id}.onnx`, bytes: 1, ...ports[id] } : undefined),
    dataset: (id) => (id === "data" ? data : undefined),
  };
}

/** What a person chooses. */
const CHOICES: Readonly<Record<string, Params>> = {
  data: { id: "data" },
  teacher: { model: "unet", promptTable: "prompts" },
  codec: { encoder: "encoder", decoder: "decoder" },
  features: { model: "dino" },
};
const chosen = (document: GraphDocument): GraphDocument => ({
  ...document,
  nodes: document.nodes.map((node) => ({
    ...node,
    params: {
      ...node.params,
      ...CHOICES[node.id],
      ...(node.id === "student" && node.type === "model/onnx" && { model: "told", promptTable: "prompts" }),
    },
  })),
});

it("has at least one for each of the eight methods", () => {
  const having = templates.filter(({ presets }) => presets.length > 0).map(({ id }) => id);
  expect(having).toEqual(expect.arrayContaining(METHODS.map(({ id }) => id)));
});

describe.each(all)("$template.id, $preset.id", ({ template, preset }) => {
  const document = opened(template.document, preset, library);

  it("is valid once data and models are chosen", () => {
    expect(documentSchema.parse(document)).toEqual(document);
    const { issues, plan } = validateDocument(chosen(document), library, files(preset));
    expect(issues).toEqual([]);
    const { batch, samplers } = { batch: plan!.train!.batch, samplers: plan!.samplers };
    expect(batch).toBe(preset.settings["trainer.batch"]?.value);
    // Paths are walked in latents and looked at in pixels.
    for (const { sampleShape, decoder } of samplers) {
      expect(sampleShape.at(-3)).toBe(4);
      expect(decoder?.shape.slice(-3)).toEqual([3, BASES[preset.base].size, BASES[preset.base].size]);
    }
  });

  it("asks for what is to be chosen, and for nothing else", () => {
    const { issues } = validateDocument(document, library, files(preset));
    const open = new Set(issues.map(({ message }) => message.replace(/^"[^"]*": /, "")));
    expect([...open].every((message) => message.startsWith("Choose "))).toBe(true);
  });

  it("tells every value and its source on the canvas, and lays its cards out", () => {
    const note = document.frames.find(({ id }) => id === "frame-preset")!;
    for (const { source } of Object.values(preset.settings)) expect(note.text).toContain(`(${source}).`);
    expectTidy(document);
  });
});
