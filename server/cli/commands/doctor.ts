import { existsSync } from "node:fs";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findFfmpeg } from "../../clips/ffmpeg";
import { resolveHome } from "../../config";
import { type DeviceReport, probeDevices } from "../../onnx/devices";
import { threadCount } from "../../onnx/nodeRuntime";
import type { InstalledPack } from "../../packs/install";
import { packs } from "../../packs/library";
import { CLIENT_FOLDER } from "../../paths";
import { findChromium } from "../../setup/chromium.mjs";
import { VERSION } from "../../version";
import type { Command } from "../command";

interface Finding {
  readonly name: string;
  readonly works: boolean;
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export const doctor: Command = {
  name: "doctor",
  usage: "[--json]",
  summary: "Say which devices, browsers and optional parts work here, and how to get the others.",
  async run(args, { print }) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: "boolean", default: false } } });
    const devices = await probeDevices();
    const findings = [
      machine(),
      ...devices.map(device),
      await home(),
      editor(),
      browser(),
      video(),
      ...packs.map(nodePack),
    ];
    for (const finding of findings) {
      if (values.json) print(JSON.stringify(finding));
      else {
        print(`${finding.works ? "yes" : "no "}  ${finding.name.padEnd(10)} ${finding.detail}`);
        if (finding.hint !== undefined) print(`     ${"".padEnd(10)} ${finding.hint}`);
      }
    }
    const canRun = devices.some((report) => report.device === "cpu" && report.works);
    return canRun && findings.every((finding) => finding.works || finding.name !== "home") ? 0 : 1;
  },
};

const machine = (): Finding => ({
  name: "machine",
  works: true,
  detail: `Distillery ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} cores (${threadCount()} threads a run; DISTILLERY_THREADS changes it), ${Math.round(totalmem() / 2 ** 30)} GB`,
});

function device({ device: name, works, reason, isSoftware }: DeviceReport): Finding {
  if (works) return { name, works, detail: isSoftware ? "works, in software (slow, for tests)" : "works" };
  const detail = (reason.split("\n")[0] ?? "").slice(0, 160);
  const hints: Record<string, string> = {
    cpu: "ONNX Runtime does not load here: install the packages again (rm -r node_modules && npm ci).",
    webgpu:
      "Needs a graphics driver with Vulkan (Linux), Metal or Direct3D 12. For tests without a GPU: apt-get install chromium.",
    cuda: "Needs an NVIDIA GPU with driver, CUDA 12 and cuDNN 9; then npm run setup:cuda.",
  };
  const hint = hints[name];
  return { name, works, detail, ...(hint === undefined ? {} : { hint }) };
}

async function home(): Promise<Finding> {
  const folder = resolveHome(process.env);
  try {
    await mkdir(folder, { recursive: true });
    const probe = join(folder, `.probe-${process.pid}`);
    await writeFile(probe, "x");
    await rm(probe);
    const { bavail, bsize } = await statfs(folder);
    const free = (bavail * bsize) / 2 ** 30;
    const hint =
      free < 1 ? { hint: "Runs store frames and checkpoints: free some space, or set DISTILLERY_HOME." } : {};
    return { name: "home", works: true, detail: `${folder}, ${free.toFixed(1)} GB free`, ...hint };
  } catch (error) {
    const detail = `${folder}: ${error instanceof Error ? error.message : String(error)}`;
    return { name: "home", works: false, detail, hint: "Set DISTILLERY_HOME to a folder that can be written." };
  }
}

function editor(): Finding {
  const works = existsSync(join(CLIENT_FOLDER, "index.html"));
  return works
    ? { name: "editor", works, detail: CLIENT_FOLDER }
    : { name: "editor", works, detail: "not built", hint: "npm start builds it." };
}

function browser(): Finding {
  const path = findChromium();
  return path === undefined
    ? {
        name: "browser",
        works: false,
        detail: "no Chromium found (browser tests need one)",
        hint: "apt-get install chromium, or set CHROMIUM_PATH.",
      }
    : { name: "browser", works: true, detail: path };
}

function video(): Finding {
  const path = findFfmpeg();
  return path === undefined
    ? {
        name: "video",
        works: false,
        detail: "no ffmpeg found (MP4 and WebM need it; animated GIF and WebP do not)",
        hint: "apt-get install ffmpeg, or set FFMPEG_PATH.",
      }
    : { name: "video", works: true, detail: path };
}

function nodePack({ name, version, nodes, problem }: InstalledPack): Finding {
  if (problem === null) return { name: "pack", works: true, detail: `${name} ${version}: ${nodes.join(", ")}` };
  const hint = "It is skipped. nodes/packs/README.md says what a pack needs; DISTILLERY_PACKS lists them.";
  return { name: "pack", works: false, detail: `${name}: ${problem}`, hint };
}
