/** Pictures and picture graphs for tests. */
import { templates } from "@distillery/nodes/templates/index";
import type { GraphDocument, Params } from "@distillery/shared/graph/document";
import sharp from "sharp";

/** STD style transfer as the template has it, with a student, a data set and a run that take seconds. */
export function smallStyleGraph(): GraphDocument {
  const template = templates.find(({ id }) => id === "std-style-32");
  if (template === undefined) throw new Error("The template std-style-32 is gone.");
  const changes: Record<string, Params> = {
    data: { limit: 30 },
    student: { width: 8, multipliers: [1, 1] },
    trainer: { steps: 2, batch: 2, checkpointEvery: 0, warmup: 0 },
  };
  const { document } = template;
  // What watches the run is not needed, and takes time.
  const watching = new Set(document.nodes.filter(({ type }) => /^(inspect|export)\//.test(type)).map(({ id }) => id));
  const samplers = (type: string): Params => (type === "evaluate/sampler" ? { batch: 1, every: 0 } : {});
  return {
    ...document,
    nodes: document.nodes
      .filter(({ id, type }) => !watching.has(id) && type !== "evaluate/trajectory-error")
      .map((node) => ({ ...node, params: { ...node.params, ...samplers(node.type), ...changes[node.id] } })),
    edges: document.edges.filter(
      ({ from, to }) =>
        !watching.has(to.node) &&
        !watching.has(from.node) &&
        to.node !== "trajectory-error" &&
        from.node !== "trajectory-error",
    ),
  };
}

/** A file of `width` x `height` pixels, one colour. */
export const pictureFile = (
  format: "png" | "jpeg" | "webp",
  width = 40,
  height = 30,
  background = "#d04020",
): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();

/** A PNG mask whose right half is white. */
export const rightHalf = (size = 32): Promise<Buffer> =>
  sharp(
    Buffer.from({ length: size * size * 3 } as ArrayLike<number>).map((_, i) =>
      Math.floor(i / 3) % size >= size / 2 ? 255 : 0,
    ),
    { raw: { width: size, height: size, channels: 3 } },
  )
    .png()
    .toBuffer();

/** RGB bytes of a PNG in a data URL. */
export async function pixelsOf(url: string): Promise<{ width: number; height: number; data: Buffer }> {
  const { data, info } = await sharp(Buffer.from(url.replace(/^data:image\/png;base64,/, ""), "base64"))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
