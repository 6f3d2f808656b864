import { packedSize, semidefiniteRoot } from './packed.ts';

/** State and adjoint at one time, and the operations of the filter and smoother on them. */
export class KalmanStep {
  readonly m: Float64Array;
  readonly P: Float64Array;
  readonly X: Float64Array;
  readonly T: Float64Array;
  readonly r: Float64Array;
  readonly l: Float64Array;
  readonly L: Float64Array;
  private readonly U: Float64Array;
  private readonly W: Float64Array;
  private readonly G: Float64Array;
  private readonly v: Float64Array;
  private readonly B: Float64Array;
  private readonly D: number;

  constructor(
    private readonly c: number,
    private readonly R: number,
  ) {
    const D = c * R;
    this.D = D;
    this.m = new Float64Array(D);
    this.P = new Float64Array(D * D);
    this.X = new Float64Array(D * R);
    this.T = new Float64Array(R * R);
    this.r = new Float64Array(R);
    this.l = new Float64Array(D);
    this.L = new Float64Array(D * D);
    this.U = new Float64Array(packedSize(R));
    this.W = new Float64Array(R * R);
    this.G = new Float64Array(R * R);
    this.v = new Float64Array(D);
    this.B = new Float64Array(D * D);
  }

  /** The prior state. */
  begin(stationary: Float64Array): void {
    const { c, R, D, m, P } = this;
    m.fill(0);
    P.fill(0);
    for (let i = 0; i < c; i++) {
      for (let j = 0; j < c; j++) for (let k = 0; k < R; k++) P[(i * R + k) * D + j * R + k] = stationary[i * c + j];
    }
  }

  /** m ← A m, P ← A P Aᵀ + Q. */
  predict(A: Float64Array, Q: Float64Array, at: number): void {
    const { c, R, D, m, P, v, B } = this;
    for (let i = 0; i < c; i++) {
      const a0 = A[at + i * c];
      for (let k = 0; k < R; k++) {
        const row = (i * R + k) * D;
        let mean = a0 * m[k];
        for (let j = 1; j < c; j++) mean += A[at + i * c + j] * m[j * R + k];
        v[i * R + k] = mean;
        for (let q = 0; q < D; q++) B[row + q] = a0 * P[k * D + q];
        for (let j = 1; j < c; j++) {
          const a = A[at + i * c + j];
          const from = (j * R + k) * D;
          for (let q = 0; q < D; q++) B[row + q] += a * P[from + q];
        }
      }
    }
    m.set(v);
    for (let p = 0; p < D; p++) {
      const row = p * D;
      for (let i = 0; i < c; i++) {
        for (let k = 0; k < R; k++) {
          const q = i * R + k;
          if (q > p) break;
          let sum = 0;
          for (let j = 0; j < c; j++) sum += B[row + j * R + k] * A[at + i * c + j];
          P[row + q] = sum;
          P[q * D + p] = sum;
        }
      }
    }
    for (let i = 0; i < c; i++) {
      for (let j = 0; j < c; j++) for (let k = 0; k < R; k++) P[(i * R + k) * D + j * R + k] += Q[at + i * c + j];
    }
  }

