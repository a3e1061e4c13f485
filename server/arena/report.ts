/** An arena as files: table, numbers, plot. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { arenaCsv, arenaJson, arenaTables, intervalNote } from "@distillery/shared/arena/export";
import type { Arena } from "@distillery/shared/protocol/arena";
import type { Store } from "../store/store";
import { arenaPlot } from "./plot";
import { arenaSheet } from "./sheet";

/** Writes `arena.md`, `.csv`, `.json` and `.png`, and the pictures; returns the paths. */
export async function writeReport(arena: Arena, store: Store, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const sheet = await arenaSheet(arena, store);
  const files: [string, string | Uint8Array][] = [
    ["arena.md", arenaMarkdown(arena)],
    ["arena.csv", arenaCsv(arena)],
    ["arena.json", arenaJson(arena)],
    ["arena.png", await arenaPlot(arena)],
    ...(sheet === undefined ? [] : [["pictures.png", sheet] as [string, Uint8Array]]),
  ];
  for (const [name, content] of files) await writeFile(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}

export function arenaMarkdown(arena: Arena): string {
  const { scores, cost } = arenaTables(arena);
  const { budget, batch, evaluation } = arena.spec;
  const amount = "updates" in budget ? `${budget.updates} updates` : `${budget.seconds} s of training`;
  const failed = arena.entries.flatMap(({ method, seed, error }) =>
    error === null ? [] : [`- ${method ?? "teacher"}, seed ${seed}: ${error}`],
  );
  return [
    `# ${arena.name}`,
    "",
    `Every method: ${amount}${batch === null ? "" : `, batch ${batch}`}, ${arena.spec.seeds} seed${arena.spec.seeds > 1 ? "s" : ""}; judged on the same ${evaluation.batch} held-out pictures with the same noise.`,
    intervalNote(arena),
    "",
    ...markdownTable(scores),
    "",
    "## Training cost",
    "",
    ...markdownTable(cost),
    ...(failed.length > 0 ? ["", "## Failed", "", ...failed] : []),
    "",
  ].join("\n");
}

const markdownTable = ([head = [], ...rows]: readonly (readonly string[])[]): string[] => [
  `| ${head.join(" | ")} |`,
  `| ${head.map((_, i) => (i === 0 ? "---" : "---:")).join(" | ")} |`,
  ...rows.map((cells) => `| ${cells.join(" | ")} |`),
];
