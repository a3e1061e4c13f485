/** Runs a tool of the project, installing it first: `node server/setup/run.mjs typecheck|lint|build`. */
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { runBin, stop } from "./root.mjs";
import { TOOLS } from "./tools.mjs";

const [name = ""] = process.argv.slice(2);
await ensureInstalled();
if (name === "build") await ensureBuilt();
else if (name in TOOLS) process.exitCode = await runBin(...TOOLS[name]);
else stop(`"${name}" is none of build, ${Object.keys(TOOLS).join(", ")}.`, 2);
