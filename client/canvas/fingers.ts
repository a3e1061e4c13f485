/** Where fingers are, and what they say beside moving: browsers disagree about long presses and double taps, so both are told here. */
import type { Point } from "./wirePath";

/** How far a finger wanders that means to stay, in pixels. */
const WANDERING = 10;
const LONG_PRESS_MS = 500;
const DOUBLE_TAP = { ms: 320, pixels: 30 };

interface Finger {
  readonly start: Point;
  at: Point;
  hasMoved: boolean;
}
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
const placeOf = (event: PointerEvent): Point => ({ x: event.clientX, y: event.clientY });

export class Fingers {
  private readonly fingers = new Map<number, Finger>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastTap: { at: Point; time: number } | null = null;

  get ids(): number[] {
    return [...this.fingers.keys()];
  }
  /** Where they are in the window, in the order they came. */
  get places(): Point[] {
    return [...this.fingers.values()].map(({ at }) => at);
  }

  /** Calls back when the finger rests as the only one. */
  down(event: PointerEvent, onLongPress: () => void): void {
    this.fingers.set(event.pointerId, { start: placeOf(event), at: placeOf(event), hasMoved: false });
    this.rest();
    if (this.fingers.size === 1) this.timer = setTimeout(onLongPress, LONG_PRESS_MS);
    else for (const finger of this.fingers.values()) finger.hasMoved = true;
  }
  move(event: PointerEvent): void {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    finger.at = placeOf(event);
    if (finger.hasMoved || distance(finger.at, finger.start) <= WANDERING) return;
    finger.hasMoved = true;
    this.rest();
  }
  /** Whether that was a tap, and the second of two at one place. */
  up(event: PointerEvent): "single" | "double" | null {
    const finger = this.fingers.get(event.pointerId);
    this.lift(event);
    if (!finger || finger.hasMoved) return null;
    const at = placeOf(event);
    const time = event.timeStamp;
    const before = this.lastTap;
    const isSecond =
      before !== null && time - before.time < DOUBLE_TAP.ms && distance(before.at, at) < DOUBLE_TAP.pixels;
    this.lastTap = isSecond ? null : { at, time };
    return isSecond ? "double" : "single";
  }
  lift(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.rest();
  }
  /** The last tap had a meaning of its own. */
  forgetTap(): void {
    this.lastTap = null;
  }
  /** No long press comes of this any more. */
  rest(): void {
    clearTimeout(this.timer);
  }
}
