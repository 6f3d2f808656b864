import { fail } from '../core/index.ts';
import { choleskyInPlace, symmetricEigen } from '../linalg/index.ts';
import { type Eigenspace, leadingEigenspaceSteps } from './eigenspace.ts';

/** Leading solutions of A u = λ B u: λ descending, with one vector each, normalised to uᵀBu = 1. */
export interface GeneralisedEigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
  /**
   * Residual of the leading eigenspace of the equivalent symmetric problem, as in {@link Eigenspace}; 0 (up to
   * rounding) if all eigenvalues were computed.
   */
  readonly residual: number;
}

/** Size up to which computing all eigenvalues is cheap. */
const SMALL = 120;

/**
 * The k largest generalised eigenvalues of symmetric n × n matrices, B positive definite, both row-major: the Cholesky
 * factor of B, then the symmetric problem L⁻¹AL⁻ᵀ, solved completely if n is small, otherwise for its leading
 * eigenspace by {@link settle}. O(n³).
 * @throws SINGULAR if B is not positive definite.
 */
export function generalisedEigen(A: Float64Array, B: Float64Array, n: number, k: number): GeneralisedEigen {
  return ended(generalisedEigenSteps(A, B, n, k));
}

/**
 * Like {@link generalisedEigen}, yielding after every piece of O(n²) work or cycle of the eigenspace.
 * @throws SINGULAR.
 */
export function* generalisedEigenSteps(
  A: Float64Array,
  B: Float64Array,
  n: number,
  k: number,
): Generator<void, GeneralisedEigen, undefined> {
  const L = B.slice();
  for (let i = 0; i < n; i++) {
    if (!choleskyInPlace(L, n, 0, i, i + 1)) {
      fail(
        'SINGULAR',
        'The variance within the views is not positive definite; drop constant columns or give a ridge.',
      );
    }
    yield;
  }
  const forward = (x: Float64Array) => {
    for (let i = 0; i < n; i++) {
      let sum = x[i];
      for (let t = 0; t < i; t++) sum -= L[i * n + t] * x[t];
      x[i] = sum / L[i * n + i];
    }
  };
  const backward = (x: Float64Array) => {
    for (let i = n - 1; i >= 0; i--) {
      x[i] /= L[i * n + i];
      for (let t = 0; t < i; t++) x[t] -= L[i * n + t] * x[i];
    }
  };
  // C = L⁻¹AL⁻ᵀ: first the rows, then, as A is symmetric, the rows of the transpose.
  const C = new Float64Array(n * n);
  for (let pass = 0; pass < 2; pass++) {
    const from = pass === 0 ? A : C.slice();
    for (let i = 0; i < n; i++) {
      const row = Float64Array.from({ length: n }, (_, j) => from[j * n + i]);
      forward(row);
      C.set(row, i * n);
      yield;
    }
  }
  let found: GeneralisedEigen;
  if (n <= SMALL) {
    const { values, vectors } = symmetricEigen(C, n);
    const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
    found = {
      values: Float64Array.from(order.slice(0, k), (c) => values[c]),
      vectors: order.slice(0, k).map((c) => Float64Array.from({ length: n }, (_, i) => vectors[i * n + c])),
      residual: 0,
    };
  } else {
    found = yield* settle(
      leadingEigenspaceSteps(
        (v, out) => {
          for (let i = 0; i < n; i++) {
            let sum = 0;
            for (let t = 0; t < n; t++) sum += C[i * n + t] * v[t];
            out[i] = sum;
          }
        },
        n,
        k,
      ),
    );
  }
  for (const v of found.vectors) backward(v);
  return found;
}

/** The residual at which `settle` stops. */
export const SETTLED = 1e-11;

/** Runs cycles until the residual is 1e-11, at most 500; the residual of the result tells which. */
export function* settle(steps: ReturnType<typeof leadingEigenspaceSteps>): Generator<void, Eigenspace, undefined> {
  for (let cycles = 0; ; ) {
    const { value } = steps.next();
    if (value && (!(value.residual > SETTLED) || ++cycles === 500)) return value;
    yield;
  }
}

/** The return value of a generator run to its end. */
export function ended<R>(steps: Generator<unknown, R, undefined>): R {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
