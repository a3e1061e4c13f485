/** A graph as SVG: true vectors with text that can be selected, light and dark in one file. */
import type { GraphDocument, GraphFrame } from "../graph/document";
import type { Family } from "../graph/node";
import { WIRE_TYPES, type WireType } from "../graph/wires";
import { escaped } from "../text/escape";
import { frameText, lettersIn, type TextLine } from "./frameText";
import { DARK, LIGHT, type Palette } from "./palette";

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Area extends Point {
  readonly width: number;
  readonly height: number;
}
/** What is drawn, placed in graph units. */
export interface GraphPicture {
  readonly bounds: Area;
  readonly frames: readonly GraphFrame[];
  readonly wires: readonly PictureWire[];
  readonly cards: readonly PictureCard[];
}
export interface PictureWire {
  /** Cubic Beziers, one after another: ends and control points. */
  readonly curves: readonly (readonly [Point, Point, Point, Point])[];
  readonly type: WireType | null;
  readonly delayed: boolean;
}
export interface PictureCard {
  readonly id: string;
  readonly area: Area;
  readonly title: string;
  /** Null for a node type that is not known. */
  readonly family: Family | null;
  readonly sockets: readonly PictureSocket[];
  readonly rows: readonly { readonly label: string; readonly value: string; readonly y: number }[];
}
export interface PictureSocket {
  readonly name: string;
  readonly side: "input" | "output";
  readonly type: WireType | null;
  /** Relative to the card. */
  readonly x: number;
  readonly y: number;
}

/** Id of the element that holds the document as JSON, in an SVG and in an HTML file. */
export const DOCUMENT_ELEMENT = "distillery-graph";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif";
const CORNER = 8;

const rules = (scope: string, colors: Palette): string[] => [
  `${scope}.canvas{fill:${colors.canvas}}`,
  `${scope}.card{fill:${colors.card};stroke:${colors.cardBorder}}`,
  `${scope}.frame{fill:${colors.text3};stroke:${colors.text3}}`,
  `${scope}.ink{fill:${colors.text}}`,
  `${scope}.soft{fill:${colors.text3}}`,
  `${scope}.w-none{stroke:${colors.text3}}`,
  `${scope}.s-none,${scope}.f-none{fill:${colors.text3}}`,
  ...WIRE_TYPES.map(
    (type) => `${scope}.w-${type}{stroke:${colors.wire[type]}}${scope}.s-${type}{fill:${colors.wire[type]}}`,
  ),
  ...Object.entries(colors.family).map(([family, color]) => `${scope}.f-${family}{fill:${color}}`),
];

/** Rules for the classes in `graphMarkup`; with `dark`, too, for whoever prefers it. */
export const graphStyle = (themes: "light" | "dark" | "both"): string =>
  [
    `text{font-family:${FONT}}.wire{fill:none;stroke-linecap:round}`,
    ...rules("", themes === "dark" ? DARK : LIGHT),
    ...(themes === "both" ? [`@media (prefers-color-scheme: dark){${rules("", DARK).join("")}}`] : []),
  ].join("");

/** Three decimals are a thousandth of a pixel. */
const n = (value: number): string => String(Math.round(value * 1000) / 1000);
const at = ({ x, y }: Point): string => `${n(x)} ${n(y)}`;

function fitted(text: string, width: number, size: number): string {
  const letters = lettersIn(width, size);
  return escaped(text.length <= letters ? text : `${text.slice(0, letters - 1).trimEnd()}…`);
}

/** Frames, wires and cards. `detail: "boxes"` is for small pictures: heavier lines, no sockets and parameters. */
export function graphMarkup({ frames, wires, cards }: GraphPicture, detail: "full" | "boxes" = "full"): string {
  return [
    ...frames.map((frame) => frameMarkup(frame, frameText(frame).slice(0, detail === "full" ? undefined : 1))),
    ...wires.map((wire) => wireMarkup(wire, detail === "full" ? 2 : 4)),
    ...cards.map((card) => (detail === "full" ? cardMarkup(card) : boxMarkup(card))),
  ].join("");
}

