import { copyFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { overridesSchema } from "@distillery/shared/protocol/rest";
import { studentSamplers } from "../../graph/samplers";
import { library } from "../../packs/library";
import { type Command, UnusableInput, WorkFailed } from "../command";
import { locateTrained } from "../located";
import { runToEnd, summarise } from "../runReport";
import { withStore } from "../session";

const USAGE = "RUN_OR_CHECKPOINT --nfe K [--out FILE.png] [--graph GRAPH.json] [--device cpu|webgpu|cuda] [--json]";

export const sample: Command = {
  name: "sample",
  usage: USAGE,
  summary: "Draw samples from a trained student with K network evaluations.",
  async run(args, { print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        nfe: { type: "string" },
        out: { type: "string" },
        graph: { type: "string" },
        device: { type: "string", default: "cpu" },
        json: { type: "boolean", default: false },
      },
    });
    const [source] = positionals;
    if (source === undefined) throw new UnusableInput(`Give a run or a checkpoint. Usage: distillery sample ${USAGE}`);
    const nfe = Number(values.nfe);
    if (!Number.isInteger(nfe) || nfe < 1)
      throw new UnusableInput("--nfe needs the number of network evaluations, e.g. --nfe 4.");
    const { device } = values;
    if (device !== "cpu" && device !== "webgpu" && device !== "cuda")
      throw new UnusableInput(`--device is cpu, webgpu or cuda, not "${device}".`);
    return withStore(async (session) => {
      const { graph, checkpoint, step } = await locateTrained(session, source, values.graph);
      const samplers = studentSamplers(graph, library);
      if (samplers.length === 0)
        throw new UnusableInput(`${source}: the graph has no sampler that uses the trained student.`);
      const params = Object.fromEntries(samplers.map((id) => [`${id}.nfe`, nfe]));
      // No step is left to train: the samplers run once with the weights of the checkpoint.
      const request = {
        graph,
        overrides: overridesSchema.parse({ steps: Math.max(1, step), device, params }),
        label: `sample at NFE ${nfe}`,
        checkpoint,
      };
      const record = await runToEnd(session, request, source, () => undefined);
      if (record.status !== "done")
        throw new WorkFailed(`${source}: ${record.error?.message ?? `sampling was ${record.status}`}`);
      const { artifacts, metrics } = await summarise(session, record);
      const sheet = artifacts.find(({ name }) => name === "trajectory-sheet.png");
      if (sheet === undefined)
        throw new WorkFailed(`${source}: the graph has no trajectory viewer, so there is nothing to show.`);
      const path = resolve(values.out ?? `sample-nfe${nfe}.png`);
      await copyFile(sheet.path, path);
      if (values.json) print(JSON.stringify({ type: "sample", runId: record.id, nfe, path, metrics }));
      else print(`${path} (run ${record.id})`);
      return 0;
    });
  },
};
