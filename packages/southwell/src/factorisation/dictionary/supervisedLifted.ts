import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  type Iterate,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  Random,
} from '@southwell/numerics/core';
import { largestEigenvalue, matrixProduct } from '@southwell/numerics/linalg';
import { orthonormalise, sumOfSquares } from '../completion/factors.ts';
import { copyRowsInto, LowRankProjection } from './lowRankProjection.ts';
import { curvature, softmaxLoss } from './softmax.ts';
import { Held, type SupervisedData, type SupervisedPoint, type SupervisedProblem } from './supervisedData.ts';

const liftedRecords = {
  /** The same step size for all blocks, as in the theory. Default: one for each block, and a projection in that metric. */
  step: numberOption({ min: 0, open: true }),
  /** Relative change of the lifted point per step below which the run has converged. Default 1e-8. */
  tol: numberOption({ min: 0 }),
};

export interface LiftedOptions extends SupervisedProblem, OptionsOf<typeof liftedRecords> {}

export const liftedKeys: OptionKeys<LiftedOptions & { resume?: LiftedState }> = {
  rank: true,
  xi: true,
  model: true,
  l2: true,
  seed: true,
  step: true,
  tol: true,
  resume: true,
};

/** An iterate of a step, with what observers may need in addition. */
export interface LiftedIterate extends Iterate<SupervisedPoint> {
  /** ‖(A, B, Γ)_{t+1} − (A, B, Γ)_t‖, exact from the factors. */
  readonly change: number;
  /** ‖(A, B, Γ)_t‖. */
  readonly size: number;
}

/** State of the lifted problem after a step, as plain data, column-major. */
export interface LiftedState {
  readonly iteration: number;
  /** Momentum parameter of Nesterov's sequence. */
  readonly t: number;
  readonly change: number;
  readonly F: Float64Array;
  readonly V: Float64Array;
  readonly gamma: Float64Array;
  /** A and Γ before the last step. */
  readonly earlier: { readonly A: Float64Array; readonly gamma: Float64Array };
  readonly subspace?: Float64Array;
  readonly random: readonly number[];
}

/**
 * The lifted problem by low-rank projected gradients. With A = Wβ and B = HᵀWᵀ (filter; feature: A = Hᵀβ) the objective
 * Σℓ + ξ‖X − B‖² + ½ν(‖A‖² + ‖Γ‖²) is convex, and the stacked A and B have rank at most r: a gradient step is followed
 * by the projection onto matrices of rank r. Without `step` each block has its own step size and the projection its
 * metric, so that the step of B ends at X and the objective never increases; A and Γ have momentum, which is restarted
 * where it would increase. Stored as factors F·Vᵀ, V orthonormal: rows of [A; B] and V p × r for `filter`, rows of [A,
 * B] and V (m + p) × r for `feature`. The convergence tolerance is scaled down for a given `step` that is shorter than
 * the step sizes of all blocks. O(npr) per iteration.
 * @throws INVALID_PARAMETER.
 */
