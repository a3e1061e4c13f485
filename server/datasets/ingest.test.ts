import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingestImages } from "./ingest";
import type { IngestLimits } from "./limits";
import { preparedSafetensors, readPrepared } from "./prepared";
import { type FixtureEntry, makeZip } from "./zipFixture";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "distillery-ingest-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const picture = (background: string, width = 20, height = 20) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
const svg = (body: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20">${body}</svg>`,
  );

async function ingestZip(entries: readonly FixtureEntry[], limits: Partial<IngestLimits> = {}, size = 8) {
  await writeFile(join(home, "in.zip"), makeZip(entries));
  return ingestImages(join(home, "in.zip"), join(home, "out"), { size, limits });
}
const reasons = (skipped: { path: string; reason: string }[]) =>
  Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]));

describe("ingestImages from a zip", () => {
  it("takes classes from sub-folders, captions from text files and reports the rest", async () => {
    const report = await ingestZip([
      { name: "mine/", mode: 0o040755 },
      { name: "mine/red/b.png", data: await picture("#f00") },
      { name: "mine/red/b.txt", data: Buffer.from("a red square\n") },
      {
        name: "mine/blue/deep/a.jpg",
        data: await sharp(await picture("#00f", 40, 20))
          .jpeg()
          .toBuffer(),
      },
      { name: "mine/top.svg", data: svg('<rect width="20" height="20" fill="#0f0"/>') },
      { name: "mine/notes.md", data: Buffer.from("hello") },
      { name: "mine/red/broken.png", data: Buffer.from("not a picture") },
      { name: "mine/red/lonely.txt", data: Buffer.from("nobody") },
      { name: "__MACOSX/mine/red/._b.png", data: Buffer.from("x") },
    ]);
    expect(report).toMatchObject({ images: 3, classes: ["blue", "red"], captions: 1 });
    expect(reasons(report.skipped)).toMatchObject({
      "mine/notes.md": "not a picture",
      "mine/red/broken.png": expect.stringContaining("unsupported image format"),
      "mine/red/lonely.txt": "a caption without a picture",
      "__MACOSX/mine/red/._b.png": "a hidden file",
    });
    expect(report.skipped).toHaveLength(4);

    const { manifest, images } = await readPrepared(join(home, "out"));
    expect(manifest.images).toEqual([
      { path: "mine/blue/deep/a.jpg", classIndex: 0 },
      { path: "mine/red/b.png", classIndex: 1, caption: "a red square" },
      { path: "mine/top.svg", classIndex: -1 },
    ]);
    const plane = (image: number, channel: number) =>
      images.subarray((3 * image + channel) * 64, (3 * image + channel + 1) * 64);
    expect([...plane(1, 0)]).toEqual(Array(64).fill(255));
    expect([...plane(1, 2)]).toEqual(Array(64).fill(0));
    expect(plane(0, 2).every((v) => v > 250)).toBe(true);
    expect([...plane(2, 1)]).toEqual(Array(64).fill(255));

    const { tensors } = decodeSafetensors(preparedSafetensors({ manifest, images }));
    expect(tensors.images?.shape).toEqual([3, 3, 8, 8]);
    expect(tensors.classes?.data).toEqual(Int32Array.of(0, 1, -1));
  });

  it("refuses traversal, absolute and control-character names, links, nested zips, second copies and encryption", async () => {
    const good = await picture("#f00");
    const report = await ingestZip([
      { name: "ok.png", data: good },
      { name: "ok.png", data: good },
      { name: "../../escape.png", data: good },
      { name: "a/../../escape.png", data: good },
      { name: "/etc/absolute.png", data: good },
      { name: "C:\\windows.png", data: good },
      { name: "..\\back.png", data: good },
      { name: "nul\u0000.png", data: good },
      { name: "link.png", data: Buffer.from("/etc/passwd"), mode: 0o120777 },
      { name: "device.png", data: good, mode: 0o060644 },
      { name: "inner.zip", data: makeZip([{ name: "x.png", data: good }]) },
      { name: "secret.png", data: good, encrypted: true },
      { name: `${"d/".repeat(30)}deep.png`, data: good },
    ]);
    expect(report.images).toBe(1);
    expect(report.skipped.filter((s) => s.reason === "an unsafe path")).toHaveLength(6);
    expect(reasons(report.skipped)).toMatchObject({
      "ok.png": "the same path a second time",
      "link.png": expect.stringContaining("a link"),
      "device.png": "not an ordinary file",
      "inner.zip": expect.stringContaining("archive inside"),
      "secret.png": expect.stringContaining("encrypted"),
    });
    expect(report.skipped).toHaveLength(12);
    expect((await readdir(home)).sort()).toEqual(["in.zip", "out"]);
  });

  it("skips bombs: by ratio, by size, and by lying about the size", async () => {
    const good = await picture("#f00");
    const bomb = Buffer.alloc(3_000_000);
    const report = await ingestZip(
      [
        { name: "ok.png", data: good },
        { name: "ratio.png", data: bomb },
        { name: "large.png", data: Buffer.alloc(100), claimedBytes: 90_000_000 },
        { name: "liar.png", data: bomb, claimedBytes: 1000 },
      ],
      {},
    );
    expect(report.images).toBe(1);
    expect(reasons(report.skipped)).toMatchObject({
      "ratio.png": expect.stringContaining("zip bomb"),
      "large.png": expect.stringContaining("90 MB unpacked"),
      "liar.png": expect.stringContaining("too many bytes"),
    });
  });

  it("refuses a whole zip that is too large, has too many entries, unpacks to too much or is none", async () => {
    const data = await picture("#f00");
    const two = [
      { name: "a.png", data },
      { name: "b.png", data },
    ];
    await expect(ingestZip(two, { zipBytes: 50 })).rejects.toThrow(/The zip has .* at most/);
    await expect(ingestZip(two, { entries: 1 })).rejects.toThrow("The zip has 2 entries; at most 1 are allowed.");
    await expect(ingestZip(two, { totalBytes: data.length + 1 })).rejects.toThrow("unpacks to more than");
    await writeFile(join(home, "text.zip"), "hello");
    await expect(ingestImages(join(home, "text.zip"), join(home, "out"), { size: 8 })).rejects.toThrow(
      "cannot be read",
    );
    await expect(ingestZip([{ name: "a.txt" }])).rejects.toThrow(
      /No picture could be taken \(a.txt: a caption without/,
    );
    expect((await readdir(home)).sort()).toEqual(["in.zip", "text.zip"]);
  });

  it("limits pixels of one picture, of all pictures and of the prepared file", async () => {
    const small = await picture("#f00", 10, 10);
    const entries = [
      { name: "a.png", data: small },
      { name: "b.png", data: await picture("#f00", 300, 300) },
      { name: "c.png", data: small },
      { name: "d.png", data: small },
    ];
    const report = await ingestZip(entries, { imagePixels: 1000, totalPixels: 250 });
    expect(report.images).toBe(2);
    expect(reasons(report.skipped)).toMatchObject({
      "b.png": expect.stringMatching(/pixel/),
      "d.png": expect.stringContaining("250 pixels for the whole data set"),
    });
    await rm(join(home, "out"), { recursive: true });
    const short = await ingestZip(entries, { outputBytes: 3 * 64 * 2 });
    expect(short.images).toBe(2);
    expect(short.skipped.every((s) => s.reason.includes("for the prepared pictures"))).toBe(true);
  });

  it("draws an SVG without the files that it names", async () => {
    await writeFile(join(home, "red.png"), await picture("#f00"));
    const pull = `<image xlink:href="file://${join(home, "red.png")}" href="red.png" width="20" height="20"/>`;
    await ingestZip([{ name: "pull.svg", data: svg(pull) }]);
    const { images } = await readPrepared(join(home, "out"));
    expect([...images]).toEqual(Array(3 * 64).fill(255));
    await rm(join(home, "out"), { recursive: true });
    await expect(ingestZip([{ name: "long.svg", data: svg(" ".repeat(3000)) }], { svgBytes: 2000 })).rejects.toThrow(
      "an SVG of",
    );
  });
});

describe("ingestImages from a folder", () => {
  it("gives the same data set as a zip of it and follows no link", async () => {
    const folder = join(home, "photos");
    await mkdir(join(folder, "x"), { recursive: true });
    const entries = [
      { name: "x/1.png", data: await picture("#123456", 30, 16) },
      {
        name: "y.webp",
        data: await sharp(await picture("#fedcba"))
          .webp({ lossless: true })
          .toBuffer(),
      },
    ];
    for (const { name, data } of entries) await writeFile(join(folder, name), data);
    await writeFile(join(home, "outside.png"), await picture("#000"));
    await symlink(join(home, "outside.png"), join(folder, "link.png"));
    await symlink(home, join(folder, "up"));
    const report = await ingestImages(folder, join(home, "fromFolder"), { size: 16, fit: "contain" });
    expect(report).toEqual({
      images: 2,
      classes: ["x"],
      captions: 0,
      skipped: expect.arrayContaining([
        { path: "link.png", reason: "a link; links are not followed" },
        { path: "up", reason: "a link; links are not followed" },
      ]),
    });
    await writeFile(join(home, "in.zip"), makeZip(entries));
    await ingestImages(join(home, "in.zip"), join(home, "fromZip"), { size: 16, fit: "contain" });
    const [a, b] = [await readPrepared(join(home, "fromFolder")), await readPrepared(join(home, "fromZip"))];
    expect(Buffer.compare(a.images, b.images)).toBe(0);
    expect(a.manifest.images).toEqual(b.manifest.images);
  });

  it("limits the number of files and refuses a bad size, a missing source and an existing target", async () => {
    for (const name of ["a.png", "b.png", "c.png"]) await writeFile(join(home, name), await picture("#f00"));
    const target = join(tmpdir(), `${home.split("/").at(-1)}-target`);
    await expect(ingestImages(home, target, { size: 8, limits: { entries: 2 } })).rejects.toThrow("more than 2 files");
    await expect(ingestImages(home, target, { size: 0.5 })).rejects.toThrow("from 8 to 1024; got 0.5");
    await expect(ingestImages(join(home, "no.zip"), target, { size: 8 })).rejects.toThrow("There is no file");
    await expect(ingestImages(home, home, { size: 8 })).rejects.toThrow("exists already");
  });
});
