import type { CscMatrix, Matrix, MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { blockGram, columnSquaredNorms, gramAbsoluteRowSums, transpose } from '@southwell/numerics/linalg';
import type { BlockProblem, BlockState } from '../problem.ts';
import { checkTarget } from './checks.ts';
import { designMatrix } from './linearModel.ts';

/**
 * f(X) = Σ_r [log Σ_c exp(a_rᵀx_c) − a_rᵀx_{y_r}], X of d features × k classes as one vector: coordinate f·k + c. L =
 * ¼‖a_f‖². For a block with k′ = min(k, 1 + number of classes in it), H[(f,c),(f′,c′)] = ½(1[c=c′] − 1/k′) a_fᵀa_f′
 * (Böhning 1992: the classes outside act as one). H is singular along the constant direction across classes.
 *
 * @param A n × d. @param labels n integers 0 … k−1. @param classes k; by default the largest label + 1.
 * @throws SouthwellError EMPTY, NON_FINITE, INVALID_SHAPE, INVALID_TARGET.
 */
export function softmax(A: MatrixLike, labels: ArrayLike<number>, classes?: number): Softmax {
  const design = designMatrix(A);
  const target = checkTarget(labels, design.rows, 'labels');
  const k = classes ?? target.reduce((m, v) => Math.max(m, v), 0) + 1;
  if (!Number.isInteger(k) || k < 2) fail('INVALID_TARGET', `Softmax needs at least two classes, but has ${k}.`);
  const bad = target.findIndex((v) => !Number.isInteger(v) || v < 0 || v >= k);
  if (bad >= 0)
    fail('INVALID_TARGET', `labels has ${target[bad]} in row ${bad + 1}, but labels are integers 0 … ${k - 1}.`);
  return new Softmax(design, Int32Array.from(target), k);
}

export class Softmax implements BlockProblem {
  readonly name = 'softmax regression';
  readonly quadratic = false;
  readonly dim: number;
  readonly coordinateLipschitz: Float64Array;
  private readonly scratch: Float64Array;
  private readonly work: Float64Array;
  private rowSums: Float64Array | undefined;

  constructor(
    readonly A: Matrix,
    readonly labels: Int32Array,
    readonly classes: number,
  ) {
    this.dim = A.cols * classes;
    const norms = columnSquaredNorms(A);
    this.coordinateLipschitz = new Float64Array(this.dim);
    for (let i = 0; i < this.dim; i++) this.coordinateLipschitz[i] = norms[Math.floor(i / classes)] / 4;
    this.scratch = new Float64Array(A.rows);
    this.work = new Float64Array(A.rows * (classes + 1));
  }

  start(x: Float64Array): SoftmaxState {
    return new SoftmaxState(this, x.slice());
  }

  boundBlock(block: Int32Array, out: Float64Array): void {
    featureGram(this.A, block, this.classes, out, this.scratch);
    const k = this.classes;
    const seen = new Set<number>();
    for (const i of block) seen.add(i % k);
    const share = 1 / Math.min(k, 1 + seen.size);
    const t = block.length;
    for (let a = 0; a < t; a++) {
      for (let b = 0; b < t; b++) out[a * t + b] *= 0.5 * ((block[a] % k === block[b] % k ? 1 : 0) - share);
    }
  }

  /** ½(I − 11ᵀ/k) ⊗ AᵀA: only the classes that occur in d need a product of their own, the others share the mean. */
  boundProduct(d: Float64Array, out: Float64Array): void {
    const { A, classes: k, work } = this;
    const rows = A.rows;
    const present = new Uint8Array(k);
    for (let i = 0; i < d.length; i++) if (d[i] !== 0) present[i % k] = 1;
    const used: number[] = [];
    for (let c = 0; c < k; c++) if (present[c]) used.push(c);
    const m = used.length;
    const width = m + 1; // the last column holds the sum over classes
    const U = work.subarray(0, rows * width);
    U.fill(0);
    forEachColumn(A, (f, from, to, rowOf, values) => {
      let any = false;
      for (let q = 0; q < m && !any; q++) any = d[f * k + used[q]] !== 0;
      if (!any) return;
      for (let t = from; t < to; t++) {
        const at = (rowOf ? rowOf[t] : t - from) * width;
        const v = values[t];
        for (let q = 0; q < m; q++) U[at + q] += v * d[f * k + used[q]];
      }
    });
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let q = 0; q < m; q++) sum += U[r * width + q];
      U[r * width + m] = sum / k;
    }
    const acc = new Float64Array(width);
    forEachColumn(A, (f, from, to, rowOf, values) => {
      acc.fill(0);
      for (let t = from; t < to; t++) {
        const at = (rowOf ? rowOf[t] : t - from) * width;
        const v = values[t];
        for (let q = 0; q < width; q++) acc[q] += v * U[at + q];
      }
      const mean = 0.5 * acc[m];
      for (let c = 0; c < k; c++) out[f * k + c] = -mean;
      for (let q = 0; q < m; q++) out[f * k + used[q]] += 0.5 * acc[q];
    });
  }

  boundRowSums(): Float64Array {
    if (!this.rowSums) {
      const { A, classes: k } = this;
      const perFeature = gramAbsoluteRowSums(A, A.kind === 'csc' ? transpose(A) : A);
      this.rowSums = new Float64Array(this.dim);
      // Σ_c′ ½|1[c=c′] − 1/k| = 1 − 1/k.
      for (let i = 0; i < this.dim; i++) this.rowSums[i] = (1 - 1 / k) * perFeature[Math.floor(i / k)];
    }
    return this.rowSums;
  }
}

