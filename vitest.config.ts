import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [vue()],
  resolve: { dedupe: ["rete", "rete-area-plugin", "vue"] },
  test: {
    include: ["{shared,nodes,server,client}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    server: { deps: { inline: [/^rete/] } },
    globalSetup: "server/testing/build.ts",
    testTimeout: 30_000,
    maxWorkers: 2,
    pool: "forks",
  },
});
