/** Turns pointer events on the canvas into gestures. Listens while capturing, before Rete and the cards. */
import { onBeforeUnmount, onMounted, type Ref, shallowRef } from "vue";
import { Fingers } from "./fingers";
import { type Gesture, type GestureHost, type PointerState, wireReach } from "./gestureHost";
import { panView } from "./gestures/panView";
import { pinchView } from "./gestures/pinchView";
import { startGesture } from "./gestures/startGesture";
import type { Point } from "./wirePath";

const TAP_MS = 250;

export function usePointerGestures(root: Ref<HTMLElement | null>, host: () => GestureHost, onSpaceTap: () => void) {
  const cursor = shallowRef("");
  const spaceHeld = shallowRef(false);
  const fingers = new Fingers();
  /** The last press was a finger's. */
  let isTouch = false;
  let gesture: Gesture | null = null;
  /** A tap began it, another one ends it. */
  let waiting: Gesture | null = null;
  /** The pointers that lead the gesture. */
  let held: readonly number[] = [];
  let rect = { left: 0, top: 0 };
  let spaceAt = 0;
  let spaceUsed = false;
  let last: PointerState | null = null;
  /** What a finger has opened lies under it: the browser's click would press it. */
  let swallowsClick = false;

  const onScreen = ({ x, y }: Point): Point => ({ x: x - rect.left, y: y - rect.top });
  function read(event: PointerEvent | MouseEvent): PointerState {
    const { viewport } = host().session;
    const screen = onScreen({ x: event.clientX, y: event.clientY });
    const world = { x: (screen.x - viewport.x) / viewport.zoom, y: (screen.y - viewport.y) / viewport.zoom };
    const { shiftKey: shift, altKey: alt, button } = event;
    last = { screen, world, button, shift, alt, mod: event.ctrlKey || event.metaKey, touch: isTouch };
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
    const isControl = target?.closest("[data-canvas-control]") != null;
    isTouch = event.pointerType === "touch" && !isControl;
    swallowsClick = false;
    if (!root.value || isControl) return;
    measure();
    if (isTouch) {
      // Neither Rete nor the cards know fingers.
      event.stopPropagation();
      fingers.down(event, () => longPress(event));
      if (fingers.ids.length > 1) {
        pinch();
        return;
      }
    }
    if (gesture) return;
    if (waiting) {
      if (event.button !== 0) endWaiting();
      else if (isTouch) {
        // The other socket may be out of sight: moving moves the view, and only a tap ends the wire.
        begin(panView(host(), read(event), complete), event.pointerId);
        return;
      } else {
        event.stopPropagation();
        const wire = waiting;
        waiting = null;
        begin(wire, event.pointerId);
        wire.move(read(event));
        return;
      }
    }
    const frame = target?.closest<HTMLElement>("[data-frame-title]")?.dataset.frameTitle;
    const corner = target?.closest<HTMLElement>("[data-frame-corner]")?.dataset.frameCorner;
    const pointer = read(event);
    const next = startGesture(host(), pointer, { ...(frame && { frame }), ...(corner && { corner }) }, spaceHeld.value);
    if (!next) return;
    spaceUsed ||= spaceHeld.value;
    cursor.value = "";
    const onNode = target?.closest("[data-node]") !== null;
    // Rete's own node drag must not see the press.
    event.stopPropagation();
    if (event.button === 1) event.preventDefault();
    if (!onNode && !frame) root.value.focus({ preventScroll: true });
    begin(next, event.pointerId);
  }
  function begin(next: Gesture, ...pointers: readonly number[]): void {
    gesture = next;
    held = pointers;
  }
  /** What the first finger has changed already goes on; anything else gives way to two. */
  function pinch(): void {
    if (fingers.ids.length > 2 || gesture?.isUnderWay?.()) return;
    finish("cancel");
    const pair = (): readonly [Point, Point] => {
      const [a, b = a] = fingers.places.map(onScreen);
      return a && b
        ? [a, b]
        : [
            { x: 0, y: 0 },
            { x: 0, y: 0 },
          ];
    };
    begin(pinchView(host(), pair), ...fingers.ids);
  }
  /** Tells what lies under the resting finger as the right mouse button does. */
  function longPress(event: PointerEvent): void {
    if (gesture?.isUnderWay?.()) return;
    cancelAll();
    swallowsClick = true;
    tell("contextmenu", event, 2);
  }
  function tell(type: "contextmenu" | "dblclick", event: PointerEvent, button: number): void {
    const { clientX, clientY } = event;
    event.target?.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, clientX, clientY, button }));
  }
  function move(event: PointerEvent): void {
    if (event.pointerType === "touch") fingers.move(event);
    if (!gesture || !held.includes(event.pointerId)) return;
    cursor.value = gesture.cursor ?? "";
    gesture.move(read(event));
  }
  function up(event: PointerEvent): void {
    const tap = event.pointerType === "touch" ? fingers.up(event) : null;
    if (!held.includes(event.pointerId)) return;
    const wasPinch = held.length > 1;
    const hasWaited = waiting !== null;
    const pointer = read(event);
    finish("up", pointer);
    if (wasPinch) goOnWith(pointer);
    if (!tap) return;
    if (hasWaited || waiting) {
      fingers.forgetTap();
      return;
    }
    point(pointer);
    if (tap === "single") return;
    swallowsClick = true;
    tell("dblclick", event, 0);
  }
  /** The finger that stays after a pinch pans. */
  function goOnWith(pointer: PointerState): void {
    const [id] = fingers.ids;
    const [place] = fingers.places;
    if (id === undefined || !place) return;
    begin(
      panView(host(), { ...pointer, screen: onScreen(place) }, () => undefined),
      id,
    );
  }
  function cancel(event: PointerEvent): void {
    fingers.lift(event);
    if (held.includes(event.pointerId)) finish("cancel");
  }
  function finish(how: "up" | "cancel", pointer?: PointerState): void {
    const ended = gesture;
    held = [];
    gesture = null;
    cursor.value = "";
    if (how === "cancel" || !pointer) ended?.cancel();
    else ended?.up(pointer);
    if (how === "up" && ended?.goesOn?.()) waiting = ended;
  }
  /** The tap that a waiting gesture has waited for. */
  function complete(pointer: PointerState): void {
    const ended = waiting;
    waiting = null;
    ended?.move(pointer);
    ended?.up(pointer);
  }
  function endWaiting(): void {
    waiting?.cancel();
    waiting = null;
  }
  function cancelAll(): void {
    finish("cancel");
    endWaiting();
  }
  /** Where fingers are told here, the browser's own word for it is one too many. */
  function isDropped(event: Event): boolean {
    if (!isTouch || !event.isTrusted) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
  function openMenu(event: Event): void {
    if (!isDropped(event)) cancelAll();
  }
  function endTouch(event: TouchEvent): void {
    if (swallowsClick && event.cancelable) event.preventDefault();
    swallowsClick = false;
  }

  function hover(event: PointerEvent): void {
    if (gesture || event.pointerType === "touch") return;
    measureOnce();
    const pointer = read(event);
    if (waiting) waiting.move(pointer);
    else point(pointer);
  }
  function point(pointer: PointerState): void {
    const { scene, session } = host();
    const onNode = scene.nodeAt(pointer.world);
    const wire = onNode === null ? scene.wireNear(pointer.world, wireReach(pointer) / session.viewport.zoom) : null;
    if (session.hoveredNode !== onNode) session.hoveredNode = onNode;
    if (session.hoveredEdge !== wire) session.hoveredEdge = wire;
    cursor.value = wire === null ? "" : "pointer";
  }
  function leave(event: PointerEvent): void {
    if (event.pointerType === "touch") return;
    const { session } = host();
    session.hoveredNode = null;
    session.hoveredEdge = null;
  }

  function keyDown(event: KeyboardEvent): void {
    isTouch = false;
    if (event.key === "Escape" && (gesture || waiting)) {
      cancelAll();
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
    root.value?.addEventListener("contextmenu", openMenu, true);
    root.value?.addEventListener("dblclick", isDropped, true);
    root.value?.addEventListener("touchend", endTouch);
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", keyDown, true);
    addEventListener("keyup", keyUp);
    measure();
  });
  onBeforeUnmount(() => {
    cancelAll();
    fingers.rest();
    removeEventListener("resize", measure);
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", keyDown, true);
    removeEventListener("keyup", keyUp);
  });

  return { cursor, spaceHeld, read, measure, measureOnce, lastPointer: () => last };
}
