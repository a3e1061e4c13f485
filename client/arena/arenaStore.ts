/** The arenas of the server, and the one in view: asked for again while it computes. */
import type { Arena, ArenaSpecInput, ArenaSummary } from "@distillery/shared/protocol/arena";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { ApiError, messageOf } from "../api/apiError";
import {
  controlArena,
  deleteArena,
  getArena,
  getSharedArena,
  getSharedPicture,
  listArenas,
  listMethods,
  type MethodInfo,
  startArena,
} from "../api/arena";
import { getFrameImage } from "../api/server";

const POLL_MILLISECONDS = 1500;

/** Which arena is looked at: one of this server's own, or one that was shared. */
export type ArenaPlace = { readonly id: string | null } | { readonly slug: string };

export const useArenaStore = defineStore("arena", () => {
  const methods = shallowRef<readonly MethodInfo[] | null>(null);
  const list = shallowRef<readonly ArenaSummary[]>([]);
  const arena = shallowRef<Arena | null>(null);
  const isOpening = ref(false);
  const isBusy = ref(false);
  /** Why the page cannot be shown, and why the last action was refused. */
  const problem = shallowRef<{ message: string; isOffline: boolean } | null>(null);
  const refusal = ref("");
  let place: ArenaPlace | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isRunning = computed(() => arena.value?.status === "running");

  const fetchArena = (at: ArenaPlace): Promise<Arena | null> => {
    if ("slug" in at) return getSharedArena(at.slug);
    return at.id === null ? Promise.resolve(null) : getArena(at.id);
  };

  /** A picture of the arena in view; whoever has only a link may ask only under that. */
  const picture = (run: string, seq: number, signal: AbortSignal): Promise<Blob> =>
    place !== null && "slug" in place
      ? getSharedPicture(place.slug, run, seq, signal)
      : getFrameImage(run, seq, signal);

  async function open(at: ArenaPlace): Promise<void> {
    place = at;
    refusal.value = "";
    // What is shown already stays while it is asked for again.
    const isKnown = "id" in at && at.id !== null && at.id === arena.value?.id;
    isOpening.value = !isKnown;
    try {
      const [found] = await Promise.all([fetchArena(at), "slug" in at ? undefined : refresh()]);
      if (place !== at) return;
      arena.value = found;
      problem.value = null;
    } catch (error) {
      if (place !== at) return;
      arena.value = null;
      problem.value = { message: messageOf(error), isOffline: error instanceof ApiError && error.isOffline };
    } finally {
      if (place === at) isOpening.value = false;
    }
    follow();
  }

  async function refresh(): Promise<void> {
    const [known, all] = await Promise.all([methods.value ?? listMethods(), listArenas()]);
    methods.value = known;
    list.value = all;
  }

  /** Asks again while something is computed; a server that is away is asked until it is back. */
  function follow(): void {
    clearTimeout(timer);
    const at = place;
    if (at === null || !isRunning.value) return;
    timer = setTimeout(async () => {
      const found = await fetchArena(at).catch(() => undefined);
      if (place !== at) return;
      if (found) show(found);
      follow();
    }, POLL_MILLISECONDS);
  }

  function show(found: Arena): void {
    arena.value = found;
    const { spec: _, metrics: _metrics, entries: _entries, ...summary } = found;
    const others = list.value.filter(({ id }) => id !== found.id);
    list.value = [summary, ...others].sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Does something on the server; what it refuses is shown where it was asked. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    isBusy.value = true;
    refusal.value = "";
    try {
      return await work();
    } catch (error) {
      refusal.value = messageOf(error);
      return undefined;
    } finally {
      isBusy.value = false;
    }
  }

  const start = (spec: ArenaSpecInput): Promise<Arena | undefined> => attempt(() => startArena(spec));

  async function control(verb: "cancel" | "resume"): Promise<void> {
    const id = arena.value?.id;
    if (id === undefined) return;
    const found = await attempt(() => controlArena(id, verb));
    if (found && found.id === arena.value?.id) show(found);
    follow();
  }

  async function remove(): Promise<boolean> {
    const id = arena.value?.id;
    if (id === undefined) return false;
    const isGone = (await attempt(() => deleteArena(id))) !== undefined;
    if (isGone) list.value = list.value.filter((each) => each.id !== id);
    return isGone;
  }

  function close(): void {
    clearTimeout(timer);
    place = null;
  }

  return {
    methods,
    list,
    arena,
    isOpening,
    isBusy,
    isRunning,
    problem,
    refusal,
    picture,
    open,
    start,
    control,
    remove,
    close,
  };
});
