/** One curve of a chart. */
export interface ChartLine {
  label: string;
  color: string;
  x: readonly number[];
  y: readonly number[];
  dashed?: boolean;
  width?: number;
}
