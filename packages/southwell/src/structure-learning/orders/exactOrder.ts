import { DenseMatrix } from '@southwell/numerics/arrays';
import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { checkKnowledge, knowledgeRecords } from '../knowledge.ts';
import { type GraphData, moments } from '../moments.ts';
import { OrderFactor, regression } from './orderFactor.ts';

const exactRecords = {
  ...knowledgeRecords,
  /** Penalty for each edge. Default 0. */
  edgePenalty: numberOption({ min: 0 }),
};

export interface ExactOrder {
  readonly order: Int32Array;
  /** ½ Σ residual variances + edgePenalty · edges. */
  readonly score: number;
  /** The best graph: regressions of all nodes on their chosen parents. */
  readonly W: DenseMatrix;
}

/**
 * The best of all DAGs that are consistent with the knowledge, by dynamic programming over subsets (Silander &
 * Myllymäki, UAI 2006): least squares with a penalty for each edge. O(2ᵈd²) time, O(2ᵈd) memory.
 * @throws INVALID_PARAMETER beyond 15 nodes, SINGULAR.
 */
export function exactOrder(X: GraphData, options: OptionsOf<typeof exactRecords> = {}): ExactOrder {
  checkOptions('exactOrder', exactRecords, options);
  const { C, d } = moments(X);
  const { edgePenalty = 0, knowledge } = options;
  checkKnowledge(knowledge, d);
  if (d > 15) fail('INVALID_PARAMETER', `All subsets of ${d} nodes are too many; the exact method takes up to 15.`);
  new OrderFactor(
    C,
    Int32Array.from({ length: d }, (_, j) => j),
  ); // throws if singular
  const size = 2 ** d;
  // local[S · d + i]: the best score of i with parents among S, and these parents.
  const local = new Float64Array(size * d);
  const parents = new Int32Array(size * d);
  const sets = (matrix: Uint8Array | undefined, none: number) =>
    Array.from({ length: d }, (_, to) => (matrix ? setOf(matrix.subarray(to * d, (to + 1) * d)) : none));
  const allowed = sets(knowledge?.allowed, size - 1);
  const required = sets(knowledge?.required, 0);
  const before = sets(knowledge?.before, 0);
  sweepSubsets(C, d, (S, variance) => {
    for (let i = 0; i < d; i++) {
      const can = (S & ~allowed[i]) === 0 && (required[i] & ~S) === 0;
      local[S * d + i] = can ? variance(i) / 2 + edgePenalty * bitCount(S) : Number.POSITIVE_INFINITY;
    }
  });
  for (let S = 0; S < size; S++) {
    for (let i = 0; i < d; i++) {
      if (S & (1 << i)) continue;
      const at = S * d + i;
      parents[at] = S;
      for (let k = 0; k < d; k++) {
        if (!(S & (1 << k))) continue;
        const without = (S & ~(1 << k)) * d + i;
        if (local[without] < local[at]) {
          local[at] = local[without];
          parents[at] = parents[without];
        }
      }
    }
  }
  const best = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const last = new Int8Array(size);
  best[0] = 0;
  for (let S = 0; S < size; S++) {
    for (let i = 0; i < d; i++) {
      const next = S | (1 << i);
      if (next === S || before[i] & ~S) continue;
      const value = best[S] + local[S * d + i];
      if (value < best[next]) {
        best[next] = value;
        last[next] = i;
      }
    }
  }
  const order = new Int32Array(d);
  const W = DenseMatrix.create(d, d);
  for (let S = size - 1, at = d - 1; at >= 0; at--) {
    const i = last[S];
    order[at] = i;
    S &= ~(1 << i);
    regress(C, i, parents[S * d + i], W);
  }
  return { order, score: best[size - 1], W };
}

/** The set of the indices with a 1, as bits. */
const setOf = (places: Uint8Array): number => places.reduce((S, v, k) => (v ? S | (1 << k) : S), 0);

const bitCount = (S: number): number => {
  let count = 0;
  for (let bits = S; bits; bits &= bits - 1) count++;
  return count;
};

/**
 * Visits every subset with the residual variances given it, by applying the sweep operator to C one node after the
 * other.
 */
function sweepSubsets(C: DenseMatrix, d: number, visit: (S: number, variance: (i: number) => number) => void): void {
  const stack = Array.from({ length: d + 1 }, () => new Float64Array(d * d));
  stack[0].set(C.data);
  const descend = (S: number, depth: number, from: number) => {
    const a = stack[depth];
    visit(S, (i) => a[i * d + i]);
    for (let k = from; k < d; k++) {
      const b = stack[depth + 1];
      const pivot = a[k * d + k];
      for (let j = 0; j < d; j++) {
        const factor = a[j * d + k] / pivot;
        for (let i = 0; i < d; i++) b[j * d + i] = a[j * d + i] - factor * a[k * d + i];
      }
      descend(S | (1 << k), depth + 1, k + 1);
    }
  };
  descend(0, 0, 0);
}

/** Writes the regression of i on a set of parents into column i of W. */
function regress(C: DenseMatrix, i: number, S: number, W: DenseMatrix): void {
  const set = Array.from({ length: C.rows }, (_, k) => k).filter((k) => S & (1 << k));
  const { weights } = regression(C, i, set);
  set.forEach((p, k) => {
    W.set(p, i, weights[k]);
  });
}
