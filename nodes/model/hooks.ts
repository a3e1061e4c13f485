/** Which values of a model file are looked at, given names that people write. */
import type { UserModelInfo } from "@distillery/shared/graph/modelInfo";
import type { StageContext } from "@distillery/shared/graph/node";
import type { PlanNode } from "@distillery/shared/onnx/import/plan";

/** What is known of a file's values. */
export interface FileValues {
  /** Names of its outputs. */
  readonly outputs: readonly string[];
  /** Null where files cannot be imported: then only the outputs are known. */
  readonly nodes: readonly PlanNode[] | null;
}

/** Outputs of files that this product wrote: hooked layers [B, channels, positions] from first to last. */
export const LAYER_OUTPUT = /^layer\.(\d+)$/;

/**
 * Value names for `hooks`, in their order. A hook is an output, an inner value, a module ("blocks.2": what its last
 * operation gives), or a pattern of value or module names with * for any part of a path. No hooks: the outputs layer.0, layer.1, ... A hook that
 * fits nothing is undefined, or taken for a value where inner ones are not known.
 */
export function hookedValues(hooks: readonly string[], file: FileValues): (string | undefined)[] {
  if (hooks.length === 0) {
    const number = (name: string) => Number(LAYER_OUTPUT.exec(name)?.[1]);
    return file.outputs.filter((name) => LAYER_OUTPUT.test(name)).sort((a, b) => number(a) - number(b));
  }
  return hooks.flatMap((hook) => valuesOf(hook, file));
}

/** The same, refusing hooks that fit nothing. */
export function requiredValues(
  hooks: readonly string[],
  file: FileValues,
  { name }: UserModelInfo,
  context: StageContext,
): string[] {
  const missing = hooks.find((hook) => hookedValues([hook], file).includes(undefined));
  if (missing !== undefined) {
    context.fail(
      `"${name}" has nothing called "${missing}" to hook; name some of its layers: ${knownValues(file)}.`,
      undefined,
      "unknown-hook",
    );
  }
  return hookedValues(hooks, file).filter((value) => value !== undefined);
}

/** What could be hooked, for messages. */
export function knownValues({ outputs, nodes }: FileValues): string {
  const modules = numberedModules(nodes ?? []);
  return [...outputs, ...modules.slice(0, 12), ...(modules.length > 12 ? ["..."] : [])].join(", ");
}

function valuesOf(hook: string, { outputs, nodes }: FileValues): (string | undefined)[] {
  if (outputs.includes(hook)) return [hook];
  const inner = (nodes ?? []).flatMap((node) => node.outputs.flatMap((output) => output?.name ?? []));
  if (hook.includes("*")) {
    const pattern = new RegExp(`^${hook.split("*").map(escaped).join("[^/]*")}$`);
    const fits = (name: string) => pattern.test(name);
    const found = [...new Set([...outputs, ...inner])].filter(fits);
    if (found.length > 0) return found;
    const modules = numberedModules(nodes ?? []).filter(fits);
    return modules.length > 0
      ? modules.flatMap((module) => valuesOf(module, { outputs, nodes }))
      : [nodes === null ? hook : undefined];
  }
  if (nodes === null || inner.includes(hook)) return [hook];
  const last = nodes.findLast((node) => `.${moduleOf(node.name)}.`.includes(`.${hook}.`));
  return [(last ?? lastOfWeights(hook, nodes))?.outputs[0]?.name];
}

/** Operations that give their first input's values in another form. */
const REFORMING = new Set(["Cast", "Expand", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"]);

/**
 * Where operations are not named after modules: the last one on a weight of the module, or, of a module of modules, the
 * sum of a residual block that it alone goes into.
 */
function lastOfWeights(module: string, nodes: readonly PlanNode[]): PlanNode | undefined {
  /** Weights of the module, and those in another form. */
  const own = new Set(weightsOf(nodes).filter((path) => path.startsWith(`${module}.`)));
  const isModuleOfModules = [...own].some((path) => path.slice(module.length + 1).includes("."));
  let last: PlanNode | undefined;
  for (const node of nodes) {
    const read = readBy(node);
    if (!read.some((name) => own.has(name))) continue;
    if (REFORMING.has(node.op) && own.has(read[0] ?? "")) own.add(node.outputs[0]?.name ?? "");
    else last = node;
  }
  if (!isModuleOfModules) return last;
  const [user, ...others] = nodes.filter((node) => readBy(node).includes(last?.outputs[0]?.name ?? ""));
  return user?.op === "Add" && others.length === 0 ? user : last;
}

const readBy = ({ inputs }: PlanNode): string[] =>
  inputs.flatMap((input) => (input !== null && "value" in input ? [input.value] : []));

/** What nodes read and none makes: weights by path, and the file's inputs. */
function weightsOf(nodes: readonly PlanNode[]): string[] {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs.map((output) => output?.name)));
  return [...new Set(nodes.flatMap(readBy))].filter((name) => !made.has(name));
}

/** "/blocks.2/attn/MatMul" -> "blocks.2.attn" */
const moduleOf = (name: string): string => name.split("/").slice(0, -1).filter(Boolean).join(".");

/** Modules with a number at the end, by the names of operations, else of weights: "blocks.0", "blocks.1", ... */
function numberedModules(nodes: readonly PlanNode[]): string[] {
  const numbered = (names: readonly string[]) => [
    ...new Set(names.flatMap((name) => /^(.*?\.\d+)(\.|$)/.exec(name)?.[1] ?? [])),
  ];
  const ofOperations = numbered(nodes.map(({ name }) => moduleOf(name)));
  return ofOperations.length > 0 ? ofOperations : numbered(weightsOf(nodes));
}

const escaped = (text: string): string => text.replace(/[\\^$+?.()|[\]{}]/g, "\\$&");
