/** (d) The canvas at 500 and 2,000 nodes: load, pan, drag, overview, heap; the budgets are measured ones, see the README. */
import { type BenchRow, markdownTable } from "@distillery/server/bench/row";
import { median } from "@distillery/server/bench/timing";
import { type CDPSession, chromium, type Page, test } from "@playwright/test";
import { type BenchServer, startServer } from "./server";

const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const BUDGETS = {
  500: { load: 600, pan: 17, drag: 17, overview: 20, heap: 6 },
  2000: { load: 1500, pan: 34, drag: 34, overview: 34, heap: 16 },
} as const;
const GESTURE_STEPS = 60;

let server: BenchServer;
test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(() => server.stop());

/** N nodes on a grid, 1.5 N links, every twelfth a long one. */
function bigGraph(count: number) {
  const columns = Math.ceil(Math.sqrt(count));
  const types = ["schedule/vp", "data/start", "solver/ddim", "bank/trajectory"];
  const nodes = Array.from({ length: count }, (_, i) => ({
    id: `n${i}`,
    type: types[i % types.length],
    params: {},
    position: { x: (i % columns) * 320, y: Math.floor(i / columns) * 300 },
  }));
  const known = new Set(nodes.map(({ id }) => id));
  const edges = [];
  for (let i = 0; i + 3 < count; i += 4) {
    const far = Math.floor(i / 12) % 3 === 0 ? ((i + count / 2) % count) - ((i + count / 2) % 4) : i;
    edges.push(
      { from: { node: `n${i}`, socket: "schedule" }, to: { node: `n${i + 1}`, socket: "schedule" } },
      { from: { node: `n${i + 1}`, socket: "x" }, to: { node: `n${i + 3}`, socket: "x" } },
      { from: { node: `n${i + 1}`, socket: "x0" }, to: { node: `n${i + 3}`, socket: "x0" } },
      { from: { node: `n${i + 3}`, socket: "x" }, to: { node: `n${i + 2}`, socket: "x" } },
      { from: { node: `n${i + 2}`, socket: "x" }, to: { node: `n${i + 3}`, socket: "advanced" } },
      { from: { node: `n${far + 3}`, socket: "condition" }, to: { node: `n${i + 2}`, socket: "condition" } },
    );
  }
  return {
    format: "distillery-graph",
    version: 1,
    name: `${count} nodes`,
    description: "",
    nodes,
    edges: edges.filter(({ from, to }) => known.has(from.node) && known.has(to.node)),
    frames: [],
    viewport: { x: 40, y: 40, zoom: 1 },
    seed: 0,
  };
}
/** Main-thread milliseconds per input step of a gesture made with real mouse events. */
async function gesture(page: Page, cdp: CDPSession, body: (step: number) => Promise<void>): Promise<number> {
  const busy = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
  };
  const before = await busy();
  for (let i = 0; i < GESTURE_STEPS; i++) {
    await body(i);
    await page.evaluate(() => new Promise((frame) => requestAnimationFrame(frame)));
  }
  return ((await busy()) - before) / GESTURE_STEPS;
}

for (const count of [500, 2000] as const) {
  test(`canvas ${count}`, async () => {
    const { id } = await server.post<{ id: string }>("/api/graphs", bigGraph(count));
    const figures: Record<"load" | "pan" | "drag" | "overview" | "heap", number[]> = {
      load: [],
      pan: [],
      drag: [],
      overview: [],
      heap: [],
    };
    for (let round = 0; round < 3; round++) {
      const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
        args: [...FLAGS.split(" "), "--js-flags=--expose-gc"],
      });
      const page = await browser.newPage({ viewport: { width: 1400, height: 860 } });
      const cdp = await page.context().newCDPSession(page);
      await cdp.send("Performance.enable");
      // Scripts and node types are loaded first, so that only building the graph is timed.
      await page.goto(server.url);
      const canvas = page.getByRole("application");
      await canvas.waitFor();
      const empty = await heapOf(cdp);
      const load = await page.evaluate(async (address) => {
        const begin = performance.now();
        history.pushState(null, "", address);
        dispatchEvent(new PopStateEvent("popstate"));
        await new Promise<void>((done) => {
          const look = () => {
            const shown = document.querySelector('[data-node="n0"]') !== null;
            if (shown) requestAnimationFrame(() => done());
            else requestAnimationFrame(look);
          };
          look();
        });
        return performance.now() - begin;
      }, `/g/${id}`);
      figures.load.push(load);
      const { x, y } = { x: 700, y: 620 };
      await page.mouse.move(x, y);
      await page.mouse.down({ button: "middle" });
      figures.pan.push(await gesture(page, cdp, (i) => page.mouse.move(x - 8 * i, y - 3 * i)));
      await page.mouse.up({ button: "middle" });
      const box = await page.locator("[data-node]").filter({ visible: true }).nth(3).boundingBox();
      if (box !== null) {
        await page.mouse.move(box.x + 60, box.y + 12);
        await page.mouse.down();
        figures.drag.push(await gesture(page, cdp, (i) => page.mouse.move(box.x + 60 + 3 * i, box.y + 12 + 2 * i)));
        await page.mouse.up();
      }
      await page.keyboard.press("Escape");
      figures.heap.push((await heapOf(cdp)) - empty);
      await page.getByRole("button", { name: /fit/i }).first().click();
      await page.mouse.move(x, 400);
      await page.mouse.down({ button: "middle" });
      figures.overview.push(await gesture(page, cdp, (i) => page.mouse.move(x - 4 * i, 400 - i)));
      await page.mouse.up({ button: "middle" });
      await browser.close();
    }
    const budget = BUDGETS[count];
    const row = (key: keyof typeof figures, title: string, unit: BenchRow["unit"]): BenchRow => ({
      id: "d",
      title: `canvas, ${count} nodes: ${title}`,
      value: median(figures[key]),
      unit,
      target: { is: "under", value: budget[key] },
      detail:
        key === "load" || key === "heap"
          ? "median of 3"
          : `main-thread time per input step, ${GESTURE_STEPS} steps, median of 3`,
    });
    console.log(
      `\n${markdownTable([
        row("load", "load", "ms"),
        row("pan", "pan at 1:1", "ms"),
        row("drag", "drag a node", "ms"),
        row("overview", "pan with everything in view", "ms"),
        row("heap", "JS heap added", "MB"),
      ])}\n`,
    );
  });
}

async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  return usedSize / 2 ** 20;
}
