/** The process that restyles pictures: one request after another, until its server has no more for it. */
import { constants, setPriority } from "node:os";
import { createNodeRuntime } from "../onnx/nodeRuntime";
import { library } from "../packs/library";
import { messageOf } from "../worker/sink";
import { InputRefused } from "./fitted";
import { jobSchema, type StylizeReply } from "./protocol";
import { Stylizing } from "./stylize";

// The server and a browser on the same machine come first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const stylizing = createNodeRuntime("cpu").then((runtime) => new Stylizing(library, runtime));
const post = (message: StylizeReply): void => {
  process.send?.(message);
};

process.on("message", async (raw) => {
  const job = jobSchema.parse(raw);
  try {
    post({ type: "done", id: job.id, result: await (await stylizing).stylize(job) });
  } catch (error) {
    const kind = error instanceof InputRefused ? "input" : "work";
    if (kind === "work" && error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
    post({ type: "failed", id: job.id, kind, message: messageOf(error) });
  }
});
post({ type: "ready" });
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
