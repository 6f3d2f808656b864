import { checkOptions, fail, flagOption, type OptionsOf } from '@southwell/numerics/core';
import type { Neighbours, Points } from '@southwell/numerics/neighbours';

/**
 * Non-negative affinities in sparse row format: point p has `weights[t]` with `indices[t]` for pointers[p] ≤ t <
 * pointers[p+1].
 */
export interface Affinity {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

const affinityRecords = {
  /** Whether to keep the graph directed instead of making it symmetric. Default false. */
  directed: flagOption(),
};

export interface AffinityOptions extends OptionsOf<typeof affinityRecords> {}

/**
 * The nearest-neighbour graph with weights 1: symmetric, (W + Wᵀ)/2, unless `directed`. O(nk).
 * @throws INVALID_PARAMETER.
 */
export function neighbourAffinity(neighbours: Neighbours, options: AffinityOptions = {}): Affinity {
  checkOptions('neighbourAffinity', affinityRecords, options);
  const { k, indices: to } = neighbours;
  const n = to.length / k;
  if (options.directed) {
    const pointers = Int32Array.from({ length: n + 1 }, (_, p) => p * k);
    return { n, pointers, indices: to.slice(), weights: new Float64Array(n * k).fill(1) };
  }
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  for (let p = 0; p < n; p++) {
    for (let t = p * k; t < (p + 1) * k; t++) {
      const q = to[t];
      rows[p].set(q, (rows[p].get(q) ?? 0) + 0.5);
      rows[q].set(p, (rows[q].get(p) ?? 0) + 0.5);
    }
  }
  return affinityOfRows(rows);
}

function affinityOfRows(rows: ReadonlyArray<ReadonlyMap<number, number>>): Affinity {
  const n = rows.length;
  const pointers = new Int32Array(n + 1);
  for (let p = 0; p < n; p++) pointers[p + 1] = pointers[p] + rows[p].size;
  const indices = new Int32Array(pointers[n]);
  const weights = new Float64Array(pointers[n]);
  for (let p = 0; p < n; p++) {
    let at = pointers[p];
    for (const q of [...rows[p].keys()].sort((a, b) => a - b)) {
      indices[at] = q;
      weights[at++] = rows[p].get(q)!;
    }
  }
  return { n, pointers, indices, weights };
}

/** @throws unless the affinity has n rows, valid indices and finite weights ≥ 0. */
export function checkAffinity({ n, pointers, indices, weights }: Affinity, points: number): void {
  if (
    n !== points ||
    pointers.length !== n + 1 ||
    indices.length !== weights.length ||
    pointers[n] !== indices.length
  ) {
    fail('INVALID_SHAPE', `The affinity must be a graph of the ${points} points, but has ${n} rows.`);
  }
  for (let t = 0; t < indices.length; t++) {
    if (!(indices[t] >= 0 && indices[t] < n))
      fail('INVALID_SHAPE', `Point ${indices[t]} of the affinity does not exist.`);
    if (!(weights[t] >= 0 && weights[t] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `Affinities must be finite and at least 0, not ${weights[t]}.`);
    }
  }
}

/** The sum of squared distances over the edges, for kernel bandwidths. */
export function edgeSquares(points: Points, { n, pointers, indices, weights }: Affinity): number {
  let sum = 0;
  for (let p = 0; p < n; p++) {
    for (let t = pointers[p]; t < pointers[p + 1]; t++) sum += weights[t] * points.distance(p, points.data, indices[t]);
  }
  return sum;
}
