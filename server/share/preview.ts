/** The picture that messengers show for a share link: the graph from afar over its name. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { subgraphsById } from "@distillery/shared/graph/subgraph";
import { withSubgraphs } from "@distillery/shared/graph/subgraphDefinition";
import {
  type Area,
  type GraphPicture,
  graphMarkup,
  graphStyle,
  type Point,
  viewBoxOf,
} from "@distillery/shared/picture/graphSvg";
import { LIGHT } from "@distillery/shared/picture/palette";
import { escaped } from "@distillery/shared/text/escape";
import sharp from "sharp";
import { Kept } from "./kept";

export const PREVIEW = { width: 1200, height: 630 } as const;
const FOOT = 118;
const MARGIN = 36;
/** A card from afar: as wide as in the editor, its sockets evenly down its sides. */
const CARD = { width: 220, head: 60, row: 22, foot: 20 } as const;
const NAME_LETTERS = 46;
const SUMMARY_LETTERS = 98;
const KEPT = 40;

export const previewPicture = async (document: GraphDocument, library: Pick<NodeLibrary, "get">): Promise<Uint8Array> =>
  sharp(Buffer.from(previewSvg(document, library)))
    .png({ compressionLevel: 9 })
    .toBuffer();

/** The newest pictures, by slug. */
export class Previews {
  private readonly pictures = new Kept<Promise<Uint8Array>>(KEPT);

  constructor(private readonly library: Pick<NodeLibrary, "get">) {}

  get(slug: string, document: () => GraphDocument): Promise<Uint8Array> {
    return this.pictures.get(slug, () => {
      const picture = previewPicture(document(), this.library);
      picture.catch(() => this.pictures.forget(slug));
      return picture;
    });
  }
}

export function previewSvg(document: GraphDocument, library: Pick<NodeLibrary, "get">): string {
  const picture = pictureFromAfar(document, library);
  const { width, height } = PREVIEW;
  const count = (amount: number, what: string) => `${amount} ${what}${amount === 1 ? "" : "s"}`;
  const facts = `${count(document.nodes.length, "node")}, ${count(document.edges.length, "wire")}`;
  const summary = document.description.trim().split("\n")[0] ?? "";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    `<style>${graphStyle("light")}</style>`,
    `<rect class="canvas" width="${width}" height="${height}"/>`,
    `<svg x="${MARGIN}" y="${MARGIN}" width="${width - 2 * MARGIN}" height="${height - FOOT - 2 * MARGIN}" viewBox="${viewBoxOf(picture.bounds)}">`,
    graphMarkup(picture, "boxes"),
    "</svg>",
    `<rect y="${height - FOOT}" width="${width}" height="${FOOT}" fill="${LIGHT.card}"/>`,
    `<rect y="${height - FOOT}" width="${width}" height="1" fill="${LIGHT.cardBorder}"/>`,
    `<text class="ink" x="${MARGIN}" y="${height - FOOT + 52}" font-size="36" font-weight="600">${escaped(cut(document.name, NAME_LETTERS))}</text>`,
    `<text class="soft" x="${MARGIN}" y="${height - FOOT + 90}" font-size="22">${escaped(cut(summary || facts, SUMMARY_LETTERS))}</text>`,
    `<text x="${width - MARGIN}" y="${height - FOOT + 52}" font-size="24" font-weight="600" fill="${LIGHT.accent}" text-anchor="end">Distillery</text>`,
    "</svg>",
  ].join("\n");
}

const cut = (text: string, letters: number): string =>
  text.length <= letters ? text : `${text.slice(0, letters - 1).trimEnd()}…`;

function pictureFromAfar(document: GraphDocument, base: Pick<NodeLibrary, "get">): GraphPicture {
  const folded = subgraphsById(document);
  const library = withSubgraphs(base, (id) => folded.get(id));
  const placed = new Map(
    document.nodes.map((node) => {
      const definition = library.get(node.type);
      const inputs = Object.keys(definition?.inputs ?? {});
      const outputs = Object.keys(definition?.outputs ?? {});
      const rows = Math.max(2, inputs.length, outputs.length);
      const area: Area = { ...node.position, width: CARD.width, height: CARD.head + rows * CARD.row + CARD.foot };
      return [node.id, { node, definition, inputs, outputs, area }] as const;
    }),
  );
  const wires = document.edges.flatMap(({ from, to }): GraphPicture["wires"][number][] => {
    const [source, target] = [placed.get(from.node), placed.get(to.node)];
    if (!source || !target) return [];
    const a = socketAt(source.area, source.outputs.indexOf(from.socket), CARD.width);
    const d = socketAt(target.area, target.inputs.indexOf(to.socket), 0);
    const reach = Math.max(40, Math.abs(d.x - a.x) * 0.5);
    const type = source.definition?.outputs[from.socket]?.type ?? null;
    const delayed = target.definition?.inputs[to.socket]?.isDelayed ?? false;
    return [{ curves: [[a, { x: a.x + reach, y: a.y }, { x: d.x - reach, y: d.y }, d]], type, delayed }];
  });
  const cards = [...placed.values()].map(({ node, definition, area }) => ({
    id: node.id,
    area,
    title: node.title ?? definition?.title ?? node.type,
    family: definition?.family ?? null,
    sockets: [],
    rows: [],
  }));
  const { frames } = document;
  const areas = [
    ...cards.map(({ area }) => area),
    ...frames.map(({ position, size }): Area => ({ ...position, ...size })),
  ];
  return { bounds: around(areas), frames, wires, cards };
}

const socketAt = ({ x, y }: Area, place: number, side: number): Point => ({
  x: x + side,
  y: y + CARD.head + (Math.max(0, place) + 0.5) * CARD.row,
});

function around(areas: readonly Area[]): Area {
  if (areas.length === 0) return { x: 0, y: 0, width: 400, height: 200 };
  const x = Math.min(...areas.map((area) => area.x)) - 20;
  const y = Math.min(...areas.map((area) => area.y)) - 20;
  const right = Math.max(...areas.map((area) => area.x + area.width)) + 20;
  const bottom = Math.max(...areas.map((area) => area.y + area.height)) + 20;
  return { x, y, width: right - x, height: bottom - y };
}
