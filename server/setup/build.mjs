/** Builds the server and the editor when their sources changed: compares names, sizes and times of the files. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, runBin, stop } from "./root.mjs";

/** What each part is built from. */
const PARTS = {
  server: { sources: ["shared", "nodes", "server"], proof: "main.js", configs: ["vite.config.ts"] },
  // The second is the page of exported HTML files.
  client: {
    sources: ["shared", "nodes", "client"],
    proof: "viewer.html",
    configs: ["vite.config.ts", "viewer.vite.config.ts"],
  },
};
const SOURCE = /\.(ts|mts|mjs|js|vue|css|html|json|svg|png|webp|woff2|wasm)$/;
const SKIPPED = new Set(["node_modules", "dist", "prepare", "fixtures", "testing", "setup", "bin"]);

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* filesIn(path);
    } else if (SOURCE.test(entry.name) && !/\.test\.ts$/.test(entry.name)) yield path;
  }
}

function fingerprint(folders) {
  const hash = createHash("sha256");
  const files = [join(ROOT, "package-lock.json"), ...folders.flatMap((folder) => [...filesIn(join(ROOT, folder))])];
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}|${size}|${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

async function ensurePart(name) {
  const { sources, proof, configs } = PARTS[name];
  const output = join(ROOT, name, "dist");
  const marker = join(output, ".sources");
  const wanted = fingerprint(sources);
  if (existsSync(join(output, proof)) && existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  process.stderr.write(`Building the ${name === "client" ? "editor" : "server"} ...\n`);
  for (const config of configs) {
    // Output goes to stderr: a command's stdout may be read by a program.
    const status = await runBin("vite", ["build", "--config", config, "--logLevel", "warn"], {
      cwd: join(ROOT, name),
      stdio: ["ignore", process.stderr, "inherit"],
    });
    if (status !== 0) stop(`The ${name} could not be built; the reason is above.`);
  }
  mkdirSync(output, { recursive: true });
  writeFileSync(marker, wanted);
}

/** Builds `parts` (default: all) where they are out of date. */
export async function ensureBuilt(parts = Object.keys(PARTS)) {
  for (const part of parts) await ensurePart(part);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const parts = process.argv.slice(2);
  await ensureBuilt(parts.length > 0 ? parts : undefined);
}
