import { Random } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';

/** Ritz pairs of {@link leadingEigenspace} after one more cycle. */
export interface Eigenspace {
  /** Descending. */
  readonly values: Float64Array;
  /** Orthonormal, one vector per value. */
  readonly vectors: readonly Float64Array[];
  /** The largest ‖Av − θv‖ divided by the largest |θ|. */
  readonly residual: number;
}

/**
 * The k largest eigenvalues and eigenvectors of a symmetric operator given by its products: block Krylov spaces of
 * depth 4 from k + 4 vectors, restarted with the best Ritz vectors (Rayleigh–Ritz; Golub & Van Loan, §10.3). Yields
 * after every cycle, indefinitely: stop by the residual. Blocks find multiple eigenvalues too. O(4(k + 4)·product +
 * n(4k)²) per cycle.
 *
 * @param product out ← A v.
 */
export function* leadingEigenspace(
  product: (v: Float64Array, out: Float64Array) => void,
  n: number,
  k: number,
  seed = 0,
): Generator<Eigenspace, never> {
  const steps = leadingEigenspaceSteps(product, n, k, seed);
  for (;;) {
    const { value } = steps.next();
    if (value) yield value;
  }
}

/**
 * Like {@link leadingEigenspace}, but also yields undefined after each product, for callers that must stay responsive.
 */
export function* leadingEigenspaceSteps(
  product: (v: Float64Array, out: Float64Array) => void,
  n: number,
  k: number,
  seed = 0,
): Generator<Eigenspace | undefined, never> {
  const random = new Random(seed);
  const width = Math.min(n, k + 4);
  let start: Float64Array[] = Array.from({ length: width }, () =>
    Float64Array.from({ length: n }, () => random.normal()),
  );
  for (;;) {
    const basis: Float64Array[] = [];
    const images: Float64Array[] = [];
    let block: Float64Array[] = start;
    for (let depth = 0; depth < 4 && block.length > 0; depth++) {
      const next: Float64Array[] = [];
      for (const v of block) {
        if (basis.length === n || !orthonormalise(v, basis)) continue;
        const image = new Float64Array(n);
        product(v, image);
        basis.push(v);
        images.push(image);
        next.push(image.slice());
        yield;
      }
      block = next;
    }
    const m = basis.length;
    const H = new Float64Array(m * m);
    for (let i = 0; i < m; i++) for (let j = 0; j <= i; j++) H[i * m + j] = H[j * m + i] = dot(basis[i], images[j]);
    const { values, vectors } = symmetricEigen(H, m);
    const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
    const combine = (parts: readonly Float64Array[], column: number): Float64Array => {
      const out = new Float64Array(n);
      parts.forEach((v, i) => {
        const w = vectors[i * m + column];
        for (let t = 0; t < n; t++) out[t] += w * v[t];
      });
      return out;
    };
    const kept = order.slice(0, width).map((column) => combine(basis, column));
    const largest = Math.max(...Array.from(values, Math.abs), Number.MIN_VALUE);
    let residual = 0;
    for (let r = 0; r < Math.min(k, kept.length); r++) {
      const image = combine(images, order[r]);
      let square = 0;
      for (let t = 0; t < n; t++) square += (image[t] - values[order[r]] * kept[r][t]) ** 2;
      residual = Math.max(residual, Math.sqrt(square) / largest);
    }
    yield {
      values: Float64Array.from(order.slice(0, k), (column) => values[column]),
      vectors: kept.slice(0, k).map((v) => v.slice()),
      residual,
    };
    start = kept;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t] * b[t];
  return sum;
}

/** Makes v orthogonal to the basis and of unit norm, in two passes; false if nothing of it remains. */
function orthonormalise(v: Float64Array, basis: readonly Float64Array[]): boolean {
  const before = Math.sqrt(dot(v, v));
  for (let pass = 0; pass < 2; pass++) {
    for (const u of basis) {
      const s = dot(u, v);
      for (let t = 0; t < v.length; t++) v[t] -= s * u[t];
    }
  }
  const length = Math.sqrt(dot(v, v));
  if (!(length > 1e-12 * before)) return false;
  for (let t = 0; t < v.length; t++) v[t] /= length;
  return true;
}
