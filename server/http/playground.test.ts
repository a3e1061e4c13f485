import { playgroundInfoSchema, type Stylized, stylizedSchema } from "@distillery/shared/protocol/playground";
import { problemSchema } from "@distillery/shared/protocol/rest";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinyGraph } from "../testing/graphs";
import { pictureFile, pixelsOf, rightHalf, smallStyleGraph } from "../testing/pictures";
import { startTestServer, type TestServer } from "../testing/server";

let server: TestServer;
let run: string;

beforeAll(async () => {
  server = await startTestServer();
  const { id } = await server.runs.start({ graph: smallStyleGraph(), overrides: {} });
  expect(await server.runs.finished(id)).toMatchObject({ status: "done" });
  run = id;
}, 120_000);
afterAll(() => server.remove());

const ask = (method: "GET" | "POST", url: string, payload?: object) =>
  server.http.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
const info = async () => playgroundInfoSchema.parse((await ask("GET", `/api/playground?run=${run}`)).json());

const settings = { style: "Fluent 3D", eta: 0.5, nfe: 2, teacherNfe: 3, guidance: 0.5, seed: 1 };
const base64 = async (file: Promise<Buffer>) => (await file).toString("base64");
async function stylize(body: object): Promise<Stylized> {
  const response = await ask("POST", "/api/playground", { run, ...settings, ...body });
  expect([response.statusCode, response.statusCode === 200 ? "" : response.body]).toEqual([200, ""]);
  return stylizedSchema.parse(response.json());
}
async function problem(body: object, status: number) {
  const response = await ask("POST", "/api/playground", { run, ...settings, ...body });
  expect(response.statusCode, response.body.slice(0, 300)).toBe(status);
  expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
  return problemSchema.parse(response.json()).detail;
}

describe("what a run offers", () => {
  test("styles, contents, limits, the run's own settings, and held-out pictures to try", async () => {
    const { examples, ...rest } = await info();
    expect(rest).toMatchObject({
      run,
      title: "STD style transfer, 32 px",
      student: true,
      styles: ["Twemoji", "Fluent 3D"],
      size: 32,
      etaMax: 0.75,
      suggested: { style: "Fluent 3D", source: "Twemoji" },
      defaults: { eta: 0.75, nfe: 4, teacherNfe: 50, guidance: 0.5, guidanceStudent: 0 },
    });
    expect(rest.contents).toHaveLength(65);
    expect(examples.length).toBeGreaterThan(2);
    const address = `/api/playground/examples/${examples[0]?.id}.png?style=Twemoji`;
    const picture = await ask("GET", address);
    expect([picture.statusCode, picture.headers["content-type"]]).toEqual([200, "image/png"]);
    expect(await sharp(picture.rawPayload).metadata()).toMatchObject({ format: "png", width: 64, height: 64 });
    for (const url of ["/api/playground/examples/nosuch.png?style=Twemoji", address.replace("Twemoji", "Cubism")])
      expect((await ask("GET", url)).statusCode).toBe(404);
  });

  test("is described in the API document", async () => {
    const { paths } = (await ask("GET", "/api/openapi.json")).json();
    expect(Object.keys(paths["/api/playground"])).toEqual(["get", "post"]);
    expect(paths).toHaveProperty(["/api/playground/examples/{id}.png"]);
  });

  test("says why there is nothing to restyle with", async () => {
    expect((await ask("GET", "/api/playground?run=nosuch")).statusCode).toBe(404);
    const { id } = await server.runs.start({ graph: tinyGraph({ steps: 1 }), overrides: {} });
    await server.runs.finished(id);
    const points = await ask("GET", `/api/playground?run=${id}`);
    expect([points.statusCode, points.json().detail]).toEqual([422, expect.stringMatching(/has no pictures/)]);
  });
});

