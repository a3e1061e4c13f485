import { emptyDocument } from "@distillery/shared/graph/document";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { Graph } from "@distillery/shared/onnx/graph";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledFiles } from "../bundled";
import { makeZip } from "../datasets/zipFixture";
import { startTestServer, type TestServer } from "../testing/server";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.remove());

async function upload(path: string, fill: (form: FormData) => void) {
  const form = new FormData();
  fill(form);
  const response = await fetch(`${server.address}${path}`, { method: "POST", body: form });
  return { status: response.status, body: await response.json() };
}
const file = (bytes: Uint8Array) => new Blob([bytes.slice()]);
const picture = (red: number) =>
  sharp({ create: { width: 12, height: 10, channels: 3, background: { r: red, g: 0, b: 0 } } })
    .png()
    .toBuffer();

function doubler(): Uint8Array {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 2]);
  for (const y of graph.add("Add", [x, x], [{ dtype: "float32", shape: [1, 2], name: "y" }])) graph.output(y);
  return encodeModel(graph);
}

describe("models", () => {
  const listed = async () => {
    const all: { id: string; bundled?: true }[] = (await server.http.inject("/api/models")).json();
    return all.filter(({ bundled }) => bundled === undefined);
  };

  test("are loaded before they are taken, listed and deleted", async () => {
    const { status, body } = await upload("/api/models", (form) => {
      form.append("name", "Doubler");
      form.append("file", file(doubler()), "d.onnx");
    });
    expect([status, body]).toMatchObject([
      201,
      { name: "Doubler", inputs: [{ name: "x", shape: [1, 2] }], outputs: [{ name: "y", shape: [1, 2] }] },
    ]);
    expect(await listed()).toEqual([body]);
    expect((await server.http.inject({ method: "DELETE", url: `/api/models/${body.id}` })).statusCode).toBe(204);
    expect(await listed()).toEqual([]);
  });

  test("that are no models, or called otherwise, are refused", async () => {
    const take = (name: string, bytes: Uint8Array) =>
      upload("/api/models", (form) => form.append("file", file(bytes), name));
    expect((await take("m.onnx", new TextEncoder().encode("not a model"))).status).toBe(422);
    expect((await take("m.onnx", doubler().subarray(0, 40))).status).toBe(422);
    expect((await take("m.pkl", doubler())).status).toBe(415);
    expect((await upload("/api/models", (form) => form.append("name", "nothing"))).status).toBe(400);
    expect(await listed()).toEqual([]);
  });
});

describe("models that ship with the server", () => {
  test("are listed with their sizes, and stay", async () => {
    for (const { id, bytes } of bundledFiles()) {
      const url = `/api/models/${encodeURIComponent(id)}`;
      expect((await server.http.inject(url)).json()).toMatchObject({ id, bytes, bundled: true });
      expect((await server.http.inject({ method: "DELETE", url })).statusCode).toBe(409);
    }
  });
});

describe("data sets", () => {
  test("of single pictures: folders are classes, and what was left out is told", async () => {
    const { status, body } = await upload("/api/datasets", (form) => {
      form.append("name", "Colours");
      form.append("size", "16");
      form.append("files", file(Buffer.from("x")), "set/.DS_Store");
      form.append("files", file(Buffer.from("x")), "set/red/broken.png");
    });
    expect(status).toBe(422);
    expect(body.detail).toMatch(/broken\.png/);
    const red = await picture(255);
    const dark = await picture(10);
    const good = await upload("/api/datasets", (form) => {
      form.append("name", "Colours");
      form.append("size", "16");
      form.append("files", file(red), "set/red/a.png");
      form.append("files", file(dark), "set/dark/a.png");
      form.append("files", file(Buffer.from("x")), "set/red/.DS_Store");
    });
    expect(good).toMatchObject({
      status: 201,
      body: { name: "Colours", size: 16, count: 2, classes: ["dark", "red"] },
    });
    expect(good.body.skipped).toEqual([{ file: "set/red/.DS_Store", reason: "a hidden file" }]);
    expect((await server.http.inject(`/api/datasets/${good.body.id}`)).json()).toEqual(good.body);
    const nodes = [{ id: "mine", type: "data/user-images", params: { id: good.body.id } }];
    const { issues } = (
      await server.http.inject({ method: "POST", url: "/api/graphs/validate", payload: { ...emptyDocument(), nodes } })
    ).json();
    expect(issues.filter((issue: { node?: string }) => issue.node === "mine")).toEqual([]);
  });

  test("of a zip", async () => {
    const zip = makeZip([{ name: "a.png", data: await picture(200) }]);
    const { status, body } = await upload("/api/datasets", (form) => form.append("files", file(zip), "set.zip"));
    expect([status, body.count, body.size]).toEqual([201, 1, 32]);
  });

  test("that lead out of their folder or are none are refused", async () => {
    const red = await picture(255);
    const take = (name: string, bytes: Uint8Array = red) =>
      upload("/api/datasets", (form) => form.append("files", file(bytes), name));
    expect((await take("../../escape.png")).status).toBe(422);
    expect((await take("a\u0000.png")).status).toBe(422);
    expect((await take("set.zip", Buffer.from("no zip"))).status).toBe(422);
    expect((await take("words.txt", Buffer.from("words"))).status).toBe(422);
    const twice = await upload("/api/datasets", (form) => {
      form.append("files", file(red), "a.png");
      form.append("files", file(red), "a.png");
    });
    expect(twice.status).toBe(422);
    expect((await upload("/api/datasets", (form) => form.append("size", "7"))).status).toBe(400);
  });
});
