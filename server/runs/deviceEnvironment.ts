/** Environment variables of the process that uses a device. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "@distillery/shared/protocol/events";

/** Debian's chromium brings a software Vulkan driver and its loader: slow, but WebGPU runs without a GPU. */
const CHROMIUM = "/usr/lib/chromium";
const SWIFTSHADER = join(CHROMIUM, "vk_swiftshader_icd.json");

export function deviceEnvironment(device: Device): Readonly<Record<string, string | undefined>> {
  const { env } = process;
  if (device !== "webgpu" || env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES || hasGraphicsDevice()) return env;
  if (!existsSync(SWIFTSHADER)) return env;
  // Last, so that a loader of the system goes first.
  const libraries = [env.LD_LIBRARY_PATH, CHROMIUM].filter(Boolean).join(":");
  return { ...env, VK_ICD_FILENAMES: SWIFTSHADER, LD_LIBRARY_PATH: libraries };
}

/** Only Linux needs Vulkan; elsewhere WebGPU stands on the system's own interface. */
const hasGraphicsDevice = (): boolean =>
  process.platform !== "linux" || existsSync("/dev/nvidia0") || existsSync("/dev/dri/renderD128");