describe("restyling", () => {
  test("walks teacher and student from one start, with every state on the way", async () => {
    const { source, teacher, student } = await stylize({ image: await base64(pictureFile("jpeg")) });
    const { data, ...size } = await pixelsOf(source);
    expect(size).toEqual({ width: 32, height: 32 });
    // 40 x 30 on white: a band above and below.
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
    expect(data[16 * 96]).toBeGreaterThan(190);
    expect(data[16 * 96 + 2]).toBeLessThan(60);
    expect(teacher).toMatchObject({ nfe: 3 });
    expect(teacher.states.map(({ t }) => t)).toEqual([519, 339, 179, 0]);
    expect(student?.nfe).toBe(2);
    expect(student?.states.map(({ t }) => t)).toEqual([519, 259, 0]);
    expect(student?.states[0]?.image).toBe(teacher.states[0]?.image);
    expect(student?.states[2]?.image).not.toBe(teacher.states[3]?.image);
    expect(teacher.milliseconds).toBeGreaterThan(0);
  });

  test("follows from the seed, the style and the guidance", async () => {
    const body = { image: await base64(pictureFile("png")) };
    const first = await stylize(body);
    const again = await stylize(body);
    expect([again.teacher.states, again.student?.states]).toEqual([first.teacher.states, first.student?.states]);
    const otherSeed = await stylize({ ...body, seed: 2 });
    expect(otherSeed.teacher.states[0]?.image).not.toBe(first.teacher.states[0]?.image);
    const otherStyle = await stylize({ ...body, style: "Twemoji" });
    expect(otherStyle.teacher.states[0]?.image).toBe(first.teacher.states[0]?.image);
    expect(otherStyle.teacher.states[3]?.image).not.toBe(first.teacher.states[3]?.image);
    const guided = await stylize({ ...body, style: "Twemoji", guidance: 6 });
    expect(guided.teacher.states[1]?.image).not.toBe(otherStyle.teacher.states[1]?.image);
    expect(guided.student?.states).toEqual(otherStyle.student?.states);
  });

  test("takes examples, WebP and SVG", async () => {
    const { examples } = await info();
    const example = { id: examples[0]?.id ?? "", style: "Twemoji" };
    const fromExample = await stylize({ example, content: (await info()).contents[0] });
    const served = await ask("GET", `/api/playground/examples/${example.id}.png?style=Twemoji`);
    const { data } = await pixelsOf(fromExample.source);
    const shrunk = await sharp(served.rawPayload).resize(32).removeAlpha().raw().toBuffer();
    const difference = data.reduce((sum, value, i) => sum + Math.abs(value - (shrunk[i] ?? 0)), 0) / data.length;
    expect(difference).toBeLessThan(12);
    await stylize({ image: await base64(pictureFile("webp")) });
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle cx="5" cy="5" r="4"/></svg>';
    await stylize({ image: Buffer.from(svg).toString("base64") });
  });

  test("keeps what the mask keeps, to the last bit of the picture", async () => {
    const image = await base64(pictureFile("png", 32, 32));
    const { source, teacher, student } = await stylize({ image, mask: await base64(rightHalf()) });
    const before = await pixelsOf(source);
    for (const path of [teacher, student]) {
      const after = await pixelsOf(path?.states.at(-1)?.image ?? "");
      const changed = [...after.data.keys()].filter((i) => after.data[i] !== before.data[i]);
      expect(changed.length).toBeGreaterThan(500);
      expect(changed.every((i) => Math.floor(i / 3) % 32 >= 16)).toBe(true);
    }
  });

  test("goes on after its process died, and says so", async () => {
    const body = { image: await base64(pictureFile("png")) };
    await stylize(body);
    const { pid } = server.playground;
    const slow = problem({ ...body, nfe: 100, teacherNfe: 200 }, 500);
    while (!server.playground.isWorking) await new Promise((resolve) => setImmediate(resolve));
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    expect(await slow).toMatch(/ended unexpectedly \(signal SIGKILL\); the next request starts another/);
    await stylize(body);
    expect(server.playground.pid).not.toBe(pid);
  });
});

describe("input of no use", () => {
  test("is a problem in words", async () => {
    const image = await base64(pictureFile("png"));
    expect(await problem({ image, style: "Cubism" }, 422)).toMatch(
      /no style "Cubism"; choose one of Twemoji, Fluent 3D/,
    );
    expect(await problem({ image, content: "ghosts" }, 422)).toMatch(/no kind of content "ghosts"/);
    expect(await problem({ image, eta: 0.9 }, 422)).toMatch(/at most 0.75, the student was trained from there/);
    expect(await problem({ image: "" }, 422)).toMatch(/picture is empty/);
    expect(await problem({ image: Buffer.from("no picture at all").toString("base64") }, 422)).toMatch(
      /The picture cannot be used: /,
    );
    expect(await problem({ image, mask: await base64(pictureFile("jpeg")) }, 422)).toMatch(/a mask is a PNG, not jpeg/);
    expect(await problem({ example: { id: "nosuch", style: "Twemoji" } }, 404)).toMatch(/no example "nosuch"/);
    expect(await problem({ image, run: "nosuch" }, 404)).toMatch(/no run nosuch/);
    const huge =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><rect width="1" height="1"/></svg>';
    expect(await problem({ image: Buffer.from(huge).toString("base64") }, 422)).toMatch(/pixel/i);
    for (const body of [{}, { image, example: { id: "a", style: "b" } }, { image, nfe: 0 }, { image, nfe: 1e6 }])
      await problem(body, 400);
    await problem({ image: "A".repeat(24e6) }, 400);
  });
});
