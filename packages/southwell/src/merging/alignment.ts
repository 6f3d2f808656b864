import type { Tensor } from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { type Svd, svd } from '@southwell/numerics/linalg';
import { checkAlike } from './models.ts';

/** A weight as a matrix: of more than two axes the longer one of the first and last against all others. */
function matrixOf(t: Tensor): DenseMatrix {
  const [first, last] = [t.shape[0], t.shape.at(-1)!];
  const byRows = t.rank === 2 || first > last;
  const [m, n] = byRows ? [first, t.size / first] : [t.size / last, last];
  const values = t.data();
  const out = DenseMatrix.create(m, n);
  for (let j = 0; j < n; j++) {
    const column = out.column(j);
    for (let i = 0; i < m; i++) column[i] = values[i * n + j];
  }
  return out;
}

/** Singular directions of singular values of at least γ times the largest. */
const retained = ({ singularValues: s }: Svd, gamma: number): number => {
  let count = 0;
  while (count < s.length && s[count] > 0 && s[count] >= gamma * s[0]) count++;
  return count;
};

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/**
 * How well the singular directions of two networks agree (Ito, Yamada & Kumagai, ICLR 2025): over all weights with two axes or more, the sum
 * of (uᵢᵃ·uⱼᵇ)(vᵢᵃ·vⱼᵇ) over pairs of singular values of at least γ times the largest of their matrix, divided by the smaller number of retained values.
 * 1 for identical networks; about 0 for unrelated ones. The paper's normalisation is not known; this is ours. With several γ it returns a score for each,
 * for one decomposition. O(m·n·min(m, n)) a matrix.
 * @throws INVALID_PARAMETER unless γ is from 0 to 1, and for networks without matrices; INVALID_SHAPE, NON_FINITE.
 */
export function alignmentScore(a: nn.Model, b: nn.Model, gamma?: number): number;
export function alignmentScore(a: nn.Model, b: nn.Model, gamma: readonly number[]): number[];
/** @throws as its overloads. */
export function alignmentScore(a: nn.Model, b: nn.Model, gamma: number | readonly number[] = 0): number | number[] {
  const gammas = typeof gamma === 'number' ? [gamma] : gamma;
  for (const one of gammas)
    if (!(one >= 0 && one <= 1)) fail('INVALID_PARAMETER', `gamma must be from 0 to 1, not ${one}.`);
  checkAlike(a, b);
  const sums = gammas.map(() => 0);
  const counts = gammas.map(() => 0);
  for (const [name, t] of Object.entries(a.parameters)) {
    if (t.rank < 2 || t.size === 0) continue;
    const [left, right] = [t, b.parameters[name]].map((own) => svd(matrixOf(own)));
    const kept = gammas.map((one) => [retained(left, one), retained(right, one)] as const);
    const [most, mostRight] = [0, 1].map((side) => Math.max(...kept.map((own) => own[side])));
    for (let i = 0; i < most; i++)
      for (let j = 0; j < mostRight; j++) {
        const term = dot(left.U.column(i), right.U.column(j)) * dot(left.V.column(i), right.V.column(j));
        kept.forEach(([p, q], k) => {
          if (i < p && j < q) sums[k] += term;
        });
      }
    kept.forEach(([p, q], k) => {
      counts[k] += Math.min(p, q);
    });
  }
  if (counts.includes(0)) fail('INVALID_PARAMETER', 'The networks have no weights with singular values.');
  const scores = sums.map((sum, k) => sum / counts[k]);
  return typeof gamma === 'number' ? scores[0] : scores;
}
