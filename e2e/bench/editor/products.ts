/** The three editors under the same hands: how each opens a graph, and what its gestures need. */
import { join } from "node:path";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { Page } from "@playwright/test";
import { build } from "vite";
import type { BenchServer } from "../server";
import { plainGraph, type TypeOfNode } from "./graph";
import type { LibraryPage } from "./libraryPage";

/** Everybody draws on as many pixels. */
export const CANVAS = { width: 1400, height: 860 };

export interface Product {
  readonly name: string;
  /** Key held while a box is drawn. */
  readonly boxKey?: "Shift" | "Control";
  /** Opens the page without the graph; returns where its canvas is, which is as large as `CANVAS`. */
  prepare(page: Page): Promise<{ x: number; y: number }>;
  /** Shows the graph; milliseconds until it could be seen. */
  show(page: Page, graph: GraphDocument): Promise<number>;
  /** Where a node in the middle of the view can be taken. */
  header(page: Page): Promise<{ x: number; y: number }>;
  fit(page: Page): Promise<void>;
  selected(page: Page): Promise<number>;
  /** Whether it can take a change back. */
  readonly hasUndo: boolean;
}

declare global {
  interface Window {
    bench: LibraryPage;
  }
}

export function distillery(server: BenchServer): Product {
  return {
    name: "Distillery",
    boxKey: "Shift",
    hasUndo: true,
    async prepare(page) {
      // Scripts and node types are loaded first, so that only opening the graph is timed.
      await page.goto(server.url);
      const canvas = page.getByRole("application");
      await canvas.waitFor();
      const box = await canvas.boundingBox();
      const window = page.viewportSize();
      if (box === null || window === null) throw new Error("The canvas is not on the screen.");
      // Panels around it come on top.
      await page.setViewportSize({
        width: window.width + CANVAS.width - Math.round(box.width),
        height: window.height + CANVAS.height - Math.round(box.height),
      });
      return { x: box.x, y: box.y };
    },
    async show(page, graph) {
      const { id } = await server.post<{ id: string }>("/api/graphs", graph);
      return page.evaluate(async (address) => {
        const begin = performance.now();
        history.pushState(null, "", address);
        dispatchEvent(new PopStateEvent("popstate"));
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        do await frame();
        while (document.querySelector('[data-node="n0"]') === null);
        await frame();
        return performance.now() - begin;
      }, `/g/${id}`);
    },
    async header(page) {
      const boxes = await page.locator("article[data-node]").evaluateAll((cards) =>
        cards.map((card) => {
          const { left, top } = card.getBoundingClientRect();
          return { x: left + 60, y: top + 12 };
        }),
      );
      const found = boxes.find(({ x, y }) => x > 560 && y > 260 && x < 960 && y < 560);
      if (!found) throw new Error("No node is in the middle of the window.");
      return found;
    },
    fit: (page) => page.getByRole("button", { name: "Fit everything" }).click(),
    async selected(page) {
      const text =
        (await page
          .getByText(/^\d+ nodes selected$/)
          .first()
          .textContent()) ?? "";
      return Number.parseInt(text, 10);
    },
  };
}

/** A page of another library, built into one script. */
async function library(name: string, file: string, server: BenchServer, boxKey?: "Control"): Promise<Product> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"', __VUE_PROD_DEVTOOLS__: "false" },
    build: { write: false, lib: { entry: join(import.meta.dirname, file), formats: ["iife"], name: "page" } },
  });
  const [output] = Array.isArray(built) ? built : [];
  const script = output?.output.find((part) => part.type === "chunk")?.code;
  if (script === undefined) throw new Error(`${file} was not built.`);
  const types = await server.get<TypeOfNode[]>("/api/node-types");
  return {
    name,
    hasUndo: false,
    ...(boxKey && { boxKey }),
    async prepare(page) {
      await page.goto("about:blank");
      await page.addScriptTag({ content: script });
      return { x: 0, y: 0 };
    },
    show: (page, graph) =>
      page.evaluate(
        async (plain) => {
          const begin = performance.now();
          await window.bench.show(plain);
          return performance.now() - begin;
        },
        plainGraph(graph, types),
      ),
    header: (page) => page.evaluate(() => window.bench.header()),
    fit: (page) => page.evaluate(() => window.bench.fit()),
    selected: (page) => page.evaluate(() => window.bench.selected()),
  };
}

export const vueFlow = (server: BenchServer) => library("Vue Flow 1.48.2", "vueFlowPage.ts", server);
export const litegraph = (server: BenchServer) => library("litegraph 0.17.2", "litegraphPage.ts", server, "Control");
