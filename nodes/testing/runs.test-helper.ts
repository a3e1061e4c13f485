/** Test-only: runs a document in this process and keeps what it leaves. */
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Resources, UserModelInfo } from "@distillery/shared/graph/wires";
import { decodeModel } from "@distillery/shared/onnx/codec";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import type { EventBody } from "@distillery/shared/protocol/events";
import { executeRun } from "@distillery/shared/run/execute";
import type { RunSummary } from "@distillery/shared/run/job";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { library as products } from "../library";
import { noResources } from "./stage";

export interface FinishedRun {
  readonly summary: RunSummary;
  readonly events: readonly EventBody[];
  readonly artifacts: ReadonlyMap<string, Uint8Array>;
  /** By step. */
  readonly checkpoints: ReadonlyMap<number, Uint8Array>;
  /** Raw values of shown states by `node.socket`, row and column; the last showing counts. */
  readonly frames: ReadonlyMap<string, Float32Array>;
}

export interface RunOptions {
  /** Registered model files by id. */
  readonly models?: Readonly<Record<string, Uint8Array>>;
  readonly checkpoint?: Uint8Array | undefined;
  readonly resources?: Partial<Resources>;
  readonly library?: NodeLibrary;
  /** A clock; where a second passes at every look, every step is told. */
  readonly now?: () => number;
}

export async function runDocument(
  document: GraphDocument,
  { models = {}, checkpoint, resources = {}, library = products, now = () => performance.now() }: RunOptions = {},
): Promise<FinishedRun> {
  const events: EventBody[] = [];
  const artifacts = new Map<string, Uint8Array>();
  const checkpoints = new Map<number, Uint8Array>();
  const frames = new Map<string, Float32Array>();
  const infos = Object.entries(models).map(([id, bytes]) => infoOf(id, bytes));
  const summary = await executeRun(
    { runId: "test", document, ...(checkpoint === undefined ? {} : { checkpoint }) },
    {
      library,
      resources: { ...noResources, ...resources, model: (id) => infos.find((info) => info.id === id) },
      imports: new ModelImports(async (id) => models[id] as Uint8Array, shapeOracle),
      runtime: testRuntime,
      sink: {
        event: (event) => events.push(event),
        frame: ({ node, socket, row, column = 0 }, values) =>
          frames.set([node, socket, row, column].join(" "), values.slice()),
        checkpoint: (step, bytes) => checkpoints.set(step, bytes),
        artifact: (name, _mime, bytes) => artifacts.set(name, bytes),
      },
      control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
      now,
    },
  );
  return { summary, events, artifacts, checkpoints, frames };
}

export function infoOf(id: string, bytes: Uint8Array): UserModelInfo {
  const { inputs, outputs } = decodeModel(bytes);
  const ports = (values: typeof inputs) =>
    values.map(({ name, shape }) => ({ name, shape: (shape ?? []).map((d) => d ?? "?") }));
  return { id, name: `${id}.onnx`, bytes: bytes.byteLength, inputs: ports(inputs), outputs: ports(outputs) };
}
