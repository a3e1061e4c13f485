/** What a run says while it goes on: thinned progress events, and the numbers its summary needs. */
import type { HostIo } from "../graph/node";
import type { EventBody } from "../protocol/events";
import type { History } from "./checkpoint";
import type { RunEnvironment, RunSink } from "./job";

/** At most this often a step is reported, with what nodes said of it (first and last always are). */
const REPORT_INTERVAL_MS = 100;
/** Share of the steps that `lossFirst` and `lossLast` are averaged over. */
const LOSS_WINDOW = 0.05;

export class Report {
  private lastReport = Number.NEGATIVE_INFINITY;
  private unreported: { step: number; series: Record<string, number> } | null = null;
  /** What nodes said last since then. */
  private readonly unsaid = new Map<string, EventBody>();
  private lossFirst: number | null = null;
  private readonly firstLosses: number[] = [];
  private readonly lastLosses: number[] = [];
  private readonly window: number;
  private readonly metricsFirst: Record<string, number> = {};
  private readonly metricsLast: Record<string, number> = {};
  private readonly startedAt: number;
  private secondsBefore = 0;
  private stepsHere = 0;
  private evaluating = 0;
  /** Where the present stage of training stands: stages may differ in what a step costs. */
  private stageStart = { steps: 0, seconds: 0 };

  constructor(
    private readonly env: Pick<RunEnvironment, "now"> & { readonly sink: Pick<RunSink, "event" | "frame"> },
    private readonly steps: number,
  ) {
    this.window = Math.max(1, Math.round(steps * LOSS_WINDOW));
    this.startedAt = env.now();
  }

  /** Continues the numbers of the steps before a stop. */
  restore(history: History): void {
    this.lossFirst = history.lossFirst;
    Object.assign(this.metricsFirst, history.metricsFirst);
    this.secondsBefore = history.seconds;
  }

  history(): History {
    return { lossFirst: this.lossFirst, metricsFirst: { ...this.metricsFirst }, seconds: this.seconds() };
  }

  /** `step` steps are done; `series` by `node.name`, `loss` the total of those that train networks. */
  step(step: number, loss: number, series: Record<string, number>): void {
    this.stepsHere++;
    if (this.lossFirst === null) {
      this.firstLosses.push(loss);
      if (this.firstLosses.length === this.window) this.lossFirst = mean(this.firstLosses);
    }
    this.lastLosses.push(loss);
    if (this.lastLosses.length > this.window) this.lastLosses.shift();
    const now = this.env.now();
    this.unreported = { step, series };
    const isEdge = this.stepsHere === 1 || step === this.steps;
    if (isEdge || now - this.lastReport >= REPORT_INTERVAL_MS) this.flush();
  }

  /** Reports the last step, if it was left out. */
  flush(): void {
    for (const event of this.unsaid.values()) this.env.sink.event(event);
    this.unsaid.clear();
    if (this.unreported === null) return;
    const { step, series } = this.unreported;
    this.unreported = null;
    this.lastReport = this.env.now();
    this.env.sink.event({ type: "step", step, steps: this.steps, stepsPerSecond: this.presentSpeed(), series });
  }

  /** The next stage of training is made ready in `body`. */
  async newStage(body: () => Promise<void>): Promise<void> {
    this.flush();
    await this.aside(body);
    this.stageStart = { steps: this.stepsHere, seconds: this.trainingSeconds() };
  }

  /** Time spent in `body` does not count as training time. */
  async aside<T>(body: () => Promise<T>): Promise<T> {
    const begin = this.env.now();
    try {
      return await body();
    } finally {
      this.evaluating += this.env.now() - begin;
    }
  }

  /** What nodes say of an evaluation after `step` steps. */
  ioFor(step: number): (node: string) => HostIo {
    return this.io(step, (event) => this.env.sink.event(event));
  }

  /** The same while training: there may be thousands of steps a second, so values are thinned as the steps are. */
  stepIoFor(step: number): (node: string) => HostIo {
    return this.io(step, (event) => this.unsaid.set(`${event.type} ${event.node} ${event.name}`, event));
  }

  private io(step: number, say: (event: EventBody & { type: "metric" | "data" }) => void): (node: string) => HostIo {
    const { sink } = this.env;
    return (node) => ({
      step,
      metric: (name, value) => {
        this.metricsFirst[name] ??= value;
        this.metricsLast[name] = value;
        say({ type: "metric", step, node, name, value });
      },
      frame: ({ values, shape, ...frame }) => sink.frame({ step, node, ...frame, shape: [...shape] }, values),
      data: (name, value) => say({ type: "data", step, node, name, value: JSON.parse(JSON.stringify(value)) }),
      log: (message) => sink.event({ type: "log", level: "info", message, node }),
    });
  }

  seconds(): number {
    return this.secondsBefore + (this.env.now() - this.startedAt) / 1000;
  }

  /** Training steps per second of training time, evaluation left out. */
  stepsPerSecond(): number {
    const training = this.trainingSeconds();
    return training > 0 ? this.stepsHere / training : 0;
  }

  /** The same of the present stage alone. */
  private presentSpeed(): number {
    const seconds = this.trainingSeconds() - this.stageStart.seconds;
    return seconds > 0 ? (this.stepsHere - this.stageStart.steps) / seconds : 0;
  }

  private trainingSeconds(): number {
    return (this.env.now() - this.startedAt - this.evaluating) / 1000;
  }

  /** Metrics of the summary; a metric's first value is Before, its last After. */
  metrics(): Record<string, number> {
    const metrics: Record<string, number> = { ...this.metricsLast };
    if (this.metricsFirst.trajectoryError !== undefined)
      metrics.trajectoryErrorBefore = this.metricsFirst.trajectoryError;
    if (this.metricsLast.trajectoryError !== undefined) metrics.trajectoryErrorAfter = this.metricsLast.trajectoryError;
    const lossFirst = this.lossFirst ?? mean(this.firstLosses);
    if (Number.isFinite(lossFirst)) metrics.lossFirst = lossFirst;
    if (this.lastLosses.length > 0) metrics.lossLast = mean(this.lastLosses);
    return metrics;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
