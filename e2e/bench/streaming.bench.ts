/** (c) What live viewers cost a run; (d) how soon the first picture is there. */
import { type BenchRow, markdownTable } from "@distillery/server/bench/row";
import { median } from "@distillery/server/bench/timing";
import { test } from "@playwright/test";
import { io, type Socket } from "socket.io-client";
import { type BenchServer, eventsOf, finished, startServer, templateGraph } from "./server";

const STEPS = { "std-2d": 4000, "std-style-32": 240 };
const ROUNDS = 3;

let server: BenchServer;
test.beforeAll(async () => {
  server = await startServer();
});
test.afterAll(() => server.stop());

async function watch(runId: string, viewers: number): Promise<{ sockets: Socket[]; received: () => number }> {
  let messages = 0;
  const sockets = Array.from({ length: viewers }, () =>
    io(`${server.url}/runs`, { transports: ["websocket"], forceNew: true }),
  );
  for (const socket of sockets) {
    socket.on("events", () => messages++);
    socket.on("frame", () => messages++);
    await socket.timeout(10_000).emitWithAck("subscribe", { runId, after: 0 });
  }
  return { sockets, received: () => messages };
}

async function throughput(template: keyof typeof STEPS, viewers: number): Promise<number> {
  const graph = await templateGraph(server, template);
  const { id } = await server.post<{ id: string }>("/api/runs", { graph, overrides: { steps: STEPS[template] } });
  const { sockets, received } = await watch(id, viewers);
  await finished(server, id);
  const rate = (await eventsOf(server, id))
    .flatMap((event) => (event.type === "step" ? [event.stepsPerSecond] : []))
    .at(-1);
  for (const socket of sockets) socket.disconnect();
  if (rate === undefined) throw new Error(`The run of ${template} reported no speed.`);
  if (viewers > 0 && received() === 0) throw new Error("The viewers saw nothing.");
  return rate;
}

test("viewers", async () => {
  const rows: BenchRow[] = [];
  for (const template of Object.keys(STEPS) as (keyof typeof STEPS)[]) {
    const counts = [0, 1, 20];
    const rates = new Map(counts.map((count) => [count, [] as number[]]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const count of counts) rates.get(count)?.push(await throughput(template, count));
    }
    const rate = (count: number) => median(rates.get(count) ?? []);
    const costs = (rates.get(20) ?? []).map((seen, i) => 100 * (1 - seen / (rates.get(0)?.[i] ?? Number.NaN)));
    rows.push({
      id: "c",
      title: `training speed lost to 20 live viewers, ${template}`,
      value: median(costs),
      unit: "%",
      target: { is: "under", value: 5 },
      detail: `${counts.map((count) => `${rate(count).toFixed(1)} steps/s with ${count}`).join(", ")}; viewers on the same two cores`,
    });
  }
  console.log(`\n${markdownTable(rows)}\n`);
});

test("first picture", async () => {
  const rows: BenchRow[] = [];
  for (const [template, limit] of [
    ["std-2d", 5],
    ["std-style-32", 15],
  ] as const) {
    const graph = await templateGraph(server, template);
    const compiled: number[] = [];
    const first: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const begin = Date.now();
      const { id } = await server.post<{ id: string }>("/api/runs", { graph, overrides: { steps: 20 } });
      await finished(server, id);
      for (const event of await eventsOf(server, id)) {
        if (event.type === "compiled") compiled.push(event.milliseconds);
      }
      const frame = (await eventsOf(server, id)).find(({ type }) => type === "frame");
      if (frame === undefined) throw new Error(`The run of ${template} showed no picture.`);
      first.push((frame.time - begin) / 1000);
    }
    rows.push({
      id: "d",
      title: `pressing Run to the first picture, ${template}`,
      value: median(first),
      unit: "s",
      target: { is: "under", value: limit },
      detail: `worker start included; compiling and opening all sessions ${median(compiled).toFixed(0)} ms`,
    });
  }
  console.log(`\n${markdownTable(rows)}\n`);
});