/** Calls back for each column with its range in `values` and, for sparse A, the row of each entry. */
function forEachColumn(
  A: Matrix,
  visit: (j: number, from: number, to: number, rowOf: Int32Array | undefined, values: Float64Array) => void,
): void {
  if (A.kind === 'dense') {
    for (let j = 0; j < A.cols; j++) visit(j, j * A.rows, (j + 1) * A.rows, undefined, A.data);
  } else {
    const { colPointers, rowIndices, values } = A as CscMatrix;
    for (let j = 0; j < A.cols; j++) visit(j, colPointers[j], colPointers[j + 1], rowIndices, values);
  }
}

/** out ← a_fᵀ diag(weights) a_f′ for the features of a block of coordinates; each pair of features is computed once. */
function featureGram(A: Matrix, block: Int32Array, k: number, out: Float64Array, scratch: Float64Array): void {
  const features: number[] = [];
  const position = new Int32Array(block.length);
  const index = new Map<number, number>();
  block.forEach((i, a) => {
    const f = Math.floor(i / k);
    let at = index.get(f);
    if (at === undefined) {
      at = features.length;
      index.set(f, at);
      features.push(f);
    }
    position[a] = at;
  });
  const u = features.length;
  const gram = new Float64Array(u * u);
  blockGram(A, features, gram, scratch);
  const t = block.length;
  for (let a = 0; a < t; a++) for (let b = 0; b < t; b++) out[a * t + b] = gram[position[a] * u + position[b]];
}

class SoftmaxState implements BlockState {
  /** Margins a_rᵀx_c and probabilities, row r at r·k. */
  private readonly Z: Float64Array;
  private readonly P: Float64Array;
  private readonly g: Float64Array;
  private stale = true;
  private readonly step: Float64Array;
  private readonly rowsTouched: Int32Array;
  private readonly mark: Uint8Array;
  private touchedCount = 0;
  private readonly scratch: Float64Array;

