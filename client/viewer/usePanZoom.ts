/** Panning and zooming an SVG by its view box: wheel, drag, two fingers and keys. */
import type { Area } from "@distillery/shared/picture/graphSvg";
import { computed, type Ref, shallowRef } from "vue";

const CLOSEST = 60;
const KEY_STEP = 0.12;

export function usePanZoom(svg: Ref<SVGSVGElement | null>, whole: () => Area) {
  const view = shallowRef<Area>(whole());
  const fingers = new Map<number, { x: number; y: number }>();

  /** Units of the drawing in a pixel: the drawing is fitted into its element. */
  function unit(): number {
    const box = svg.value?.getBoundingClientRect();
    return box && box.width > 0 && box.height > 0
      ? Math.max(view.value.width / box.width, view.value.height / box.height)
      : 1;
  }
  function move(dx: number, dy: number): void {
    view.value = { ...view.value, x: view.value.x + dx, y: view.value.y + dy };
  }
  /** Makes the drawing `factor` times larger, around a point of the screen or its middle. */
  function zoom(factor: number, at?: { x: number; y: number }): void {
    const { x, y, width, height } = view.value;
    const next = Math.min(Math.max(width / factor, CLOSEST), whole().width * 4);
    const ratio = next / width;
    const box = svg.value?.getBoundingClientRect();
    const scale = unit();
    const cx = at && box ? x + width / 2 + (at.x - box.left - box.width / 2) * scale : x + width / 2;
    const cy = at && box ? y + height / 2 + (at.y - box.top - box.height / 2) * scale : y + height / 2;
    view.value = { x: cx - (cx - x) * ratio, y: cy - (cy - y) * ratio, width: next, height: height * ratio };
  }
  const fit = (): void => {
    view.value = whole();
  };

  function wheel(event: WheelEvent): void {
    zoom(Math.exp(-event.deltaY * 0.0015), { x: event.clientX, y: event.clientY });
  }
  function down(event: PointerEvent): void {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }
  function drag(event: PointerEvent): void {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const scale = unit();
    move(((before.x - now.x) * scale) / fingers.size, ((before.y - now.y) * scale) / fingers.size);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
      zoom(spread(now) / spread(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    }
    fingers.set(event.pointerId, now);
  }
  function up(event: PointerEvent): void {
    fingers.delete(event.pointerId);
  }
  function key(event: KeyboardEvent): void {
    const step = view.value.width * KEY_STEP;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => move(-step, 0),
      ArrowRight: () => move(step, 0),
      ArrowUp: () => move(0, -step),
      ArrowDown: () => move(0, step),
      "+": () => zoom(1.25),
      "=": () => zoom(1.25),
      "-": () => zoom(0.8),
      f: fit,
      "0": fit,
    };
    const action = event.ctrlKey || event.metaKey ? undefined : actions[event.key];
    if (!action) return;
    action();
    event.preventDefault();
  }

  const viewBox = computed(() => `${view.value.x} ${view.value.y} ${view.value.width} ${view.value.height}`);
  return { viewBox, zoom, fit, wheel, down, drag, up, key };
}
