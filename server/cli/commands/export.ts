import { copyFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { compileImporting } from "@distillery/shared/compile/validate";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { encodeSafetensors } from "@distillery/shared/run/safetensors";
import { shapeOracle } from "../../onnx/shapeOracle";
import { library } from "../../packs/library";
import { type Command, UnusableInput, WorkFailed } from "../command";
import { runToEnd } from "../runReport";
import { type CliSession, withStore } from "../session";

const USAGE = "RUN --format onnx|safetensors [--out FILE]";

export const exportCommand: Command = {
  name: "export",
  usage: USAGE,
  summary: "Write a run's student as an ONNX model or its weights as safetensors.",
  async run(args, { print }) {
    const options = { format: { type: "string" }, out: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [id] = positionals;
    if (id === undefined) throw new UnusableInput(`Give a run. Usage: distillery export ${USAGE}`);
    const { format } = values;
    if (format !== "onnx" && format !== "safetensors") throw new UnusableInput("--format is onnx or safetensors.");
    return withStore(async (session) => {
      if (session.store.runs.get(id) === undefined) throw new UnusableInput(`There is no run "${id}" here.`);
      const path = resolve(values.out ?? `student.${format}`);
      if (format === "onnx") await copyFile(await onnxOf(session, id), path);
      else await writeFile(path, await weightsOf(session, id));
      print(path);
      return 0;
    });
  },
};

/** The model the run wrote at its end, or, of a run that did not get there, one made from its last checkpoint. */
async function onnxOf(session: CliSession, id: string): Promise<string> {
  const { store } = session;
  const find = (run: string) =>
    store.runs.artifacts(run).find(({ name }) => name === "student.onnx") ??
    store.runs.artifacts(run).find(({ name }) => name.endsWith(".onnx"));
  const written = find(id);
  if (written !== undefined) return store.blobs.pathOf(written.hash);
  const { graph, step } = checkpointOf(session, id);
  const request = { graph, overrides: { steps: Math.max(1, step), from: id }, label: `export of ${id}` };
  const record = await runToEnd(session, request, id, () => undefined);
  const made = find(record.id);
  if (made === undefined)
    throw new WorkFailed(`Run ${id}: ${record.error?.message ?? "it trains no student that can be exported."}`);
  return store.blobs.pathOf(made.hash);
}

function checkpointOf({ store }: CliSession, id: string) {
  const newest = store.runs.checkpoints(id)[0];
  const detail = store.runs.detail(id);
  if (newest === undefined || detail === undefined) throw new WorkFailed(`Run ${id} has no checkpoint to export.`);
  return { graph: detail.graph, step: newest.step, hash: newest.hash };
}

/** Parameters of the trained network, without optimiser state. */
async function weightsOf(session: CliSession, id: string): Promise<Uint8Array> {
  const { graph, hash, step } = checkpointOf(session, id);
  const { variables } = decodeCheckpoint(await session.store.blobs.read(hash));
  const resources = session.runs.resources();
  const imports = new ModelImports((model) => resources.bytes(`model:${model}`), shapeOracle);
  const { train } = await compileImporting(graph, library, resources, imports);
  const wire = train?.trainers[0]?.inputs.get("weights")?.[0]?.from;
  const value = wire && train?.values.get(wire.node)?.[wire.socket];
  const owner = value && "owner" in value ? value.owner : undefined;
  if (!train || owner === undefined)
    throw new WorkFailed(`Run ${id} trains nothing, so there are no weights to export.`);
  const tensors = Object.fromEntries(
    Object.entries(variables).flatMap(([name, tensor]) => {
      const spec = train.builder.variables.get(name)?.spec;
      return spec?.role === "parameter" && name.startsWith(`${owner}/`) ? [[name.slice(owner.length + 1), tensor]] : [];
    }),
  );
  return encodeSafetensors(tensors, { format: "distillery-weights", node: owner, step: String(step) });
}
