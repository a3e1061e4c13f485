import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { MEDIA } from "@distillery/nodes/templates/methods";
import { arenaTables, intervalNote } from "@distillery/shared/arena/export";
import {
  type Arena,
  type ArenaMethod,
  type ArenaSpec,
  arenaSpecSchema,
  UNTRAINED,
  untrainedOf,
} from "@distillery/shared/protocol/arena";
import { Arenas } from "../../arena/arenas";
import { methodTemplates } from "../../arena/methods";
import { writeReport } from "../../arena/report";
import { templates } from "../../graph/catalog";
import { RunRefused } from "../../runs/admission";
import { alignedLines } from "../alignedLines";
import { numbers, whole, wholes } from "../arguments";
import { type Command, type Terminal, UnusableInput } from "../command";
import { readGraph } from "../graphFile";
import { type CliSession, withStore } from "../session";

const USAGE =
  "[--methods images|clips|std-style,lcm,GRAPH.json] [--untrained] [--seeds 3] [--steps 300 | --seconds S] [--batch N] [--nfe 8,6,4] [--guidance 2,4,6,8|none] " +
  "[--eval-batch 64] [--eval-seed 1] [--teacher-nfe 50] [--name TEXT] [--device cpu|webgpu|cuda] [--out DIR] [--json]";
const FOLLOW_MILLISECONDS = 1000;

export const arena: Command = {
  name: "arena",
  usage: USAGE,
  summary: "Train several methods with an equal budget and compare them; goes on where it stopped, repeats nothing.",
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        methods: { type: "string", default: "images" },
        untrained: { type: "boolean", default: false },
        seeds: { type: "string", default: "3" },
        steps: { type: "string" },
        seconds: { type: "string" },
        batch: { type: "string" },
        nfe: { type: "string", default: "8,6,4" },
        guidance: { type: "string", default: "2,4,6,8" },
        "eval-batch": { type: "string", default: "64" },
        "eval-seed": { type: "string", default: "1" },
        "teacher-nfe": { type: "string", default: "50" },
        name: { type: "string", default: "Arena" },
        device: { type: "string", default: "cpu" },
        out: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    if (positionals.length > 0)
      throw new UnusableInput(
        `Name methods with --methods; "${positionals[0]}" is too much. Usage: distillery arena ${USAGE}`,
      );
    if (values.steps !== undefined && values.seconds !== undefined)
      throw new UnusableInput("The budget is either --steps or --seconds, not both.");
    const spec = arenaSpecSchema.safeParse({
      name: values.name,
      methods: await methodsOf(values.methods, values.untrained),
      seeds: whole("seeds", values.seeds),
      budget:
        values.seconds === undefined
          ? { updates: whole("steps", values.steps ?? "300") }
          : { seconds: numbers("seconds", values.seconds, "60")[0] },
      batch: values.batch === undefined ? null : whole("batch", values.batch),
      nfe: wholes("nfe", values.nfe, "8,6,4"),
      guidance: values.guidance === "none" ? [] : numbers("guidance", values.guidance, "2,4,6,8 or none"),
      evaluation: {
        batch: whole("eval-batch", values["eval-batch"]),
        seed: whole("eval-seed", values["eval-seed"], 0),
        teacherNfe: whole("teacher-nfe", values["teacher-nfe"]),
      },
      device: values.device,
    });
    if (!spec.success) {
      const [issue] = spec.error.issues;
      throw new UnusableInput(`${issue?.path.join(".") || "arena"}: ${issue?.message}.`);
    }
    return withStore((session) => compare(session, spec.data, terminal, values));
  },
};

/** Ids of templates, or graph files; a medium stands for all its methods. */
async function methodsOf(text: string, withUntrained: boolean): Promise<ArenaMethod[]> {
  const known = methodTemplates();
  const all = MEDIA.find((medium) => medium === text.trim());
  const names =
    all === undefined
      ? text.split(",").map((name) => name.trim())
      : known.flatMap(({ medium, template }) => (medium === all ? [template.id] : []));
  const titleOf = ({ id, name }: { id: string; name: string }) =>
    known.find(({ template }) => template.id === id)?.title ?? name.slice(0, 100);
  const methods = await Promise.all(
    names.map(async (name, i): Promise<ArenaMethod> => {
      const template = templates.find(({ id }) => id === name);
      if (template !== undefined)
        return { id: name, title: titleOf(template), template: name, params: {}, trains: true };
      const graph = await readGraph(name, `arena ${USAGE}`);
      const title = name.replace(/^.*[\\/]/, "").replace(/\.(json|png)$/, "");
      return { id: `graph-${i + 1}`, title: title.slice(0, 100) || name, graph, params: {}, trains: true };
    }),
  );
  return withUntrained ? [...methods, ...untrainedOf(methods)] : methods;
}

async function compare(
  session: CliSession,
  spec: ArenaSpec,
  { print, complain }: Terminal,
  { out, json }: { out?: string | undefined; json: boolean },
): Promise<number> {
  const arenas = new Arenas(session.store, session.runs, "cli");
  const started = await arenas.start(spec).catch((error: unknown) => {
    throw error instanceof RunRefused ? new UnusableInput(error.message) : error;
  });
  let interrupts = 0;
  const interrupt = () => {
    if (++interrupts > 1) process.exit(130);
    void arenas.cancel(started.id).catch(() => undefined);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const said = new Set<string>();
  const tell = () => {
    const now = arenas.get(started.id);
    for (const line of now === undefined ? [] : progressOf(now)) {
      if (!said.has(line)) complain(line);
      said.add(line);
    }
  };
  const timer = setInterval(tell, FOLLOW_MILLISECONDS);
  try {
    tell();
    const ended = await arenas.finished(started.id);
    tell();
    const files = out === undefined ? [] : await writeReport(ended, session.store, resolve(out));
    if (json) print(JSON.stringify({ type: "arena", ...ended, files }));
    else for (const line of textOf(ended, files)) print(line);
    if (ended.status === "cancelled") complain("Stopped; the same command goes on from here.");
    return ended.status === "done" && ended.entries.every(({ status }) => status === "done") ? 0 : 1;
  } finally {
    clearInterval(timer);
    arenas.close();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** A line for everything that began or ended. */
function progressOf({ entries, spec, metrics }: Arena): string[] {
  return entries.flatMap(({ method, seed, status, isKnown, error, result }) => {
    const title = spec.methods.find(({ id }) => id === method)?.title;
    const who = title === undefined ? "Teacher" : seed === UNTRAINED ? title : `${title}, seed ${seed}`;
    switch (status) {
      case "waiting":
        return [];
      case "failed":
        return [`${who}: failed: ${error}`];
      case "done": {
        const [first] = result?.scores ?? [];
        const scores = metrics.slice(0, 2).flatMap(({ id, title: name }) => {
          const mean = first?.values[id]?.mean;
          return mean === undefined ? [] : [`${name} ${mean.toFixed(3)}`];
        });
        const known = isKnown ? "(known) " : "";
        return [`${known}${who}: ${scores.join(", ")} at NFE ${first?.nfe}`];
      }
      default:
        return [`${who}: ${status}`];
    }
  });
}

function textOf(ended: Arena, files: readonly string[]): string[] {
  const { scores, cost } = arenaTables(ended);
  return [...alignedLines(scores), "", ...alignedLines(cost), "", intervalNote(ended), ...files];
}
