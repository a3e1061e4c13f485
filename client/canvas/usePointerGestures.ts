/** Turns pointer events on the canvas into gestures. Listens while capturing, before Rete and the cards. */
import { onBeforeUnmount, onMounted, type Ref, shallowRef } from "vue";
import type { Gesture, GestureHost, PointerState } from "./gestureHost";
import { startGesture } from "./gestures/startGesture";

const HOVER_TOLERANCE = 6;
const TAP_MS = 250;

export function usePointerGestures(root: Ref<HTMLElement | null>, host: () => GestureHost, onSpaceTap: () => void) {
  const cursor = shallowRef("");
  const spaceHeld = shallowRef(false);
  const touches = new Set<number>();
  let gesture: Gesture | null = null;
  /** A tap began it, the next one ends it. */
  let isWaiting = false;
  let pointerId: number | null = null;
  let rect = { left: 0, top: 0 };
  let spaceAt = 0;
  let spaceUsed = false;
  let last: PointerState | null = null;

  function read(event: PointerEvent | MouseEvent): PointerState {
    const { viewport } = host().session;
    const screen = { x: event.clientX - rect.left, y: event.clientY - rect.top };
    const world = { x: (screen.x - viewport.x) / viewport.zoom, y: (screen.y - viewport.y) / viewport.zoom };
    const { shiftKey: shift, altKey: alt, button } = event;
    last = { screen, world, button, shift, alt, mod: event.ctrlKey || event.metaKey };
    return last;
  }
  const measureOnce = () => {
    if (rect.left === 0 && rect.top === 0) measure();
  };
  const measure = () => {
    rect = root.value?.getBoundingClientRect() ?? rect;
  };

  function down(event: PointerEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    if (!root.value || target?.closest("[data-canvas-control]")) return;
    measure();
    if (event.pointerType === "touch") {
      touches.add(event.pointerId);
      if (touches.size > 1) {
        finish("cancel");
        return;
      }
    }
    if (gesture && !isWaiting) return;
    if (gesture && event.button !== 0) finish("cancel");
    if (gesture) {
      isWaiting = false;
      event.stopPropagation();
      hold(event.pointerId);
      gesture.move(read(event));
      return;
    }
    const frame = target?.closest<HTMLElement>("[data-frame-title]")?.dataset.frameTitle;
    const corner = target?.closest<HTMLElement>("[data-frame-corner]")?.dataset.frameCorner;
    const pointer = read(event);
    const next = startGesture(host(), pointer, { ...(frame && { frame }), ...(corner && { corner }) }, spaceHeld.value);
    if (!next) return;
    spaceUsed ||= spaceHeld.value;
    gesture = next;
    cursor.value = "";
    const onNode = target?.closest("[data-node]") !== null;
    // Rete's own node drag must not see the press; two fingers on empty canvas are its pinch.
    if (onNode || event.pointerType !== "touch") event.stopPropagation();
    if (event.button === 1) event.preventDefault();
    if (!onNode && !frame) root.value.focus({ preventScroll: true });
    hold(event.pointerId);
  }
  function hold(pointer: number): void {
    pointerId = pointer;
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", cancel);
  }
  function letGo(): void {
    pointerId = null;
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
  }
  function move(event: PointerEvent): void {
    if (event.pointerId !== pointerId || !gesture) return;
    cursor.value = gesture.cursor ?? "";
    gesture.move(read(event));
  }
  function up(event: PointerEvent): void {
    if (event.pointerId === pointerId) finish("up", read(event));
  }
  function cancel(event: PointerEvent): void {
    if (event.pointerId === pointerId) finish("cancel");
  }
  function finish(how: "up" | "cancel", pointer?: PointerState): void {
    const ended = gesture;
    letGo();
    gesture = null;
    isWaiting = false;
    cursor.value = "";
    if (how === "cancel" || !pointer) ended?.cancel();
    else ended?.up(pointer);
    if (how === "up" && ended?.goesOn?.()) {
      gesture = ended;
      isWaiting = true;
    }
  }
  /** Fingers are counted whether a gesture goes on or not: the first one of a pinch ends its own. */
  const cancelAll = () => finish("cancel");
  function lift(event: PointerEvent): void {
    touches.delete(event.pointerId);
  }

  function hover(event: PointerEvent): void {
    if (gesture && !isWaiting) return;
    measureOnce();
    const pointer = read(event);
    if (gesture) {
      gesture.move(pointer);
      return;
    }
    const { scene, session } = host();
    const onNode = scene.nodeAt(pointer.world);
    const wire = onNode === null ? scene.wireNear(pointer.world, HOVER_TOLERANCE / session.viewport.zoom) : null;
    if (session.hoveredNode !== onNode) session.hoveredNode = onNode;
    if (session.hoveredEdge !== wire) session.hoveredEdge = wire;
    cursor.value = wire === null ? "" : "pointer";
  }
  function leave(): void {
    const { session } = host();
    session.hoveredNode = null;
    session.hoveredEdge = null;
  }

  function keyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" && gesture) {
      finish("cancel");
      event.stopPropagation();
    }
    const inField = event.target instanceof Element && event.target.closest("input, textarea, select, button, a");
    if (event.key !== " " || inField || !root.value?.contains(document.activeElement)) return;
    event.preventDefault();
    if (event.repeat) return;
    spaceHeld.value = true;
    spaceUsed = false;
    spaceAt = performance.now();
  }
  function keyUp(event: KeyboardEvent): void {
    if (event.key !== " " || !spaceHeld.value) return;
    spaceHeld.value = false;
    if (!spaceUsed && performance.now() - spaceAt < TAP_MS) onSpaceTap();
  }

  onMounted(() => {
    root.value?.addEventListener("pointerdown", down, true);
    root.value?.addEventListener("pointermove", hover);
    root.value?.addEventListener("pointerenter", measure);
    root.value?.addEventListener("pointerleave", leave);
    addEventListener("resize", measure);
    // A long press opens the menu and is no tap.
    root.value?.addEventListener("contextmenu", cancelAll, true);
    addEventListener("pointerup", lift);
    addEventListener("pointercancel", lift);
    addEventListener("keydown", keyDown, true);
    addEventListener("keyup", keyUp);
    measure();
  });
  onBeforeUnmount(() => {
    finish("cancel");
    removeEventListener("resize", measure);
    removeEventListener("pointerup", lift);
    removeEventListener("pointercancel", lift);
    removeEventListener("keydown", keyDown, true);
    removeEventListener("keyup", keyUp);
  });

  return { cursor, spaceHeld, read, measure, measureOnce, lastPointer: () => last };
}
