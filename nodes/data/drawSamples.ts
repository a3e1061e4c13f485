/** The host's half of a start: which samples a step gets, what they are to become, and how they are varied. */
import type { HostOptions, HostPart, HostTensor, RandomStream } from "@distillery/shared/graph/node";
import type { DatasetReader, DatasetValue, SampleLabels, Split } from "@distillery/shared/graph/wires";
import { sizeOf } from "@distillery/shared/onnx/graph";
import { vary } from "./vary";

export interface DrawParams {
  readonly split: Split;
  readonly sourceClasses: readonly string[];
  readonly targetClasses: readonly string[];
  readonly otherClass: boolean;
  readonly everyClass: boolean;
  readonly tellContent: boolean;
  readonly flip: number;
  readonly shift: number;
  readonly dropCondition: number;
  readonly dropContent: number;
}

/** Indices of class names; a name the data set does not have stays a name. */
export const classIndices = (dataset: DatasetValue, names: readonly string[]): (number | string)[] =>
  names.map((name) => {
    const index = dataset.classes.indexOf(name);
    return index < 0 ? name : index;
  });

export async function drawSamples(
  params: DrawParams,
  { inputs, resources, seed, batch, feeds: declared }: HostOptions,
): Promise<HostPart> {
  const dataset = inputs.dataset?.[0] as DatasetValue;
  const reader = await dataset.open(resources, seed);
  const size = sizeOf(dataset.sampleShape);
  const shape = [batch, ...dataset.sampleShape];
  const isIndex = (each: number | string): each is number => typeof each === "number";
  const sources = classIndices(dataset, params.sourceClasses).filter(isIndex);
  const targets = classIndices(dataset, params.targetClasses).filter(isIndex);
  for (const source of sources.length === 0 ? [undefined] : sources)
    requireSamples(reader, params.split, dataset, source);
  const labels = { class: dataset.classes.length, content: params.tellContent ? (dataset.contents?.length ?? 0) : 0 };

  // Drawn only for those who read it.
  const { answer: answered, flow: flowing } = declared;
  const flowSize = flowing === undefined ? 0 : sizeOf(flowing.shape.slice(1));

  return {
    before(_step, random) {
      const draw = random("samples");
      const [variation, hidden] = [random("variation"), random("hidden")];
      const x0 = new Float32Array(batch * size);
      const answer = new Float32Array(answered === undefined ? 0 : batch * size);
      const flow = new Float32Array(batch * flowSize);
      const classes = new BigInt64Array(batch);
      const contents = new BigInt64Array(batch);
      let own: SampleLabels | undefined;
      for (let row = 0; row < batch; row++) {
        own = sampleAt(row, own, x0, draw);
        const target = targetOf(own.class, draw);
        const isHidden = hidden.uniform() < params.dropCondition;
        const isContentHidden = hidden.uniform() < params.dropContent || isHidden || labels.content === 0;
        if (answered !== undefined) reader.readItem?.(own.item, target, answer, row * size);
        if (flowing !== undefined) reader.readFlow?.(own.item, flow, row * flowSize);
        const pictures = [x0, ...(answered === undefined ? [] : [answer])].map((all) =>
          all.subarray(row * size, (row + 1) * size),
        );
        vary(pictures, dataset.sampleShape, params, variation);
        classes[row] = BigInt(isHidden ? labels.class : target);
        contents[row] = BigInt(isContentHidden || own.content < 0 ? (dataset.contents?.length ?? 0) : own.content);
      }
      const feeds: Record<string, HostTensor> = { x0: { dtype: "float32", shape, data: x0 } };
      if (answered !== undefined) feeds.answer = { dtype: "float32", shape, data: answer };
      if (flowing !== undefined) feeds.flow = { ...flowing, data: flow };
      if (labels.class > 0) feeds.class = { dtype: "int64", shape: [batch], data: classes };
      if (dataset.contents !== undefined) feeds.content = { dtype: "int64", shape: [batch], data: contents };
      return feeds;
    },
  };

  /** A fresh sample, or the one before in the next class. */
  function sampleAt(row: number, before: SampleLabels | undefined, x0: Float32Array, draw: RandomStream): SampleLabels {
    const next = row % Math.max(labels.class, 1);
    if (!params.everyClass || before === undefined || next === 0) {
      const source = sources.length === 0 ? undefined : sources[draw.integer(sources.length)];
      const index = draw.integer(reader.count(params.split, source));
      const fresh = reader.read(params.split, index, x0, row * size, source);
      if (!params.everyClass) return fresh;
      before = fresh;
    }
    reader.readItem?.(before.item, next, x0, row * size);
    return { ...before, class: next };
  }

  function targetOf(own: number, draw: RandomStream): number {
    const chosen = targets.length === 0 && params.otherClass ? dataset.classes.map((_, i) => i) : targets;
    const open = params.otherClass ? chosen.filter((each) => each !== own) : chosen;
    if (open.length > 0) return open[draw.integer(open.length)] as number;
    return Math.max(chosen[0] ?? own, 0);
  }
}

function requireSamples(reader: DatasetReader, split: Split, dataset: DatasetValue, source?: number): void {
  if (reader.count(split, source) > 0) return;
  const part = source === undefined ? "" : ` of class "${dataset.classes[source]}"`;
  throw new Error(`"${dataset.title}" has no samples${part} in the split "${split}".`);
}