export function* liftedIterates(
  data: SupervisedData,
  options: LiftedOptions & { readonly resume?: LiftedState },
): Generator<LiftedIterate, void, undefined> {
  knownKeys('liftedIterates', options, liftedKeys);
  const { tol = 1e-8, step, resume } = options;
  checkGiven(liftedRecords, { step, tol });
  if (!(options.xi > 0))
    fail('INVALID_PARAMETER', 'The lifted problem needs xi above 0, since B would be undetermined.');
  const problem = new Lifted(data, options);
  try {
    let change = resume?.change ?? Number.POSITIVE_INFINITY;
    problem.begin(resume);
    let objective = problem.evaluate();
    let earlier = resume?.earlier ?? problem.copy();
    // Nesterov's sequence; B needs no momentum, since its step ends at X from any point.
    let t = resume?.t ?? 1;
    for (let iteration = resume?.iteration ?? 0; ; iteration++) {
      const size = problem.size();
      const settled = change * problem.shortness <= tol * size;
      const done = Number.isFinite(objective) ? (settled ? 'converged' : undefined) : 'diverged';
      const now = { iteration, t, change, earlier };
      yield {
        iteration,
        objective,
        change,
        size,
        work: { epochs: iteration },
        mayFail: step !== undefined,
        done,
        snapshot: () => problem.point(),
        checkpoint: (): LiftedState => ({
          ...{ ...now, earlier: { A: now.earlier.A.slice(), gamma: now.earlier.gamma.slice() } },
          ...problem.state(),
        }),
      };
      if (done) return;
      const before = problem.copy();
      const next = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
      const momentum = step === undefined ? (t - 1) / next : 0;
      let value = problem.advance(before, earlier, momentum);
      t = next;
      if (momentum > 0 && !(value <= objective)) {
        value = problem.advance(before, earlier, 0);
        t = 1;
      }
      objective = value;
      change = problem.distance(before);
      earlier = before;
    }
  } finally {
    problem.free();
  }
}

interface Blocks {
  readonly A: Float64Array;
  readonly B: Float64Array;
  readonly gamma: Float64Array;
}

/** The blocks A, B and Γ, and the working memory of a step, in kernel memory. */
class Lifted {
  /** Ratio of the smallest step size of the blocks to the given one; at least 1. */
  readonly shortness: number;
  private readonly held: Held;
  private readonly random: Random;
  private readonly filter: boolean;
  private readonly m: number;
  private readonly tau: { readonly A: number; readonly B: number; readonly gamma: number };
  /** Weight of the block of A relative to that of B in the metric. */
  private readonly c: number;
  /** [cA' ; B'] (filter, (m + n) × p) or [cA', B'] (feature, n × (m + p)), the matrix that is projected. */
  private readonly R: DenseMatrix;
  private readonly F: DenseMatrix;
  private readonly V: DenseMatrix;
  private readonly gamma: DenseMatrix;
  private readonly A: DenseMatrix;
  private readonly B: DenseMatrix;
  private readonly a: DenseMatrix;
  private readonly gradA: DenseMatrix;
  private readonly gradGamma: DenseMatrix;
  private readonly projection: LowRankProjection;

  constructor(
    private readonly data: SupervisedData,
    private readonly options: LiftedOptions,
  ) {
    const { X, Z, classes } = data;
    const { rank: r, xi, step, seed } = options;
    const { rows: n, cols: p } = X;
    const held = new Held(X);
    const m = classes.length - 1;
    this.held = held;
    this.m = m;
    this.random = new Random(seed);
    this.filter = options.model === 'filter';
    const { filter } = this;
    const own = { ...this.ownSteps(), B: 1 / (2 * xi) };
    this.tau = step === undefined ? own : { A: step, B: step, gamma: step };
    this.shortness = step === undefined ? 1 : Math.max(1, Math.min(own.A, own.B, own.gamma) / step);
    this.c = Math.sqrt(this.tau.B / this.tau.A);
    const rows = filter ? m + n : n;
    const cols = filter ? p : m + p;
    [this.R, this.F, this.V] = [held.create(rows, cols), held.create(rows, r), held.create(cols, r)];
    this.gamma = held.create(Z.cols, m);
    this.A = filter ? held.create(p, m) : held.create(n, m);
    [this.B, this.a] = [held.create(n, p), held.create(n, m)];
    this.gradA = filter ? held.create(p, m) : this.a;
    this.gradGamma = held.create(Z.cols, m);
    this.projection = new LowRankProjection(this.R, this.V, this.F, this.random, held);
  }

