/** Restyles one picture: the work of the playground's process. */
import { readFile } from "node:fs/promises";
import { compileImporting } from "@distillery/shared/compile/validate";
import { type NodeLibrary, picturesOf, type TrajectoryData } from "@distillery/shared/graph/node";
import type { Resources } from "@distillery/shared/graph/wires";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import type { StylizedPath } from "@distillery/shared/protocol/playground";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import type { Runtime } from "@distillery/shared/run/runtime";
import { SampleSession } from "@distillery/shared/run/sampleSession";
import { VariableStore } from "@distillery/shared/run/variables";
import { shapeOracle } from "../onnx/shapeOracle";
import { createResources } from "../resources";
import { MASK_PATH, PICTURE_PATH, PLAYGROUND_NODES } from "./document";
import { fittedMask, fittedPicture, type RgbPicture } from "./fitted";
import { dataUrl, pngOf } from "./png";
import type { StylizedPaths, StylizeJob } from "./protocol";
import { Recent, remembered, reusingResources, reusingRuntime } from "./warm";

/** Start and step of two samplers make four; a few settings are kept side by side. */
const SESSIONS = 12;
const IMAGES = 8;
const CHECKPOINTS = 2;

/** The process while it lives. */
export class Stylizing {
  private readonly runtime: Runtime;
  private readonly images = new Recent<Promise<RgbPicture>>(IMAGES);
  private readonly checkpoints = new Recent<Promise<ReturnType<typeof decodeCheckpoint>["variables"]>>(CHECKPOINTS);
  private readonly imports = new Recent<ModelImports>(CHECKPOINTS);

  constructor(
    private readonly library: NodeLibrary,
    runtime: Runtime,
  ) {
    this.runtime = reusingRuntime(runtime, SESSIONS);
  }

  /** @throws InputRefused for a picture or mask of no use, or an Error when the work fails */
  async stylize({ document, checkpointFile, picture, mask, size, registry }: StylizeJob): Promise<StylizedPaths> {
    const source = await fittedPicture(picture, size);
    const stencil = mask === undefined ? undefined : await fittedMask(mask, size);
    const files = createResources(registry);
    const resources: Resources = withPictures(reusingResources(files, this.images), source, stencil);
    const models = registry.models.map(({ id, file }) => `${id} ${file}`).join();
    const imports = this.imports.get(models, () => new ModelImports((id) => files.bytes(`model:${id}`), shapeOracle));
    const plan = await compileImporting(document, this.library, resources, imports);
    const variables = new VariableStore(this.runtime, document.seed);
    const sessions: SampleSession[] = [];
    for (const sampler of plan.samplers) sessions.push(await SampleSession.create(sampler, this.runtime, variables));
    if (checkpointFile !== undefined) variables.load(await this.checkpoint(checkpointFile));
    const paths = new Map<string, StylizedPath>();
    for (const session of sessions) {
      const [path] = await session.run(
        () => performance.now(),
        () => undefined,
        () => Promise.resolve(),
      );
      if (path !== undefined) paths.set(path.sampler, await pathOf(path));
    }
    const { teacher, student } = PLAYGROUND_NODES;
    return {
      source: dataUrl(await pngOf(planesOf(source), source.height, source.width)),
      teacher: paths.get(teacher) ?? null,
      student: paths.get(student) ?? null,
    };
  }

  private checkpoint(file: string) {
    return remembered(
      this.checkpoints,
      file,
      async () => decodeCheckpoint(new Uint8Array(await readFile(file))).variables,
    );
  }
}

const withPictures = (resources: Resources, source: RgbPicture, mask: RgbPicture | undefined): Resources => ({
  ...resources,
  image: (path) => {
    if (path === PICTURE_PATH) return Promise.resolve(source);
    if (path === MASK_PATH && mask !== undefined) return Promise.resolve(mask);
    return resources.image(path);
  },
});

/** Every state on the way as a PNG; a batch of one. */
async function pathOf(path: TrajectoryData): Promise<StylizedPath> {
  const { states, timesteps, nfe, milliseconds } = path;
  const { shape, at } = picturesOf(path);
  const [, , height = 1, width = 1] = shape;
  const images = await Promise.all(states.map(async (_, column) => pngOf(await at(column), height, width)));
  return { nfe, milliseconds, states: images.map((png, i) => ({ t: timesteps[i] ?? 0, image: dataUrl(png) })) };
}

function planesOf({ width, height, data }: RgbPicture): Float32Array {
  const plane = width * height;
  return Float32Array.from(
    { length: 3 * plane },
    (_, i) => (data[(i % plane) * 3 + Math.floor(i / plane)] ?? 0) / 127.5 - 1,
  );
}
