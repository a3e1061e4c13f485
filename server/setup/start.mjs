/** `npm start`: installs and builds what is missing, then serves. */
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

await ensureInstalled();
await ensureBuilt();
await import("../dist/main.js");