  constructor(
    private readonly problem: Softmax,
    readonly x: Float64Array,
  ) {
    const n = problem.A.rows;
    const k = problem.classes;
    this.Z = new Float64Array(n * k);
    this.P = new Float64Array(n * k);
    this.g = new Float64Array(problem.dim);
    this.step = new Float64Array(n * k);
    this.rowsTouched = new Int32Array(n);
    this.mark = new Uint8Array(n);
    this.scratch = new Float64Array(n);
    this.computeMargins(this.Z);
    for (let r = 0; r < n; r++) this.computeRow(r);
  }

  private computeMargins(Z: Float64Array): void {
    const { A, classes: k } = this.problem;
    Z.fill(0);
    forEachColumn(A, (f, from, to, rowOf, values) => {
      for (let t = from; t < to; t++) {
        const at = (rowOf ? rowOf[t] : t - from) * k;
        const v = values[t];
        for (let c = 0; c < k; c++) Z[at + c] += v * this.x[f * k + c];
      }
    });
  }

  /** P_r ← softmax(Z_r) − Y_r, the derivative of the loss. */
  private computeRow(r: number): void {
    const k = this.problem.classes;
    const { Z, P } = this;
    const at = r * k;
    let top = Z[at];
    for (let c = 1; c < k; c++) if (Z[at + c] > top) top = Z[at + c];
    let sum = 0;
    for (let c = 0; c < k; c++) sum += P[at + c] = Math.exp(Z[at + c] - top);
    let others = 0;
    const y = this.problem.labels[r];
    for (let c = 0; c < k; c++) {
      P[at + c] /= sum;
      if (c !== y) others += P[at + c];
    }
    P[at + y] = -others; // p_y − 1, without cancellation
  }

  private probability(r: number, c: number): number {
    const p = this.P[r * this.problem.classes + c];
    return c === this.problem.labels[r] ? 1 + p : p;
  }

  value(): number {
    const { classes: k, labels } = this.problem;
    let total = 0;
    for (let r = 0; r < labels.length; r++) {
      const zy = this.Z[r * k + labels[r]];
      // log Σ exp(z_c − z_y): log1p of the sum of the others if they are small.
      let top = 0;
      for (let c = 0; c < k; c++) top = Math.max(top, this.Z[r * k + c] - zy);
      let sum = 0;
      for (let c = 0; c < k; c++) if (c !== labels[r]) sum += Math.exp(this.Z[r * k + c] - zy - top);
      total += top === 0 ? Math.log1p(sum) : top + Math.log(sum + Math.exp(-top));
    }
    return total;
  }

  gradient(): Float64Array {
    if (this.stale) {
      const { A, classes: k } = this.problem;
      const { g, P } = this;
      g.fill(0);
      forEachColumn(A, (f, from, to, rowOf, values) => {
        const gt = f * k;
        for (let t = from; t < to; t++) {
          const at = (rowOf ? rowOf[t] : t - from) * k;
          const v = values[t];
          for (let c = 0; c < k; c++) g[gt + c] += v * P[at + c];
        }
      });
      this.stale = false;
    }
    return this.g;
  }

  gradientBlock(block: Int32Array, out: Float64Array): void {
    const { A, classes: k } = this.problem;
    for (let a = 0; a < block.length; a++) {
      if (!this.stale) {
        out[a] = this.g[block[a]];
        continue;
      }
      const f = Math.floor(block[a] / k);
      const c = block[a] % k;
      let sum = 0;
      forRange(A, f, (r, v) => {
        sum += v * this.P[r * k + c];
      });
      out[a] = sum;
    }
  }

