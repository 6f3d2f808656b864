import { DenseMatrix } from '@southwell/numerics/arrays';
import { symmetricEigenvalues } from '@southwell/numerics/linalg';
import { gramOf, halsColumns, projectedSlope } from '../cp/normalEquations.ts';
import { multiModeProduct } from '../products.ts';
import { type Shape, sizeOf, Tensor } from '../tensor.ts';
import { unfold } from '../unfold.ts';
import type { Projections } from './projections.ts';
import type { TuckerSweep } from './tuckerSweep.ts';

/** Steps for the core per sweep, and passes over the columns of a factor. */
const CORE_STEPS = 8;
const PASSES = 2;

/**
 * Non-negative factors and core: factors by hierarchical alternating least squares, column by column, the core by
 * projected gradients with step sizes from its curvature (Phan and Cichocki 2011). No update increases the residual.
 */
export class NonNegativeTucker implements TuckerSweep {
  /** Unknown before the first sweep. */
  private kept = Number.NaN;

  constructor(
    private readonly projections: Projections,
    readonly factors: DenseMatrix[],
    private readonly ranks: Shape,
    readonly core: Float64Array,
  ) {}

  sweep(): number {
    let squares = 0;
    for (const mode of this.factors.keys()) {
      const { gradient, factor, V, W } = this.normal(mode);
      squares += projectedSlope(gradient, factor.data, factor.rows, factor.cols, true) ** 2;
      halsColumns(factor.data, W, V, factor.rows, factor.cols, PASSES);
    }
    return Math.hypot(Math.sqrt(squares), this.improveCore(CORE_STEPS));
  }

  certificate(): number {
    let squares = 0;
    for (const mode of this.factors.keys()) {
      const { gradient, factor } = this.normal(mode);
      squares += projectedSlope(gradient, factor.data, factor.rows, factor.cols, true) ** 2;
    }
    return Math.hypot(Math.sqrt(squares), this.improveCore(0));
  }

  squaresKept(): number {
    return this.kept;
  }

  /** V and W of the least squares of a factor, min ½tr(A V Aᵀ) − tr(AᵀW), and its gradient AV − W. */
  private normal(mode: number) {
    const { factors, ranks, core } = this;
    const factor = factors[mode];
    const [n, r] = [factor.rows, factor.cols];
    const { room, shape } = this.projections.allBut(mode, factors);
    const Y = unfold(new Tensor(shape, room.data.slice(0, sizeOf(shape))), mode);
    const G = new Tensor(ranks, core);
    const grams = factors.map((A, k) => (k === mode ? undefined : gramMatrixOf(A)));
    const [plain, weighted] = [unfold(G, mode), unfold(multiModeProduct(G, grams), mode)];
    const V = outer(weighted.data, plain.data, r, r, plain.cols);
    const W = outer(Y.data, plain.data, n, r, plain.cols);
    for (const spent of [Y, plain, weighted, ...grams]) spent?.free();
    const gradient = W.map((w) => -w);
    for (let a = 0; a < r; a++) {
      for (let b = 0; b < r; b++) {
        const v = V[b * r + a];
        for (let i = 0; i < n; i++) gradient[a * n + i] += factor.data[b * n + i] * v;
      }
    }
    return { factor, V, W, gradient };
  }

  /** Projected gradient steps for the core; returns the initial norm of the projected gradient, scaled by the core. */
  private improveCore(steps: number): number {
    const { factors, ranks, core } = this;
    const last = factors.length - 1;
    // All modes have been requested before, so that only the projection of the last one remains.
    const Y = this.projections.allBut(last, factors);
    const B = this.projections.project(Y, [last], factors).room.data.slice(0, sizeOf(ranks));
    const grams = factors.map(gramMatrixOf);
    const curvature = grams.reduce(
      (product, { data, rows }) => product * symmetricEigenvalues(data.slice(), rows)[rows - 1],
      1,
    );
    let first = 0;
    for (let step = 0; ; step++) {
      const image = multiModeProduct(new Tensor(ranks, core), grams).data;
      if (step === 0) {
        let [slope, size] = [0, 0];
        for (let e = 0; e < core.length; e++) {
          const g = image[e] - B[e];
          if (core[e] > 0 || g < 0) slope += g * g;
          size += core[e] * core[e];
        }
        first = Math.sqrt(slope * size);
      }
      this.kept = 0;
      for (let e = 0; e < core.length; e++) this.kept += core[e] * (2 * B[e] - image[e]);
      if (step === steps || !(curvature > 0)) break;
      for (let e = 0; e < core.length; e++) core[e] = Math.max(0, core[e] - (image[e] - B[e]) / curvature);
    }
    for (const spent of grams) spent.free();
    return first;
  }
}

/** AᵀA as a matrix. */
function gramMatrixOf(A: DenseMatrix): DenseMatrix {
  return DenseMatrix.fromColumnMajor(gramOf(A.data, A.rows, A.cols), A.cols, A.cols);
}

/** A·Bᵀ for A m × k and B n × k, column-major. */
function outer(A: Float64Array, B: Float64Array, m: number, n: number, k: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let c = 0; c < k; c++) {
    for (let j = 0; j < n; j++) {
      const b = B[c * n + j];
      if (b === 0) continue;
      for (let i = 0; i < m; i++) out[j * m + i] += A[c * m + i] * b;
    }
  }
  return out;
}
