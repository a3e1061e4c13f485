/** How a method is marked in the plot and in the tables: the same everywhere. */
import { SHAPES, type Shape } from "@distillery/shared/chart/scatter";
import type { Arena } from "@distillery/shared/protocol/arena";

/** Tokens `--series-1` to this. */
const COLORS = 7;

export interface Mark {
  /** Name of a colour token. */
  readonly token: string;
  readonly shape: Shape;
}

export const TEACHER_MARK: Mark = { token: "--text", shape: "diamond" };

/** With more methods than colours, colour and shape together still tell them apart. */
export function markOf({ methods }: Arena["spec"], method: string | null): Mark {
  const place = methods.findIndex(({ id }) => id === method);
  if (place < 0) return TEACHER_MARK;
  const turn = Math.floor(place / SHAPES.length);
  return {
    token: `--series-${(place % COLORS) + 1}`,
    shape: SHAPES[(place + turn) % SHAPES.length] ?? "circle",
  };
}
