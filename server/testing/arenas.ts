/** Arenas for tests, without a training. */

import { emptyDocument } from "@distillery/shared/graph/document";
import type { ArenaResult, ArenaSpec } from "@distillery/shared/protocol/arena";
import { arenaSpecSchema } from "@distillery/shared/protocol/arena";
import type { ScoreRow, ScoreValue } from "@distillery/shared/protocol/scores";
import type { ArenaPlan } from "../arena/plan";
import type { Store } from "../store/store";

const about = (mean: number, margin: number): ScoreValue => ({ mean, low: mean - margin, high: mean + margin, n: 8 });

const score = (nfe: number, guidanceScale: number | null, style: number): ScoreRow => ({
  sampler: "evaluation-grid",
  title: "Student",
  nfe,
  guidanceScale,
  millisecondsPerImage: 2 * nfe,
  values: { styleSimilarity: about(style, 0.05), fd: about(10 * (1 - style), 1) },
});

/** Two methods, two seeds, NFE 8 and 4, guidance 2 and 4; style similarity grows with the method's place, the seed and the NFE. */
export function finishedArena(store: Store, name = "Two methods"): { id: string; spec: ArenaSpec } {
  const spec = arenaSpecSchema.parse({
    name,
    methods: [
      { id: "std", title: "STD", template: "std-style" },
      { id: "lcm", title: "LCM", template: "std-style" },
    ],
    seeds: 2,
    nfe: [8, 4],
    guidance: [2, 4],
    budget: { updates: 100 },
  });
  const nothing = emptyDocument("Nothing");
  const entries: ArenaPlan["entries"] = [{ method: null, seed: 0, key: `${name} teacher` }];
  for (const seed of [1, 2])
    for (const { id } of spec.methods) entries.push({ method: id, seed, key: `${name} ${id} ${seed}` });
  const plan: ArenaPlan = {
    spec,
    metrics: [
      { id: "styleSimilarity", title: "Style similarity", better: "higher", judge: "style" },
      { id: "fd", title: "FD", better: "lower", judge: "judge" },
    ],
    methods: Object.fromEntries(spec.methods.map(({ id }) => [id, { graph: nothing, evaluation: nothing }])),
    teacher: nothing,
    entries,
  };
  const { id } = store.arenas.create({ name, hash: name, owner: "server:1:1", plan: JSON.stringify(plan), known: [] });
  entries.forEach(({ method, seed, key }, i) => {
    const shift = 0.1 * (method === "lcm" ? 0 : 1) + 0.02 * seed;
    const grid = spec.nfe.flatMap((nfe) => spec.guidance.map((scale) => score(nfe, scale, 0.5 + shift + nfe / 100)));
    const result: ArenaResult = {
      training:
        method === null
          ? null
          : {
              runId: `run${i}`,
              updates: 100,
              seconds: 10 + seed,
              secondsPerUpdate: (10 + seed) / 100,
              parameters: 1234,
            },
      evaluationRunId: `run${i}e`,
      scores: method === null ? [score(50, 5, 0.9)] : grid,
      pictures: { source: null, answer: null, results: [] },
    };
    store.arenas.addResult(key, result);
  });
  store.arenas.setStatus(id, "done");
  return { id, spec };
}
