import { asMatrix, CscMatrix, checkFinite, type MatrixLike } from '../arrays/index.ts';
import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  keysOf,
  knownKeys,
  type OptionsOf,
  only,
  Random,
  run,
  seedOption,
} from '../core/index.ts';
import { choleskyInPlace, choleskySolveInPlace, symmetricEigen } from '../linalg/index.ts';
import {
  checkVector,
  type LinearIterate,
  type LinearSolution,
  type SolverOptions,
  settings,
  solverKeys,
  tolerance,
} from './system.ts';

export const sketchRecords = {
  /** rows: some rows of A (Kaczmarz). gaussian: combinations of all rows with normal weights. Default rows. */
  sketch: choiceOption({ rows: 'Rows', gaussian: 'Gaussian' }),
  /** Rows or combinations that a step projects on. Default 1. */
  blockSize: integerOption({ min: 1 }),
  /** How single rows are drawn: by their squared norms (Strohmer & Vershynin 2009) or uniformly. Default norms. */
  sampling: choiceOption({ norms: 'By squared norms', uniform: 'Uniformly' }),
  seed: seedOption(),
};

export interface SketchOptions extends OptionsOf<typeof sketchRecords>, SolverOptions {}

/** Compressed rows. */
interface Rows {
  readonly rows: number;
  readonly cols: number;
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

/**
 * Solves a consistent system Ax = b of any shape by sketch and project (Gower & Richtárik 2015): each step moves x to
 * the nearest solution of SᵀAx = Sᵀb for a random S of `blockSize` columns. With S a unit vector this is the randomised
 * Kaczmarz method. The distance from a solution never grows; with rows by their norms its square falls by 1 −
 * σ²/‖A‖²_F a step on average, where σ is the smallest singular value above zero. An iteration is a pass: as many steps
 * as there are blocks of rows, and one product for the residual. A step with rows takes O(their entries · blockSize),
 * one with combinations O(entries · blockSize).
 *
 * Ends 'converged' if ‖b − Ax‖ ≤ tol · ‖b‖, 'infeasible' if a row is zero and its right-hand side is not.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE.
 */
export function sketchAndProject(A: MatrixLike, b: ArrayLike<number>, options: SketchOptions = {}): LinearSolution {
  const { maxIter = 10_000 } = options;
  return run(sketchAndProjectIterates(A, b, options), settings(b.length, { ...onlySolver(options), maxIter }));
}

const onlySolver = (options: SketchOptions): SolverOptions => only<SolverOptions>(options, solverKeys);

/**
 * Iterates of {@link sketchAndProject}, one a pass; `work.steps` counts projections.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE.
 */
export function* sketchAndProjectIterates(
  A: MatrixLike,
  b: ArrayLike<number>,
  options: SketchOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('sketchAndProject', options, { ...keysOf(sketchRecords), ...solverKeys });
  const { sketch, blockSize, sampling, seed } = options;
  checkOptions('sketchAndProject', sketchRecords, { sketch, blockSize, sampling, seed });
  const tol = tolerance(options.tol);
  const rows = rowsOf(A);
  checkVector('b', b, rows.rows, 'A', 'rows');
  if (options.x0) checkVector('x0', options.x0, rows.cols, 'A', 'columns');
  if (sampling === 'norms' && (blockSize ?? 1) > 1) {
    fail('INVALID_PARAMETER', 'sampling by norms is for blockSize 1: blocks of rows are drawn uniformly.');
  }
  const x = options.x0 ? Float64Array.from(options.x0) : new Float64Array(rows.cols);
  const projections = new Projections(rows, Float64Array.from(b), x, options);
  const size = norm(projections.b);
  const each = Math.max(1, Math.ceil(rows.rows / projections.blockSize));
  for (let iteration = 0; ; iteration++) {
    const value = projections.residual();
    const relative = value === 0 ? 0 : value / size;
    const done = relative <= tol ? 'converged' : undefined;
    const contradiction = projections.contradiction;
    yield {
      ...{ iteration, objective: undefined },
      certificate: { kind: 'residual', value, relative },
      metrics: { residual: relative },
      work: { steps: projections.steps, matrixVectorProducts: iteration + 1 },
      ...(done && { done }),
      ...(contradiction >= 0 && {
        done: 'infeasible',
        next: `Row ${contradiction + 1} of A is zero, but b is ${b[contradiction]} there.`,
      }),
      snapshot: () => x.slice(),
    };
    if (done || contradiction >= 0) return;
    for (let k = 0; k < each; k++) projections.step();
  }
}

/** Random projections of x on the solutions of parts of a system. */
class Projections {
  steps = 0;
  readonly blockSize: number;
  /** A row that is zero where b is not; −1 if there is none. */
  readonly contradiction: number;
  /** Rows that are not zero, and the running sum of their squared norms. */
  private readonly live: Int32Array;
  private readonly sums: Float64Array;
  private readonly random: Random;
  private readonly gaussian: boolean;
  private readonly byNorm: boolean;
  private readonly gram: Float64Array;
  private readonly right: Float64Array;
  /** The rows of SᵀA, dense, if S is not made of unit vectors; otherwise room for one row. */
  private readonly dense: readonly Float64Array[];
  private readonly chosen: Int32Array;

