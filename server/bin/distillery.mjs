#!/usr/bin/env node
/** The command line: builds itself first when its sources changed. */
import { ensureBuilt } from "../setup/build.mjs";
import { ensureInstalled } from "../setup/install.mjs";

await ensureInstalled();
const parts = process.argv[2] === "serve" ? ["server", "client"] : ["server"];
await ensureBuilt(parts);
await import("../dist/cli.js");