  /** Update with the message exp(−½ uᵀΛu + ηᵀu). False if Λ is not positive semi-definite. */
  update(precisions: Float64Array, at: number, vectors: Float64Array, vt: number): boolean {
    const { R, D, m, P, X, T, r, U, W, G, v } = this;
    for (let k = 0; k < U.length; k++) U[k] = precisions[at + k];
    // r = η − Λ m.
    for (let i = 0; i < R; i++) {
      let sum = vectors[vt + i];
      for (let j = 0; j < R; j++) sum -= (j <= i ? U[packedSize(i) + j] : U[packedSize(j) + i]) * m[j];
      v[i] = sum;
    }
    if (!semidefiniteRoot(U, 0, R)) return false;
    // W = P U, G = the Cholesky factor of I + Uᵀ P U.
    for (let i = 0; i < R; i++) {
      for (let j = 0; j < R; j++) {
        let sum = 0;
        for (let k = j; k < R; k++) sum += P[i * D + k] * U[packedSize(k) + j];
        W[i * R + j] = sum;
      }
    }
    for (let i = 0; i < R; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? 1 : 0;
        for (let k = i; k < R; k++) sum += U[packedSize(k) + i] * W[k * R + j];
        for (let k = 0; k < j; k++) sum -= G[i * R + k] * G[j * R + k];
        G[i * R + j] = i === j ? Math.sqrt(sum) : sum / G[j * R + j];
      }
    }
    // T = U (I + UᵀPU)⁻¹ Uᵀ = Y Yᵀ with Y = U G⁻ᵀ, in W.
    for (let i = 0; i < R; i++) {
      for (let j = 0; j < R; j++) {
        let sum = j <= i ? U[packedSize(i) + j] : 0;
        for (let k = 0; k < j; k++) sum -= W[i * R + k] * G[j * R + k];
        W[i * R + j] = sum / G[j * R + j];
      }
    }
    for (let i = 0; i < R; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < R; k++) sum += W[i * R + k] * W[j * R + k];
        T[i * R + j] = sum;
        T[j * R + i] = sum;
      }
    }
    // r̃ = U (I + UᵀPU)⁻¹ s where U s = r; components outside of the range of U are rounding errors.
    for (let i = 0; i < R; i++) {
      const root = U[packedSize(i) + i];
      let sum = v[i];
      for (let k = 0; k < i; k++) sum -= U[packedSize(i) + k] * v[k];
      v[i] = root === 0 ? 0 : sum / root;
    }
    for (let i = 0; i < R; i++) {
      let sum = v[i];
      for (let k = 0; k < i; k++) sum -= G[i * R + k] * v[k];
      v[i] = sum / G[i * R + i];
    }
    for (let i = 0; i < R; i++) {
      let sum = 0;
      for (let k = 0; k < R; k++) sum += W[i * R + k] * v[k];
      r[i] = sum;
    }
    // X = P T, m ← m + P r̃, P ← P − X P.
    for (let p = 0; p < D; p++) {
      for (let j = 0; j < R; j++) {
        let sum = 0;
        for (let k = 0; k < R; k++) sum += P[p * D + k] * T[k * R + j];
        X[p * R + j] = sum;
      }
      let gain = 0;
      for (let k = 0; k < R; k++) gain += P[p * D + k] * r[k];
      m[p] += gain;
    }
    this.reduce();
    return true;
  }

  /** P ← P − X P[function, :]. */
  private reduce(): void {
    const { R, D, P, X, B } = this;
    // A copy, as the first R rows are read while they change.
    for (let k = 0; k < R * D; k++) B[k] = P[k];
    for (let p = 0; p < D; p++) {
      for (let q = 0; q <= p; q++) {
        let sum = P[p * D + q];
        for (let k = 0; k < R; k++) sum -= X[p * R + k] * B[k * D + q];
        P[p * D + q] = sum;
      }
    }
    for (let p = 0; p < D; p++) for (let q = 0; q < p; q++) P[q * D + p] = P[p * D + q];
  }

  /** Mean and covariance of the function from a state m, P and the current adjoint: m − P l, P − P L P. */
  combine(
    m: Float64Array,
    mt: number,
    P: Float64Array,
    pt: number,
    mean: Float64Array,
    at: number,
    covariance: Float64Array,
    ct: number,
  ): void {
    const { R, D, l, L, B } = this;
    for (let i = 0; i < R; i++) {
      let sum = m[mt + i];
      for (let q = 0; q < D; q++) sum -= P[pt + i * D + q] * l[q];
      mean[at + i] = sum;
      for (let q = 0; q < D; q++) {
        let product = 0;
        for (let k = 0; k < D; k++) product += P[pt + i * D + k] * L[k * D + q];
        B[i * D + q] = product;
      }
    }
    for (let i = 0; i < R; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = P[pt + i * D + j];
        for (let q = 0; q < D; q++) sum -= B[i * D + q] * P[pt + j * D + q];
        covariance[ct + packedSize(i) + j] = i === j ? Math.max(0, sum) : sum;
      }
    }
  }

  /** The adjoint before an update from that after it: l ← Cᵀ l − Hᵀ r̃, L ← Cᵀ L C + Hᵀ T H with C = I − X H. */
  pull(X: Float64Array, xt: number, T: Float64Array, tt: number, r: Float64Array, rt: number): void {
    const { R, D, l, L, B, v } = this;
    for (let j = 0; j < R; j++) {
      let sum = l[j] - r[rt + j];
      for (let p = 0; p < D; p++) sum -= X[xt + p * R + j] * l[p];
      v[j] = sum;
    }
    // L X, D × R, in B.
    for (let p = 0; p < D; p++) {
      for (let j = 0; j < R; j++) {
        let sum = 0;
        for (let k = 0; k < D; k++) sum += L[p * D + k] * X[xt + k * R + j];
        B[p * R + j] = sum;
      }
    }
    for (let i = 0; i < R; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = L[i * D + j] - B[i * R + j] - B[j * R + i] + T[tt + i * R + j];
        for (let p = 0; p < D; p++) sum += X[xt + p * R + i] * B[p * R + j];
        L[i * D + j] = sum;
        L[j * D + i] = sum;
      }
    }
    for (let p = R; p < D; p++) {
      for (let j = 0; j < R; j++) {
        const value = L[p * D + j] - B[p * R + j];
        L[p * D + j] = value;
        L[j * D + p] = value;
      }
    }
    for (let j = 0; j < R; j++) l[j] = v[j];
  }

  /** The adjoint over a gap to the left: l ← Aᵀ l, L ← Aᵀ L A. */
  back(A: Float64Array, at: number): void {
    const { c, R, D, l, L, v, B } = this;
    for (let i = 0; i < c; i++) {
      for (let k = 0; k < R; k++) {
        const row = (i * R + k) * D;
        let sum = 0;
        for (let j = 0; j < c; j++) sum += A[at + j * c + i] * l[j * R + k];
        v[i * R + k] = sum;
        const a0 = A[at + i];
        for (let q = 0; q < D; q++) B[row + q] = a0 * L[k * D + q];
        for (let j = 1; j < c; j++) {
          const a = A[at + j * c + i];
          const from = (j * R + k) * D;
          for (let q = 0; q < D; q++) B[row + q] += a * L[from + q];
        }
      }
    }
    l.set(v);
    for (let p = 0; p < D; p++) {
      for (let i = 0; i < c; i++) {
        for (let k = 0; k < R; k++) {
          const q = i * R + k;
          if (q > p) break;
          let sum = 0;
          for (let j = 0; j < c; j++) sum += B[p * D + j * R + k] * A[at + j * c + i];
          L[p * D + q] = sum;
          L[q * D + p] = sum;
        }
      }
    }
  }
}
