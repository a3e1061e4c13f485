/** The pictures and numbers of one wire: tapped while a run goes on, kept ones at any step afterwards. */
import { computed, onScopeDispose, shallowRef, watch } from "vue";
import { messageOf } from "../../api/apiError";
import type { Place } from "../../run/frameIndex";
import { useFrameStore } from "../../run/frameStore";
import { useRunStore } from "../../run/runStore";
import { useServerStore } from "../../run/serverStore";

export interface WireSource {
  readonly node: string;
  readonly socket: string;
}
/** Samples of a batch that are shown. */
const MAX_ROWS = 16;

/**
 * `source` is null while no such wire is looked at. `step` undefined follows the run, `row` is the sample, `every` how many
 * steps lie between two values of a live run.
 */
export function useWireFrames(
  source: () => WireSource | null,
  look: { step(): number | undefined; row(): number; every(): number },
) {
  const run = useRunStore();
  const frames = useFrameStore();
  const server = useServerStore();

  // A tap changes only which outputs are fetched; it ends when another wire is chosen.
  let stop = () => {};
  watch(
    () => [run.runId, source()?.node, source()?.socket, look.every(), run.isActive] as const,
    ([runId, node, socket, every, isActive]) => {
      stop();
      stop = () => {};
      if (runId && node !== undefined && socket !== undefined && isActive)
        stop = server.live().tap({ runId, node, socket, every });
    },
    { immediate: true },
  );
  onScopeDispose(() => stop());

  const placeOf = ({ node, socket }: WireSource, row: number, column = 0): Place => ({ node, socket, row, column });
  const steps = computed(() => {
    void frames.version;
    const wire = source();
    return wire ? frames.index.stepsAt(placeOf(wire, 0)) : [];
  });
  /** The newest picture of each sample. */
  const shown = computed(() => {
    void frames.version;
    const wire = source();
    if (!wire) return [];
    const { rows, columns } = frames.index.extent(wire.node, wire.socket);
    return Array.from({ length: Math.min(rows, MAX_ROWS) }, (_, row) => row).flatMap((row) => {
      let newest = frames.at(placeOf(wire, row), look.step());
      for (let column = 1; column < columns; column++) {
        const other = frames.at(placeOf(wire, row, column), look.step());
        if (other && (!newest || other.seq > newest.seq)) newest = other;
      }
      return newest ? [newest] : [];
    });
  });
  const frame = computed(() => shown.value[Math.min(look.row(), shown.value.length - 1)]);

  /** Values together with the picture they belong to; the last ones stay while newer ones are on their way. */
  const loaded = shallowRef<{ seq: number; step: number; shape: readonly number[]; values: Float32Array } | null>(null);
  const problem = shallowRef("");
  let loading = false;
  async function load(): Promise<void> {
    if (loading) return;
    loading = true;
    try {
      // What became newer meanwhile is loaded next; what came and went in between is not.
      for (let next = frame.value; next && next.seq !== loaded.value?.seq; next = frame.value) {
        const values = await frames.loadValues(next.seq, run.isActive && look.step() === undefined);
        loaded.value = { seq: next.seq, step: next.step, shape: next.shape, values };
        problem.value = "";
        await new Promise(requestAnimationFrame);
      }
    } catch (error) {
      // The picture of a step that is going on may not be stored yet.
      if (!run.isActive || look.step() !== undefined) problem.value = messageOf(error);
    } finally {
      loading = false;
    }
  }
  watch(
    () => frame.value?.seq,
    (seq) => {
      problem.value = "";
      if (seq === undefined) loaded.value = null;
      else void load();
    },
    { immediate: true },
  );

  return { steps, shown, frame, loaded, problem };
}
