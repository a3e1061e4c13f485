/** Server, worker and command line as files for plain Node; npm packages stay outside, our workspaces go in. */
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  logLevel: "warn",
  ssr: { noExternal: [/^@distillery\//] },
  build: {
    ssr: true,
    target: "node20",
    outDir: "dist",
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    rollupOptions: {
      input: {
        main: "main.ts",
        worker: "worker/main.ts",
        cli: "cli/main.ts",
        probe: "onnx/probe.ts",
        validation: "validation/thread.ts",
        playground: "playground/worker.ts",
      },
      output: { entryFileNames: "[name].js", chunkFileNames: "chunks/[name]-[hash].js" },
    },
  },
});
