/** What a stylist can be asked for: the data set's styles and contents, its size, and how far the noise may go. */
import { Emission } from "@distillery/shared/compile/emit";
import { resolveDocument } from "@distillery/shared/compile/resolve";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { Endpoint, Issue } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { DatasetValue, Resources, ScheduleValue, WireType, WireValues } from "@distillery/shared/graph/wires";
import type { Stylist } from "./document";

export interface Offer {
  readonly styles: readonly string[];
  readonly contents: readonly string[];
  /** Height and width of a picture. */
  readonly size: readonly [number, number];
  readonly etaMax: number;
}

/** The offer, or in words why there is none. */
export function offerOf(stylist: Stylist, library: NodeLibrary, resources: Resources): Offer | string {
  const found = sourceValues(stylist, library, resources);
  if (typeof found === "string") return found;
  const { dataset, schedule } = found;
  const [channels, height, width, ...rest] = dataset.sampleShape;
  if ((channels !== 1 && channels !== 3) || height === undefined || width === undefined || rest.length > 0)
    return `"${dataset.title}" has no pictures, so there is nothing to restyle.`;
  if (dataset.classes.length === 0) return `"${dataset.title}" has no classes, so there is no style to choose.`;
  const last = Math.floor(((schedule.nodes - 1) / schedule.nodes) * 1000) / 1000;
  return {
    styles: dataset.classes,
    contents: dataset.contents ?? [],
    size: [height, width],
    etaMax: stylist.student === null ? last : Math.min(stylist.defaults.eta, last),
  };
}

/** Only the nodes behind the data set and the schedule are built: no network, and nothing that runs. */
function sourceValues({ graph, dataset, schedule }: Stylist, library: NodeLibrary, resources: Resources) {
  const { document } = graph;
  const kept = graph.ancestors([dataset.node, schedule.node]);
  const part = {
    ...document,
    nodes: document.nodes.filter(({ id }) => kept.has(id)),
    edges: document.edges.filter(({ from, to }) => kept.has(from.node) && kept.has(to.node)),
  };
  const { graph: resolved, issues } = resolveDocument(part, library);
  if (resolved === undefined) return firstError(issues);
  const builder = new StageBuilder({ name: "offer", kind: "start", batch: 1, seed: document.seed, resources });
  const emission = new Emission(resolved, builder, issues);
  for (const node of resolved.order) emission.emit(node);
  const value = ({ node, socket }: Endpoint): WireValues[WireType] | undefined => emission.values.get(node)?.[socket];
  const [data, times] = [value(dataset), value(schedule)];
  if (data === undefined || times === undefined) return firstError(issues);
  return { dataset: data as DatasetValue, schedule: times as ScheduleValue };
}

const firstError = (issues: readonly Issue[]): string =>
  issues.find(({ severity }) => severity === "error")?.message ?? "The graph cannot be read.";
