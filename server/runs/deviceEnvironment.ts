/** Environment variables of the process that uses a device. */
import { existsSync } from "node:fs";
import type { Device } from "@distillery/shared/protocol/events";

/** Where Debian's chromium keeps a software Vulkan driver: slow, but WebGPU runs without a GPU. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

export function deviceEnvironment(device: Device): Readonly<Record<string, string | undefined>> {
  const { env } = process;
  if (device !== "webgpu" || env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES || hasVulkanDriver()) return env;
  return existsSync(SWIFTSHADER) ? { ...env, VK_ICD_FILENAMES: SWIFTSHADER } : env;
}

/** Only Linux needs Vulkan; elsewhere WebGPU stands on the system's own interface. */
const hasVulkanDriver = (): boolean =>
  process.platform !== "linux" || existsSync("/dev/nvidia0") || existsSync("/dev/dri/renderD128");