  hessianBlock(block: Int32Array, out: Float64Array): void {
    const { A, classes: k } = this.problem;
    const t = block.length;
    const { scratch } = this;
    for (let a = 0; a < t; a++) {
      const c = block[a] % k;
      const fa = Math.floor(block[a] / k);
      forRange(A, fa, (r, v) => {
        scratch[r] = v * this.probability(r, c);
      });
      for (let b = a; b < t; b++) {
        const c2 = block[b] % k;
        let sum = 0;
        forRange(A, Math.floor(block[b] / k), (r, v) => {
          if (scratch[r] === 0) return;
          const p2 = this.probability(r, c2);
          // 1 − p_c is −P_c at the label, without cancellation for saturated rows.
          const factor = c === c2 ? (c === this.problem.labels[r] ? -this.P[r * k + c] : 1 - p2) : -p2;
          sum += v * scratch[r] * factor;
        });
        out[a * t + b] = out[b * t + a] = sum;
      }
      forRange(A, fa, (r) => {
        scratch[r] = 0;
      });
    }
  }

  private spread(block: Int32Array, d: Float64Array): void {
    const { A, classes: k } = this.problem;
    const { step, rowsTouched, mark } = this;
    for (let t = 0; t < this.touchedCount; t++) {
      const r = rowsTouched[t];
      step.fill(0, r * k, r * k + k);
      mark[r] = 0;
    }
    this.touchedCount = 0;
    for (let a = 0; a < block.length; a++) {
      const v = d[a];
      if (v === 0) continue;
      const c = block[a] % k;
      forRange(A, Math.floor(block[a] / k), (r, value) => {
        if (mark[r] === 0) {
          mark[r] = 1;
          rowsTouched[this.touchedCount++] = r;
        }
        step[r * k + c] += v * value;
      });
    }
  }

  change(block: Int32Array, d: Float64Array): number {
    this.spread(block, d);
    const { classes: k, labels } = this.problem;
    const { step } = this;
    let total = 0;
    for (let t = 0; t < this.touchedCount; t++) {
      const r = this.rowsTouched[t];
      const at = r * k;
      const sy = step[at + labels[r]];
      // lse(z + s) − lse(z) − s_y = log Σ_c p_c exp(s_c − s_y) = log1p(Σ_c p_c expm1(s_c − s_y)).
      let top = 0;
      for (let c = 0; c < k; c++) top = Math.max(top, step[at + c] - sy);
      let sum = 0;
      if (top < 30) {
        for (let c = 0; c < k; c++) {
          const s = step[at + c] - sy;
          if (s !== 0) sum += this.P[at + c] * Math.expm1(s);
        }
        total += Math.log1p(sum);
      } else {
        for (let c = 0; c < k; c++) sum += this.probability(r, c) * Math.exp(step[at + c] - sy - top);
        total += top + Math.log(sum);
      }
    }
    return total;
  }

  apply(block: Int32Array, d: Float64Array): void {
    this.spread(block, d);
    const { classes: k } = this.problem;
    for (let a = 0; a < block.length; a++) this.x[block[a]] += d[a];
    for (let t = 0; t < this.touchedCount; t++) {
      const at = this.rowsTouched[t] * k;
      for (let c = 0; c < k; c++) this.Z[at + c] += this.step[at + c];
      this.computeRow(this.rowsTouched[t]);
    }
    if (this.touchedCount > 0) this.stale = true;
  }

  refresh(): number {
    const exact = new Float64Array(this.Z.length);
    this.computeMargins(exact);
    let drift = 0;
    let scale = 0;
    for (let i = 0; i < exact.length; i++) {
      drift = Math.max(drift, Math.abs(exact[i] - this.Z[i]));
      scale = Math.max(scale, Math.abs(exact[i]));
    }
    this.Z.set(exact);
    for (let r = 0; r < this.problem.A.rows; r++) this.computeRow(r);
    this.stale = true;
    return scale > 0 ? drift / scale : drift;
  }
}

function forRange(A: Matrix, j: number, visit: (row: number, value: number) => void): void {
  if (A.kind === 'dense') {
    const { data, rows } = A;
    for (let r = 0; r < rows; r++) visit(r, data[j * rows + r]);
  } else {
    const { colPointers, rowIndices, values } = A;
    for (let t = colPointers[j]; t < colPointers[j + 1]; t++) visit(rowIndices[t], values[t]);
  }
}
