/** Marks of an arena in the colours of the theme. */
import { type Mark, markOf } from "@distillery/shared/arena/marks";
import type { Arena } from "@distillery/shared/protocol/arena";

const NEUTRAL = { teacher: "--text", untrained: "--text-3" } as const;

export interface ShownMark extends Pick<Mark, "shape"> {
  /** Name of a colour token. */
  readonly token: string;
}

export function shownMark(spec: Arena["spec"], method: string | null): ShownMark {
  const { color, shape } = markOf(spec, method);
  return { token: typeof color === "number" ? `--series-${color + 1}` : NEUTRAL[color], shape };
}
