/**
 * Graphs of 50 to 5,000 nodes in the editor, in Vue Flow and in litegraph, in one run and by the same hands:
 * `npm run bench:editor`, or for a quick look `npm run bench:editor -- -g " 200 nodes"`. `ROUNDS=1` halves the time;
 * `EDITORS=Distillery` leaves the others out.
 */
import { median } from "@distillery/server/bench/timing";
import { type CDPSession, chromium, type Page, test } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../playwright.config";
import { seededGraph } from "./editor/graph";
import { type Gesture, heapOf, measureGesture, quantile } from "./editor/measure";
import { CANVAS, distillery, litegraph, type Product, vueFlow } from "./editor/products";
import { type BenchServer, startServer } from "./server";

const SIZES = [50, 200, 500, 1000, 2000, 5000];
/** The other libraries are not asked for more. */
const LARGEST_OF_OTHERS = 2000;
const ROUNDS = Number(process.env.ROUNDS ?? 2);
const STEPS = 40;
const ASKED = (process.env.EDITORS ?? "").split(",");

const GESTURES = ["pan", "drag", "zoom", "overview", "box", "undo"] as const;
type GestureName = (typeof GESTURES)[number];
const TITLES: Record<GestureName, string> = {
  pan: "pan 1:1",
  drag: "drag a node",
  zoom: "zoom",
  overview: "pan, all in view",
  box: "box-select all",
  undo: "undo a move of all",
};

interface Measured {
  load: number;
  heap: number;
  gestures: Partial<Record<GestureName, Gesture>>;
}

let server: BenchServer;
let products: Product[];
test.beforeAll(async () => {
  server = await startServer();
  const all = [distillery(server), await vueFlow(server), await litegraph(server)];
  products = all.filter(({ name }) => ASKED.some((asked) => name.startsWith(asked)));
});
test.afterAll(() => server.stop());

for (const count of SIZES) {
  test(`editor: ${count} nodes`, async () => {
    const graph = seededGraph(count);
    const asked = products.filter(({ name }) => name === "Distillery" || count <= LARGEST_OF_OTHERS);
    const rounds = new Map<Product, Measured[]>(asked.map((product) => [product, []]));
    for (let round = 0; round < ROUNDS; round++)
      for (const [product, measured] of rounds) measured.push(await measure(product, graph, count));
    console.log(`\n${table(count, rounds)}\n`);
  });
}

async function measure(product: Product, graph: ReturnType<typeof seededGraph>, count: number): Promise<Measured> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: CHROMIUM_FLAGS,
  });
  try {
    const page = await browser.newPage({ viewport: CANVAS });
    const cdp = await page.context().newCDPSession(page);
    // Processor time of the main thread, not time on the clock: other work on the machine does not count.
    await cdp.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
    await cdp.send("Performance.enable");
    const origin = await product.prepare(page);
    const empty = await heapOf(cdp);
    const load = await product.show(page, graph);
    const heap = (await heapOf(cdp)) - empty;
    return { load, heap, gestures: await gesturesOf(product, page, cdp, origin, count) };
  } finally {
    await browser.close();
  }
}

async function gesturesOf(
  product: Product,
  page: Page,
  cdp: CDPSession,
  origin: { x: number; y: number },
  count: number,
): Promise<Measured["gestures"]> {
  const { mouse, keyboard } = page;
  const timed = (step: (i: number) => Promise<void>, steps = STEPS) => measureGesture(page, cdp, steps, step);
  const at = (x: number, y: number) => ({ x: origin.x + x, y: origin.y + y });
  async function dragged(
    from: { x: number; y: number },
    by: { x: number; y: number },
    button: "left" | "middle",
  ): Promise<Gesture> {
    await mouse.move(from.x, from.y);
    await mouse.down({ button });
    const gesture = await timed((i) => mouse.move(from.x + by.x * i, from.y + by.y * i));
    await mouse.up({ button });
    return gesture;
  }
  // Opening goes on for a moment after the first picture: checks, drafts.
  await page.waitForTimeout(500);
  const pan = await dragged(at(1000, 620), { x: -8, y: -3 }, "middle");
  const drag = await dragged(await product.header(page), { x: 3, y: 2 }, "left");
  const middle = at(700, 400);
  await mouse.move(middle.x, middle.y);
  const zoom = await timed((i) => mouse.wheel(0, Math.floor((i - 1) / 10) % 2 === 0 ? 76 : -76));
  await product.fit(page);
  await page.waitForTimeout(300);
  const overview = await dragged(at(700, 400), { x: -3, y: -1 }, "middle");
  await product.fit(page);
  await page.waitForTimeout(300);
  if (product.boxKey) await keyboard.down(product.boxKey);
  const box = await dragged(at(3, 3), { x: (CANVAS.width - 6) / STEPS, y: (CANVAS.height - 6) / STEPS }, "left");
  if (product.boxKey) await keyboard.up(product.boxKey);
  const selected = await product.selected(page);
  if (selected < 0.9 * count) throw new Error(`${product.name}: the box selected ${selected} of ${count} nodes.`);
  if (!product.hasUndo) return { pan, drag, zoom, overview, box };
  const undo = await timed((i) => keyboard.press(i % 2 === 1 ? "Alt+ArrowRight" : "Control+z"), 10);
  return { pan, drag, zoom, overview, box, undo };
}

/** `median / p95 of frame times (main-thread ms per step)`, as in the literature of this field. */
function table(count: number, rounds: ReadonlyMap<Product, Measured[]>): string {
  const cell = (measured: readonly Measured[], name: GestureName): string => {
    const gestures = measured.flatMap(({ gestures }) => gestures[name] ?? []);
    if (gestures.length === 0) return "–";
    const frames = gestures.flatMap((gesture) => gesture.frames);
    const busy = median(gestures.map((gesture) => gesture.busy));
    return `${quantile(frames, 0.5).toFixed(0)} / ${quantile(frames, 0.95).toFixed(0)} (${busy.toFixed(1)})`;
  };
  const lines = [...rounds].map(([{ name }, measured]) =>
    [
      count,
      name,
      median(measured.map(({ load }) => load)).toFixed(0),
      median(measured.map(({ heap }) => heap)).toFixed(1),
      ...GESTURES.map((gesture) => cell(measured, gesture)),
    ].join(" | "),
  );
  const titles = ["nodes", "editor", "load ms", "heap MB", ...GESTURES.map((name) => TITLES[name])];
  return [titles.join(" | "), titles.map(() => "---").join(" | "), ...lines].map((line) => `| ${line} |`).join("\n");
}
