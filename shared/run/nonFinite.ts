/** After a step gave NaN or infinity: which tensor was the first? Runs the same step again with every value in view. */
import type { Stage } from "../compile/stages";
import type { HostTensor } from "../graph/node";
import { encodeModel } from "../onnx/codec";
import type { Runtime, RuntimeTensor } from "./runtime";

/** A run that cannot go on: the message is for people, the node where it began. */
export class RunError extends Error {
  constructor(
    message: string,
    readonly node?: string,
  ) {
    super(message);
  }
}

const isBad = ({ data }: HostTensor): boolean => data instanceof Float32Array && data.some((v) => !Number.isFinite(v));

/** Name of the first non-finite value in computation order, and the document node that made it. */
export async function firstNonFinite(
  stage: Stage,
  runtime: Runtime,
  feeds: Readonly<Record<string, RuntimeTensor>>,
): Promise<{ tensor: string; node: string | undefined } | undefined> {
  const { graph, variables, hostInputs } = stage.builder;
  for (const [name, value] of Object.entries(feeds)) {
    if (!isBad(await runtime.download(value))) continue;
    const node = variables.get(name)?.owner ?? hostInputs.find(({ input }) => input === name)?.node;
    return { tensor: name, node };
  }
  const tensors = graph.nodes
    .flatMap((node) => node.outputs)
    .flatMap((name) => (name === "" ? [] : graph.value(name)))
    .filter(({ dtype }) => dtype === "float32");
  const session = await runtime.createSession(encodeModel(graph, { extraOutputs: tensors }));
  try {
    const values = await session.run(
      feeds,
      tensors.map(({ name }) => name),
    );
    for (const { name } of tensors) {
      const value = values[name];
      if (value !== undefined && isBad(await runtime.download(value)))
        return { tensor: name, node: nodeOf(name, stage) };
    }
    return undefined;
  } finally {
    await session.dispose();
  }
}

/** Values are named `node/...` after the document node whose emission made them. */
function nodeOf(tensor: string, stage: Stage): string | undefined {
  const id = tensor.split("/")[0];
  return stage.nodes.find((node) => node.id === id)?.id;
}
