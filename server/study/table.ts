/** The table of a study: a line per recipe, means over seeds with their 95 % intervals. */
import { meanInterval } from "@distillery/shared/run/estimate";
import type { StudyResult } from "./results";

const COLUMNS: readonly { readonly title: string; readonly metric: string; readonly digits: number }[] = [
  { title: "style similarity", metric: "styleSimilarity", digits: 3 },
  { title: "wanted style told", metric: "styleAccuracy", digits: 3 },
  { title: "content told", metric: "contentAccuracy", digits: 3 },
  { title: "trajectory error", metric: "trajectoryError", digits: 3 },
];
const NFES = [8, 6, 4];

/** Markdown. Every metric at NFE 8 / 6 / 4; time per step relative to the recipe `reference`. */
export function studyTable(
  recipes: readonly { readonly id: string; readonly title: string }[],
  results: readonly StudyResult[],
  reference: string,
): string {
  const of = (id: string) => results.filter(({ recipe }) => recipe === id);
  const seconds = (id: string) => meanInterval(of(id).map(({ secondsPerStep }) => secondsPerStep)).mean;
  const base = seconds(reference);
  const lines = recipes
    .filter(({ id }) => of(id).length > 0)
    .map(({ id, title }) => {
      const cells = COLUMNS.map(({ metric, digits }) =>
        NFES.map((nfe) =>
          cell(
            of(id).flatMap(({ values }) => values[`${metric}@${nfe}`] ?? []),
            digits,
          ),
        ).join(" / "),
      );
      const time = `${(1000 * seconds(id)).toFixed(0)} ms${Number.isFinite(base) ? ` (${(base / seconds(id)).toFixed(1)} x)` : ""}`;
      return `| ${title} | ${cells.join(" | ")} | ${time} |`;
    });
  const titles = [
    ...COLUMNS.map(({ title }) => `${title}, NFE ${NFES.join(" / ")}`),
    "time per step (against no bank)",
  ];
  return [`| recipe | ${titles.join(" | ")} |`, `| --- | ${titles.map(() => "---").join(" | ")} |`, ...lines].join(
    "\n",
  );
}

/**
 * Gain of every other recipe over `baseline` in one value, as text. Runs of a seed share data, noise and evaluation starts,
 * so differences are taken seed by seed before the interval is.
 */
export function gains(
  recipes: readonly { readonly id: string; readonly title: string }[],
  results: readonly StudyResult[],
  baseline: string,
  value: string,
): string {
  const at = (id: string, seed: number) =>
    results.find((result) => result.recipe === id && result.seed === seed)?.values[value];
  const lines = recipes.flatMap(({ id, title }) => {
    if (id === baseline) return [];
    const differences = results.flatMap(({ recipe, seed, values }) => {
      const [own, other] = [values[value], at(baseline, seed)];
      return recipe === id && own !== undefined && other !== undefined ? [own - other] : [];
    });
    return differences.length === 0 ? [] : [`- ${title}: ${signed(cell(differences, 3))}`];
  });
  return lines.join("\n");
}

const signed = (text: string): string => (text.startsWith("-") ? text : `+${text}`);

function cell(values: readonly number[], digits: number): string {
  if (values.length === 0) return "-";
  const { mean, high } = meanInterval(values);
  return values.length > 1 ? `${mean.toFixed(digits)} ± ${(high - mean).toFixed(digits)}` : mean.toFixed(digits);
}
