/** What a gesture may see and do. Gestures know no Vue components and no DOM, so tests drive them directly. */
import type { GraphEdge } from "@distillery/shared/graph/document";
import type { useDocumentStore } from "../editor/documentStore";
import type { useSessionStore, Viewport } from "../editor/sessionStore";
import type { Scene, SocketHit } from "./scene";
import type { Rect } from "./spatialIndex";
import type { Curve, Point } from "./wirePath";

export const GRID = 20;

export interface PointerState {
  /** Pixels from the canvas's top left corner. */
  readonly screen: Point;
  /** Position in the graph. */
  readonly world: Point;
  readonly button: number;
  readonly shift: boolean;
  /** Ctrl, or Cmd on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
  /** A finger: it covers more than the tip of an arrow, and trembles. */
  readonly touch?: boolean;
}

/** How near a wire must be that is meant, in pixels. */
export const wireReach = ({ touch }: PointerState): number => (touch ? 16 : 7);
/** How far a press wanders before it is a drag, in pixels. */
export const dragThreshold = ({ touch }: PointerState): number => (touch ? 8 : 3);

/** A wire being drawn. */
export interface WireDraft {
  /** The end that stays. */
  readonly anchor: SocketHit;
  /** `socketKey`s of the sockets that would accept the wire. */
  readonly accepted: ReadonlySet<string>;
  readonly pointer: Point;
  readonly target: SocketHit | null;
}

export interface Overlay {
  marquee: Rect | null;
  draft: WireDraft | null;
  /** The wire that a node would be put into, were it let go now. */
  insertion: readonly Curve[] | null;
  /** A refusal, next to the pointer. */
  refusal: string | null;
}

export interface GestureHost {
  readonly documents: ReturnType<typeof useDocumentStore>;
  readonly session: ReturnType<typeof useSessionStore>;
  readonly scene: Scene;
  setViewport(viewport: Viewport): void;
  setOverlay(overlay: Partial<Overlay>): void;
  /** Nodes whose cards are mounted: the only ones that can light up. */
  mountedNodes(): Iterable<string>;
  /** A wire was dropped where it does not fit: says why, and what would help. */
  refuse(at: PointerState, edge: GraphEdge, reason: string): void;
  /** Opens the add-node menu; with `from`, only nodes that fit that socket. */
  openAddMenu(at: PointerState, from: SocketHit | null): void;
}

export interface Gesture {
  readonly cursor?: string;
  /** Something is being changed: another finger does not end it. */
  isUnderWay?(): boolean;
  move(pointer: PointerState): void;
  up(pointer: PointerState): void;
  cancel(): void;
  /** Asked after `up`: it was a tap, and another one completes the gesture. */
  goesOn?(): boolean;
}

export const socketKey = (node: string, side: "input" | "output", socket: string): string =>
  `${node}|${side}|${socket}`;

export const snap = (value: number): number => Math.round(value / GRID) * GRID;
