import type { QuadraticProgram } from './problem.ts';

/** A program by dense rows, for tests. */
export interface DenseProgram {
  readonly P: number[][];
  readonly q: number[];
  readonly A: number[][];
  readonly rowLower: number[];
  readonly rowUpper: number[];
  readonly lower: number[];
  readonly upper: number[];
}

const times = (M: readonly number[][], x: ArrayLike<number>): number[] =>
  M.map((row) => row.reduce((sum, v, j) => sum + v * x[j], 0));

/** The largest violation of the optimality conditions, from their definition. */
export function optimalityError(
  { P, q, A, rowLower, rowUpper, lower, upper }: DenseProgram,
  x: ArrayLike<number>,
  rows: ArrayLike<number>,
  bounds: ArrayLike<number>,
): number {
  let worst = 0;
  const take = (v: number) => {
    worst = Math.max(worst, Number.isNaN(v) ? Number.POSITIVE_INFINITY : v);
  };
  const complementary = (v: number, low: number, up: number, multiplier: number) => {
    take(low - v);
    take(v - up);
    if (low === up) return;
    // Of the distance to the side and the multiplier one is zero.
    take(Math.min(Math.max(multiplier, 0), v - low));
    take(Math.min(Math.max(-multiplier, 0), up - v));
  };
  times(A, x).forEach((v, i) => {
    complementary(v, rowLower[i], rowUpper[i], rows[i]);
  });
  times(P, x).forEach((v, j) => {
    complementary(x[j], lower[j], upper[j], bounds[j]);
    take(Math.abs(v + q[j] - A.reduce((sum, row, i) => sum + row[j] * rows[i], 0) - bounds[j]));
  });
  return worst;
}

/** The solution of a strictly convex program by trying all sets of active sides; undefined if none is feasible. */
export function byEnumeration(program: DenseProgram): number[] | undefined {
  const { P, q, A, rowLower, rowUpper, lower, upper } = program;
  const n = q.length;
  const all = [
    ...A.map((row, i) => ({ row, low: rowLower[i], up: rowUpper[i] })),
    ...q.map((_, j) => ({ row: q.map((__, k) => (k === j ? 1 : 0)), low: lower[j], up: upper[j] })),
  ];
  let best: { readonly x: number[]; readonly value: number } | undefined;
  const visit = (k: number, chosen: { row: number[]; side: number }[]) => {
    if (chosen.length > n) return;
    if (k < all.length) {
      const { row, low, up } = all[k];
      visit(k + 1, chosen);
      for (const side of new Set([low, up])) if (Number.isFinite(side)) visit(k + 1, [...chosen, { row, side }]);
      return;
    }
    const m = chosen.length;
    const system = [
      ...P.map((row, i) => [...row, ...chosen.map((c) => -c.row[i]), -q[i]]),
      ...chosen.map((c) => [...c.row, ...new Array<number>(m).fill(0), c.side]),
    ];
    const x = solved(system)?.slice(0, n);
    if (!x) return;
    const feasible = all.every(({ row, low, up }) => {
      const v = row.reduce((sum, a, j) => sum + a * x[j], 0);
      return v >= low - 1e-9 && v <= up + 1e-9;
    });
    const value = times(P, x).reduce((sum, v, j) => sum + x[j] * (v / 2 + q[j]), 0);
    if (feasible && (!best || value < best.value)) best = { x, value };
  };
  visit(0, []);
  return best?.x;
}

/** Gaussian elimination with pivoting of [M, b]; undefined for a singular M. */
function solved(system: number[][]): number[] | undefined {
  const n = system.length;
  const M = system.map((row) => row.slice());
  for (let k = 0; k < n; k++) {
    let p = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(M[i][k]) > Math.abs(M[p][k])) p = i;
    if (Math.abs(M[p][k]) < 1e-10) return undefined;
    [M[k], M[p]] = [M[p], M[k]];
    for (let i = k + 1; i < n; i++) {
      const f = M[i][k] / M[k][k];
      for (let j = k; j <= n; j++) M[i][j] -= f * M[k][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = M[i][n];
    for (let j = i + 1; j < n; j++) sum -= M[i][j] * x[j];
    x[i] = sum / M[i][i];
  }
  return x;
}

export const asProgram = (program: DenseProgram): QuadraticProgram => ({
  ...program,
  A: { data: program.A.flat(), rows: program.A.length, cols: program.q.length },
});
