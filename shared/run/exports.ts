/** The files that a run leaves of its networks: ONNX with a sidecar, and weights as safetensors. */
import type { Plan } from "../compile/stages";
import type { Exporter, HostTensors, NodeLibrary } from "../graph/node";
import type { WeightsValue } from "../graph/wires";
import { encodeModel } from "../onnx/codec";
import type { Evaluate } from "../onnx/foldWeights";
import type { Precision } from "../onnx/packWeights";
import { describeNetwork, sampleShapeOf } from "./exportedNetwork";
import { type ExportOptions, type ExportSource, exportModel } from "./exportModel";
import type { RunEnvironment } from "./job";
import type { Runtime } from "./runtime";
import { encodeSafetensors } from "./safetensors";
import type { VariableStore } from "./variables";

export interface Export {
  readonly node: string;
  readonly socket: string;
  readonly weights: WeightsValue;
  readonly format: "onnx" | "checkpoint";
  readonly fileName: string;
  readonly every: number;
  readonly precision?: Precision;
  readonly sidecar?: Exporter<never, never>["sidecar"];
}

/** Writes the first trainer's student as `student.onnx`, whatever the graph asks for besides. */
const DEFAULT_EXPORTER = "export/onnx";

export function exportsOf({ graph, train }: Plan, library: NodeLibrary): Export[] {
  const exports: Export[] = [];
  const weightsAt = (node: string, socket: string) => train?.values.get(node)?.[socket] as WeightsValue | undefined;
  const sidecarOf = (exporter: { readonly sidecar?: Export["sidecar"] } | undefined) =>
    exporter?.sidecar === undefined ? {} : { sidecar: exporter.sidecar };
  for (const { definition, params, inputs } of graph.order) {
    const { exporter } = definition;
    const from = exporter && inputs.get(exporter.socket)?.[0]?.from;
    const weights = from && weightsAt(from.node, from.socket);
    if (exporter !== undefined && from !== undefined && weights !== undefined)
      exports.push({ ...from, weights, ...exporter.plan(params), ...sidecarOf(exporter) });
  }
  const trained = train?.trainers[0]?.inputs.get("weights")?.[0]?.from;
  const weights = trained && weightsAt(trained.node, trained.socket);
  if (trained !== undefined && weights !== undefined && !exports.some(({ fileName }) => fileName === "student.onnx")) {
    const sidecar = sidecarOf(library.get(DEFAULT_EXPORTER)?.exporter);
    exports.push({ ...trained, weights, format: "onnx", fileName: "student.onnx", every: 0, ...sidecar });
  }
  return exports;
}

export async function writeExports(
  due: readonly Export[],
  plan: Plan,
  step: number,
  variables: VariableStore,
  env: RunEnvironment,
): Promise<void> {
  if (due.length === 0) return;
  const values = await variables.download();
  for (const each of due) {
    if (each.format === "checkpoint") {
      env.sink.artifact(each.fileName, "application/octet-stream", weightsFile(each.weights, values, step));
      continue;
    }
    const { node, socket, weights, fileName, precision = "float32", sidecar } = each;
    const source = { node, socket, sampleShape: sampleShapeOf(weights, plan) };
    const options = { precision, evaluate: evaluateWith(env.runtime) };
    env.sink.artifact(fileName, "application/octet-stream", await exportImporting(plan, source, values, options, env));
    if (sidecar === undefined || weights.predict === undefined) continue;
    const text = JSON.stringify(sidecar(describeNetwork(plan, source, weights)));
    env.sink.artifact(fileName.replace(/\.onnx$/, ".json"), "application/json", new TextEncoder().encode(text));
  }
}

/** A network's own tensors; of a LoRA these are the matrices of its change. */
function weightsFile({ owner, adapter }: WeightsValue, values: HostTensors, step: number): Uint8Array {
  const prefix = `${owner}/`;
  const own = Object.entries(values).flatMap(([name, tensor]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
  );
  return encodeSafetensors(Object.fromEntries(own), {
    format: "distillery-weights",
    node: owner,
    step: String(step),
    ...adapter?.(),
  });
}

/** A student that is a model file is imported once more for the batch sizes it is exported with. */
async function exportImporting(
  plan: Plan,
  source: ExportSource,
  values: HostTensors,
  options: ExportOptions,
  env: RunEnvironment,
): Promise<Uint8Array> {
  const { imports } = env;
  const resources = imports === undefined ? env.resources : { ...env.resources, importedModel: imports.get };
  for (;;) {
    try {
      return await exportModel(plan, source, values, resources, options);
    } catch (error) {
      if (imports === undefined || !(await imports.importAsked())) throw error;
    }
  }
}

const evaluateWith =
  (runtime: Runtime): Evaluate =>
  async (graph) => {
    const session = await runtime.createSession(encodeModel(graph));
    try {
      const results = await session.run({}, session.outputs);
      const values = await Promise.all(Object.values(results).map((tensor) => runtime.download(tensor)));
      return new Map(Object.keys(results).map((name, i) => [name, values[i]?.data ?? new Float32Array()]));
    } finally {
      await session.dispose();
    }
  };
