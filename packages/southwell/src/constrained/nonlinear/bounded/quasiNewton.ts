import { DenseMatrix } from '@southwell/numerics/arrays';
import { invert } from '@southwell/numerics/linalg';
import { dot } from '../../vectors.ts';
import { LimitedMemory, solveSymmetric } from '../limitedMemory.ts';
import { LeastFirst } from './heap.ts';

/** Pairs of steps and changes of the gradient. */
const MEMORY = 10;

/** A point on the projected gradient path. */
interface CauchyPoint {
  readonly point: Float64Array;
  /** Ψᵀ(point − x). */
  readonly moved: Float64Array;
}

/**
 * The quadratic model of L-BFGS-B (Byrd, Lu, Nocedal & Zhu 1995), whose matrix is B = θI − ΨM⁻¹Ψᵀ. O(n · memory) per
 * target, beside the sorting of breakpoints.
 */
export class BoxModel {
  private readonly memory = new LimitedMemory(MEMORY, true);
  /** M⁻¹. */
  private inverse = new Float64Array(0);

  constructor(
    private readonly lower: Float64Array,
    private readonly upper: Float64Array,
  ) {}

  /** Whether B is a multiple of the identity. */
  get isPlain(): boolean {
    return this.memory.columns.length === 0;
  }

  clear(): void {
    this.memory.clear();
    this.inverse = this.memory.middle;
  }

  update(step: Float64Array, change: Float64Array): void {
    const { memory } = this;
    memory.update(step, change);
    const size = memory.columns.length;
    if (size === 0) {
      this.inverse = memory.middle;
      return;
    }
    const matrix = DenseMatrix.fromColumnMajor(memory.middle, size, size);
    const regular = Number.isFinite(invert(matrix));
    if (regular) this.inverse = matrix.data.slice();
    matrix.free();
    if (!regular) this.clear();
  }

  /** Where the model is least over the bounds, among the free variables of the generalised Cauchy point. */
  target(x: Float64Array, g: Float64Array): Float64Array {
    const cauchy = this.cauchyPoint(x, g);
    return this.isPlain ? cauchy.point : this.subspaceMinimum(x, g, cauchy);
  }

  /** out ← M⁻¹x. */
  private product(x: Float64Array, out = new Float64Array(x.length)): Float64Array {
    const { inverse } = this;
    const k = x.length;
    for (let a = 0; a < k; a++) {
      let sum = 0;
      for (let b = 0; b < k; b++) sum += inverse[a * k + b] * x[b];
      out[a] = sum;
    }
    return out;
  }

  /** The first local minimum of the model along the projected gradient path (algorithm CP). */
  private cauchyPoint(x: Float64Array, g: Float64Array): CauchyPoint {
    const { lower, upper, memory } = this;
    const { scale, columns } = memory;
    const n = x.length;
    const breaks = new Float64Array(n);
    const d = new Float64Array(n);
    let slope = 0;
    for (let j = 0; j < n; j++) {
      breaks[j] = g[j] === 0 ? Infinity : (x[j] - (g[j] < 0 ? upper[j] : lower[j])) / g[j];
      if (breaks[j] > 0) d[j] = -g[j];
      slope -= d[j] * d[j];
    }
    const p = Float64Array.from(columns, (column) => dot(column, d));
    const [moved, w, image] = [new Float64Array(p.length), new Float64Array(p.length), new Float64Array(p.length)];
    const point = x.slice();
    let curvature = -scale * slope - dot(p, this.product(p));
    const least = Number.EPSILON * curvature;
    let to = curvature > 0 ? -slope / curvature : 0;
    let passed = 0;
    const heap = new LeastFirst(breaks, (j) => breaks[j] > 0 && breaks[j] < Infinity);
    for (let b = slope < 0 ? heap.pop() : -1; b >= 0; b = heap.pop()) {
      const ahead = breaks[b] - passed;
      if (to < ahead) break;
      point[b] = d[b] > 0 ? upper[b] : lower[b];
      const z = point[b] - x[b];
      for (let a = 0; a < p.length; a++) moved[a] += ahead * p[a];
      for (let a = 0; a < p.length; a++) w[a] = columns[a][b];
      this.product(w, image);
      const gb = g[b];
      slope += ahead * curvature + gb * gb + scale * gb * z - gb * dot(image, moved);
      curvature -= scale * gb * gb + 2 * gb * dot(image, p) + gb * gb * dot(image, w);
      curvature = Math.max(curvature, least);
      for (let a = 0; a < p.length; a++) p[a] += gb * w[a];
      d[b] = 0;
      to = -slope / curvature;
      passed = breaks[b];
      if (!(to > 0)) break;
    }
    to = Math.max(to, 0);
    for (let a = 0; a < p.length; a++) moved[a] += to * p[a];
    for (let j = 0; j < n; j++) {
      if (d[j] !== 0) point[j] = Math.min(Math.max(x[j] + (passed + to) * d[j], lower[j]), upper[j]);
    }
    return { point, moved };
  }

  /** Minimises the model over the free variables, then projects (Morales & Nocedal 2011) or shortens the step. */
  private subspaceMinimum(x: Float64Array, g: Float64Array, { point, moved }: CauchyPoint): Float64Array {
    const { lower, upper, memory } = this;
    const { scale, columns, middle } = memory;
    const free = point.map((v, j) => (v > lower[j] && v < upper[j] ? 1 : 0));
    const r = new Float64Array(x.length);
    const image = this.product(moved);
    for (let j = 0; j < r.length; j++) if (free[j]) r[j] = g[j] + scale * (point[j] - x[j]);
    for (let a = 0; a < columns.length; a++) {
      const column = columns[a];
      for (let j = 0; j < r.length; j++) if (free[j]) r[j] -= image[a] * column[j];
    }
    const size = columns.length;
    const system = middle.slice();
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b++) {
        const [one, other] = [columns[a], columns[b]];
        let sum = 0;
        for (let j = 0; j < r.length; j++) if (free[j]) sum += one[j] * other[j];
        system[a * size + b] -= sum / scale;
        if (a !== b) system[b * size + a] -= sum / scale;
      }
    }
    const v = solveSymmetric(
      system,
      Float64Array.from(columns, (column) => dot(column, r)),
    );
    const step = r.map((value) => -value / scale);
    for (let a = 0; a < size; a++) {
      const [factor, column] = [v[a] / (scale * scale), columns[a]];
      for (let j = 0; j < step.length; j++) if (free[j]) step[j] -= factor * column[j];
    }
    const projected = point.map((value, j) => Math.min(Math.max(value + step[j], lower[j]), upper[j]));
    let slope = 0;
    for (let j = 0; j < x.length; j++) slope += g[j] * (projected[j] - x[j]);
    if (slope < 0) return projected;
    let length = 1;
    for (let j = 0; j < x.length; j++) {
      if (step[j] > 0) length = Math.min(length, (upper[j] - point[j]) / step[j]);
      else if (step[j] < 0) length = Math.min(length, (lower[j] - point[j]) / step[j]);
    }
    return point.map((value, j) => Math.min(Math.max(value + length * step[j], lower[j]), upper[j]));
  }
}
