import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROFILE_STEPS } from "@distillery/shared/profile/profile";
import { deviceSchema } from "@distillery/shared/protocol/events";
import { type Overrides, overridesSchema, type RunRecord } from "@distillery/shared/protocol/rest";
import { type Batch, batchSize, type SweepAxis } from "@distillery/shared/run/batch";
import { z } from "zod";
import type { RunRequest } from "../../runs/admission";
import { safeName } from "../../runs/results";
import { whole } from "../arguments";
import { type Command, type Terminal, UnusableInput } from "../command";
import { readGraph } from "../graphFile";
import { printJson, printText, refused, runToEnd, summarise } from "../runReport";
import { type CliSession, withStore } from "../session";

const USAGE =
  "GRAPH.json [--preset NAME] [--steps N] [--seed N] [--device cpu|webgpu|cuda] [--out DIR] [--set node.param=value]... " +
  "[--seeds N] [--sweep node.param=a,b,c]... [--from RUN] [--profile] [--json]";

export const run: Command = {
  name: "run",
  usage: USAGE,
  summary: "Run a graph (a file, or a template's id) without the editor.",
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        preset: { type: "string" },
        steps: { type: "string" },
        seed: { type: "string" },
        device: { type: "string" },
        out: { type: "string" },
        set: { type: "string", multiple: true, default: [] },
        seeds: { type: "string", default: "1" },
        sweep: { type: "string", multiple: true, default: [] },
        from: { type: "string" },
        profile: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const [file = ""] = positionals;
    if (positionals.length > 1) throw new UnusableInput(`One graph at a time; "${positionals[1]}" is too much.`);
    const graph = await readGraph(positionals[0], `run ${USAGE}`, values.preset);
    const overrides = readOverrides(values);
    const profile = values.profile ? { profile: PROFILE_STEPS } : {};
    const batch = { seeds: whole("seeds", values.seeds), sweep: values.sweep.map(readAxis) };
    return withStore(async (session) => {
      const show = values.json ? printJson(terminal) : printText(terminal);
      let worst = 0;
      for (const { request, name } of await requests(session, { graph, overrides, ...profile }, batch, file)) {
        if (name !== "" && !values.json) terminal.print(`-- ${name}`);
        const record = await runToEnd(session, request, file, show);
        const folder = values.out === undefined || name === "" ? values.out : join(values.out, safeName(name));
        worst = Math.max(worst, await report(session, record, file, folder, values.json, terminal));
      }
      return worst;
    });
  },
};

/** One run, or all of a batch, each with its name; refused together before the first one starts. */
async function requests(session: CliSession, { graph, overrides, profile }: RunRequest, batch: Batch, file: string) {
  const label = "command line";
  if (batchSize(batch) === 1 && batch.sweep.length === 0)
    return [{ name: "", request: { graph, overrides, label, profile } satisfies RunRequest }];
  const admitted = await refused(file, () => session.runs.check({ graph, overrides }, batch));
  return admitted.map(({ record, document, overrides: { params: _, seed: __, ...rest } }) => ({
    name: record.label,
    request: {
      graph: document,
      overrides: rest,
      profile,
      label: `${label}: ${record.label}`,
      batch: record.batch ?? undefined,
    } satisfies RunRequest,
  }));
}

async function report(
  session: CliSession,
  record: RunRecord,
  file: string,
  folder: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const summary = await summarise(session, record, folder);
  if (json) terminal.print(JSON.stringify(summary));
  else {
    const { metrics, artifacts } = summary;
    for (const [name, value] of Object.entries(metrics))
      if (value !== null) terminal.print(`${name}: ${value.toPrecision(5)}`);
    for (const { path, bytes } of artifacts) terminal.print(`${path} (${bytes} bytes)`);
    terminal.print(
      `run ${summary.runId}: ${summary.steps} steps in ${summary.seconds.toFixed(1)} s, weights ${summary.weightsSha256.slice(0, 16)}`,
    );
  }
  if (record.status === "done") return 0;
  const node = record.error?.node === undefined ? "" : `node "${record.error.node}": `;
  terminal.complain(
    `${file}: the run ${record.status === "cancelled" ? "was cancelled" : "failed"}${record.error === null ? "" : `: ${node}${record.error.message}`}`,
  );
  return 1;
}

interface Given {
  steps?: string | undefined;
  seed?: string | undefined;
  device?: string | undefined;
  from?: string | undefined;
  set: string[];
}

function readOverrides({ steps, seed, device, from, set }: Given): Overrides {
  const integer = (name: string, text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value))
      throw new UnusableInput(`--${name} needs a whole number, not "${text}".`);
    return value;
  };
  if (device !== undefined && !deviceSchema.safeParse(device).success)
    throw new UnusableInput(`--device is cpu, webgpu or cuda, not "${device}".`);
  const params = Object.fromEntries(set.map(readAssignment));
  const parsed = overridesSchema.safeParse({
    ...(steps === undefined ? {} : { steps: integer("steps", steps) }),
    ...(seed === undefined ? {} : { seed: integer("seed", seed) }),
    ...(device === undefined ? {} : { device }),
    ...(from === undefined ? {} : { from }),
    ...(set.length === 0 ? {} : { params }),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnusableInput(`--${issue?.path.join(".")}: ${issue?.message}.`);
}

/** `node.param=value`; the value is JSON, or else plain text. */
function readAssignment(text: string): [string, unknown] {
  const [param, value] = splitAssignment("set", text, "value");
  return [param, readValue(value)];
}

/** `node.param=a,b,c`; a JSON list holds values that have commas themselves. */
function readAxis(text: string): SweepAxis {
  const [param, list] = splitAssignment("sweep", text, "a,b,c");
  const listed = z.array(z.json()).min(1).safeParse(readValue(list));
  return {
    param,
    values: listed.success ? listed.data : list.split(",").map((part) => z.json().parse(readValue(part))),
  };
}

function splitAssignment(option: string, text: string, form: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1 || !text.slice(0, at).includes("."))
    throw new UnusableInput(`--${option} "${text}" is not of the form node.param=${form}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
