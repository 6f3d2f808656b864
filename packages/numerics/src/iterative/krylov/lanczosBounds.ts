import { arenaFor } from '@southwell/kernels';
import { CscMatrix, type MatrixLike } from '../../arrays/index.ts';
import { fail, Random } from '../../core/index.ts';
import { asOperator, isOperator, type LinearOperator } from '../../operators/index.ts';
import { diagonalOf, square, symmetricRows } from '../rows.ts';
import { Space } from '../space.ts';

interface BoundsOptions {
  /** Whether to use D^(−1/2) A D^(−1/2) instead of A. Default false. */
  readonly scaled?: boolean;
  /**
   * Stops when both extremes change by less than this fraction of the distance of the smaller one from 0. Default 1e-2.
   */
  readonly relative?: number;
  /** Maximum number of steps. Default 500. */
  readonly steps?: number;
}

/**
 * The extreme eigenvalues of a symmetric matrix, approximated from inside the spectrum by Lanczos's method without
 * reorthogonalisation; the loss of orthogonality only produces copies of extremes already found. O(entries) per step.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function extremeEigenvalues(
  A: MatrixLike | LinearOperator,
  { scaled = false, relative = 1e-2, steps = 500 }: BoundsOptions = {},
): { readonly smallest: number; readonly largest: number } {
  const op = A instanceof CscMatrix ? symmetricRows(A) : asOperator(A);
  const n = square(op);
  if (n === 0) return { smallest: 1, largest: 1 };
  const roots = scaled ? rootsOfDiagonal(A) : undefined;
  const space = new Space(op.arena ?? arenaFor(64 * n), n);
  try {
    let [v, w, before] = [space.vector(), space.vector(), space.vector()];
    const t = space.vector();
    const random = new Random(1);
    for (let i = 0; i < n; i++) v.view[i] = random.normal();
    space.scale(1 / space.norm(v), v);
    const [alpha, beta]: [number[], number[]] = [[], []];
    let found = { smallest: 0, largest: 0 };
    for (let k = 1; k <= Math.min(steps, 3 * n + 10); k++) {
      if (roots) {
        const [from, to] = [v.view, t.view];
        for (let i = 0; i < n; i++) to[i] = from[i] / roots[i];
        op.apply(to, w.view);
        const image = w.view;
        for (let i = 0; i < n; i++) image[i] /= roots[i];
      } else op.apply(v.view, w.view);
      const a = space.dot(v, w);
      alpha.push(a);
      space.axpy(-a, v, w);
      if (k > 1) space.axpy(-beta[k - 2], before, w);
      const b = space.norm(w);
      const over = b <= 1e-14 * Math.max(Math.abs(a), ...beta.slice(-1)) || k === n;
      if (over || k % 10 === 0) {
        const now = ends(alpha, beta);
        const moved = Math.max(Math.abs(now.smallest - found.smallest), Math.abs(now.largest - found.largest));
        found = now;
        if (over || (k > 10 && moved <= relative * Math.min(1, Math.abs(now.smallest)))) break;
      }
      beta.push(b);
      space.scale(1 / b, w);
      [before, v, w] = [v, w, before];
    }
    return found;
  } finally {
    space.end();
  }
}

function rootsOfDiagonal(A: MatrixLike | LinearOperator): Float64Array {
  if (isOperator(A) || !(A instanceof CscMatrix)) {
    fail('INVALID_PARAMETER', 'The diagonal of A is needed: give a CscMatrix.');
  }
  const diagonal = diagonalOf(A);
  const bad = diagonal.findIndex((d) => !(d > 0));
  if (bad >= 0) {
    fail(
      'INVALID_PARAMETER',
      `A is not positive definite: its diagonal holds ${diagonal[bad]} in row ${bad + 1}. minres takes such matrices.`,
    );
  }
  return diagonal.map(Math.sqrt);
}

/**
 * The extreme eigenvalues of the symmetric tridiagonal matrix with these diagonals, by bisection with Sturm counts.
 * O(steps).
 */
export function ends(alpha: readonly number[], beta: readonly number[]): { smallest: number; largest: number } {
  const k = alpha.length;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < k; i++) {
    const radius = (i > 0 ? Math.abs(beta[i - 1]) : 0) + (i < k - 1 ? Math.abs(beta[i]) : 0);
    low = Math.min(low, alpha[i] - radius);
    high = Math.max(high, alpha[i] + radius);
  }
  /** Number of eigenvalues below x. */
  const below = (x: number): number => {
    let [count, d] = [0, 1];
    for (let i = 0; i < k; i++) {
      d = alpha[i] - x - (i > 0 ? (beta[i - 1] / d) * beta[i - 1] : 0);
      if (d === 0) d = Number.MIN_VALUE * 2 ** 60;
      if (d < 0) count++;
    }
    return count;
  };
  const bisect = (enough: (count: number) => boolean): number => {
    let [a, b] = [low, high];
    for (let step = 0; step < 100; step++) {
      const x = a / 2 + b / 2;
      if (x <= a || x >= b) break;
      if (enough(below(x))) b = x;
      else a = x;
    }
    return a / 2 + b / 2;
  };
  return { smallest: bisect((count) => count >= 1), largest: bisect((count) => count >= k) };
}

/**
 * Estimates of the extreme eigenvalues of M⁻¹A from the coefficients α and β of conjugate gradients; empty if there are
 * none.
 */
export function spectrum(alphas: readonly number[], betas: readonly number[]): Record<string, number> {
  const k = alphas.length;
  if (k === 0) return {};
  // A restart splits the matrix into two blocks; the extremes are over both.
  const diagonal = alphas.map((alpha, i) => 1 / alpha + (i > 0 ? betas[i - 1] / alphas[i - 1] : 0));
  const off = alphas.slice(1).map((_, i) => Math.sqrt(Math.max(0, betas[i])) / alphas[i]);
  if (![...diagonal, ...off].every(Number.isFinite)) return {};
  const { smallest, largest } = ends(diagonal, off);
  return { smallest, largest, condition: largest / smallest };
}
