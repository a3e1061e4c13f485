import { parseArgs } from "node:util";
import { PROFILE_STEPS } from "@distillery/shared/profile/profile";
import { deviceSchema } from "@distillery/shared/protocol/events";
import { type Overrides, overridesSchema } from "@distillery/shared/protocol/rest";
import type { RunRequest } from "../../runs/manager";
import { type Command, UnusableInput } from "../command";
import { readGraph } from "../graphFile";
import { printJson, printText, runToEnd, summarise } from "../runReport";
import { withStore } from "../session";

const USAGE =
  "GRAPH.json [--preset NAME] [--steps N] [--seed N] [--device cpu|webgpu|cuda] [--out DIR] [--set node.param=value]... [--from RUN] [--profile] [--json]";

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
        from: { type: "string" },
        profile: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const [file = ""] = positionals;
    if (positionals.length > 1) throw new UnusableInput(`One graph at a time; "${positionals[1]}" is too much.`);
    const graph = await readGraph(positionals[0], `run ${USAGE}`, values.preset);
    const overrides = readOverrides(values);
    return withStore(async (session) => {
      const show = values.json ? printJson(terminal) : printText(terminal);
      const request: RunRequest = {
        graph,
        overrides,
        label: "command line",
        ...(values.profile && { profile: PROFILE_STEPS }),
      };
      const record = await runToEnd(session, request, file, show);
      const summary = await summarise(session, record, values.out);
      if (values.json) terminal.print(JSON.stringify(summary));
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
    });
  },
};

interface Given {
  steps?: string | undefined;
  seed?: string | undefined;
  device?: string | undefined;
  from?: string | undefined;
  set: string[];
}

function readOverrides({ steps, seed, device, from, set }: Given): Overrides {
  const whole = (name: string, text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value))
      throw new UnusableInput(`--${name} needs a whole number, not "${text}".`);
    return value;
  };
  if (device !== undefined && !deviceSchema.safeParse(device).success)
    throw new UnusableInput(`--device is cpu, webgpu or cuda, not "${device}".`);
  const params = Object.fromEntries(set.map(readAssignment));
  const parsed = overridesSchema.safeParse({
    ...(steps === undefined ? {} : { steps: whole("steps", steps) }),
    ...(seed === undefined ? {} : { seed: whole("seed", seed) }),
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
  const at = text.indexOf("=");
  if (at < 1 || !text.slice(0, at).includes("."))
    throw new UnusableInput(`--set "${text}" is not of the form node.param=value.`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    return [text.slice(0, at), value];
  }
}
