/** socket.io, namespace /runs: numbered events without gaps, and frames that are pictures. */
import type { RunEvent } from "@distillery/shared/protocol/events";
import {
  type ClientToServer,
  type FrameHeader,
  RUNS_NAMESPACE,
  type ServerToClient,
  type SubscribeAck,
} from "@distillery/shared/protocol/socket";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { io, type Socket } from "socket.io-client";
import { expect, test } from "../fixtures";
import { QUICK_STD_2D, withParams } from "../product/graphs";

interface Frame {
  header: FrameHeader;
  image: Uint8Array;
  values: Float32Array | null;
}

/** A viewer that keeps what it was sent. */
class Viewer {
  readonly socket: Socket<ServerToClient, ClientToServer>;
  readonly events: RunEvent[] = [];
  readonly frames: Frame[] = [];

  constructor(address: string) {
    this.socket = io(`${address}${RUNS_NAMESPACE}`, { transports: ["websocket"], forceNew: true, reconnection: false });
    this.socket.on("events", (batch) => this.events.push(...batch.map(({ runId: _, ...event }) => event)));
    this.socket.on("frame", (header, image, values) =>
      this.frames.push({ header, image: new Uint8Array(image), values: values && floats(values) }),
    );
  }
  subscribe(runId: string, after = 0): Promise<SubscribeAck> {
    return new Promise((resolve) => this.socket.emit("subscribe", { runId, after }, resolve));
  }
  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }
  leave(): void {
    this.socket.disconnect();
  }
}

/** In Node a binary message is a Buffer, somewhere inside a larger one. */
function floats(bytes: ArrayBuffer): Float32Array {
  return new Float32Array(new Uint8Array(bytes).slice().buffer);
}
const isWebp = (bytes: Uint8Array): boolean => {
  const text = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  return text.startsWith("RIFF") && text.endsWith("WEBP");
};

test("events have no gap across reconnects", async ({ api, server }) => {
  const graph = withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 1500 });
  const { id } = await api.start(graph);
  const seen: RunEvent[] = [];
  for (let round = 0; round < 4; round++) {
    const viewer = new Viewer(server.address);
    const ack = await viewer.subscribe(id, seen.length);
    expect(ack).toMatchObject({ seq: expect.any(Number), status: expect.any(String) });
    await expect.poll(() => viewer.events.length, { timeout: 20_000 }).toBeGreaterThan(10);
    viewer.leave();
    seen.push(...viewer.events);
  }
  await api.waitForStatus(id, "done", 60_000);
  const last = new Viewer(server.address);
  await last.subscribe(id, seen.length);
  const { lastSeq } = await api.run(id);
  await expect.poll(() => last.lastSeq).toBe(lastSeq);
  last.leave();
  seen.push(...last.events);

  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
  expect(seen).toEqual(await api.events(id));
  expect(seen.find(({ type }) => type === "compiled")).toBeDefined();
  const statuses = seen.flatMap((event) => (event.type === "status" ? [event.status] : []));
  expect(statuses).toEqual(["queued", "starting", "running", "done"]);
  const steps = seen.flatMap((event) => (event.type === "step" ? [event.step] : []));
  expect(steps[0]).toBe(1);
  expect(steps.at(-1)).toBe(1500);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
});

test("frames are pictures with their values, live and from the archive", async ({ api, server, page }) => {
  const graph = withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 400 });
  const { id } = await api.start(graph);
  const viewer = new Viewer(server.address);
  await viewer.subscribe(id);
  const tapped = await new Promise((resolve) =>
    viewer.socket.emit("tap", { runId: id, node: "bank", socket: "x", every: 1 }, resolve),
  );
  expect(tapped).toEqual({ ok: true });
  await api.waitForStatus(id, "done");
  await expect.poll(() => viewer.frames.some(({ header }) => header.node === "viewer")).toBe(true);
  await expect.poll(() => viewer.frames.some(({ header }) => header.tap === true)).toBe(true);
  viewer.leave();

  for (const { header, image, values } of viewer.frames) {
    expect(header.runId).toBe(id);
    expect(isWebp(image)).toBe(true);
    const size = header.shape.reduce((product, side) => product * side, 1);
    if (values !== null) expect(values).toHaveLength(size);
    expect(header.stats.min).toBeLessThanOrEqual(header.stats.max);
    expect(header.stats.nan + header.stats.inf).toBe(0);
  }
  const tap = viewer.frames.find(({ header }) => header.tap === true);
  expect(tap?.header).toMatchObject({ node: "bank", socket: "x", shape: [64, 2] });

  // A browser can show them.
  const { header, image } = viewer.frames.find((frame) => frame.header.node === "viewer") ?? {};
  const [width, height] = await page.evaluate(
    async (base64) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/webp;base64,${base64}`)).blob());
      return [bitmap.width, bitmap.height];
    },
    Buffer.from(image ?? []).toString("base64"),
  );
  expect(width).toBeGreaterThan(50);
  expect(height).toBe(width);

  // The archive has the same picture and the raw values.
  const stored = await api.fetch(`/api/runs/${id}/frames/${header?.seq}`);
  expect(stored.headers.get("content-type")).toBe("image/webp");
  expect(new Uint8Array(await stored.arrayBuffer())).toEqual(image);
  const raw = await api.fetch(`/api/runs/${id}/frames/${header?.seq}?format=raw`);
  expect(JSON.parse(raw.headers.get("x-shape") ?? "")).toEqual(header?.shape);
  expect((await raw.arrayBuffer()).byteLength).toBe(4 * (header?.shape ?? []).reduce((a, b) => a * b, 1));
});

test("tapping changes nothing that a run computes", async ({ api, server }) => {
  const graph = withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 200 });
  const quiet = await api.start(graph);
  await api.waitForStatus(quiet.id, "done");
  const { id } = await api.start(graph);
  const viewer = new Viewer(server.address);
  await viewer.subscribe(id);
  for (const [node, socket] of [
    ["bank", "x"],
    ["solver", "x"],
    ["student-jump", "predX0"],
  ] as const)
    viewer.socket.emit("tap", { runId: id, node, socket, every: 1 });
  await api.waitForStatus(id, "done");
  await expect
    .poll(() => new Set(viewer.frames.filter(({ header }) => header.tap).map(({ header }) => header.node)).size)
    .toBe(3);
  viewer.leave();
  expect((await api.run(id)).metrics).toEqual((await api.run(quiet.id)).metrics);
  const tensors = async (run: string) => decodeSafetensors(await api.artifact(run, "checkpoint.safetensors")).tensors;
  expect(await tensors(id)).toEqual(await tensors(quiet.id));
});

test("nonsense is answered, sockets of other pages are refused", async ({ server, api }) => {
  const viewer = new Viewer(server.address);
  expect(await viewer.subscribe("no-such-run")).toMatchObject({ error: expect.stringContaining("no run") });
  expect(await viewer.subscribe("x", -1)).toMatchObject({ error: expect.any(String) });
  viewer.leave();

  const stranger = io(`${server.address}${RUNS_NAMESPACE}`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    extraHeaders: { origin: "http://evil.example" },
  });
  const outcome = await new Promise((resolve) => {
    stranger.on("connect", () => resolve("connected"));
    stranger.on("connect_error", () => resolve("refused"));
  });
  stranger.disconnect();
  expect(outcome).toBe("refused");
  expect((await api.fetch("/api/health")).status).toBe(200);
});
