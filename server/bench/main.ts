/** `distillery bench`: the questions about training, on the bundled templates. */
import { cpus, totalmem } from "node:os";
import type { Plan } from "@distillery/shared/compile/stages";
import { compileDocument, compileImporting } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import type { Runtime } from "@distillery/shared/run/runtime";
import { bundledFiles } from "../bundled";
import { type Terminal, UnusableInput } from "../cli/command";
import { templates } from "../graph/catalog";
import { createNodeRuntime } from "../onnx/nodeRuntime";
import { shapeOracle } from "../onnx/shapeOracle";
import { library } from "../packs/library";
import { createResources } from "../resources";
import { recipes } from "../study/recipes";
import { type BenchRow, markdownTable } from "./row";
import {
  bankAgainstIntegration,
  bankAgainstWalk,
  fusedAgainstSeparate,
  gradientAgainstForward,
  prepare,
} from "./training";

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
  yield await bankAgainstWalk(await studied("bank"), await studied("single-trajectory"), runtime, ROUNDS);
}

/** A recipe of the study, with the bundled teacher. */
async function studied(id: string): Promise<Plan> {
  const recipe = recipes.find((candidate) => candidate.id === id);
  if (recipe === undefined) throw new UnusableInput(`There is no recipe "${id}" to measure.`);
  const resources = createResources({ datasetFolder: "", datasets: [], models: bundledFiles() });
  const imports = new ModelImports((model) => resources.bytes(`model:${model}`), shapeOracle);
  return compileImporting(recipe.apply(templateDocument("std-style")), library, resources, imports);
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
