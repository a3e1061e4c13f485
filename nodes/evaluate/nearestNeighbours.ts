/** What the neighbours of an embedding tell of it. Embeddings are rows of unit length, float32 [N, D] row-major. */

/** Scales every row to length 1 (of zero length: stays zero), in place. */
export function toUnitRows(rows: Float32Array, width: number): Float32Array {
  for (let start = 0; start < rows.length; start += width) {
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += (rows[i] as number) ** 2;
    const scale = sum === 0 ? 0 : 1 / Math.sqrt(sum);
    for (let i = start; i < start + width; i++) rows[i] = (rows[i] as number) * scale;
  }
  return rows;
}

export interface Neighbour {
  readonly index: number;
  readonly similarity: number;
}

/** The `k` rows of `bank` nearest to row `query` of `queries` by cosine, nearest first; the earlier one on ties. */
export function nearest(
  queries: Float32Array,
  query: number,
  bank: Float32Array,
  width: number,
  k: number,
  isCandidate: (index: number) => boolean = () => true,
): Neighbour[] {
  const found: Neighbour[] = [];
  const from = query * width;
  const count = bank.length / width;
  for (let index = 0; index < count; index++) {
    if (!isCandidate(index)) continue;
    let similarity = 0;
    const at = index * width;
    for (let i = 0; i < width; i++) similarity += (queries[from + i] as number) * (bank[at + i] as number);
    if (found.length === k && similarity <= (found[k - 1] as Neighbour).similarity) continue;
    let place = found.length;
    while (place > 0 && (found[place - 1] as Neighbour).similarity < similarity) place--;
    found.splice(place, 0, { index, similarity });
    if (found.length > k) found.pop();
  }
  return found;
}

/** The label with the most votes, each weighing exp(cosine / temperature) (Wu et al. 2018); the first found on ties. */
export function vote(neighbours: readonly Neighbour[], labels: readonly number[], temperature: number): number {
  const votes = new Map<number, number>();
  for (const { index, similarity } of neighbours) {
    const label = labels[index] as number;
    // Against the largest possible cosine, so that small temperatures do not overflow.
    votes.set(label, (votes.get(label) ?? 0) + Math.exp((similarity - 1) / temperature));
  }
  let [best, most] = [-1, Number.NEGATIVE_INFINITY];
  for (const [label, weight] of votes) {
    if (weight > most) [best, most] = [label, weight];
  }
  return best;
}

/**
 * For every sample and every other class that has its item: is the nearest sample of that class the same item? The share of
 * yes, each ordered pair of classes counting alike; null where no item exists in two classes.
 */
export function itemRetrieval(
  rows: Float32Array,
  width: number,
  classes: readonly number[],
  items: readonly number[],
): number | null {
  const all = [...new Set(classes)];
  const shares: number[] = [];
  for (const target of all) {
    const members = classes.flatMap((each, i) => (each === target ? [i] : []));
    const has = new Set(members.map((i) => items[i]));
    for (const source of all) {
      if (source === target) continue;
      const asking = classes.flatMap((each, i) => (each === source && has.has(items[i]) ? [i] : []));
      if (asking.length === 0) continue;
      const hits = asking.filter((query) => {
        const [best] = nearest(rows, query, rows, width, 1, (index) => classes[index] === target);
        return best !== undefined && items[best.index] === items[query];
      });
      shares.push(hits.length / asking.length);
    }
  }
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
