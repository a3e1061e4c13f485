/** Checks of the whole project: program and arguments. */
export const TOOLS = {
  typecheck: ["vue-tsc", ["--noEmit", "-p", "tsconfig.json"]],
  lint: ["biome", ["check", ".", "--max-diagnostics=50"]],
};
