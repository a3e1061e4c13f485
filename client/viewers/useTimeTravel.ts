/** Which training step a view shows: the newest, or one that was chosen; steps can be played like a film. */
import { computed, onScopeDispose, ref } from "vue";

export type TimeTravel = ReturnType<typeof useTimeTravel>;

/** `steps` ascend; each stays for `interval` milliseconds while playing. */
export function useTimeTravel(steps: () => readonly number[], interval = 350) {
  /** Null follows the run. */
  const chosenStep = ref<number | null>(null);
  const isLive = computed(() => chosenStep.value === null);
  const step = computed(() => chosenStep.value ?? steps().at(-1) ?? 0);

  const isPlaying = ref(false);
  let timer: ReturnType<typeof setInterval> | undefined;
  function play(): void {
    const all = steps();
    if (all.length < 2) return;
    isPlaying.value = true;
    if (isLive.value || step.value === all.at(-1)) chosenStep.value = all[0] ?? null;
    clearInterval(timer);
    timer = setInterval(() => {
      const next = steps().find((other) => other > step.value);
      if (next === undefined) stop();
      else chosenStep.value = next;
    }, interval);
  }
  function stop(): void {
    isPlaying.value = false;
    clearInterval(timer);
  }
  function follow(): void {
    stop();
    chosenStep.value = null;
  }
  function goTo(at: number): void {
    stop();
    chosenStep.value = at;
  }
  onScopeDispose(stop);

  return { steps, isLive, step, isPlaying, play, stop, follow, goTo };
}
