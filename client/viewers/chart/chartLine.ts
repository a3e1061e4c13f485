/** One curve of a chart. */
export interface ChartLine {
  label: string;
  color: string;
  x: readonly number[];
  y: readonly number[];
  dashed?: boolean;
  width?: number;
  /** Drawn as an area behind the line, at the same x. */
  band?: { readonly low: readonly number[]; readonly high: readonly number[] };
}
