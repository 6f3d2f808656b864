import {
  checkOptions,
  type Iterate,
  type OptionsOf,
  otherOption,
  Random,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';

/** State of {@link eyIterates}, as plain data: U and the previous point, column-major. */
export interface EyState {
  readonly iteration: number;
  readonly U: Float64Array;
  readonly before?: { readonly U: Float64Array; readonly g: Float64Array };
  /** The initial gradient norm. */
  readonly first: number;
}

const eyRecords = {
  /** Default 0. */
  seed: seedOption(),
  /** State from a checkpoint of a run with the same matrices. */
  resume: otherOption<EyState>('a state from a checkpoint'),
};

export interface EyOptions extends OptionsOf<typeof eyRecords> {}

/**
 * The k leading generalised eigenvectors of symmetric A and positive definite B, given as products, without an inverse:
 * minimises the Eckart–Young loss tr(−2UᵀAU + (UᵀBU)²), all of whose minima are U = U_kΛ^½O (Chapman, Wells and Lawry
 * Aguila, ICLR 2024), by gradient descent with Barzilai–Borwein step sizes. Yields U, n × k by rows, until the gradient
 * vanishes; the certificate is the gradient norm relative to the initial one. Directions with eigenvalues ≤ 0 shrink to
 * zero. O(k · product + nk²) per step.
 *
 * @param A out ← A v.
 * @param B out ← B v.
 * @throws INVALID_PARAMETER.
 */
export function* eyIterates(
  A: (v: Float64Array, out: Float64Array) => void,
  B: (v: Float64Array, out: Float64Array) => void,
  n: number,
  k: number,
  options: EyOptions = {},
): Generator<Iterate<Float64Array>, void, undefined> {
  checkOptions('eyIterates', eyRecords, options);
  const { seed = 0, resume } = options;
  wholeNumber('k', k, 1, n);
  const random = new Random(seed);
  // Column-major.
  let U: Float64Array = resume?.U ?? Float64Array.from({ length: n * k }, () => random.normal() / Math.sqrt(n));
  const times = (M: typeof A, V: Float64Array) => {
    const out = new Float64Array(n * k);
    for (let c = 0; c < k; c++) M(V.subarray(c * n, c * n + n), out.subarray(c * n, c * n + n));
    return out;
  };
  const inner = (X: Float64Array, Y: Float64Array) => {
    const out = new Float64Array(k * k);
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) for (let i = 0; i < n; i++) out[a * k + b] += X[a * n + i] * Y[b * n + i];
    }
    return out;
  };
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((s, v, at) => s + v * y[at], 0);
  let before = resume?.before;
  let first = resume?.first ?? 0;
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    const [AU, BU] = [times(A, U), times(B, U)];
    const V = inner(U, BU);
    const g = new Float64Array(n * k);
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < n; i++) {
        let sum = -AU[c * n + i];
        for (let b = 0; b < k; b++) sum += BU[b * n + i] * V[b * k + c];
        g[c * n + i] = 4 * sum;
      }
    }
    const size = Math.sqrt(dot(g, g));
    if (iteration === 0) first = size;
    const relative = first > 0 ? size / first : 0;
    const now = { iteration, U, before, first };
    yield {
      iteration,
      objective: -2 * dot(U, AU) + dot(V, V),
      certificate: { kind: 'gradientNorm', value: size, relative },
      work: { matrixVectorProducts: 2 * k * (iteration + 1) },
      done: size === 0 ? 'converged' : Number.isFinite(size) ? undefined : 'diverged',
      mayFail: true,
      snapshot: () => Float64Array.from(now.U, (_, at) => now.U[(at % k) * n + Math.floor(at / k)]),
      // Safe to share: these arrays are replaced at every step.
      checkpoint: (): EyState => now,
    };
    if (size === 0 || !Number.isFinite(size)) return;
    // The first step changes U by a tenth of its norm, so that it cannot overshoot much.
    let rate = (0.1 * Math.sqrt(dot(U, U))) / size;
    if (before) {
      const { U: oldU, g: oldG } = before;
      const s = U.map((v, at) => v - oldU[at]);
      const y = g.map((v, at) => v - oldG[at]);
      const [sy, yy] = [dot(s, y), dot(y, y)];
      if (sy > 0) rate = Math.min(sy / yy, (0.5 * Math.sqrt(dot(U, U))) / size);
    }
    before = { U, g };
    U = U.map((v, at) => v - rate * g[at]);
  }
}
