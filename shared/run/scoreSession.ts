/** Runs a scorer: its stage once per path, and out of the values per picture a row of the table. */
import type { ScorerStage } from "../compile/stages";
import { type Estimate, type HostTensor, type HostTensors, picturesOf, type TrajectoryData } from "../graph/node";
import type { ScoreReport, ScoreRow } from "../protocol/scores";
import { csv } from "../text/csv";
import { estimateOf } from "./estimate";
import type { Runtime } from "./runtime";
import { StageSession } from "./stageSession";
import type { VariableStore } from "./variables";

/** A path with everything one scorer found on it. */
export interface PathScores {
  readonly path: TrajectoryData;
  /** Metric -> value per picture. */
  readonly perImage: Readonly<Record<string, Float32Array>>;
  readonly estimates: Readonly<Record<string, Estimate>>;
  /** What the scorer emitted, where it has something to show. */
  readonly shown?: HostTensors;
}

export class ScoreSession {
  /** Scores of a path as long as neither it nor the scorer's own networks change. */
  private readonly known = new Map<TrajectoryData, PathScores>();

  private constructor(
    readonly scorer: ScorerStage,
    private readonly session: StageSession,
    /** Whether it measures with networks that are being trained. */
    readonly changes: boolean,
  ) {}

  /** `trained`: names of the variables that training updates. */
  static async create(
    scorer: ScorerStage,
    runtime: Runtime,
    variables: VariableStore,
    trained: ReadonlySet<string>,
  ): Promise<ScoreSession> {
    const changes = [...scorer.builder.variables.keys()].some((name) => trained.has(name));
    return new ScoreSession(scorer, await StageSession.create(scorer, runtime, variables), changes);
  }

  /** Scores of `paths`, in order, and whether any of them is new. */
  async score(
    paths: readonly TrajectoryData[],
    turn: () => Promise<void>,
  ): Promise<{ scores: PathScores[]; isNew: boolean }> {
    const before = this.changes ? new Map<TrajectoryData, PathScores>() : new Map(this.known);
    this.known.clear();
    let isNew = false;
    const scores: PathScores[] = [];
    for (const path of paths) {
      let found = before.get(path);
      if (found === undefined) {
        await turn();
        found = await this.measure(path);
        isNew = true;
      }
      this.known.set(path, found);
      scores.push(found);
    }
    return { scores, isNew };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private async measure(path: TrajectoryData): Promise<PathScores> {
    const { scorer } = this;
    const { definition } = scorer.node;
    const given: Record<string, HostTensor> = {};
    const put = (input: string | null, column: number) => {
      const data = path.states[column];
      if (input !== null && data !== undefined) given[input] = { dtype: "float32", shape: path.shape, data };
    };
    const last = path.states.length - 1;
    if (scorer.image !== null) {
      const { shape, at } = picturesOf(path);
      given[scorer.image] = { dtype: "float32", shape, data: await at(last) };
    }
    for (const { x, t, at } of scorer.states) {
      const column = Math.round(at * last);
      put(x, column);
      const node = BigInt(path.nodes[column] ?? 0);
      if (t !== null)
        given[t] = { dtype: "int64", shape: [scorer.batch], data: new BigInt64Array(scorer.batch).fill(node) };
    }
    // Step 0, as a sampler's start: what is drawn here are the samples its paths began from.
    const { values } = await this.session.run(0, given, Object.values(scorer.outputs));
    const named: HostTensors = {};
    const perImage: Record<string, Float32Array> = {};
    const estimates: Record<string, Estimate> = {};
    for (const [name, output] of Object.entries(scorer.outputs)) {
      const value = values[output];
      if (value === undefined) continue;
      named[name] = value;
      if (!Object.hasOwn(definition.outputs, name) || value.shape.length !== 1) continue;
      perImage[name] = Float32Array.from(value.data as ArrayLike<number | bigint>, Number);
      const estimate = estimateOf(perImage[name]);
      if (estimate !== null) estimates[name] = estimate;
    }
    const summary = await definition.scorer?.summarise?.(named, scorer.builder.options.resources);
    return {
      path,
      perImage,
      estimates: { ...estimates, ...summary },
      ...(definition.scorer?.show && { shown: named }),
    };
  }
}

/** The table of one scorer. */
export const reportOf = (scores: readonly PathScores[]): ScoreReport => ({
  rows: scores.map(
    ({ path, estimates }): ScoreRow => ({
      sampler: path.sampler,
      title: path.title,
      nfe: path.nfe,
      guidanceScale: path.guidanceScale,
      millisecondsPerImage: path.milliseconds / (path.shape[0] ?? 1),
      values: estimates,
    }),
  ),
});

/**
 * Metrics as curves know them: `name` is the first path's, `name@8` the one with 8 evaluations, `name@8:g2` also with guidance
 * scale 2; what is still the same is told apart by its sampler.
 */
export function metricsOf(scores: readonly PathScores[]): { name: string; value: number }[] {
  const names = new Set<string>();
  return scores.flatMap(({ path, estimates }, i) =>
    Object.entries(estimates).flatMap(([metric, { mean }]) => {
      const guidance = path.label === undefined || path.guidanceScale === null ? "" : `:g${path.guidanceScale}`;
      const plain = `${metric}@${path.nfe}${guidance}`;
      const name = names.has(plain) ? `${plain}:${path.sampler}` : plain;
      names.add(name);
      return [...(i === 0 ? [{ name: metric, value: mean }] : []), { name, value: mean }];
    }),
  );
}

/** Every value of every picture, one a line (RFC 4180); numbers that are no averages stand once, for `all`. */
export function scoresCsv(all: readonly (readonly PathScores[])[]): string {
  const lines = all.flat().flatMap(({ path, perImage, estimates }) => {
    const place = [path.sampler, path.title, path.nfe, path.guidanceScale ?? ""];
    return Object.entries(estimates).flatMap(([metric, { mean }]) =>
      Object.hasOwn(perImage, metric)
        ? Array.from(perImage[metric] ?? [], (value, image) => [
            ...place,
            metric,
            image,
            Number.isFinite(value) ? value : "",
          ])
        : [[...place, metric, "all", mean]],
    );
  });
  const head = ["sampler", "title", "nfe", "guidance_scale", "metric", "image", "value"];
  return csv([head, ...lines]);
}
