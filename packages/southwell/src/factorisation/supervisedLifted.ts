import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate, Random } from '@southwell/numerics/core';
import { gramMatrix, largestEigenvalue, matrixProduct, symmetricEigen } from '@southwell/numerics/linalg';
import { orthonormalise } from './factors.ts';
import { curvature, softmaxLoss } from './softmax.ts';
import { Held, type SupervisedData, type SupervisedPoint, type SupervisedProblem } from './supervisedData.ts';

export interface LiftedOptions extends SupervisedProblem {
  /** One step for all blocks, as in the theory. Default: a step for each block, and a projection in that metric. */
  readonly step?: number;
  /** Converged when a step moves the lifted point by less than this share of its length. Default 1e-8. */
  readonly tol?: number;
}

/** What observers of a step may also look at. */
export interface LiftedIterate extends Iterate<SupervisedPoint> {
  /** ‖(A, B, Γ)_{t+1} − (A, B, Γ)_t‖, exact from the factors. */
  readonly change: number;
  /** ‖(A, B, Γ)_t‖. */
  readonly size: number;
}

/** Orders up to which Gram matrices are diagonalised; beyond, subspaces are iterated. */
const DENSE = 80;
const OVERSAMPLING = 4;
const PASSES = 60;

/**
 * The lifted problem by low-rank projected gradients. With A = Wβ and B = HᵀWᵀ (filter; feature: A = Hᵀβ) the objective
 * Σℓ + ξ‖X − B‖² + ½ν(‖A‖² + ‖Γ‖²) is convex, and the rank of A and B stacked is at most r: a gradient step, then the
 * nearest matrix of rank r. Without `step` each block has its own and the projection its metric, so that B steps to X itself
 * and the objective never rises; A and Γ have momentum, which starts anew where it would. Held as factors F·Vᵀ, V
 * orthonormal: by rows of [A; B] and V p × r for `filter`, by rows of [A, B] and V (m + p) × r for `feature`. O(npr) a pass.
 */