  /** The inverse of the largest curvature of each block. */
  private ownSteps(): { readonly A: number; readonly gamma: number } {
    const { X, Z } = this.data;
    const { l2: nu } = this.options;
    const bend = curvature(this.m);
    const largestOf = (parts: readonly DenseMatrix[]) => largestEigenvalue(gramOf(parts, this.held), width(parts));
    if (!this.filter) return { A: 1 / (2 * bend + nu), gamma: 1 / (2 * bend * largestOf([Z]) + nu) };
    const both = 1 / (bend * largestOf([X, Z]) + nu);
    return { A: both, gamma: both };
  }

  begin(resume: LiftedState | undefined): void {
    const { random, F, V } = this;
    if (resume) {
      F.data.set(resume.F);
      V.data.set(resume.V);
      this.gamma.data.set(resume.gamma);
      this.projection.restore(resume.subspace);
      random.restore(resume.random);
    } else {
      const { rows: cols, cols: r } = V;
      const v = Float64Array.from({ length: cols * r }, () => random.normal());
      orthonormalise(v, r, random);
      copyRowsInto(v, V);
      for (let k = 0; k < F.data.length; k++) F.data[k] = random.normal() / Math.sqrt(cols);
    }
    this.unpack();
  }

  state(): Pick<LiftedState, 'F' | 'V' | 'gamma' | 'subspace' | 'random'> {
    const { F, V, gamma } = this;
    const own = { F: F.data.slice(), V: V.data.slice(), gamma: gamma.data.slice() };
    return { ...own, subspace: this.projection.subspace(), random: this.random.state() };
  }

  copy(): Blocks {
    return { A: this.A.data.slice(), B: this.B.data.slice(), gamma: this.gamma.data.slice() };
  }

  /** Computes A and B from the factors; the rows or columns of A come first. */
  private unpack(): void {
    const { F, V, R, A, B, c, m, filter } = this;
    const { rows: n, cols: p } = B;
    matrixProduct(F, V, R, { transB: true });
    const values = R.data;
    const { rows } = R;
    for (let j = 0; j < p; j++) {
      const from = filter ? j * rows + m : (m + j) * rows;
      B.column(j).set(values.subarray(from, from + n));
    }
    for (let j = 0; j < m; j++) {
      if (filter) for (let i = 0; i < p; i++) A.data[j * p + i] = values[i * rows + j] / c;
      else for (let s = 0; s < n; s++) A.data[j * n + s] = values[j * rows + s] / c;
    }
  }

  /** Replaces activations by their gradient; returns Σℓ. */
  private label(): number {
    const { A, a, gamma } = this;
    const { X, Z, labels } = this.data;
    if (this.filter) matrixProduct(X, A, a);
    else a.data.set(A.data);
    matrixProduct(Z, gamma, a, { beta: 1 });
    return softmaxLoss(a.data, labels);
  }

  evaluate(): number {
    const loss = this.label();
    const { xi, l2: nu } = this.options;
    let fit = 0;
    const [x, b] = [this.data.X.data, this.B.data];
    for (let k = 0; k < x.length; k++) fit += (x[k] - b[k]) ** 2;
    return loss + xi * fit + 0.5 * nu * (sumOfSquares(this.A.data) + sumOfSquares(this.gamma.data));
  }

  size(): number {
    return Math.sqrt(sumOfSquares(this.A.data) + sumOfSquares(this.B.data) + sumOfSquares(this.gamma.data));
  }

  distance(before: Blocks): number {
    const { A, B, gamma } = this;
    return Math.sqrt(
      squaredDistance(before.A, A.data) + squaredDistance(before.B, B.data) + squaredDistance(before.gamma, gamma.data),
    );
  }

