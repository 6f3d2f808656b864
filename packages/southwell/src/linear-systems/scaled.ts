import type { CscMatrix } from '@southwell/numerics/arrays';
import type { SolverOptions } from '@southwell/numerics/iterative';
import { elementary } from '@southwell/numerics/special';
import type { Determinant, Factor, Prepared, Scaling } from './solver.ts';

/**
 * Rows or columns whose sizes differ by more than this factor are scaled from the beginning: a residual that is small
 * beside all of b says nothing about small rows.
 */
export const UNEVEN = 1e6;

/** Scales within this factor of each other change a condition number too little to matter. */
const SIMILAR = 16;

/** Whether rows or columns of a matrix differ enough in size for scales to change whether it counts as singular. */
export const matters = ({ rows, cols }: Scaling): boolean =>
  [rows, cols].some((scales) => {
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (const v of scales) {
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
    return most > SIMILAR * least;
  });

/** What is scaled. */
export type Scaled = 'rows' | 'columns' | 'rows and columns';

export function scaledBy(scaling: Scaling): Scaled {
  const [rows, columns] = [scaling.rows, scaling.cols].map((scales) => scales.some((v) => v !== 1));
  return rows && columns ? 'rows and columns' : rows ? 'rows' : 'columns';
}

/** Solves Ax = b by a solver of RAC: x = Cy, where RACy = Rb. @param matrix RAC, if the solver still needs it. */
export function scaledSolver(prepared: Prepared, scaling: Scaling, matrix?: CscMatrix): Prepared {
  const { rows, cols } = scaling;
  const { factor, determinant, plain, rank, entries, weighted } = prepared;
  return {
    ...{ rank, entries, scaling: { rows, cols }, weighted },
    solve(b, { x0, onIterate, ...options }: SolverOptions) {
      const solved = prepared.solve(times(b, rows), {
        ...options,
        ...(x0 && { x0: Float64Array.from(x0, (v, j) => v / cols[j]) }),
        ...(onIterate && {
          // Certificates are computed when they are read.
          onIterate: (iterate) =>
            onIterate(Object.create(iterate, { snapshot: { value: () => times(iterate.snapshot(), cols) } })),
        }),
      });
      return { ...solved, x: times(solved.x, cols) };
    },
    ...(factor && { factor: scaledFactor(factor, scaling) }),
    ...(determinant && { determinant: () => scaledDeterminant(determinant(), scaling) }),
    ...(plain && { plain }),
    free() {
      prepared.free();
      matrix?.free();
    },
  };
}

/** The largest |b − Ax|ᵢ/(|A||x| + |b|)ᵢ: equations with small coefficients count as much as others. */
export function residualByRows({ cols, colPointers, rowIndices, values }: CscMatrix, x: Float64Array, b: Float64Array) {
  const [r, size] = [b.slice(), b.map(Math.abs)];
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const term = values[k] * x[j];
      r[rowIndices[k]] -= term;
      size[rowIndices[k]] += Math.abs(term);
    }
  }
  return r.reduce((most, v, i) => (v === 0 ? most : Math.max(most, Math.abs(v) / size[i])), 0);
}

const times = (v: ArrayLike<number>, scales: Float64Array): Float64Array =>
  Float64Array.from(v, (x, i) => x * scales[i]);

function scaledFactor(factor: Factor, { rows, cols }: Scaling): Factor {
  return {
    ...{ n: factor.n, oneNorm: factor.oneNorm },
    solve: (b) => times(factor.solve(times(b, rows)), cols),
    solveTransposed: (b) => times(factor.solveTransposed(times(b, cols)), rows),
    reciprocalCondition: () => factor.reciprocalCondition(),
    // Signs of eigenvalues do not change if rows and columns are scaled alike (Sylvester's law).
    ...(factor.inertia && { inertia: (options: { readonly certain: true }) => factor.inertia!(options) }),
  };
}

function scaledDeterminant(determinant: Determinant, { rows, cols }: Scaling): Determinant {
  let exponent = 0;
  for (const scales of [rows, cols]) for (const v of scales) exponent -= Math.log2(v);
  const log = determinant.log + exponent * Math.LN2;
  return { sign: determinant.sign, log, value: determinant.sign * elementary.exp(log) };
}