export function* liftedIterates(
  { X, Z, labels, classes }: SupervisedData,
  options: LiftedOptions,
): Generator<LiftedIterate, void, undefined> {
  const { rank: r, xi, model, l2: nu, seed, tol = 1e-8, step } = options;
  const { rows: n, cols: p } = X;
  const m = classes.length - 1;
  const q = Z.cols;
  const filter = model === 'filter';
  if (step !== undefined && !(step > 0)) fail('INVALID_PARAMETER', `step must be above 0, but is ${step}.`);
  if (!(xi > 0)) fail('INVALID_PARAMETER', 'The lifted problem needs xi above 0: without it B is anything.');
  const held = new Held(X);
  try {
    // Steps: one over the largest curvature of each block.
    const bend = curvature(m);
    const largestOf = (parts: readonly DenseMatrix[]) => largestEigenvalue(gramOf(parts, held), width(parts));
    const coupled = filter ? largestOf([X, Z]) : 0;
    const own = filter
      ? { A: 1 / (bend * coupled + nu), gamma: 1 / (bend * coupled + nu) }
      : { A: 1 / (2 * bend + nu), gamma: 1 / (2 * bend * largestOf([Z]) + nu) };
    const tauA = step ?? own.A;
    const tauGamma = step ?? own.gamma;
    const tauB = step ?? 1 / (2 * xi);
    /** Weight of A's block beside B's in the metric. */
    const c = Math.sqrt(tauB / tauA);
    const theta = 2 * xi * tauB;

    // The matrix R = [cA' ; B'] (filter, (m + n) × p) or [cA', B'] (feature, n × (m + p)) that is projected.
    const rows = filter ? m + n : n;
    const cols = filter ? p : m + p;
    const R = held.create(rows, cols);
    const F = held.create(rows, r);
    const V = held.create(cols, r);
    const gamma = held.create(q, m);
    const A = filter ? held.create(p, m) : held.create(n, m);
    const B = held.create(n, p);
    const a = held.create(n, m);
    const gradA = filter ? held.create(p, m) : a;
    const gradGamma = held.create(q, m);

    const random = new Random(seed);
    {
      const v = Float64Array.from({ length: cols * r }, () => random.normal());
      orthonormalise(v, r, random);
      fromRows(v, V);
      for (let k = 0; k < F.data.length; k++) F.data[k] = random.normal() / Math.sqrt(cols);
    }
    const projection = new Projection(R, V, F, random, held);
    const unpack = () => {
      // A and B from the factors; A's rows or columns come first.
      matrixProduct(F, V, R, { transB: true });
      const values = R.data;
      for (let j = 0; j < p; j++) {
        const from = filter ? j * rows + m : (m + j) * rows;
        B.column(j).set(values.subarray(from, from + n));
      }
      for (let j = 0; j < m; j++) {
        if (filter) for (let i = 0; i < p; i++) A.data[j * p + i] = values[i * rows + j] / c;
        else for (let s = 0; s < n; s++) A.data[j * n + s] = values[j * rows + s] / c;
      }
    };
    /** a ← activations, then their gradient; returns Σℓ. */
    const label = () => {
      if (filter) matrixProduct(X, A, a);
      else a.data.set(A.data);
      matrixProduct(Z, gamma, a, { beta: 1 });
      return softmaxLoss(a.data, labels);
    };
    const squares = (M: DenseMatrix) => M.data.reduce((sum, v) => sum + v * v, 0);
    const objectiveOf = (loss: number) => {
      let fit = 0;
      const [x, b] = [X.data, B.data];
      for (let k = 0; k < x.length; k++) fit += (x[k] - b[k]) ** 2;
      return loss + xi * fit + 0.5 * nu * (squares(A) + squares(gamma));
    };
    unpack();
    let size = Math.sqrt(squares(A) + squares(B) + squares(gamma));
    let objective = objectiveOf(label());
    let change = Number.POSITIVE_INFINITY;
    const copy = () => ({ A: A.data.slice(), B: B.data.slice(), gamma: gamma.data.slice() });
    /** A gradient step from the point moved on by `momentum` times its last move, and the projection. */
    const advance = (before: ReturnType<typeof copy>, earlier: ReturnType<typeof copy>, momentum: number) => {
      for (const name of ['A', 'gamma'] as const) {
        const values = { A, gamma }[name].data;
        const [now, then] = [before[name], earlier[name]];
        for (let k = 0; k < values.length; k++) values[k] = now[k] + momentum * (now[k] - then[k]);
      }
      label();
      if (filter) matrixProduct(X, a, gradA, { transA: true });
      matrixProduct(Z, a, gradGamma, { transA: true });
      for (let k = 0; k < gamma.data.length; k++) gamma.data[k] -= tauGamma * (gradGamma.data[k] + nu * gamma.data[k]);
      const g = gradA.data;
      for (let k = 0; k < A.data.length; k++) A.data[k] -= tauA * (g[k] + nu * A.data[k]);
      const values = R.data;
      for (let j = 0; j < p; j++) {
        const from = filter ? j * rows + m : (m + j) * rows;
        const x = X.column(j);
        const b = before.B.subarray(j * n, j * n + n);
        for (let s = 0; s < n; s++) values[from + s] = (1 - theta) * b[s] + theta * x[s];
      }
      for (let j = 0; j < m; j++) {
        if (filter) for (let i = 0; i < p; i++) values[i * rows + j] = c * A.data[j * p + i];
        else for (let s = 0; s < n; s++) values[j * rows + s] = c * A.data[j * n + s];
      }
      projection.project();
      unpack();
      return objectiveOf(label());
    };
    let earlier = copy();
    // Nesterov's sequence; B needs no momentum, since its step ends at X from wherever it begins.
    let t = 1;
    for (let iteration = 0; ; iteration++) {
      const done = !Number.isFinite(objective) ? 'diverged' : change <= tol * size ? 'converged' : undefined;
      yield {
        iteration,
        objective,
        change,
        size,
        work: { epochs: iteration },
        done,
        snapshot: () => pointOf(F, V, gamma, { filter, n, p, m, r, c }),
      };
      if (done) return;
      const before = copy();
      const next = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
      const momentum = step === undefined ? (t - 1) / next : 0;
      let value = advance(before, earlier, momentum);
      t = next;
      if (momentum > 0 && !(value <= objective)) {
        value = advance(before, earlier, 0);
        t = 1;
      }
      objective = value;
      change = Math.sqrt(
        distance2(before.A, A.data) + distance2(before.B, B.data) + distance2(before.gamma, gamma.data),
      );
      size = Math.sqrt(squares(A) + squares(B) + squares(gamma));
      earlier = before;
    }
  } finally {
    held.free();
  }
}

