/** Rows that belong together, one line in the plot, and how they are marked there and in the table. */
import { SHAPES, type Shape } from "@distillery/shared/chart/scatter";
import type { Score } from "./scoreTable";

export interface ScoreSeries {
  readonly key: string;
  readonly title: string;
  readonly isStudent: boolean;
  /** Name of a colour token. */
  readonly token: string;
  readonly shape: Shape;
  readonly rows: readonly Score[];
}

const seriesKeyOf = ({ sampler, nfe }: Score): string => `${sampler}|${nfe}`;

/** Each sampler with each number of evaluations: students in the colours of series, teachers as diamonds in ink. */
export function scoreSeries(rows: readonly Score[]): ScoreSeries[] {
  const groups = new Map<string, Score[]>();
  for (const row of rows) groups.set(seriesKeyOf(row), [...(groups.get(seriesKeyOf(row)) ?? []), row]);
  let [students, teachers] = [0, 0];
  return [...groups].map(([key, members]) => {
    const { title = "", nfe = 0, isStudent = true } = members[0] ?? {};
    const place = isStudent ? students++ : teachers++;
    return {
      key,
      title: `${title} · ${nfe} NFE`,
      isStudent,
      token: isStudent ? `--series-${(place % 6) + 1}` : place === 0 ? "--text" : "--text-3",
      shape: isStudent ? (SHAPES[place % SHAPES.length] ?? "circle") : "diamond",
      rows: members,
    };
  });
}
