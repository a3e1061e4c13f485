/** What viewer and evaluation nodes report about their trajectories, read from the `data` events of a run. */
import { z } from "zod";

const point = z.tuple([z.number(), z.number()]);
const rowSchema = z.object({
  /** `teacher`, `student`, `difference`; further students carry their place: `student.1`. */
  socket: z.string(),
  title: z.string(),
  nfe: z.number(),
  /** Timestep of each column. */
  timesteps: z.array(z.number()),
  /** The teacher's states are those nearest to the student's times, not at them. */
  match: z.literal("nearest").optional(),
});
const pathsOf = z.object({
  title: z.string(),
  nfe: z.number(),
  /** [sample][column][x, y] */
  curves: z.array(z.array(point)),
});

export const rowsSchema = z.array(rowSchema);
export const pathsSchema = z.object({ teacher: pathsOf, students: z.array(pathsOf) });
export const densitySchema = z.array(point);
export const errorByTimeSchema = z.array(
  z.object({
    name: z.string(),
    title: z.string(),
    nfe: z.number(),
    byTime: z.array(z.object({ t: z.number(), distance: z.number(), move: z.number() })),
  }),
);

export type ViewerRow = z.infer<typeof rowSchema>;
export type Paths = z.infer<typeof pathsSchema>;
export type Density = z.infer<typeof densitySchema>;
export type ErrorByTime = z.infer<typeof errorByTimeSchema>;

/** The rows that belong to one student: its teacher, itself and their difference. */
export interface RowGroup {
  place: number;
  title: string;
  nfe: number;
  rows: ViewerRow[];
}

export function groupRows(rows: readonly ViewerRow[]): RowGroup[] {
  const groups: RowGroup[] = [];
  for (const row of rows) {
    const [kind = "", suffix] = row.socket.split(".");
    const place = suffix === undefined ? 0 : Number(suffix);
    let group = groups.find((other) => other.place === place);
    if (!group) {
      group = { place, title: row.title, nfe: row.nfe, rows: [] };
      groups.push(group);
    }
    if (kind === "student") {
      group.title = row.title;
      group.nfe = row.nfe;
    }
    group.rows.push(row);
  }
  return groups;
}

/** `teacher`, `student` or `difference`. */
export const kindOf = (socket: string): string => socket.split(".")[0] ?? socket;

/** What `value` says, or undefined when it is something else (an older run, another node). */
export function read<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** A timestep as it is shown; some samplers stop between whole ones. */
export const timeText = (t: number): string => String(Math.round(t * 10) / 10);