  constructor(
    private readonly A: Rows,
    readonly b: Float64Array,
    private readonly x: Float64Array,
    options: OptionsOf<typeof sketchRecords>,
  ) {
    const { start, value, rows, cols } = A;
    const { sketch = 'rows', blockSize = 1, sampling = blockSize > 1 ? 'uniform' : 'norms', seed = 0 } = options;
    const norms = new Float64Array(rows);
    for (let i = 0; i < rows; i++) for (let k = start[i]; k < start[i + 1]; k++) norms[i] += value[k] * value[k];
    this.live = Int32Array.from(norms.keys()).filter((i) => norms[i] > 0);
    this.contradiction = norms.findIndex((norm, i) => norm === 0 && b[i] !== 0);
    let sum = 0;
    this.sums = Float64Array.from(this.live, (i) => {
      sum += norms[i];
      return sum;
    });
    this.random = new Random(seed);
    this.gaussian = sketch === 'gaussian';
    this.byNorm = sampling === 'norms';
    this.blockSize = Math.max(1, Math.min(blockSize, this.live.length));
    const s = this.blockSize;
    this.gram = new Float64Array(s * s);
    this.right = new Float64Array(s);
    this.chosen = new Int32Array(s);
    this.dense = Array.from({ length: this.gaussian ? s : 1 }, () => new Float64Array(cols));
  }

  /** ‖Ax − b‖. */
  residual(): number {
    const { A, b, x } = this;
    return norm(b.map((v, i) => rowTimes(A, i, x) - v));
  }

  step(): void {
    this.steps++;
    if (this.live.length === 0) return;
    if (this.gaussian) this.stepByCombinations();
    else if (this.blockSize === 1) this.stepByRow(this.live[this.byNorm ? this.drawByNorm() : this.drawUniform()]);
    else this.stepByRows();
  }

  private drawUniform(): number {
    return this.random.integer(this.live.length);
  }

