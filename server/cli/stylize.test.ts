import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { pictureFile, rightHalf, smallStyleGraph } from "../testing/pictures";
import { distillery } from "./distillery";

let home: string;
let run: string;

async function command(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await distillery(args, { print: (line) => out.push(line), complain: (line) => err.push(line) });
  return { status, out, err };
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "distillery-stylize-"));
  vi.stubEnv("DISTILLERY_HOME", join(home, "store"));
  writeFileSync(join(home, "graph.json"), JSON.stringify(smallStyleGraph()));
  writeFileSync(join(home, "photo.webp"), await pictureFile("webp"));
  writeFileSync(join(home, "mask.png"), await rightHalf());
  writeFileSync(join(home, "notes.txt"), "no picture");
  const trained = await command("run", join(home, "graph.json"), "--json");
  run = JSON.parse(trained.out.at(-1) ?? "").runId;
}, 120_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

test("writes the student's picture, or the teacher's", async () => {
  const file = join(home, "out.png");
  const photo = join(home, "photo.webp");
  const result = await command("stylize", photo, "--model", run, "--style", "fluent-3d", "-o", file, "--json");
  expect([result.status, result.err]).toEqual([0, []]);
  expect(JSON.parse(result.out.join())).toMatchObject({
    type: "stylize",
    path: file,
    network: "student",
    run,
    style: "Fluent 3D",
    nfe: 4,
    eta: 0.75,
    seed: 0,
  });
  expect(await sharp(file).metadata()).toMatchObject({ format: "png", width: 32, height: 32 });
  const student = readFileSync(file);
  const settings = ["--teacher", "--nfe", "3", "--eta", "0.5", "--guidance", "1", "--seed", "4"];
  const masked = ["--mask", join(home, "mask.png"), "-o", file];
  const teacher = await command("stylize", photo, "--model", run, "--style", "Fluent 3D", ...settings, ...masked);
  expect([teacher.status, teacher.err]).toEqual([0, []]);
  expect(teacher.out.join()).toMatch(/out\.png \(Fluent 3D, teacher, 3 evaluations in \d+ ms\)/);
  expect(readFileSync(file).equals(student)).toBe(false);
}, 60_000);

test.each([
  [["--style", "Cubism"], /^There is no style "Cubism"; there are Twemoji, Fluent 3D\.$/],
  [[], /^Give a style with --style; there are Twemoji, Fluent 3D\.$/],
  [["--style", "Twemoji", "--eta", "0.9"], /at most 0\.75, the student was trained from there/],
  [["--style", "Twemoji", "--nfe", "many"], /--nfe needs a number from 1 to 100/],
  [["--style", "Twemoji", "--nfe", "2.5"], /--nfe needs a whole number/],
  [["--style", "Twemoji", "--content", "ghosts"], /no content "ghosts"/],
  [["--style", "Twemoji", "--mask", "nosuch.png"], /nosuch\.png does not exist/],
  [["--style", "Twemoji", "--mask", "photo.webp"], /a mask is a PNG, not webp/],
])("%j cannot be used: status 2 and one line", async (args, message) => {
  const inHome = args.map((arg) => (arg === "photo.webp" ? join(home, arg) : arg));
  const { status, out, err } = await command("stylize", join(home, "photo.webp"), "--model", run, ...inHome);
  expect([status, out, err.length]).toEqual([2, [], 1]);
  expect(err[0]).toMatch(message);
});

test.each([
  [["stylize"], /Give a picture/],
  [["stylize", "nosuch.png", "--model", "RUN", "--style", "Twemoji"], /nosuch\.png does not exist/],
  [["stylize", "notes.txt", "--model", "RUN", "--style", "Twemoji"], /picture cannot be used/],
  [["stylize", "photo.webp", "--model", "nosuch", "--style", "Twemoji"], /no run nosuch/],
])("%j cannot be used either", async (args, message) => {
  const given = args.map((arg) => (arg === "RUN" ? run : /^(notes|photo)/.test(arg) ? join(home, arg) : arg));
  const { status, err } = await command(...given);
  expect([status, err.length]).toEqual([2, 1]);
  expect(err[0]).toMatch(message);
});
