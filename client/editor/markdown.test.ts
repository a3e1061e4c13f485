// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { renderMarkdown } from "./markdown";

function shown(text: string): HTMLElement {
  const box = document.createElement("div");
  box.innerHTML = renderMarkdown(text);
  return box;
}

describe("renderMarkdown", () => {
  it("shows headings, lists, code and links", () => {
    const box = shown("# Title\n\n- one\n- `two`\n\n[paper](https://example.org/a)");
    expect(box.querySelector("h1")?.textContent).toBe("Title");
    expect(box.querySelectorAll("li").length).toBe(2);
    const link = box.querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/a");
    expect(link?.getAttribute("target")).toBe("_blank");
    expect(link?.getAttribute("rel")).toContain("noopener");
  });

  it.each([
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "![x](https://example.org/tracker.png)",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    '[x](https://example.org/"onmouseover="alert(1))',
  ])("lets nothing through that could do harm: %s", (text) => {
    const box = shown(text);
    expect(box.querySelector("img, script, iframe, style")).toBeNull();
    for (const element of box.querySelectorAll("*"))
      for (const { name, value } of element.attributes) {
        expect(name.startsWith("on")).toBe(false);
        expect(value).not.toMatch(/^(javascript|data|vbscript):/i);
      }
  });
});