function frameMarkup({ kind, position, size, color }: GraphFrame, lines: readonly TextLine[]): string {
  // Anything else than `#rrggbb` is the usual grey.
  const own = color !== undefined && /^#[0-9a-f]{6}$/i.test(color) ? ` style="fill:${color};stroke:${color}"` : "";
  const place = `x="${n(position.x)}" y="${n(position.y)}" width="${n(size.width)}" height="${n(size.height)}"`;
  const isNote = kind === "note";
  return [
    ...(isNote ? [`<rect class="card" ${place} rx="6"/>`] : []),
    `<rect class="frame"${own} ${place} rx="${isNote ? 6 : 12}" fill-opacity="${isNote ? ".13" : ".07"}" stroke-opacity=".4"/>`,
    ...lines.map(
      ({ text, x, y, size: letters, isStrong }) =>
        `<text class="${isNote ? "ink" : "soft"}" x="${n(x)}" y="${n(y)}" font-size="${letters}"${isStrong ? ' font-weight="600"' : ""}>${fitted(text, size.width - 24, letters)}</text>`,
    ),
  ].join("");
}

function wireMarkup({ curves, type, delayed }: PictureWire, width: number): string {
  const path = curves.map(([a, b, c, d], i) => `${i === 0 ? `M${at(a)}` : ""}C${at(b)} ${at(c)} ${at(d)}`).join("");
  const dash = delayed ? ' stroke-dasharray="7 6"' : "";
  return `<path class="wire w-${type ?? "none"}" stroke-width="${width}"${dash} d="${path}"/>`;
}

const outline = ({ x, y, width, height }: Area): string =>
  `x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${CORNER}"`;
/** The coloured edge on top: the corners of the card, cut off `height` below. */
const edge = ({ x, y, width }: Area, height: number): string => {
  const r = Math.min(CORNER, height);
  return `M${n(x)} ${n(y + height)}V${n(y + r)}a${r} ${r} 0 0 1 ${r} -${r}H${n(x + width - r)}a${r} ${r} 0 0 1 ${r} ${r}V${n(y + height)}Z`;
};

function cardMarkup({ id, area, title, family, sockets, rows }: PictureCard): string {
  const { x, y, width } = area;
  const room = width / 2 - 16;
  return [
    `<g data-node="${escaped(id)}">`,
    `<rect class="card" ${outline(area)}/>`,
    `<path class="f-${family ?? "none"}" d="${edge(area, 3)}"/>`,
    `<text class="ink" x="${n(x + 12)}" y="${n(y + 23)}" font-size="13" font-weight="600">${fitted(title, width - 24, 13)}</text>`,
    ...sockets.map((socket) => {
      const isInput = socket.side === "input";
      const [cx, cy] = [x + socket.x, y + socket.y];
      const anchor = isInput ? "" : ' text-anchor="end"';
      return (
        `<circle class="s-${socket.type ?? "none"}" cx="${n(cx)}" cy="${n(cy)}" r="5"/>` +
        `<text class="ink" x="${n(cx + (isInput ? 12 : -12))}" y="${n(cy + 4)}" font-size="12"${anchor}>${fitted(socket.name, room, 12)}</text>`
      );
    }),
    ...rows.map(
      (row) =>
        `<text class="soft" x="${n(x + 12)}" y="${n(y + row.y + 4)}" font-size="12">${fitted(row.label, room, 12)}</text>` +
        `<text class="ink" x="${n(x + width - 12)}" y="${n(y + row.y + 4)}" font-size="12" text-anchor="end">${fitted(row.value, room, 12)}</text>`,
    ),
    "</g>",
  ].join("");
}

/** A card from afar. */
const boxMarkup = ({ area, title, family }: PictureCard): string =>
  `<rect class="card" ${outline(area)} stroke-width="2"/>` +
  `<path class="f-${family ?? "none"}" d="${edge(area, 16)}"/>` +
  `<text class="ink" x="${n(area.x + 14)}" y="${n(area.y + 50)}" font-size="24" font-weight="600">${fitted(title, area.width - 20, 27)}</text>`;

export const viewBoxOf = ({ x, y, width, height }: Area): string => `${n(x)} ${n(y)} ${n(width)} ${n(height)}`;

/** A whole file with the document, as it is stored, inside, so that it can be opened again. */
export function graphSvg(
  picture: GraphPicture,
  document: Pick<GraphDocument, "name" | "description">,
  stored: unknown = document,
): string {
  const { bounds } = picture;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(bounds.width)}" height="${n(bounds.height)}" viewBox="${viewBoxOf(bounds)}" role="img">`,
    `<title>${escaped(document.name)}</title>`,
    ...(document.description === "" ? [] : [`<desc>${escaped(document.description)}</desc>`]),
    `<metadata id="${DOCUMENT_ELEMENT}">${escaped(JSON.stringify(stored))}</metadata>`,
    `<style>${graphStyle("both")}</style>`,
    `<rect class="canvas" x="${n(bounds.x)}" y="${n(bounds.y)}" width="100%" height="100%"/>`,
    graphMarkup(picture),
    "</svg>\n",
  ].join("\n");
}
