/** Which values of a model file are looked at, given names that people write. */
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
  return [last?.outputs[0]?.name];
}

/** "/blocks.2/attn/MatMul" -> "blocks.2.attn" */
const moduleOf = (name: string): string => name.split("/").slice(0, -1).filter(Boolean).join(".");

/** Modules with a number at the end, for messages: "blocks.0", "blocks.1", ... */
export function numberedModules(nodes: readonly PlanNode[]): string[] {
  const modules = nodes.flatMap(({ name }) => /^(.*?\.\d+)(\.|$)/.exec(moduleOf(name))?.[1] ?? []);
  return [...new Set(modules)];
}

const escaped = (text: string): string => text.replace(/[\\^$+?.()|[\]{}]/g, "\\$&");
