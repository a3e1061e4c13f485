/** What runs an ONNX graph. Implemented on onnxruntime-node (worker process) and onnxruntime-web (browser). */

import type { HostTensor } from "../graph/node";
import type { Device } from "../protocol/events";

/** A tensor the runtime keeps where it computes (GPU buffer); only good for feeding back and for `download`. */
export interface DeviceTensor {
  readonly location: "device";
  readonly shape: readonly number[];
  dispose(): void;
}
export type RuntimeTensor = HostTensor | DeviceTensor;

export const isDeviceTensor = (tensor: RuntimeTensor): tensor is DeviceTensor => "location" in tensor;

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Runs once and returns the fetched outputs. Feeds are not modified. */
  run(
    feeds: Readonly<Record<string, RuntimeTensor>>,
    fetches: readonly string[],
  ): Promise<Record<string, RuntimeTensor>>;
  dispose(): Promise<void>;
  /** Of a session with `profile`: ends the measuring and returns ONNX Runtime's trace, once. */
  endProfile?(): Promise<readonly unknown[]>;
}

export interface SessionOptions {
  /** Outputs to keep on the device where the provider can. */
  readonly keepOnDevice?: readonly string[];
  readonly externalData?: readonly { path: string; data: Uint8Array }[];
  /** Notes what every operation takes; only where the runtime can. */
  readonly profile?: boolean;
}

export interface Runtime {
  readonly device: Device;
  readonly threads: number;
  createSession(model: Uint8Array, options?: SessionOptions): Promise<Session>;
  /** Copies a device tensor to the host. */
  download(tensor: RuntimeTensor): Promise<HostTensor>;
}
