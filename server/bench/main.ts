/** `distillery bench`: the questions about training, on the bundled templates. */
import { cpus, totalmem } from "node:os";
import { compileDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import type { Runtime } from "@distillery/shared/run/runtime";
import { type Terminal, UnusableInput } from "../cli/command";
import { templates } from "../graph/catalog";
import { createNodeRuntime } from "../onnx/nodeRuntime";
import { library } from "../packs/library";
import { createResources } from "../resources";
import { type BenchRow, markdownTable } from "./row";
import { bankAgainstIntegration, fusedAgainstSeparate, gradientAgainstForward, prepare } from "./training";

const ROUNDS = 15;

export async function bench(args: readonly string[], terminal: Terminal): Promise<number> {
  const json = args.includes("--json");
  const unknown = args.find((arg) => arg !== "--json");
  if (unknown !== undefined) throw new UnusableInput(`bench takes only --json, not "${unknown}".`);
  const rows: BenchRow[] = [];
  for await (const row of trainingRows(await createNodeRuntime("cpu"))) {
    rows.push(row);
    if (json) terminal.print(JSON.stringify(row));
    else terminal.complain(`${row.id}: ${row.title}: ${row.value.toFixed(2)} ${row.unit} (${row.detail})`);
  }
  if (!json) terminal.print(`\n${machine()}\n\n${markdownTable(rows)}`);
  return 0;
}

export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model ?? "unknown CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, CPU provider`;

async function* trainingRows(runtime: Runtime): AsyncGenerator<BenchRow> {
  for (const name of ["std-style-32", "std-2d"]) {
    const document = templateDocument(name);
    const bench = await prepare(compile(document), runtime);
    yield await fusedAgainstSeparate(bench, ROUNDS);
    yield await gradientAgainstForward(bench, ROUNDS);
    yield await bankAgainstIntegration(bench, Math.ceil(ROUNDS / 3), `${name}, closed-form teacher`);
  }
  // The method's own setting: the teacher is a network like the student, guided, so two passes a step.
  const bench = await prepare(compile(withNetworkTeacher(templateDocument("std-style-32"))), runtime);
  yield await bankAgainstIntegration(bench, Math.ceil(ROUNDS / 3), "std-style-32, teacher a U-Net like the student");
}

function templateDocument(id: string): GraphDocument {
  const template = templates.find((candidate) => candidate.id === id);
  if (template === undefined) throw new UnusableInput(`There is no template "${id}".`);
  return flatDocument(template.graph);
}

const compile = (document: GraphDocument) =>
  compileDocument(document, library, createResources({ datasetFolder: "", datasets: [], models: [] }));

function withNetworkTeacher(document: GraphDocument): GraphDocument {
  const student = document.nodes.find(({ type }) => type === "student/unet");
  return {
    ...document,
    name: `${document.name} (network teacher)`,
    nodes: document.nodes.map((node) =>
      node.type === "model/ideal-denoiser" && student !== undefined
        ? { ...node, type: student.type, params: student.params }
        : node,
    ),
  };
}
