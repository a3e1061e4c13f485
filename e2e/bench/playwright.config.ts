import { defineConfig } from "@playwright/test";

/** `npm run bench`, second half: what needs a whole server and a browser. Prints tables, fails only when something breaks. */
export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  workers: 1,
  retries: 0,
  timeout: 600_000,
  use: { actionTimeout: 20_000 },
  reporter: [["line"]],
  outputDir: "../results/bench",
});
