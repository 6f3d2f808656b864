import { Random } from 'southwell';
import { locked } from './locked.ts';

/** Contenders in independent code, without the library's. */

type Places = ReadonlyArray<readonly number[]>;

const KERNELS = {
  'Matérn 3/2': (d) => (1 + Math.sqrt(3) * d) * Math.exp(-Math.sqrt(3) * d),
  'squared exponential': (d) => Math.exp((-d * d) / 2),
} as const satisfies Record<string, (distance: number) => number>;

/** The lower Cholesky factor, row-major, in place. */
function factorise(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const it = i * n;
    for (let j = 0; j <= i; j++) {
      const jt = j * n;
      let sum = a[it + j];
      for (let k = 0; k < j; k++) sum -= a[it + k] * a[jt + k];
      a[it + j] = i === j ? Math.sqrt(sum) : sum / a[jt + j];
    }
  }
}

/**
 * Predictive means of a Gaussian process at test points, with the mean and variance of the values and known noise.
 * O(n³).
 */
export function gaussianProcess(
  indices: Places,
  values: ArrayLike<number>,
  tests: Places,
  noise: number,
  kernel: (distance: number) => number,
  length: number,
): Float64Array {
  const n = indices.length;
  const mean = Array.from(values).reduce((sum, v) => sum + v / n, 0);
  const variance = Array.from(values).reduce((sum, v) => sum + (v - mean) ** 2 / n, 0);
  const k = (a: readonly number[], b: readonly number[]) => {
    let squares = 0;
    for (let j = 0; j < a.length; j++) squares += (a[j] - b[j]) ** 2;
    return variance * kernel(Math.sqrt(squares) / length);
  };
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++)
      L[i * n + j] = k(indices[i], indices[j]) + (i === j ? noise * noise + 1e-9 * variance : 0);
  }
  factorise(L, n);
  const x = Float64Array.from(values, (v) => v - mean);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) x[i] -= L[i * n + j] * x[j];
    x[i] /= L[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= L[i * n + i];
    for (let j = 0; j < i; j++) x[j] -= L[i * n + j] * x[i];
  }
  return Float64Array.from(tests, (at) => mean + indices.reduce((sum, row, i) => sum + x[i] * k(at, row), 0));
}

/** Every kernel and length scale: the best on the tests may be chosen. */
export function* processes(indices: Places, values: ArrayLike<number>, tests: Places, noise: number) {
  const { kernel: names, length: lengths } = locked.grids.process;
  for (const name of names) {
    for (const length of lengths) {
      const mean = gaussianProcess(indices, values, tests, noise, KERNELS[name], length);
      yield { name: `${name}, ${length}`, mean };
    }
  }
}

/** Cells with one index per axis, such as those of a grid. */
export type Cells = ReadonlyArray<readonly number[]>;

/**
 * CP by alternating least squares with a small ridge on centred values: predictions at cells. If a cell has several
 * values, each counts.
 */
export function gridCp(
  cells: Cells,
  values: ArrayLike<number>,
  tests: Cells,
  sizes: readonly number[],
  { rank, ridge, seed, sweeps = 40 }: { rank: number; ridge: number; seed: number; sweeps?: number },
): Float64Array {
  const random = new Random(seed);
  const n = values.length;
  const mean = Array.from(values).reduce((sum, v) => sum + v / n, 0);
  const factors = sizes.map((size) => Float64Array.from({ length: size * rank }, () => 0.5 + 0.5 * random.normal()));
  const width = rank + 1;
  const z = new Float64Array(rank);
  const product = (cell: readonly number[], skipped: number) => {
    z.fill(1);
    for (let j = 0; j < sizes.length; j++) {
      if (j !== skipped) for (let a = 0; a < rank; a++) z[a] *= factors[j][cell[j] * rank + a];
    }
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let k = 0; k < sizes.length; k++) {
      const systems = Array.from({ length: sizes[k] }, () => new Float64Array(rank * width));
      for (const M of systems) for (let a = 0; a < rank; a++) M[a * width + a] = ridge;
      for (let e = 0; e < n; e++) {
        product(cells[e], k);
        const M = systems[cells[e][k]];
        for (let a = 0; a < rank; a++) {
          for (let b = 0; b < rank; b++) M[a * width + b] += z[a] * z[b];
          M[a * width + rank] += z[a] * (values[e] - mean);
        }
      }
      systems.forEach((M, i) => {
        eliminate(M, rank);
        for (let a = 0; a < rank; a++) factors[k][i * rank + a] = M[a * width + rank];
      });
    }
  }
  return Float64Array.from(tests, (cell) => {
    product(cell, -1);
    return mean + z.reduce((sum, v) => sum + v, 0);
  });
}

/** Reduces [A | b], row-major, to [I | A⁻¹ b], for positive definite A. */
function eliminate(M: Float64Array, n: number): void {
  const width = n + 1;
  for (let c = 0; c < n; c++) {
    const pivot = M[c * width + c];
    for (let q = c; q <= n; q++) M[c * width + q] /= pivot;
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const f = M[r * width + c];
      for (let q = c; q <= n; q++) M[r * width + q] -= f * M[c * width + q];
    }
  }
}

/** Grids over [0, 1]ᴷ with every size, rank and ridge: the best on the tests may be chosen. */
export function* grids(indices: Places, values: ArrayLike<number>, tests: Places, seed: number) {
  const { side: sides, rank: ranks, ridge: ridges } = locked.grids.grid;
  for (const side of sides) {
    const cellsOf = (rows: Places) => rows.map((row) => row.map((v) => Math.min(side - 1, Math.floor(v * side))));
    const [cells, asked] = [cellsOf(indices), cellsOf(tests)];
    for (const rank of ranks) {
      for (const ridge of ridges) {
        const mean = gridCp(
          cells,
          values,
          asked,
          indices[0].map(() => side),
          { rank, ridge, seed, sweeps: 15 },
        );
        yield { name: `${side} a side, rank ${rank}, ridge ${ridge}`, mean };
      }
    }
  }
}
