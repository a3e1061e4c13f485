/** Makes one file of a pack that runs in Node and in the browser alike; the host's modules are handed to it. */
import { isBuiltin } from "node:module";
import { HOST_MODULES } from "@distillery/shared/packs/hostModules";
import type { Plugin } from "vite";
import type { FoundPack } from "./find";

const GLOBAL = "pack";
const isHostModule = (id: string): boolean => Object.hasOwn(HOST_MODULES, id);

/** A pack gets what the host offers and its own files; nothing that only one side has. */
const onlyWhatBothHave = (): Plugin => ({
  name: "only-what-both-have",
  enforce: "pre",
  resolveId(source) {
    if (isHostModule(source)) return { id: source, external: true };
    if (source.startsWith("@distillery/"))
      throw new Error(`it imports "${source}"; packs can import ${Object.keys(HOST_MODULES).join(", ")}.`);
    if (isBuiltin(source)) throw new Error(`it imports "${source}", but its nodes run in the browser, too.`);
    return null;
  },
});

/** The code of an ES module whose default export is a `BuiltPack`. */
export async function bundlePack({ folder, entry }: FoundPack): Promise<string> {
  // Only servers with packs need it, and it takes a moment to load.
  const { build } = await import("vite");
  const built = await build({
    root: folder,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "silent",
    plugins: [onlyWhatBothHave()],
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry, formats: ["iife"], name: GLOBAL },
      rollupOptions: { output: { globals: (id) => `host[${JSON.stringify(id)}]` } },
    },
  });
  const [output] = [built].flat();
  const chunk =
    output !== undefined && "output" in output ? output.output.find((file) => file.type === "chunk") : undefined;
  if (chunk?.type !== "chunk") throw new Error("it could not be made into one file.");
  return `export default (host) => {\n${chunk.code}\nreturn ${GLOBAL};\n};\n`;
}
