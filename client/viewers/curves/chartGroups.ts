/** Which curves of a run are drawn together, and what each chart is called. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { say } from "../../language";
import type { RunLog } from "../../run/runLog";
import type { Series } from "../../run/series";
import { wordsOf } from "../format";

const words = say.viewers.curves;

export interface NamedSeries {
  key: string;
  label: string;
  series: Series;
}
export interface ChartGroup {
  id: string;
  title: string;
  /** Starts with a logarithmic axis. */
  logarithmic: boolean;
  /** Measured now and then rather than each step: drawn with marks, never smoothed. */
  isSparse: boolean;
  /** Exact by nature (a schedule): smoothing would only delay it. */
  isSmooth: boolean;
  members: NamedSeries[];
}

const { titles } = words;
const KNOWN: Readonly<Record<string, { title: string; logarithmic: boolean; order: number }>> = {
  loss: { title: titles.loss, logarithmic: true, order: 0 },
  trajectoryError: { title: titles.trajectoryError, logarithmic: true, order: 1 },
  gradNorm: { title: titles.gradNorm, logarithmic: true, order: 2 },
  learningRate: { title: titles.learningRate, logarithmic: false, order: 3 },
  hitRate: { title: titles.hitRate, logarithmic: false, order: 5 },
  filled: { title: titles.filled, logarithmic: false, order: 6 },
  meanAge: { title: titles.meanAge, logarithmic: false, order: 7 },
  ssim: { title: titles.ssim, logarithmic: false, order: 8 },
  ssimToSource: { title: titles.ssimToSource, logarithmic: false, order: 9 },
  psnr: { title: titles.psnr, logarithmic: false, order: 8 },
  psnrToSource: { title: titles.psnrToSource, logarithmic: false, order: 9 },
  fd: { title: titles.fd, logarithmic: false, order: 8 },
};

/** What a measured thing is called, without its node. */
export const titleOf = (name: string): string => KNOWN[name]?.title ?? wordsOf(name);

/** `8` or `8:g2` or `8:g2:sampler`: evaluations, guidance scale, and which sampler where that is not enough. */
export function variantTitle(variant: string, titles: ReadonlyMap<string, string> = new Map()): string {
  const [nfe = "", ...rest] = variant.split(":");
  const parts = rest.map((part) =>
    /^g-?[\d.]+$/.test(part) ? words.scale(part.slice(1)) : (titles.get(part) ?? part),
  );
  return words.variant([`${nfe} NFE`, ...parts]);
}

const splitKey = (key: string): [node: string, name: string] => {
  const dot = key.indexOf(".");
  return dot < 0 ? ["", key] : [key.slice(0, dot), key.slice(dot + 1)];
};

/** `gradNorm` of two trainers share a chart; `trajectoryError@8` joins `trajectoryError`. */
export function chartGroups(log: RunLog, graph: GraphDocument | null): ChartGroup[] {
  const groups = new Map<string, ChartGroup>();
  const titles = new Map(graph?.nodes.map((node) => [node.id, node.title ?? node.id]));
  const add = (key: string, series: Series, isSparse: boolean) => {
    const [node, name] = splitKey(key);
    const [family = name, variant] = name.split("@");
    const known = KNOWN[family];
    const id = `${isSparse ? "metric" : "series"}:${family}`;
    const group = groups.get(id) ?? {
      id,
      title: titleOf(family),
      logarithmic: known?.logarithmic ?? false,
      isSparse,
      isSmooth: family === "learningRate",
      members: [],
    };
    const label = variant ? variantTitle(variant, titles) : (titles.get(node) ?? node);
    group.members.push({ key, label, series });
    groups.set(id, group);
  };
  for (const [key, series] of log.series) add(key, series, false);
  for (const [key, series] of log.metrics) add(key, series, true);
  for (const group of groups.values()) dropHeadline(group);
  const order = (group: ChartGroup): number => KNOWN[group.id.split(":")[1] ?? ""]?.order ?? 8;
  return [...groups.values()].sort((a, b) => order(a) - order(b));
}

/** The headline `trajectoryError` repeats the first student's curve; it is drawn only when it stands alone. */
function dropHeadline(group: ChartGroup): void {
  const detailed = group.members.filter(({ key }) => key.includes("@"));
  if (detailed.length > 0) group.members = detailed;
}
