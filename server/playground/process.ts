/** One process for all pictures: requests wait in a queue, and it stays warm for a while after the last. */
import { WorkerProcess } from "../runs/workerProcess";
import { replySchema, type StylizedPaths, type StylizeJob, type StylizeReply } from "./protocol";
import { PlaygroundRefused } from "./refused";

export interface ProcessOptions {
  readonly file: string;
  /** Milliseconds without a request after which the process ends. */
  readonly idle?: number;
  /** Milliseconds one request may take, once the process is up. */
  readonly limit?: number;
}

const IDLE = 120_000;
const LIMIT = 120_000;
const START_LIMIT = 60_000;
/** More than these wait for nobody: whoever asks is told to come again. */
const MAX_WAITING = 16;

interface Ticket {
  readonly job: Omit<StylizeJob, "id">;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: StylizedPaths) => void;
  readonly reject: (error: Error) => void;
}

export class StylizeProcess {
  private worker: WorkerProcess<StylizeJob, StylizeReply> | undefined;
  private readonly waiting: Ticket[] = [];
  private current: (Ticket & { id: number; timer: NodeJS.Timeout }) | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private isReady = false;
  private count = 0;
  private closed = false;

  constructor(private readonly options: ProcessOptions) {}

  get pid(): number | undefined {
    return this.worker?.pid;
  }

  get isWorking(): boolean {
    return this.current !== undefined;
  }

  /** @throws PlaygroundRefused when there is no result; `signal` takes a request that still waits out of the queue */
  run(job: Omit<StylizeJob, "id">, signal?: AbortSignal): Promise<StylizedPaths> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw closing();
      if (this.waiting.length >= MAX_WAITING)
        throw new PlaygroundRefused("busy", "Too many pictures are waiting; try again in a moment.");
      this.waiting.push({ job, signal, resolve, reject });
      this.next();
    });
  }

  close(): void {
    this.closed = true;
    for (const { reject } of this.waiting.splice(0)) reject(closing());
    this.stop(closing());
    clearTimeout(this.idleTimer);
  }

  private next(): void {
    clearTimeout(this.idleTimer);
    if (this.current !== undefined) return;
    const ticket = this.waiting.shift();
    if (ticket === undefined) {
      this.idleTimer = setTimeout(() => this.stop(closing()), this.options.idle ?? IDLE);
      this.idleTimer.unref();
      return;
    }
    if (ticket.signal?.aborted) {
      ticket.reject(new PlaygroundRefused("busy", "The request was given up."));
      this.next();
      return;
    }
    const late = new PlaygroundRefused("failed", "The process that restyles pictures did not start; try again.");
    this.current = { ...ticket, id: ++this.count, timer: setTimeout(() => this.stop(late), START_LIMIT) };
    if (this.worker === undefined) this.worker = this.start();
    else if (this.isReady) this.hand();
  }

  /** Gives the process the request in work. */
  private hand(): void {
    const { current } = this;
    if (current === undefined) return;
    const limit = this.options.limit ?? LIMIT;
    const late = new PlaygroundRefused("failed", `It took longer than ${limit / 1000} s; take fewer evaluations.`);
    clearTimeout(current.timer);
    current.timer = setTimeout(() => this.stop(late), limit);
    this.worker?.send({ ...current.job, id: current.id });
  }

  private start(): WorkerProcess<StylizeJob, StylizeReply> {
    this.isReady = false;
    const worker = new WorkerProcess<StylizeJob, StylizeReply>(this.options.file, process.env, replySchema, {
      message: (message) => {
        if (this.worker === worker) this.take(message);
      },
      exit: (reason, errors) => {
        if (this.worker !== worker) return;
        this.worker = undefined;
        const said = errors === "" ? "" : ` It wrote: ${errors.split("\n").at(-1)}`;
        const message = `The process that restyles pictures ended unexpectedly (${reason}); the next request starts another.${said}`;
        this.settle(({ reject }) => reject(new PlaygroundRefused("failed", message)));
      },
    });
    return worker;
  }

  private take(message: StylizeReply): void {
    if (message.type === "ready") {
      this.isReady = true;
      this.hand();
      return;
    }
    if (message.id !== this.current?.id) return;
    this.settle(({ resolve, reject }) => {
      if (message.type === "done") resolve(message.result);
      else reject(new PlaygroundRefused(message.kind === "input" ? "invalid" : "failed", message.message));
    });
  }

  /** Ends the request in work, and goes on with the next. */
  private settle(how: (ticket: Ticket) => void): void {
    const { current } = this;
    if (current === undefined) return;
    clearTimeout(current.timer);
    this.current = undefined;
    how(current);
    this.next();
  }

  /** Ends the process, and with it the request in work. */
  private stop(reason: PlaygroundRefused): void {
    const { worker } = this;
    this.worker = undefined;
    worker?.kill();
    this.settle(({ reject }) => reject(reason));
  }
}

const closing = () => new PlaygroundRefused("busy", "The server is closing.");
