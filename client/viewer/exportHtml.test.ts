// @vitest-environment happy-dom
import { library } from "@distillery/nodes/library";
import { templates } from "@distillery/nodes/templates/index";
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { graphSvg } from "@distillery/shared/picture/graphSvg";
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import { expect, test } from "vitest";
import { readGraphFile } from "../app/readGraph";
import { vectorPicture } from "../app/vectorPicture";
import { numbered, stats } from "../run/testing";
import { embeddedSource } from "./embeddedSource";
import { graphHtml } from "./exportHtml";
import { inOrder, recordFrames } from "./recordFrames";
import { VIEW_ELEMENT, viewDataSchema } from "./viewData";

const PAGE = "<!doctype html><html><head><title>Distillery</title></head><body></body></html>";
const NASTY = `</script><script>alert("1")</script>]]> & 'more' <!-- <svg onload="alert(2)">`;
const hostile: GraphDocument = {
  ...emptyDocument(NASTY),
  description: NASTY,
  nodes: [
    { id: "a", type: "unknown/type", title: NASTY.slice(0, 60), params: { text: NASTY }, position: { x: 0, y: 0 } },
  ],
  frames: [
    { id: "f", title: NASTY.slice(0, 60), text: NASTY, position: { x: 0, y: 0 }, size: { width: 300, height: 90 } },
  ],
};
const std = templates.find(({ id }) => id === "std-2d")?.document ?? emptyDocument();

test.each([
  ["a template", std],
  ["a graph that would like to be a script", hostile],
])("%s comes back from its SVG and its HTML file as it was", async (_, document) => {
  const svg = graphSvg(vectorPicture(document, library), document);
  const html = await graphHtml(PAGE, { document, stored: document }, library, null);
  for (const text of [svg, html]) expect(text).not.toMatch(/<script>|<svg onload/);
  expect(await readGraphFile(new File([svg], "graph.svg"))).toEqual(document);
  expect(await readGraphFile(new File([html], "graph.html"))).toEqual(document);
});

test("an HTML file has a sheet for every folded part, which its instance opens", async () => {
  const folded = templates.map(({ document }) => document).find(({ subgraphs = [] }) => subgraphs.length > 0);
  if (!folded) throw new Error("no template has a subgraph");
  const html = await graphHtml(PAGE, { document: folded, stored: folded }, library, null);
  const page = new DOMParser().parseFromString(html, "text/html");
  const { sheets } = viewDataSchema.parse(JSON.parse(page.getElementById(VIEW_ELEMENT)?.textContent ?? ""));
  const parts = folded.subgraphs ?? [];
  expect(sheets.map(({ id }) => id)).toEqual(["", ...parts.map(({ id }) => id)]);
  for (const [i, { nodes, bounds, markup }] of sheets.entries()) {
    const drawn = (i === 0 ? folded : parts[i - 1])?.nodes ?? [];
    expect(nodes.map(({ id }) => id)).toEqual(drawn.map(({ id }) => id));
    for (const { id, type, opens } of nodes) {
      expect(markup).toContain(`data-node="${id}"`);
      if (parts.some((part) => type === `subgraph/${part.id}`)) expect(opens).toBe(type.slice("subgraph/".length));
      else expect(opens).toBeUndefined();
    }
    expect(bounds.width).toBeGreaterThan(200);
    // The border's socket that a wire would make a new one of has no place in a picture.
    expect(markup).not.toContain(">+<");
  }
});

test("files without a graph say so", async () => {
  const read = (name: string, text: string) => readGraphFile(new File([text], name));
  await expect(read("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")).rejects.toThrow(
    '"a.svg" is a drawing without',
  );
  await expect(read("a.html", "<!doctype html><p>Hello")).rejects.toThrow('"a.html" is a page without');
  await expect(read("a.txt", "hello")).rejects.toThrow("neither a graph in JSON nor a PNG, SVG or HTML file");
});

const frame = (step: number, shape: number[]) =>
  ({ type: "frame", step, node: "v", socket: "student", row: 0, t: 1, shape, stats, format: "webp" }) as const;
const run = (steps: number[], shape: number[]): RecordedRun => ({
  status: "done",
  label: "",
  device: "cpu",
  seed: 1,
  step: 1,
  steps: 1,
  createdAt: 1,
  graph: emptyDocument(),
  events: numbered(steps.map((step) => frame(step, shape))),
});
const source = {
  image: async (seq: number) => new Blob([new Uint8Array(300).fill(seq)]),
  values: async (seq: number) => Float32Array.of(seq, 0.5),
};

test("of a long run the last and the first pictures come along, then those between", async () => {
  expect(inOrder([10, 20, 30, 40, 50])).toEqual([50, 10, 30, 20, 40]);
  const { run: kept, frames } = await recordFrames(run([10, 20, 30, 40, 50], [3, 8, 8]), source, 1000);
  expect(kept.events.map((event) => "step" in event && event.step)).toEqual([10, 50]);
  const image = await embeddedSource(frames).image(5);
  expect([image.size, new Uint8Array(await image.arrayBuffer())[0]]).toEqual([300, 5]);
  await expect(embeddedSource(frames).image(3)).rejects.toThrow("not in the file");
  await expect(embeddedSource(frames).values(5)).rejects.toThrow("not in this file");
});

test("equal pictures come along once", async () => {
  const whole = run([10, 20, 30], [3, 8, 8]);
  const events = whole.events.map((event) => ({ ...event, hash: "same" }));
  const { run: kept, frames } = await recordFrames({ ...whole, events }, source);
  expect(kept.events).toHaveLength(3);
  expect(Object.keys(frames)).toEqual(["1"]);
});

test("points come along as numbers", async () => {
  const { frames } = await recordFrames(run([1, 2], [64, 2]), source);
  expect(await embeddedSource(frames).values(2)).toEqual(Float32Array.of(2, 0.5));
});
