import { constants, setPriority } from "node:os";
import { executeRun } from "@distillery/shared/run/execute";
import { createNodeRuntime } from "../onnx/nodeRuntime";
import { library } from "../packs/library";
import { serveRun } from "./host";

// A run takes every core; the server and a browser on the same machine come first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
serveRun({ library, createRuntime: createNodeRuntime, execute: executeRun });
