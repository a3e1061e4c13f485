/** How the methods of an arena are marked in plots and tables: the same everywhere. */
import { SHAPES, type Shape } from "../chart/scatter";

export interface Mark {
  /** A colour of the series, from 0; the teacher's and an untrained network's are neutral. */
  readonly color: number | "teacher" | "untrained";
  readonly shape: Shape;
}
const SERIES_COLORS = 7;

interface Spec {
  readonly methods: readonly { readonly id: string; readonly trains: boolean }[];
}

/** With more methods than colours, colour and shape together still tell them apart. `null`: the teacher. */
export function markOf({ methods }: Spec, method: string | null): Mark {
  if (methods.some(({ id, trains }) => id === method && !trains)) return { color: "untrained", shape: "diamond" };
  const place = methods.filter(({ trains }) => trains).findIndex(({ id }) => id === method);
  if (place < 0) return { color: "teacher", shape: "diamond" };
  const turn = Math.floor(place / SHAPES.length);
  return { color: place % SERIES_COLORS, shape: SHAPES[(place + turn) % SHAPES.length] ?? "circle" };
}
