import { library } from "@distillery/nodes/library";
import { documentSchema } from "@distillery/shared/graph/document";
import { describe, expect, it } from "vitest";
import { GraphRecords } from "../document/records";
import { type ChoiceSources, choicesFor } from "./fields/choices";

const sources = (dataset: { type: string; params: Record<string, unknown> }, isWired = true): ChoiceSources => ({
  graph: GraphRecords.from(
    documentSchema.parse({
      format: "distillery-graph",
      version: 1,
      nodes: [
        { id: "data", version: 1, ...dataset },
        { id: "start", type: "data/start", version: 1 },
      ],
      edges: isWired ? [{ from: { node: "data", socket: "dataset" }, to: { node: "start", socket: "dataset" } }] : [],
    }),
  ),
  library,
  datasets: [{ id: "d1", name: "Cats", size: 32, count: 40, classes: ["grey", "white"] }],
  models: [{ id: "m1", name: "My student", bytes: 10, inputs: [], outputs: [] }],
});
const classes = (from: ChoiceSources) =>
  choicesFor("classes", from.graph.nodes.get("start")!, from)?.map(({ value }) => value);

describe("choices of a field", () => {
  it("takes classes from the styles of the connected emoji, default ones when none are named", () => {
    expect(classes(sources({ type: "data/emoji", params: { styles: ["twemoji", "noto-v1"] } }))).toEqual([
      "twemoji",
      "noto-v1",
    ]);
    expect(classes(sources({ type: "data/emoji", params: {} }))).toContain("fluent-3d");
  });
  it("takes classes from the uploaded data set that the connected node names", () => {
    expect(classes(sources({ type: "data/user-images", params: { id: "d1" } }))).toEqual(["grey", "white"]);
    expect(classes(sources({ type: "data/user-images", params: { id: "gone" } }))).toEqual([]);
  });
  it("has no classes without a wire", () => {
    expect(classes(sources({ type: "data/emoji", params: {} }, false))).toEqual([]);
  });
  it("lists what is on the server", () => {
    const from = sources({ type: "data/user-images", params: {} });
    const node = from.graph.nodes.get("data")!;
    expect(choicesFor("dataset", node, from)).toEqual([{ value: "d1", label: "Cats (40 images, 32 px)" }]);
    expect(choicesFor("model", node, from)).toEqual([{ value: "m1", label: "My student" }]);
    expect(choicesFor("textarea", node, from)).toBeNull();
  });
  it("tells networks that denoise from those that only look at images", () => {
    const from = sources({ type: "data/user-images", params: {} });
    const port = (name: string, ...shape: (number | string)[]) => ({ name, shape });
    const images = port("images", "batch", 3, 32, 32);
    const models = [
      { id: "e", name: "Encoder", bytes: 1, inputs: [images], outputs: [] },
      { id: "d", name: "Denoiser", bytes: 1, inputs: [images, port("t", "batch")], outputs: [] },
      { id: "h", name: "Head", bytes: 1, inputs: [port("embedding", "batch", 768)], outputs: [] },
    ];
    const listed = (widget: string) =>
      choicesFor(widget, from.graph.nodes.get("data")!, { ...from, models })?.map(({ value }) => value);
    expect(listed("encoder")).toEqual(["e"]);
    expect(listed("denoiser")).toEqual(["d"]);
    expect(listed("model")).toEqual(["e", "d", "h"]);
  });
});
