import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cardSchema, type ModelCard } from "@distillery/nodes/models/index";
import { compileDocument } from "@distillery/shared/compile/validate";
import { cardText } from "../../card/cardText";
import { curvePicture } from "../../card/curvePicture";
import { factsOf, labelsOf, predictionTypeOf, signatureOf } from "../../card/facts";
import { library } from "../../packs/library";
import { type Command, UnusableInput, WorkFailed } from "../command";
import { type CliSession, withStore } from "../session";

const USAGE =
  "RUN --out DIR [--file MODEL.onnx] [--title T] [--data TEXT] [--licence TEXT] [--architecture TEXT] [--command TEXT] [--number name=value]...";

export const card: Command = {
  name: "card",
  usage: USAGE,
  summary: "Write a trained model with its model card: what it is, how it was made, its curve and samples.",
  async run(args, { print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: "string" },
        file: { type: "string" },
        title: { type: "string" },
        data: { type: "string", default: "see the graph" },
        licence: { type: "string", default: "MIT" },
        architecture: { type: "string" },
        command: { type: "string" },
        number: { type: "string", multiple: true, default: [] },
      },
    });
    const [id] = positionals;
    const { out } = values;
    if (id === undefined || out === undefined) throw new UnusableInput(`Usage: distillery card ${USAGE}`);
    return withStore(async (session) => {
      const facts = factsOf(session.store, id);
      if (facts === undefined) throw new UnusableInput(`There is no run "${id}" here.`);
      const folder = resolve(out);
      await mkdir(folder, { recursive: true });
      const model = await modelOf(session, id, values.file);
      await copyFile(model, join(folder, "model.onnx"));
      const bytes = await readFile(model);
      const plan = compileDocument(session.store.runs.detail(id)?.graph, library, session.runs.resources());
      const signature = signatureOf(bytes);
      const made: ModelCard = cardSchema.parse({
        id: basename(folder),
        title: values.title ?? facts.graph,
        ...signature,
        labels: labelsOf(plan),
        predictionType: signature.kind === "denoiser" ? predictionTypeOf(plan) : undefined,
        data: values.data,
        licence: values.licence,
        architecture: values.architecture ?? `${facts.parameters.toLocaleString("en")} trained parameters`,
        steps: facts.steps,
        seed: facts.seed,
        numbers: { seconds: facts.seconds, ...facts.metrics, ...Object.fromEntries(values.number.map(readNumber)) },
        command: values.command ?? `distillery run graph.json --seed ${facts.seed}`,
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      });
      await writeFile(join(folder, "card.json"), `${JSON.stringify(made, null, 2)}\n`);
      await writeFile(join(folder, "curve.png"), await curvePicture(`Loss of "${facts.graph}"`, facts.loss));
      const sheet = artifactPath(session, id, "trajectory-sheet.png");
      if (sheet !== undefined) await copyFile(sheet, join(folder, "sheet.png"));
      await writeFile(join(folder, "card.md"), cardText(made, facts, sheet !== undefined));
      print(folder);
      return 0;
    });
  },
};

function artifactPath({ store }: CliSession, id: string, name: string): string | undefined {
  const artifact = store.runs.artifacts(id).find((each) => each.name === name);
  return artifact && store.blobs.pathOf(artifact.hash);
}

async function modelOf(session: CliSession, id: string, file: string | undefined): Promise<string> {
  const names = session.store.runs.artifacts(id).flatMap(({ name }) => (name.endsWith(".onnx") ? [name] : []));
  const name = file ?? names.find((each) => each !== "student.onnx") ?? names[0];
  const path = name === undefined ? undefined : artifactPath(session, id, name);
  if (path !== undefined) return path;
  throw new WorkFailed(`Run ${id} wrote no ${name ?? "ONNX file"}; it wrote ${names.join(", ") || "none"}.`);
}

function readNumber(text: string): [string, number | string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UnusableInput(`--number "${text}" is not of the form name=value.`);
  const value = text.slice(at + 1);
  return [text.slice(0, at), Number.isFinite(Number(value)) && value !== "" ? Number(value) : value];
}
