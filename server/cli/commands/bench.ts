import { type Command, type Terminal, UnusableInput } from "../command";

interface BenchModule {
  bench(args: readonly string[], terminal: Terminal): Promise<number>;
}

// Loaded only when asked for.
const modules = import.meta.glob<BenchModule>("../../bench/main.ts");

export const bench: Command = {
  name: "bench",
  usage: "[NAME...] [--json]",
  summary: "Measure what the README claims, each as a ratio within one run.",
  async run(args, terminal) {
    const [load] = Object.values(modules);
    if (load === undefined) throw new UnusableInput("This build has no benchmarks.");
    return (await load()).bench(args, terminal);
  },
};
