import { expect, it } from "vitest";
import { runsOf } from "./runs";

const shown = (text: string) =>
  runsOf(text)
    .map(({ text: piece, kind }) => (kind === "upright" ? piece : `<${kind}>${piece}</${kind}>`))
    .join("");

it("slants single letters, with their accents, and leaves words and signs upright", () => {
  expect(shown("mean(p − q)²")).toBe("mean(<i>p</i> − <i>q</i>)²");
  expect(shown("x̂₀ + B A")).toBe("<i>x̂</i>₀ + <i>B</i> <i>A</i>");
});

it("lowers what follows an underscore", () => {
  expect(shown("√ᾱ_t")).toBe("√<i>ᾱ</i><sub>t</sub>");
  expect(shown("c_skip(t) x_t")).toBe("<i>c</i><sub>skip</sub>(<i>t</i>) <i>x</i><sub>t</sub>");
  expect(shown("y_{f+1} − y_f")).toBe("<i>y</i><sub>f+1</sub> − <i>y</i><sub>f</sub>");
});
