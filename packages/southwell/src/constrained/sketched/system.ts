import { CscMatrix } from '@southwell/numerics/arrays';
import { fail, Random } from '@southwell/numerics/core';
import { gmres, type LinearIterate, minres, sketchAndProjectIterates } from '@southwell/numerics/iterative';
import { analyse } from '@southwell/numerics/sparse';
import type { CheckedProgram } from '../nonlinear/program.ts';
import { norm } from '../vectors.ts';

/** How the systems of steps are solved. */
export type StepSolver = 'kaczmarz' | 'gaussian' | 'gmres' | 'minres' | 'direct';

export interface StepSolverSettings {
  readonly solver: StepSolver;
  readonly blockSize: number;
  readonly sampling: 'norms' | 'uniform';
  readonly maxInner: number;
  readonly seed: number;
}

/** Γ = (B Gᵀ; G 0), whole or its lower triangle, with B = W + shift·I. */
export function kktMatrix(
  { functions }: CheckedProgram,
  W: Float64Array,
  J: Float64Array,
  shift: number,
  part: 'whole' | 'lower',
): CscMatrix {
  const { variables: n, constraints: m, hessian, jacobian } = functions;
  const room = 2 * (W.length + J.length) + n + m;
  const rows = new Int32Array(room);
  const cols = new Int32Array(room);
  const values = new Float64Array(room);
  let at = 0;
  const put = (i: number, j: number, v: number) => {
    rows[at] = i;
    cols[at] = j;
    values[at++] = v;
    if (i === j || part === 'lower') return;
    rows[at] = j;
    cols[at] = i;
    values[at++] = v;
  };
  for (let j = 0; j < n; j++) {
    for (let k = hessian!.colPointers[j]; k < hessian!.colPointers[j + 1]; k++) put(hessian!.rowIndices[k], j, W[k]);
    if (shift !== 0 || part === 'lower') put(j, j, shift);
    for (let k = jacobian.colPointers[j]; k < jacobian.colPointers[j + 1]; k++)
      put(n + jacobian.rowIndices[k], j, J[k]);
  }
  // Factors need the whole diagonal.
  if (part === 'lower') for (let i = n; i < n + m; i++) put(i, i, 0);
  return CscMatrix.fromTriplets(n + m, n + m, rows.subarray(0, at), cols.subarray(0, at), values.subarray(0, at));
}

/** An approximate solution z of Γz = b that can be improved. */
export interface Improving {
  readonly z: Float64Array;
  readonly steps: number;
  /** Improves z until ‖Γz − b‖ ≤ target, or no further; returns ‖Γz − b‖. */
  improve(target: number): number;
  /** Frees the memory of the matrix. */
  free(): void;
}

/** @param run Number of the system: each has its own random numbers. */
export function improving(
  program: CheckedProgram,
  W: Float64Array,
  J: Float64Array,
  shift: number,
  b: Float64Array,
  settings: StepSolverSettings,
  run: number,
): Improving {
  const { solver } = settings;
  if (solver === 'direct') return new Direct(kktMatrix(program, W, J, shift, 'lower'), b);
  const matrix = kktMatrix(program, W, J, shift, 'whole');
  if (solver === 'gmres' || solver === 'minres') return new Krylov(matrix, b, solver, settings.maxInner);
  return new Sketched(matrix, b, settings, run);
}

class Sketched implements Improving {
  z: Float64Array;
  steps = 0;
  private readonly iterates: Generator<LinearIterate, void, undefined>;
  private readonly maxInner: number;
  private residual = Number.POSITIVE_INFINITY;
  private ended = false;

  constructor(
    private readonly matrix: CscMatrix,
    b: Float64Array,
    { solver, blockSize, sampling, maxInner, seed }: StepSolverSettings,
    run: number,
  ) {
    this.z = new Float64Array(b.length);
    this.maxInner = maxInner;
    this.iterates = sketchAndProjectIterates(matrix, b, {
      sketch: solver === 'gaussian' ? 'gaussian' : 'rows',
      ...{ blockSize, tol: 0 },
      ...(blockSize === 1 && { sampling }),
      seed: new Random(seed).split(run).integer(2 ** 31),
    });
  }

  improve(target: number): number {
    while (!this.ended && this.residual > target && this.steps < this.maxInner) {
      const { value: iterate, done } = this.iterates.next();
      if (done || !iterate) {
        this.ended = true;
        break;
      }
      this.steps = iterate.work.steps!;
      this.residual = iterate.certificate!.value;
      if (this.residual <= target || iterate.done || this.steps >= this.maxInner) this.z = iterate.snapshot();
      if (iterate.done) this.ended = true;
    }
    return this.residual;
  }

  free(): void {
    this.matrix.free();
  }
}

class Krylov implements Improving {
  z: Float64Array;
  steps = 0;
  private residual: number;

  constructor(
    private readonly matrix: CscMatrix,
    private readonly b: Float64Array,
    private readonly name: 'gmres' | 'minres',
    private readonly maxInner: number,
  ) {
    this.z = new Float64Array(b.length);
    this.residual = norm(b);
  }

  improve(target: number): number {
    const { matrix, b, name, maxInner } = this;
    if (this.residual <= target || this.steps >= maxInner) return this.residual;
    const solver = name === 'gmres' ? gmres : minres;
    const { point, iterations } = solver(matrix, b, {
      ...{ tol: target / norm(b), x0: this.z, maxIter: maxInner - this.steps },
    });
    this.steps += Math.max(1, iterations);
    this.z = point;
    this.residual = residualNorm(matrix, point, b);
    return this.residual;
  }

  free(): void {
    this.matrix.free();
  }
}

class Direct implements Improving {
  readonly z: Float64Array;
  readonly steps = 1;
  private readonly residual: number;

  constructor(
    private readonly lower: CscMatrix,
    b: Float64Array,
  ) {
    let z = new Float64Array(b.length).fill(Number.NaN);
    try {
      const factor = analyse(lower).ldlt(lower);
      if (factor.inertia().zero === 0) z = Float64Array.from(factor.solve(b.slice()));
      factor.free();
    } catch {
      // The matrix is singular, or its values are out of range.
    }
    this.z = z;
    this.residual = residualNorm(lower, z, b, true);
  }

  improve(): number {
    return this.residual;
  }

  free(): void {
    this.lower.free();
  }
}

/** ‖Az − b‖ of a matrix, or of the symmetric one with this lower triangle. */
function residualNorm(A: CscMatrix, z: Float64Array, b: Float64Array, symmetric = false): number {
  const r = b.map((v) => -v);
  const { colPointers, rowIndices, values, cols } = A;
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      r[i] += values[k] * z[j];
      if (symmetric && i !== j) r[j] += values[k] * z[i];
    }
  }
  const size = norm(r);
  return Number.isNaN(size) ? Number.POSITIVE_INFINITY : size;
}

/** @throws INVALID_PARAMETER for a block with a solver that has none. */
export function checkBlock({ solver, blockSize }: StepSolverSettings): void {
  if (blockSize > 1 && solver !== 'kaczmarz' && solver !== 'gaussian') {
    fail('INVALID_PARAMETER', `The solver '${solver}' has no blocks: blockSize is for kaczmarz and gaussian.`);
  }
}
