/** ONNX Runtime in this process. Its `run` blocks the thread: use it in worker processes only. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { HostTensor } from "@distillery/shared/graph/node";
import type { Device } from "@distillery/shared/protocol/events";
import type { DeviceTensor, Runtime, RuntimeTensor, Session, SessionOptions } from "@distillery/shared/run/runtime";
import { isDeviceTensor } from "@distillery/shared/run/runtime";
import * as ort from "onnxruntime-node";
import { createDownloader } from "./download";
import { fromOrt, toOrt } from "./tensors";

/** A tensor that stays in a buffer of the provider. */
class GpuTensor implements DeviceTensor {
  readonly location = "device";
  constructor(readonly tensor: ort.Tensor) {}
  get shape(): readonly number[] {
    return this.tensor.dims;
  }
  dispose(): void {
    this.tensor.dispose();
  }
}

/**
 * Threads for one operator. Results on the CPU may differ in the last bit between thread counts, so it is a fixed
 * small number unless asked for: the same graph gives the same weights on a laptop and on a server.
 */
export function threadCount(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const asked = Number(env.DISTILLERY_THREADS);
  if (Number.isInteger(asked) && asked >= 1) return asked;
  return Math.min(2, availableParallelism());
}

const PROVIDERS: Record<Device, ort.InferenceSession.ExecutionProviderConfig[]> = {
  cpu: ["cpu"],
  webgpu: ["webgpu", "cpu"],
  cuda: ["cuda", "cpu"],
};

/** @throws Error in words when the device cannot be used here. */
export async function createNodeRuntime(device: Device): Promise<Runtime> {
  const threads = threadCount();
  const download = createDownloader((model) => ort.InferenceSession.create(model, sessionOptions(device, threads, {})));

  return {
    device,
    threads,
    async createSession(model, options = {}) {
      if (options.profile === true) return createProfiled(device, threads, model, options);
      return wrap(await create(device, model, sessionOptions(device, threads, options)));
    },
    async download(tensor: RuntimeTensor): Promise<HostTensor> {
      if (!isDeviceTensor(tensor)) return tensor;
      return download(gpuTensor(tensor));
    },
  };
}

function sessionOptions(device: Device, threads: number, options: SessionOptions): ort.InferenceSession.SessionOptions {
  const kept = device === "webgpu" ? (options.keepOnDevice ?? []) : [];
  return {
    executionProviders: PROVIDERS[device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...(kept.length === 0
      ? {}
      : { preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, "gpu-buffer" as const])) }),
    ...(options.externalData === undefined ? {} : { externalData: [...options.externalData] }),
  };
}

/** ONNX Runtime writes what it notes to a file in a folder of its own. */
async function createProfiled(
  device: Device,
  threads: number,
  model: Uint8Array,
  options: SessionOptions,
): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), "distillery-profile-"));
  const native = await create(device, model, {
    ...sessionOptions(device, threads, options),
    enableProfiling: true,
    profileFilePrefix: join(folder, "trace"),
  });
  return {
    ...wrap(native),
    async endProfile() {
      native.endProfiling();
      try {
        const [file] = await readdir(folder);
        const trace: unknown = file === undefined ? [] : JSON.parse(await readFile(join(folder, file), "utf8"));
        return Array.isArray(trace) ? trace : [];
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async dispose() {
      await native.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function create(
  device: Device,
  model: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = device === "cpu" ? "" : ` If ${device} does not work here at all, "distillery doctor" says why.`;
    throw new Error(`ONNX Runtime (${device}) refused the model: ${reason}.${hint}`);
  }
}

function wrap(native: ort.InferenceSession): Session {
  return {
    inputs: native.inputNames,
    outputs: native.outputNames,
    async run(feeds, fetches) {
      const given: Record<string, ort.Tensor> = {};
      for (const [name, tensor] of Object.entries(feeds))
        given[name] = isDeviceTensor(tensor) ? gpuTensor(tensor) : toOrt(tensor);
      const results = await native.run(given, [...fetches]);
      const taken: Record<string, RuntimeTensor> = {};
      for (const name of fetches) {
        const tensor = results[name];
        if (tensor === undefined) throw new Error(`The model gave no output "${name}".`);
        taken[name] = tensor.location === "cpu" ? fromOrt(tensor, name) : new GpuTensor(tensor);
      }
      return taken;
    },
    dispose: () => native.release(),
  };
}

function gpuTensor(tensor: DeviceTensor): ort.Tensor {
  if (!(tensor instanceof GpuTensor)) throw new Error("This tensor belongs to another runtime.");
  return tensor.tensor;
}
