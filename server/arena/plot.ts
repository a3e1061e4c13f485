/** The paper's plot as a picture: a panel for each NFE, a line for each method, a marker for each guidance scale. */

import { type Mark, markOf } from "@distillery/shared/arena/marks";
import { type ArenaRow, arenaAxes, arenaRows, intervalOf, metricTitle } from "@distillery/shared/arena/table";
import { type Axis, axisOf, type Box, place, placeLabels, shapePath, turned } from "@distillery/shared/chart/scatter";
import type { Arena } from "@distillery/shared/protocol/arena";
import { escaped } from "@distillery/shared/text/escape";
import sharp from "sharp";

const PANEL = { width: 420, height: 340 } as const;
const EDGE = { left: 58, right: 14, top: 26, bottom: 42 } as const;
const HEAD = 34;
const KEY_WIDTH = 130;
const COLORS = ["#4553d1", "#d0562b", "#0e8f84", "#b0449b", "#946200", "#2f8a4f", "#b8375e"];
const INK = { text: "#1b1c22", soft: "#565963", grid: "#e3e4e9" } as const;
const NEUTRAL = { teacher: INK.text, untrained: "#8a8d96" } as const;

/** PNG, twice as many pixels as its SVG is large. */
export const arenaPlot = async (arena: Arena): Promise<Uint8Array> =>
  sharp(Buffer.from(arenaPlotSvg(arena)), { density: 144 })
    .png()
    .toBuffer();

export function arenaPlotSvg(arena: Arena): string {
  const { style, quality } = arenaAxes(arena.metrics);
  const across = style?.id ?? "";
  const up = quality?.id ?? "";
  const rows = arenaRows(arena).filter(({ values }) => values[across] !== undefined && values[up] !== undefined);
  const spans = (id: string) =>
    rows.flatMap(({ values }) => (values[id] === undefined ? [] : [intervalOf(values[id])]));
  const axis = (id: string, better: string | undefined, ticks: number): Axis => {
    const made = axisOf(spans(id), ticks);
    return better === "lower" ? turned(made) : made;
  };
  const [x, y] = [axis(across, style?.better, 4), axis(up, quality?.better, 5)];
  const nfes = [...new Set(rows.flatMap(({ method, nfe }) => (method === null ? [] : [nfe])))].sort((a, b) => b - a);
  const keys = [
    ...arena.spec.methods.map(({ id, title }) => ({ title, mark: markOf(arena.spec, id) })),
    { title: "Teacher", mark: markOf(arena.spec, null) },
  ];
  const width = Math.max(1, nfes.length) * PANEL.width;
  const label = (metric: typeof style) =>
    metric ? `${metricTitle(metric)}${metric.better === "lower" ? ", less is better" : ""} →` : "";
  const perLine = Math.floor((width - EDGE.left) / KEY_WIDTH);
  const head = HEAD + 18 * Math.ceil(keys.length / perLine);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${head + PANEL.height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${EDGE.left}" y="20" font-size="14" font-weight="bold" fill="${INK.text}">${escaped(arena.name)}</text>`,
    ...keys.map(({ title, mark }, i) => {
      const at = `${EDGE.left + 5 + (i % perLine) * KEY_WIDTH} ${HEAD + 6 + 18 * Math.floor(i / perLine)}`;
      return `<g transform="translate(${at})"><path d="${shapePath(mark.shape, 4.5)}" fill="${colorOf(mark)}"/><text x="10" y="4" fill="${INK.soft}">${escaped(title)}</text></g>`;
    }),
    ...nfes.map((nfe, i) => {
      const shown = rows.filter((row) => row.method === null || row.nfe === nfe);
      const body = panel(shown, arena, {
        x,
        y,
        across,
        up,
        xLabel: label(style),
        yLabel: i === 0 ? label(quality) : "",
        title: `NFE ${nfe}`,
      });
      return `<g transform="translate(${i * PANEL.width} ${head})">${body}</g>`;
    }),
    "</svg>",
  ].join("\n");
}

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
  readonly across: string;
  readonly up: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly title: string;
}

function panel(rows: readonly ArenaRow[], { spec }: Arena, axes: Axes): string {
  const area: Box = {
    x: EDGE.left,
    y: EDGE.top,
    width: PANEL.width - EDGE.left - EDGE.right,
    height: PANEL.height - EDGE.top - EDGE.bottom,
  };
  const [right, bottom] = [area.x + area.width, area.y + area.height];
  const atX = (value: number) => place(axes.x, area.x, right, value);
  const atY = (value: number) => place(axes.y, bottom, area.y, value);
  const marks = rows.flatMap((row) => {
    const [a, b] = [row.values[axes.across], row.values[axes.up]];
    if (a === undefined || b === undefined) return [];
    const label = row.method === null || row.guidanceScale === null ? "" : String(row.guidanceScale);
    return [{ row, label, x: atX(a.mean), y: atY(b.mean), across: intervalOf(a), up: intervalOf(b) }];
  });
  const labels = placeLabels(marks, area);
  const lines = spec.methods.map(({ id }) => {
    const own = marks.filter(({ row }) => row.method === id);
    return `<path d="${own.map(({ x, y }, k) => `${k === 0 ? "M" : "L"}${n(x)} ${n(y)}`).join("")}" fill="none" stroke="${colorOf(markOf(spec, id))}" stroke-width="1.5" stroke-opacity="0.55"/>`;
  });
  return [
    `<text x="${area.x}" y="16" font-weight="bold" fill="${INK.text}">${axes.title}</text>`,
    ...axes.x.ticks.map(
      (tick) =>
        `<path d="M${n(atX(tick))} ${area.y}V${bottom}" stroke="${INK.grid}"/><text x="${n(atX(tick))}" y="${bottom + 15}" text-anchor="middle" fill="${INK.soft}">${tick}</text>`,
    ),
    ...axes.y.ticks.map(
      (tick) =>
        `<path d="M${area.x} ${n(atY(tick))}H${right}" stroke="${INK.grid}"/><text x="${area.x - 6}" y="${n(atY(tick) + 4)}" text-anchor="end" fill="${INK.soft}">${tick}</text>`,
    ),
    `<text x="${area.x + area.width / 2}" y="${PANEL.height - 8}" text-anchor="middle" fill="${INK.text}">${escaped(axes.xLabel)}</text>`,
    `<text transform="translate(14 ${area.y + area.height / 2}) rotate(-90)" text-anchor="middle" fill="${INK.text}">${escaped(axes.yLabel)}</text>`,
    ...lines,
    ...marks.map(({ row, label, x, y, across, up }, i) => {
      const mark = markOf(spec, row.method);
      const color = colorOf(mark);
      const box = labels[i];
      return [
        `<path d="M${n(atX(across.low))} ${n(y)}H${n(atX(across.high))}M${n(x)} ${n(atY(up.low))}V${n(atY(up.high))}" stroke="${color}" stroke-opacity="0.4"/>`,
        `<path transform="translate(${n(x)} ${n(y)})" d="${shapePath(mark.shape, 5)}" fill="${color}" stroke="#ffffff" stroke-width="1.2"/>`,
        box && label !== ""
          ? `<text x="${n(box.x)}" y="${n(box.y + 9)}" font-size="10" fill="${INK.soft}">${label}</text>`
          : "",
      ].join("");
    }),
  ].join("\n");
}

const colorOf = ({ color }: Mark): string => (typeof color === "number" ? (COLORS[color] ?? INK.soft) : NEUTRAL[color]);

const n = (value: number): string => value.toFixed(1);
