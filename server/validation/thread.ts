/** A thread that checks one large graph and ends. */
import { parentPort, workerData } from "node:worker_threads";
import { library } from "../packs/library";
import { checkGraph, type Uploads } from "./check";

const { graph, uploads }: { graph: unknown; uploads: Uploads } = workerData;
parentPort?.postMessage(checkGraph(graph, library, uploads));
