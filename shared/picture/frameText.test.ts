import { expect, it } from "vitest";
import type { GraphFrame } from "../graph/document";
import { frameText } from "./frameText";

const frame = (more: Partial<GraphFrame>): GraphFrame => ({
  id: "f",
  title: "",
  text: "",
  position: { x: 100, y: 50 },
  size: { width: 300, height: 200 },
  ...more,
});
const linesOf = (more: Partial<GraphFrame>) => frameText(frame(more)).map(({ text }) => text);

it("writes a frame's title and its comment below it", () => {
  expect(linesOf({ title: "Bank", text: "Keeps paths." })).toEqual(["Bank", "Keeps paths."]);
  const [title, comment] = frameText(frame({ title: "Bank", text: "Keeps paths." }));
  expect(title?.x).toBe(112);
  expect(comment?.y).toBeGreaterThan(title?.y ?? 0);
});

it("reads a note's Markdown without its marks, its headings strong", () => {
  const note = frameText(
    frame({ kind: "note", text: "## Why\n- **few** steps, see [the paper](https://a.b)\n\n> `c` is small" }),
  );
  expect(note.map(({ text }) => text)).toEqual(["Why", "• few steps, see the paper", "c is small"]);
  expect(note.map(({ isStrong }) => isStrong)).toEqual([true, false, false]);
});

it("wraps at words, and ends where the frame does", () => {
  const text = Array.from({ length: 400 }, () => "word").join(" ");
  const lines = frameText(frame({ kind: "note", text }));
  for (const { text: line, y } of lines) {
    expect(line.length).toBeLessThanOrEqual(41);
    expect(y).toBeLessThan(250);
  }
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.length).toBeLessThan(12);
});