  /**
   * A gradient step from the point extrapolated by `momentum` times its last change, followed by the projection;
   * returns the objective.
   */
  advance(before: Blocks, earlier: Pick<Blocks, 'A' | 'gamma'>, momentum: number): number {
    const { A, a, gamma, gradA, gradGamma, tau } = this;
    const { X, Z } = this.data;
    const { l2: nu } = this.options;
    for (const name of ['A', 'gamma'] as const) {
      const values = { A, gamma }[name].data;
      const [now, then] = [before[name], earlier[name]];
      for (let k = 0; k < values.length; k++) values[k] = now[k] + momentum * (now[k] - then[k]);
    }
    this.label();
    if (this.filter) matrixProduct(X, a, gradA, { transA: true });
    matrixProduct(Z, a, gradGamma, { transA: true });
    for (let k = 0; k < gamma.data.length; k++) gamma.data[k] -= tau.gamma * (gradGamma.data[k] + nu * gamma.data[k]);
    const g = gradA.data;
    for (let k = 0; k < A.data.length; k++) A.data[k] -= tau.A * (g[k] + nu * A.data[k]);
    this.pack(before.B);
    this.projection.project();
    this.unpack();
    return this.evaluate();
  }

  /** Assembles R from A and from B after its step towards X. */
  private pack(B: Float64Array): void {
    const { R, A, c, m, filter } = this;
    const { X } = this.data;
    const { rows: n, cols: p } = X;
    const theta = 2 * this.options.xi * this.tau.B;
    const values = R.data;
    const { rows } = R;
    for (let j = 0; j < p; j++) {
      const from = filter ? j * rows + m : (m + j) * rows;
      const x = X.column(j);
      const b = B.subarray(j * n, j * n + n);
      for (let s = 0; s < n; s++) values[from + s] = (1 - theta) * b[s] + theta * x[s];
    }
    for (let j = 0; j < m; j++) {
      if (filter) for (let i = 0; i < p; i++) values[i * rows + j] = c * A.data[j * p + i];
      else for (let s = 0; s < n; s++) values[j * rows + s] = c * A.data[j * n + s];
    }
  }

  point(): SupervisedPoint {
    const { F, V, gamma, c, m, filter } = this;
    const { rows: n, cols: p } = this.data.X;
    return pointOf(F, V, gamma, { filter, n, p, m, r: V.cols, c });
  }

  free(): void {
    this.held.free();
  }
}

function pointOf(
  F: DenseMatrix,
  V: DenseMatrix,
  gamma: DenseMatrix,
  { filter, n, p, m, r, c }: { filter: boolean; n: number; p: number; m: number; r: number; c: number },
): SupervisedPoint {
  const auxiliary = gamma.data.slice();
  const take = (M: DenseMatrix, from: number, count: number) =>
    Float64Array.from({ length: count * r }, (_, k) => M.data[Math.floor(k / count) * M.rows + from + (k % count)]);
  if (filter) {
    // R = F Vᵀ: V contains the atoms, and the rows of A in F are c·βᵀ.
    const coefficients = Float64Array.from(
      { length: r * m },
      (_, k) => F.data[(k % r) * F.rows + Math.floor(k / r)] / c,
    );
    return { dictionary: V.data.slice(), codes: take(F, m, n), coefficients, auxiliary };
  }
  const coefficients = Float64Array.from({ length: r * m }, (_, k) => V.data[(k % r) * V.rows + Math.floor(k / r)] / c);
  return { dictionary: take(V, m, p), codes: F.data.slice(), coefficients, auxiliary };
}

const width = (parts: readonly DenseMatrix[]): number => parts.reduce((sum, part) => sum + part.cols, 0);

/** The Gram matrix of the columns of horizontally stacked matrices. */
function gramOf(parts: readonly DenseMatrix[], held: Held): Float64Array {
  const size = width(parts);
  const out = new Float64Array(size * size);
  let at = 0;
  for (const left of parts) {
    let to = 0;
    for (const right of parts) {
      const G = held.create(left.cols, right.cols);
      matrixProduct(left, right, G, { transA: true });
      for (let j = 0; j < right.cols; j++) {
        for (let i = 0; i < left.cols; i++) out[(at + i) * size + to + j] = G.data[j * left.cols + i];
      }
      to += right.cols;
    }
    at += left.cols;
  }
  return out;
}

function squaredDistance(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] - y[k]) ** 2;
  return sum;
}