/** F and V of the nearest F·Vᵀ of the rank to R, columns by falling singular value. */
class Projection {
  private readonly work: DenseMatrix | undefined;
  private readonly Q: DenseMatrix | undefined;
  private readonly RQ: DenseMatrix | undefined;
  private readonly gram: DenseMatrix | undefined;
  private readonly rotation: DenseMatrix | undefined;
  private started = false;

  constructor(
    private readonly R: DenseMatrix,
    private readonly V: DenseMatrix,
    private readonly F: DenseMatrix,
    private readonly random: Random,
    held: Held,
  ) {
    const { rows, cols } = R;
    if (cols <= DENSE) this.gram = held.create(cols, cols);
    else {
      const k = Math.min(cols, V.cols + OVERSAMPLING);
      this.Q = held.create(cols, k);
      this.RQ = held.create(rows, k);
      this.work = held.create(k, k);
      this.rotation = held.create(k, k);
    }
  }

  project(): void {
    const { R, V, F, gram } = this;
    if (gram) {
      gramMatrix(R, gram);
      takeLeading(gram.data.slice(), gram.rows, V);
    } else this.iterate();
    matrixProduct(R, V, F);
  }

  /** Subspace iteration with Rayleigh–Ritz, from the last subspace. */
  private iterate(): void {
    const { R, V, random } = this;
    const [Q, RQ, work, rotation] = [this.Q!, this.RQ!, this.work!, this.rotation!];
    const k = Q.cols;
    let last: Float64Array | undefined;
    for (let pass = 0; pass < PASSES; pass++) {
      if (this.started) {
        matrixProduct(R, Q, RQ);
        matrixProduct(R, RQ, Q, { transA: true });
      } else for (let i = 0; i < Q.data.length; i++) Q.data[i] = random.normal();
      this.started = true;
      const flat = toRows(Q);
      orthonormalise(flat, k, random);
      fromRows(flat, Q);
      matrixProduct(R, Q, RQ);
      gramMatrix(RQ, work);
      takeLeading(work.data.slice(), k, rotation);
      const turned = toRows(Q);
      rotateRows(turned, k, rotation);
      fromRows(turned, Q);
      const now = Q.data.slice(0, V.data.length);
      // Signs of eigenvectors are free: compare projections on the last ones.
      const moved = last ? subspaceDistance(last, now, Q.rows, V.cols) : 1;
      last = now;
      if (moved < 1e-10) break;
    }
    V.data.set(Q.data.subarray(0, V.data.length));
  }
}

/** ‖now − last·lastᵀ·now‖ of orthonormal columns. */
function subspaceDistance(last: Float64Array, now: Float64Array, n: number, k: number): number {
  let rest = 0;
  for (let j = 0; j < k; j++) {
    const v = now.slice(j * n, j * n + n);
    for (let i = 0; i < k; i++) {
      let dot = 0;
      for (let s = 0; s < n; s++) dot += last[i * n + s] * now[j * n + s];
      for (let s = 0; s < n; s++) v[s] -= dot * last[i * n + s];
    }
    for (const x of v) rest += x * x;
  }
  return Math.sqrt(rest);
}

/** The eigenvectors of the largest eigenvalues of a symmetric matrix, as columns of `out`. */
function takeLeading(gram: Float64Array, n: number, out: DenseMatrix): void {
  const { values, vectors } = symmetricEigen(gram, n);
  const order = Array.from(values.keys()).sort((x, y) => values[y] - values[x]);
  for (let k = 0; k < out.cols; k++) for (let i = 0; i < n; i++) out.data[k * n + i] = vectors[i * n + order[k]];
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
    // R = F Vᵀ: V holds the atoms; the rows of A in F are c·βᵀ.
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

/** The Gram matrix of columns of matrices side by side. */
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

/** Row-major values, as the routines on factors have them. */
function toRows(M: DenseMatrix): Float64Array {
  const { rows, cols, data } = M;
  const out = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) out[i * cols + j] = data[j * rows + i];
  return out;
}

function fromRows(values: Float64Array, M: DenseMatrix): void {
  const { rows, cols, data } = M;
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) data[j * rows + i] = values[i * cols + j];
}

/** f ← f·Z for Z by columns. */
function rotateRows(f: Float64Array, k: number, Z: DenseMatrix): void {
  const row = new Float64Array(k);
  for (let at = 0; at < f.length; at += k) {
    row.fill(0);
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) row[a] += f[at + b] * Z.data[a * k + b];
    f.set(row, at);
  }
}

function distance2(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] - y[k]) ** 2;
  return sum;
}
