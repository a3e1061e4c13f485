import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineDocument } from "../run/testing/line";
import type { GraphDocument } from "./document";
import { canonicalJson, contentHash, sha256Hex } from "./hash";

describe("contentHash", () => {
  it("hashes as published (FIPS 180-2, the empty message and abc)", async () => {
    const hex = (text: string) => sha256Hex(new TextEncoder().encode(text));
    expect(await hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(await hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("does not see positions, titles, looks, the ways of wires, order, frames or the viewport", async () => {
    const document = lineDocument();
    const moved: GraphDocument = {
      ...document,
      name: "another name",
      description: "another description",
      viewport: { x: 9, y: 9, zoom: 2 },
      frames: [{ id: "f", title: "", text: "", position: { x: 0, y: 0 }, size: { width: 1, height: 1 } }],
      nodes: document.nodes
        .map((node) => ({ ...node, position: { x: 7, y: 7 }, title: "renamed", pinned: true }))
        .reverse(),
      edges: document.edges.map((edge) => ({ ...edge, via: [{ x: 1, y: 2 }] })),
    };
    expect(await contentHash(moved)).toBe(await contentHash(document));
  });

  it("sees params, wires, modes and the seed", async () => {
    const hash = await contentHash(lineDocument());
    expect(await contentHash(lineDocument({ follower: { rate: 0.2 } }))).not.toBe(hash);
    expect(await contentHash({ ...lineDocument(), edges: [] })).not.toBe(hash);
    expect(await contentHash({ ...lineDocument(), seed: 8 })).not.toBe(hash);
    const [first, ...others] = lineDocument().nodes;
    expect(await contentHash({ ...lineDocument(), nodes: [{ ...first!, mode: "mute" }, ...others] })).not.toBe(hash);
  });

  it("writes equal values as equal text, whatever the order of keys, and loses nothing", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