  private drawByNorm(): number {
    const { sums } = this;
    const target = this.random.uniform() * sums[sums.length - 1];
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private stepByRow(i: number): void {
    const { A, b, x } = this;
    const { start, index, value } = A;
    let norm = 0;
    let product = -b[i];
    for (let k = start[i]; k < start[i + 1]; k++) {
      const v = value[k];
      norm += v * v;
      product += v * x[index[k]];
    }
    const step = product / norm;
    for (let k = start[i]; k < start[i + 1]; k++) x[index[k]] -= step * value[k];
  }

  private stepByRows(): void {
    const { A, b, x, chosen, right, gram, blockSize: s } = this;
    const { start, index, value } = A;
    const drawn = this.random.sample(this.live.length, s);
    const row = this.dense[0];
    for (let a = 0; a < s; a++) chosen[a] = this.live[drawn[a]];
    for (let a = 0; a < s; a++) {
      const i = chosen[a];
      right[a] = rowTimes(A, i, x) - b[i];
      for (let k = start[i]; k < start[i + 1]; k++) row[index[k]] = value[k];
      for (let c = 0; c <= a; c++) {
        const product = rowTimes(A, chosen[c], row);
        gram[a * s + c] = product;
        gram[c * s + a] = product;
      }
      for (let k = start[i]; k < start[i + 1]; k++) row[index[k]] = 0;
    }
    applyPseudoInverse(gram, right);
    for (let a = 0; a < s; a++) {
      const i = chosen[a];
      for (let k = start[i]; k < start[i + 1]; k++) x[index[k]] -= right[a] * value[k];
    }
  }

  private stepByCombinations(): void {
    const { A, b, x, dense, right, gram, random, blockSize: s } = this;
    const { start, index, value, rows } = A;
    for (let a = 0; a < s; a++) {
      const row = dense[a];
      row.fill(0);
      let target = 0;
      for (let i = 0; i < rows; i++) {
        const weight = random.normal();
        target += weight * b[i];
        for (let k = start[i]; k < start[i + 1]; k++) row[index[k]] += weight * value[k];
      }
      right[a] = dot(row, x) - target;
      for (let c = 0; c <= a; c++) {
        const product = dot(row, dense[c]);
        gram[a * s + c] = product;
        gram[c * s + a] = product;
      }
    }
    applyPseudoInverse(gram, right);
    for (let a = 0; a < s; a++) {
      const row = dense[a];
      for (let j = 0; j < x.length; j++) x[j] -= right[a] * row[j];
    }
  }
}

/** x ← G⁺x for a symmetric positive semidefinite G, whose values are overwritten. */
function applyPseudoInverse(G: Float64Array, x: Float64Array): void {
  const s = x.length;
  if (s === 1) {
    x[0] = G[0] > 0 ? x[0] / G[0] : 0;
    return;
  }
  const factor = G.slice();
  if (choleskyInPlace(factor, s)) {
    choleskySolveInPlace(factor, s, x);
    return;
  }
  const { values, vectors } = symmetricEigen(G, s);
  const least = s * Number.EPSILON * Math.max(...values);
  const given = x.slice();
  x.fill(0);
  for (let k = 0; k < s; k++) {
    if (!(values[k] > least)) continue;
    let product = 0;
    for (let i = 0; i < s; i++) product += vectors[i * s + k] * given[i];
    product /= values[k];
    for (let i = 0; i < s; i++) x[i] += product * vectors[i * s + k];
  }
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/** ‖x‖, without overflow. */
function norm(x: Float64Array): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i]));
  if (most === 0 || !Number.isFinite(most)) return most;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] / most) ** 2;
  return most * Math.sqrt(sum);
}

function rowTimes({ start, index, value }: Rows, i: number, x: Float64Array): number {
  let sum = 0;
  for (let k = start[i]; k < start[i + 1]; k++) sum += value[k] * x[index[k]];
  return sum;
}

/** @throws INVALID_SHAPE, NON_FINITE. */
function rowsOf(given: MatrixLike): Rows {
  const A = asMatrix(given);
  checkFinite(A, 'A');
  const { rows, cols } = A;
  const start = new Int32Array(rows + 1);
  const visit = (each: (i: number, j: number, v: number) => void) => {
    for (let j = 0; j < cols; j++) {
      if (A instanceof CscMatrix) {
        for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) each(A.rowIndices[k], j, A.values[k]);
      } else for (let i = 0; i < rows; i++) each(i, j, A.data[j * rows + i]);
    }
  };
  visit((i, _, v) => {
    if (v !== 0) start[i + 1]++;
  });
  for (let i = 0; i < rows; i++) start[i + 1] += start[i];
  const next = start.slice();
  const index = new Int32Array(start[rows]);
  const value = new Float64Array(start[rows]);
  visit((i, j, v) => {
    if (v === 0) return;
    index[next[i]] = j;
    value[next[i]++] = v;
  });
  return { rows, cols, start, index, value };
}
