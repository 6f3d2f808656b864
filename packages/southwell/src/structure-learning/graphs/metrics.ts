import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { cpdag } from './cpdag.ts';
import { isAcyclic } from './graphs.ts';
import { structuralInterventionDistance } from './sid.ts';

export interface GraphMetrics {
  readonly edges: { readonly truth: number; readonly estimate: number };
  readonly correct: number;
  /** Edges between the right nodes in the wrong direction. */
  readonly reversed: number;
  readonly extra: number;
  readonly missing: number;
  /** Structural Hamming distance: extra + missing + reversed. */
  readonly shd: number;
  /** (reversed + extra) / edges of the estimate; 0 where it has none. */
  readonly fdr: number;
  /** correct / edges of the truth; 1 where it has none. */
  readonly tpr: number;
  /** (reversed + extra) / pairs that are not adjacent in the truth; 0 where all are. */
  readonly fpr: number;
  /** Hamming distance of the equivalence classes; absent if a graph has a cycle. */
  readonly shdCpdag?: number;
  /** Structural intervention distance; absent if a graph has a cycle. */
  readonly sid?: number;
}

/** Hamming distance of two partially directed graphs: pairs of nodes whose link differs. O(d²). */
export function hammingDistance(A: DenseMatrix, B: DenseMatrix): number {
  let count = 0;
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < i; j++) {
      const same = (p: number, q: number) => (A.get(p, q) !== 0) === (B.get(p, q) !== 0);
      if (!same(i, j) || !same(j, i)) count++;
    }
  }
  return count;
}

/**
 * Compares an estimated graph with the true one. Weights are ignored: W[i, j] ≠ 0 means i → j. O(d²·edges), for the
 * intervention distance.
 * @throws INVALID_SHAPE.
 */
export function graphMetrics(truth: DenseMatrix, estimate: DenseMatrix): GraphMetrics {
  const d = truth.rows;
  if (truth.cols !== d || estimate.rows !== d || estimate.cols !== d) {
    fail(
      'INVALID_SHAPE',
      `Graphs to compare need square matrices of the same size, not ${d} × ${truth.cols} and ${estimate.rows} × ${estimate.cols}.`,
    );
  }
  const count = { truth: 0, estimate: 0, correct: 0, reversed: 0, extra: 0, missing: 0, linked: 0 };
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      if (i === j) continue;
      const real = truth.get(i, j) !== 0;
      const back = truth.get(j, i) !== 0;
      const found = estimate.get(i, j) !== 0;
      if (real) count.truth++;
      if ((real || back) && j < i) count.linked++;
      if (found) {
        count.estimate++;
        if (real) count.correct++;
        else if (back) count.reversed++;
        else count.extra++;
      } else if (real && estimate.get(j, i) === 0) count.missing++;
    }
  }
  const { correct, reversed, extra, missing } = count;
  const wrong = reversed + extra;
  const unlinked = (d * (d - 1)) / 2 - count.linked;
  const acyclic = isAcyclic(truth) && isAcyclic(estimate);
  return {
    edges: { truth: count.truth, estimate: count.estimate },
    correct,
    reversed,
    extra,
    missing,
    shd: hammingDistance(truth, estimate),
    fdr: wrong / Math.max(count.estimate, 1),
    tpr: count.truth > 0 ? correct / count.truth : 1,
    fpr: unlinked > 0 ? wrong / unlinked : 0,
    ...(acyclic && {
      shdCpdag: hammingDistance(cpdag(truth), cpdag(estimate)),
      sid: structuralInterventionDistance(truth, estimate),
    }),
  };
}
