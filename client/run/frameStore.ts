/**
 * The pictures of the run in view. Live frames arrive with their pixels over the socket; older ones are fetched by
 * number. A picture is decoded when a view asks for it, so what nobody looks at costs next to nothing.
 */
import type { FrameHeader } from "@distillery/shared/protocol/socket";
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { serverSource } from "../api/server";
import { say } from "../language";
import { BitmapCache } from "./bitmapCache";
import { FrameIndex, type Place } from "./frameIndex";
import type { StoredFrame } from "./runLog";
import type { RunSource } from "./runSource";

/** About 100 MB of pixels at 128 x 128. */
const CACHED_BITMAPS = 1200;
const CACHED_VALUES = 600;
const PARALLEL_FETCHES = 6;
/** How long the pixels of a frame just announced are awaited from the socket before they are fetched, milliseconds. */
const SOCKET_GRACE = 250;

/** Encoded pictures kept until somebody wants to see them: a few evaluations of a viewer, some megabytes. */
const KEPT_ARRIVALS = 600;

export const useFrameStore = defineStore("frames", () => {
  const runId = shallowRef<string | null>(null);
  /** Null while no run is in view. */
  const source = shallowRef<RunSource | null>(null);
  const index = shallowRef(new FrameIndex());
  /** Grows whenever the index or a live picture changes: what views depend on. */
  const version = shallowRef(0);
  /** Newest tapped frame by `node|socket`, with its number of arrivals. */
  const taps = new Map<string, { header: FrameHeader; values: Float32Array | null; arrivals: number }>();

  const cache = new BitmapCache<ImageBitmap>(CACHED_BITMAPS);
  const values = new Map<number, Float32Array>();
  /** First frame of each content, and which one stands for another of the same content. */
  const byHash = new Map<string, number>();
  const standIn = new Map<number, number>();
  /** Encoded pictures from the socket, by event number. */
  const arrived = new Map<number, Blob>();
  const awaited = new Map<number, (() => void)[]>();
  const loading = new Map<number, Promise<ImageBitmap | null>>();
  const queue: (() => void)[] = [];
  let fetching = 0;
  let scheduled = 0;

  function open(id: string, from: RunSource = serverSource(id)): void {
    close();
    runId.value = id;
    source.value = from;
  }
  function close(): void {
    runId.value = null;
    source.value = null;
    index.value = new FrameIndex();
    cache.clear();
    for (const map of [values, arrived, awaited, loading, taps, byHash, standIn]) map.clear();
    queue.length = 0;
    version.value++;
  }

  /** Takes note of frames announced in the event log. */
  function addToIndex(id: string, frames: readonly StoredFrame[]): void {
    if (id !== runId.value || frames.length === 0) return;
    for (const frame of frames) take(frame);
    touch();
  }
  function take(frame: StoredFrame): void {
    index.value.add(frame);
    if (frame.hash === undefined) return;
    const first = byHash.get(frame.hash);
    if (first === undefined) byHash.set(frame.hash, frame.seq);
    else if (first !== frame.seq) standIn.set(frame.seq, first);
  }
  const sourceOf = (seq: number): number => standIn.get(seq) ?? seq;

  /** Pictures of `steps` are not kept any more. */
  function forget(id: string, steps: readonly number[], tap: boolean): void {
    if (id !== runId.value) return;
    const gone = new Set(index.value.drop(steps, tap));
    for (const [hash, seq] of byHash) if (gone.has(seq)) byHash.delete(hash);
    for (const [seq, source] of standIn) if (gone.has(source)) standIn.delete(seq);
    touch();
  }

  /** Takes a live picture. */
  function receive(header: FrameHeader, image: ArrayBuffer, raw: ArrayBuffer | null): void {
    if (header.runId !== runId.value) return;
    arrived.set(header.seq, new Blob([image], { type: `image/${header.format}` }));
    dropOldest(arrived, KEPT_ARRIVALS);
    take(header);
    const numbers = raw ? new Float32Array(raw.slice(0)) : null;
    if (numbers) rememberValues(header.seq, numbers);
    if (header.tap) {
      const tapKey = `${header.node}|${header.socket}`;
      const arrivals = (taps.get(tapKey)?.arrivals ?? 0) + 1;
      taps.set(tapKey, { header, values: numbers, arrivals });
    }
    for (const tell of awaited.get(header.seq) ?? []) tell();
    awaited.delete(header.seq);
    touch();
  }

  const cached = (seq: number): ImageBitmap | undefined => cache.get(sourceOf(seq));

  /** The picture of event `seq`, from memory, the socket or the server; null when it is gone. Do not close it. */
  function load(frame: number, isFresh = false): Promise<ImageBitmap | null> {
    const seq = sourceOf(frame);
    const known = cache.get(seq);
    if (known) return Promise.resolve(known);
    let promise = loading.get(seq);
    if (!promise) {
      promise = find(seq, isFresh).finally(() => loading.delete(seq));
      loading.set(seq, promise);
    }
    return promise;
  }

  async function find(seq: number, isFresh: boolean): Promise<ImageBitmap | null> {
    const id = runId.value;
    const from = source.value;
    if (!id || !from) return null;
    if (isFresh && !arrived.has(seq)) await arrival(seq);
    const encoded = arrived.get(seq);
    if (encoded !== undefined) {
      arrived.delete(seq);
      return keep(id, seq, await createImageBitmap(encoded).catch(() => null));
    }
    await turn();
    try {
      if (id !== runId.value) return null;
      return keep(id, seq, cache.get(seq) ?? (await createImageBitmap(await from.image(seq))));
    } catch {
      return null;
    } finally {
      yieldTurn();
    }
  }

  /** Remembers a decoded picture, unless its run has been left meanwhile. */
  function keep(id: string, seq: number, bitmap: ImageBitmap | null): ImageBitmap | null {
    if (bitmap === null) return null;
    if (id !== runId.value) {
      bitmap.close();
      return null;
    }
    cache.put(seq, bitmap);
    return bitmap;
  }

  /** Waits a moment for the pixels of a frame that was just announced. */
  function arrival(seq: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SOCKET_GRACE);
      const tell = () => {
        clearTimeout(timer);
        resolve();
      };
      awaited.set(seq, [...(awaited.get(seq) ?? []), tell]);
    });
  }

  /** Waits for one of the few places for a fetch. */
  async function turn(): Promise<void> {
    while (fetching >= PARALLEL_FETCHES) await new Promise<void>((resolve) => queue.push(resolve));
    fetching++;
  }
  function yieldTurn(): void {
    fetching--;
    queue.shift()?.();
  }

  /** Raw values of a frame, row-major. */
  async function loadValues(frame: number, isFresh = false): Promise<Float32Array> {
    const seq = sourceOf(frame);
    const known = values.get(seq);
    if (known) return known;
    const from = source.value;
    if (!from) throw new Error(say.run.noneInView);
    if (isFresh) {
      await new Promise((resolve) => setTimeout(resolve, SOCKET_GRACE));
      const arrivedMeanwhile = values.get(seq);
      if (arrivedMeanwhile) return arrivedMeanwhile;
    }
    await turn();
    try {
      const numbers = await from.values(seq);
      rememberValues(seq, numbers);
      return numbers;
    } finally {
      yieldTurn();
    }
  }
  function rememberValues(seq: number, numbers: Float32Array): void {
    values.set(seq, numbers);
    dropOldest(values, CACHED_VALUES);
  }

  const at = (place: Place, step?: number): StoredFrame | undefined => index.value.at(place, step);
  const tapped = (node: string, socket: string) => taps.get(`${node}|${socket}`);

  /** Tells views that there is another picture, at most once per animation frame. */
  function touch(): void {
    if (scheduled === 0)
      scheduled = requestAnimationFrame(() => {
        scheduled = 0;
        version.value++;
      });
  }

  return {
    runId,
    source,
    index,
    version,
    touch,
    open,
    close,
    addToIndex,
    forget,
    receive,
    cached,
    load,
    loadValues,
    at,
    tapped,
  };
});

function dropOldest<V>(map: Map<number, V>, limit: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}
