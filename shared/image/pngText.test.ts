import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { GRAPH_KEYWORD, isPng, readPngText, writePngText } from "./pngText";

let png: Uint8Array;
beforeAll(async () => {
  const image = sharp({ create: { width: 7, height: 5, channels: 3, background: { r: 9, g: 80, b: 200 } } });
  png = new Uint8Array(await image.png().toBuffer());
});

describe("text in PNG files", () => {
  it("comes back as written, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        expect(readPngText(writePngText(png, GRAPH_KEYWORD, text), GRAPH_KEYWORD)).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it("is read by another decoder, and the picture stays the same", async () => {
    const marked = writePngText(png, GRAPH_KEYWORD, '{"name":"Größe → 图"}');
    const metadata = await sharp(marked).metadata();
    expect(metadata.comments).toEqual([{ keyword: GRAPH_KEYWORD, text: '{"name":"Größe → 图"}' }]);
    const [before, after] = await Promise.all([sharp(png).raw().toBuffer(), sharp(marked).raw().toBuffer()]);
    expect(after.equals(before)).toBe(true);
  });

  it("replaces the text of the same keyword and keeps others", () => {
    const both = writePngText(writePngText(writePngText(png, "a", "1"), "b", "2"), "a", "3");
    expect([readPngText(both, "a"), readPngText(both, "b"), readPngText(both, "c")]).toEqual(["3", "2", undefined]);
    expect(both.length).toBe(writePngText(writePngText(png, "a", "3"), "b", "2").length);
  });

  it("refuses what is not a whole PNG file", () => {
    expect(() => readPngText(new Uint8Array([1, 2, 3]), "a")).toThrow("not a PNG");
    expect(() => readPngText(png.subarray(0, png.length - 5), "a")).toThrow("cut short");
    expect(() => writePngText(png, "", "x")).toThrow("cannot name");
    expect(isPng(png)).toBe(true);
  });
});
