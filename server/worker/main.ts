import { library } from "@distillery/nodes/library";
import { executeRun } from "@distillery/shared/run/execute";
import { createNodeRuntime } from "../onnx/nodeRuntime";
import { serveRun } from "./host";

serveRun({ library, createRuntime: createNodeRuntime, execute: executeRun });
