/** `npm run setup:cuda`: fetches ONNX Runtime's CUDA libraries, which no ordinary installation downloads. */
import { join } from "node:path";
import { ensureInstalled } from "./install.mjs";
import { ROOT, run, stop } from "./root.mjs";

await ensureInstalled();
if (process.platform !== "linux" || process.arch !== "x64")
  stop("ONNX Runtime offers CUDA libraries for Linux on x64 only.");
process.stdout.write("Downloading ONNX Runtime's CUDA 12 libraries (some hundred MB) ...\n");
const script = join(ROOT, "node_modules", "onnxruntime-node", "script", "install.js");
const status = await run(process.execPath, [script, "--onnxruntime-node-install=cuda12"]);
if (status !== 0)
  stop(
    "The download failed; it comes from api.nuget.org, so check that this machine reaches it (GLOBAL_AGENT_HTTPS_PROXY sets a proxy).",
  );
process.stdout.write(
  "Done. CUDA 12 and cuDNN 9 must be installed as well; `npm run distillery -- doctor` tells whether it works.\n",
);
