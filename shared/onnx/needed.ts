/** The nodes that `wanted` values are made from, in their order; runtimes would run the others, too. */
export function needed<N>(
  nodes: readonly N[],
  wanted: Iterable<string>,
  valuesOf: (node: N) => { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
): N[] {
  const names = new Set(wanted);
  return nodes
    .toReversed()
    .filter((node) => {
      const { inputs, outputs } = valuesOf(node);
      if (!outputs.some((name) => names.has(name))) return false;
      for (const name of inputs) names.add(name);
      return true;
    })
    .reverse();
}
