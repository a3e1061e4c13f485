/** Which stored tensors of a file are weights, and the module paths their exporter hid. */
import { elementType, type FileNode, type FileTensor, type ModelFile, WEIGHTS_KEY } from "../codec";

/** Inputs that runtimes and gradient rules need as constants: [operator, first such input]. */
const STATIC_INPUTS: Readonly<Record<string, number>> = { Resize: 1, Upsample: 1, Pad: 1, Clip: 1, Dropout: 1 };
/** Small vectors that pass through these belong to the arithmetic of shapes, which must fold. */
const SHAPE_ARITHMETIC = new Set(["Concat", "Cast", "Floor", "Ceil"]);
const SMALL = 8;

interface Use {
  readonly node: FileNode;
  readonly index: number;
}

/** Names of the float initializers that are weights or statistics of layers, not arguments of operators. */
export function findWeights(file: ModelFile): Set<string> {
  const told = toldWeights(file);
  if (told !== null) return new Set(told.filter((name) => file.initializers.has(name)));
  const uses = usesByName(file);
  const isWeight = ({ name, dtype, shape }: FileTensor): boolean => {
    if ((dtype !== "float32" && dtype !== "float16") || shape.length === 0) return false;
    const small = shape.length === 1 && shape[0]! <= SMALL;
    return !(uses.get(name) ?? []).some(
      ({ node, index }) =>
        index >= (STATIC_INPUTS[node.op] ?? Number.POSITIVE_INFINITY) || (small && SHAPE_ARITHMETIC.has(node.op)),
    );
  };
  return new Set([...file.initializers.values()].filter(isWeight).map(({ name }) => name));
}

/** Files written here say which initializers are weights. */
function toldWeights({ metadata }: ModelFile): string[] | null {
  try {
    const told: unknown = JSON.parse(metadata[WEIGHTS_KEY] ?? "null");
    return Array.isArray(told) && told.every((name) => typeof name === "string") ? told : null;
  } catch {
    return null;
  }
}

/**
 * Casts of weights that are stored as float16 and read as float32 only: output of the cast -> weight. To whoever looks
 * at the file's weights, these are float32.
 */
export function widenedHalves(file: ModelFile, stored: ModelFile, weights: ReadonlySet<string>): Map<string, string> {
  const uses = usesByName(file);
  const casts = new Map<string, string>();
  for (const name of weights) {
    const readers = (uses.get(name) ?? []).map(({ node }) => node);
    const isWidened = ({ op, attributes }: FileNode) =>
      op === "Cast" && attributes.to?.kind === "int" && attributes.to.value === elementType("float32");
    if (stored.initializers.get(name)?.dtype !== "float16" || readers.length === 0 || !readers.every(isWidened))
      continue;
    for (const { outputs } of readers) casts.set(outputs[0]!, name);
  }
  return casts;
}

/**
 * Module paths for weights that PyTorch's exporter renamed ("onnx::MatMul_379"), from the node that uses them first:
 * "/attn/to_q/MatMul" -> "attn.to_q.weight". Such a weight keeps the file's layout: a Linear's is [in, out].
 */
export function modulePaths(file: ModelFile, weights: ReadonlySet<string>): Map<string, string> {
  const uses = usesByName(file);
  const taken = new Set(weights);
  const paths = new Map<string, string>();
  for (const name of weights) {
    paths.set(name, name);
    if (!/^(onnx::\w+|\d+)$/.test(name)) continue;
    const path = (uses.get(name) ?? []).map(pathFromUse).find((found) => found !== null && !taken.has(found));
    if (path == null) continue;
    taken.add(path);
    paths.set(name, path);
  }
  return paths;
}

function pathFromUse({ node, index }: Use): string | null {
  const modules = node.name.split("/").slice(1, -1);
  if (modules.length === 0) return null;
  const isBias = node.op === "Add" || (index === 2 && (node.op === "Conv" || node.op === "Gemm"));
  return `${modules.join(".")}.${isBias ? "bias" : "weight"}`;
}

function usesByName(file: ModelFile): Map<string, Use[]> {
  const uses = new Map<string, Use[]>();
  for (const node of file.nodes) {
    node.inputs.forEach((name, index) => {
      const known = uses.get(name);
      if (known === undefined) uses.set(name, [{ node, index }]);
      else known.push({ node, index });
    });
  }
  return uses;
}
