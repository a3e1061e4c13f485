/** Which devices work on this machine: tried in a process of its own, because a bad driver may end it. */
import { fork } from "node:child_process";
import { DEVICES, type Device } from "@distillery/shared/protocol/events";
import { z } from "zod";
import { MODEL_PROBE_FILE } from "../paths";
import { deviceEnvironment } from "../runs/deviceEnvironment";

export interface DeviceReport {
  readonly device: Device;
  readonly works: boolean;
  /** Why it does not work. */
  readonly reason: string;
  /** Runs on the processor, through a software driver. */
  readonly isSoftware: boolean;
}

const answerSchema = z.object({
  error: z.string().optional(),
  inputs: z.unknown().optional(),
  outputs: z.unknown().optional(),
});

export const probeDevices = (): Promise<DeviceReport[]> => Promise.all(DEVICES.map(probeDevice));

async function probeDevice(device: Device): Promise<DeviceReport> {
  const env = deviceEnvironment(device);
  const answer = await askProbe(["device", device], env, 30_000);
  return {
    device,
    works: answer.error === undefined,
    reason: answer.error ?? "",
    isSoftware: device === "webgpu" && /swiftshader/.test(env.VK_ICD_FILENAMES ?? ""),
  };
}

/** Runs `probe.js` and returns its one answer; a crash or silence is an answer, too. */
export async function askProbe(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  milliseconds: number,
): Promise<z.infer<typeof answerSchema>> {
  return new Promise((resolve) => {
    const child = fork(MODEL_PROBE_FILE, [...args], { env: { ...env }, stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      resolve({ error: `no answer within ${Math.round(milliseconds / 1000)} s` });
    }, milliseconds);
    child.once("message", (raw) => {
      clearTimeout(timer);
      const parsed = answerSchema.safeParse(raw);
      resolve(parsed.success ? parsed.data : { error: "an answer that makes no sense" });
    });
    child.once("error", (error) => resolve({ error: error.message }));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      resolve({
        error: signal === null ? `the process ended with status ${code}` : `the process was ended by ${signal}`,
      });
    });
  });
}
