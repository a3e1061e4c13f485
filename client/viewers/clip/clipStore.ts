/** One clock for all clips in view: teacher, student and difference always show the same frame. */
import { defineStore } from "pinia";
import { ref, watch } from "vue";
import { useMotionStore } from "../../settings/motionStore";

export const RATES = [2, 4, 8, 12, 24] as const;

/** Frames of a clip [F, C, H, W]; 1 for everything else. */
export const framesOf = (shape: readonly number[] | undefined): number =>
  shape?.length === 4 ? Math.max(1, shape[0] ?? 1) : 1;

export const useClipStore = defineStore("clips", () => {
  /** Counts on and on; a clip of F frames shows frame `tick % F`. */
  const tick = ref(0);
  const isPlaying = ref(!useMotionStore().isReduced);
  const framesPerSecond = ref(8);
  /** Views that show a clip; without any the clock stands still. */
  const watchers = ref(0);
  let timer: ReturnType<typeof setInterval> | undefined;

  watch([isPlaying, framesPerSecond, () => watchers.value > 0], ([playing, rate, isWatched]) => {
    clearInterval(timer);
    timer = undefined;
    if (!playing || !isWatched) return;
    timer = setInterval(() => {
      tick.value++;
    }, 1000 / rate);
  });

  function goTo(frame: number): void {
    isPlaying.value = false;
    tick.value = frame;
  }
  /** Keeps the clock going until the returned function is called. */
  function attach(): () => void {
    watchers.value++;
    let isAttached = true;
    return () => {
      if (isAttached) watchers.value--;
      isAttached = false;
    };
  }
  const frameOf = (shape: readonly number[] | undefined): number => tick.value % framesOf(shape);

  return { tick, isPlaying, framesPerSecond, goTo, attach, frameOf };
});
