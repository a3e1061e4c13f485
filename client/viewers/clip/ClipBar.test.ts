// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import ClipBar from "./ClipBar.vue";
import { useClipStore } from "./clipStore";

afterEach(() => vi.useRealTimers());

it("plays what has no pictures on the page, and stops the clock when it goes", async () => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
  const clip = useClipStore();
  const view = mount(ClipBar, { props: { frames: 4 } });
  await nextTick();
  vi.advanceTimersByTime(1000);
  expect(clip.tick).toBe(clip.framesPerSecond);
  view.unmount();
  await nextTick();
  vi.advanceTimersByTime(1000);
  expect(clip.tick).toBe(clip.framesPerSecond);
});
