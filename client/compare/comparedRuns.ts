/** What is the same and what differs among any number of runs. */
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { say } from "../language";
import { ABSENT, computationKey, settingsOf } from "../run/graphDiff";
import type { LoadedRun } from "../run/historyStore";

const words = say.compare.settings;

type Library = Pick<NodeLibrary, "get">;

export interface ComparedRun extends LoadedRun {
  readonly letter: string;
  readonly title: string;
}
/** Runs that differ only by seed (one run alone where each stands for itself). */
export interface RunGroup {
  readonly key: string;
  readonly title: string;
  readonly letters: string;
  /** Which colour. */
  readonly place: number;
  readonly runs: readonly ComparedRun[];
}
export interface DifferingSetting {
  readonly key: string;
  readonly where: string;
  readonly what: string;
  /** In the order of the runs. */
  readonly values: readonly string[];
}

/** A, B, ..., Z, A2, B2, ... */
export const letterOf = (place: number): string =>
  String.fromCharCode(65 + (place % 26)) + (place < 26 ? "" : String(Math.floor(place / 26) + 1));

export const compared = (runs: readonly LoadedRun[]): ComparedRun[] =>
  runs.map((run, place) => ({
    ...run,
    letter: letterOf(place),
    title: run.detail.label || run.detail.graphName,
  }));

/** In the order in which each group's first run comes. */
export function groupRuns(runs: readonly ComparedRun[], library: Library, bySeed: boolean): RunGroup[] {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const { id, graph, steps } = run.detail;
    const key = bySeed ? `${computationKey(graph, library)} ${steps}` : id;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups].map(([key, members], place) => ({
    key,
    place,
    runs: members,
    letters: members.map(({ letter }) => letter).join(" "),
    title: members.length === 1 ? (members[0]?.title ?? "") : groupTitle(members),
  }));
}

/** What the members' names share, without the seed that sets them apart. */
function groupTitle(members: readonly ComparedRun[]): string {
  const names = new Set(members.map(({ title }) => title.replace(/[,:]?\s*seed \d+$/, "").trim()));
  const [name = ""] = names;
  return names.size === 1 && name !== "" ? name : (members[0]?.detail.graphName ?? "");
}

/** Parameters, nodes and wires that not all runs have alike; the run's own settings first. */
export function differingSettings(runs: readonly ComparedRun[], library: Library): DifferingSetting[] {
  const rows = new Map<string, { where: string; what: string; values: Map<ComparedRun, string> }>();
  const add = (run: ComparedRun, key: string, where: string, what: string, value: string): void => {
    const row = rows.get(key) ?? { where, what, values: new Map() };
    row.values.set(run, value);
    rows.set(key, row);
  };
  for (const run of runs) {
    const { graphName, seed, steps, device, graph } = run.detail;
    add(run, "run:graph", words.run, words.graph, graphName);
    add(run, "run:seed", words.run, words.seed, String(seed));
    add(run, "run:steps", words.run, words.steps, String(steps));
    add(run, "run:device", words.run, words.device, device);
    for (const { key, where, what, value } of settingsOf(graph, library)) add(run, key, where, what, value);
  }
  return [...rows]
    .map(([key, { where, what, values }]) => ({
      key,
      where,
      what,
      values: runs.map((run) => values.get(run) ?? ABSENT),
    }))
    .filter(({ values }) => new Set(values).size > 1);
}
