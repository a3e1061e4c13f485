import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ElementNode, NodeTypes, type TemplateChildNode } from "@vue/compiler-core";
import { parse } from "@vue/compiler-sfc";
import { describe, expect, test } from "vitest";
import { preferredLanguage } from ".";
import { en } from "./en";
import { messages } from "./zh-CN";

const client = fileURLToPath(new URL("..", import.meta.url));
const components = readdirSync(client, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".vue") && !/^(node_modules|dist)\//.test(path),
);

/** Attributes that people read or hear. */
const SAID = new Set([
  "aria-label",
  "title",
  "placeholder",
  "label",
  "alt",
  "text",
  "description",
  "summary",
  "nothing",
  "none",
  "help",
  "note",
]);
/** Said alike in every language: names, signs and units. */
const ALIKE = /^[^\p{Ll}]*$|^(Distillery|ONNX|NaN|Inf|PNG|SVG|JSON|HTML|CSV|NPY|GIF|WebP|MP4)$/u;
const isWords = (text: string): boolean => /\p{L}{3,}/u.test(text) && !ALIKE.test(text.trim());

/** Words written in a template. What stands on a key or is typed as code is the same everywhere. */
function wordsIn(node: TemplateChildNode | ElementNode): string[] {
  if (node.type === NodeTypes.TEXT) return isWords(node.content) ? [node.content.trim()] : [];
  if (node.type !== NodeTypes.ELEMENT) return [];
  const said = node.props.flatMap((prop) =>
    prop.type === NodeTypes.ATTRIBUTE && SAID.has(prop.name) && prop.value && isWords(prop.value.content)
      ? [`${prop.name}="${prop.value.content}"`]
      : [],
  );
  return ["kbd", "code"].includes(node.tag) ? said : [...said, ...node.children.flatMap(wordsIn)];
}

describe("words", () => {
  test.each(components)("%s takes its words from here", (path) => {
    const { descriptor } = parse(readFileSync(join(client, path), "utf8"));
    expect(descriptor.template?.ast?.children.flatMap(wordsIn) ?? []).toEqual([]);
  });
});

/** Every message by its path; functions are called with their own parameters' numbers. */
function spoken(tree: object, path = ""): [path: string, value: unknown][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    return typeof value === "object" && value !== null ? spoken(value, here) : [[here, value] as [string, unknown]];
  });
}

describe("Simplified Chinese", () => {
  const english = new Map(spoken(en));
  test.each(spoken(messages))("%s is said in Chinese", (path, value) => {
    const original = english.get(path);
    expect(typeof value).toBe(typeof original);
    if (typeof value === "function") expect(value.length).toBe((original as typeof value).length);
    else if (!ALIKE.test(String(original))) expect(value).toMatch(/\p{Script=Han}/u);
  });
});

test.each([
  [["zh-CN", "en"], "zh-CN"],
  [["zh", "en"], "zh-CN"],
  [["de-DE", "en-GB"], "en"],
  [["fr"], "en"],
  [[], "en"],
])("a browser that prefers %j gets %s", (wanted, language) => {
  expect(preferredLanguage(wanted)).toBe(language);
});
