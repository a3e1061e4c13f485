/** Checks graphs: small ones at once, large ones in a thread, so that everybody else's requests go on. */
import { Worker } from "node:worker_threads";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { checkGraph, type GraphCheck, type Uploads } from "./check";

/** Larger graphs are worth the quarter of a second that a thread takes to start. */
const SMALL_NODES = 300;
const LIMIT_MILLISECONDS = 60_000;

export class Validator {
  /** One thread at a time: the cores are the runs'. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly library: NodeLibrary,
    /** The built thread; it knows the same library. */
    private readonly threadFile: string,
  ) {}

  /** @throws Error when a large graph cannot be checked in a minute. */
  async check(graph: unknown, uploads: Uploads): Promise<GraphCheck> {
    if (nodeCount(graph) <= SMALL_NODES) return checkGraph(graph, this.library, uploads);
    const checked = this.last.then(() => this.inThread(graph, uploads));
    this.last = checked.catch(() => undefined);
    return checked;
  }

  private inThread(graph: unknown, uploads: Uploads): Promise<GraphCheck> {
    return new Promise((resolve, reject) => {
      const thread = new Worker(this.threadFile, { workerData: { graph, uploads }, execArgv: [] });
      const timer = setTimeout(() => {
        reject(new Error(`The graph could not be checked in ${LIMIT_MILLISECONDS / 1000} seconds; make it smaller.`));
        void thread.terminate();
      }, LIMIT_MILLISECONDS);
      thread.once("message", resolve);
      thread.once("error", reject);
      thread.once("exit", () => {
        clearTimeout(timer);
        reject(new Error("The graph could not be checked: the checking thread ended early."));
      });
    });
  }
}

function nodeCount(graph: unknown): number {
  if (typeof graph !== "object" || graph === null || !("nodes" in graph)) return 0;
  // What is folded is counted by nobody here: it may be much.
  if ("subgraphs" in graph) return Number.POSITIVE_INFINITY;
  return Array.isArray(graph.nodes) ? graph.nodes.length : 0;
}
