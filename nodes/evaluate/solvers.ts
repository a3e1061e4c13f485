/** The solvers that samplers offer, in one table: a new one is one row. */
import { ddimEtaSolver } from "../solver/ddimEta";
import { dpmppSdeSolver, dpmppSolver } from "../solver/dpmpp";
import { eulerAncestralSolver } from "../solver/eulerAncestral";
import { eulerChurnSolver } from "../solver/eulerChurn";
import { heunSolver } from "../solver/heun";
import type { LastStepRule } from "../solver/lastStep";
import { lcmSolver } from "../solver/lcm";
import { pcmSolver } from "../solver/pcm";
import type { Solver } from "../solver/solver";
import { tcdSolver } from "../solver/tcd";
import { unipcSolver } from "../solver/unipc";
import type { Counting } from "./spacing";

/** What solvers can be told; each row of the table takes what it knows. */
export interface SolverOptions {
  readonly ddimEta: number;
  readonly gamma: number;
  readonly order: number;
  readonly keptNoise: number;
  readonly churn: number;
  readonly churnFrom: number;
  readonly churnTo: number;
  readonly churnNoise: number;
  readonly corrector: boolean;
  readonly lastStep: LastStepRule;
}

interface Row {
  readonly counting: Counting;
  /** The options that this solver reads, for the form to show. */
  readonly options: readonly (keyof SolverOptions)[];
  make(options: SolverOptions): Solver;
}

const row = (counting: Counting, options: Row["options"], make: Row["make"]): Row => ({ counting, options, make });

export const SOLVERS = {
  ddim: row("whole", ["ddimEta"], ({ ddimEta }) => ddimEtaSolver(ddimEta)),
  euler: row("real", ["churn", "churnFrom", "churnTo", "churnNoise"], (given) =>
    eulerChurnSolver({ churn: given.churn, from: given.churnFrom, to: given.churnTo, noise: given.churnNoise }),
  ),
  "euler-ancestral": row("real", [], () => eulerAncestralSolver),
  heun: row("real", [], () => heunSolver),
  "dpmpp-2m": row("multistep", ["lastStep"], ({ lastStep }) => dpmppSolver("midpoint", lastStep)),
  "dpmpp-2m-heun": row("multistep", ["lastStep"], ({ lastStep }) => dpmppSolver("heun", lastStep)),
  "dpmpp-2m-sde": row("multistep", ["lastStep"], ({ lastStep }) => dpmppSdeSolver(lastStep)),
  unipc: row("multistep", ["corrector", "lastStep"], ({ corrector, lastStep }) =>
    unipcSolver({ corrector, lowerLast: lastStep !== "never" }),
  ),
  tcd: row("whole", ["gamma", "order"], ({ gamma, order }) => tcdSolver({ gamma, order: order === 2 ? 2 : 1 })),
  lcm: row("whole", [], () => lcmSolver),
  pcm: row("whole", ["keptNoise"], ({ keptNoise }) => pcmSolver(keptNoise)),
} as const satisfies Record<string, Row>;

export type SolverName = keyof typeof SOLVERS;

export const SOLVER_NAMES = Object.keys(SOLVERS) as [SolverName, ...SolverName[]];

/** Names of the solvers that read `option`. */
export const solversWith = (option: keyof SolverOptions): SolverName[] =>
  SOLVER_NAMES.filter((name) => (SOLVERS[name].options as Row["options"]).includes(option));
