/** Where the tour's card stands: beside what it points at, never over it unless that fills the window. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const GAP = 14;
const EDGE = 12;

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));

export function placeCard(
  target: Box | null,
  card: { readonly width: number; readonly height: number },
  window: { readonly width: number; readonly height: number },
): { left: number; top: number } {
  const inside = (left: number, top: number) => ({
    left: Math.round(clamp(left, EDGE, window.width - card.width - EDGE)),
    top: Math.round(clamp(top, EDGE, window.height - card.height - EDGE)),
  });
  if (!target) return inside((window.width - card.width) / 2, window.height - card.height - 64);
  const centred = target.left + (target.width - card.width) / 2;
  const below = target.top + target.height + GAP;
  if (below + card.height + EDGE <= window.height) return inside(centred, below);
  const above = target.top - GAP - card.height;
  if (above >= EDGE) return inside(centred, above);
  const before = target.left - GAP - card.width;
  if (before >= EDGE) return inside(before, target.top + EDGE);
  const after = target.left + target.width + GAP;
  if (after + card.width + EDGE <= window.width) return inside(after, target.top + EDGE);
  // It fills the window: at the foot of it.
  return inside(centred, target.top + target.height - card.height - 2 * GAP);
}
