import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOptions, fail, flagOption, type OptionsOf, Random } from '@southwell/numerics/core';
import { CpModel } from 'southwell/tensors';
import { fromSamples, PROBES, resolvedOf, triple } from './chebTucker.ts';
import { chebyshevPoints, type Interval, transformColumns } from './chebyshev.ts';
import { AXES, ChebyshevTucker, frobenius } from './chebyshevModel.ts';
import {
  compared,
  formRecords,
  nextDegrees,
  type Probes,
  type Settings,
  SLACK,
  settingsOf,
  soundTol,
  tailOf,
  UNIT_BOX,
} from './chebyshevOptions.ts';
import { gridsOf } from './grids.ts';
import { factorsOf, normalised, rhosvd, weightsOf } from './rhosvd.ts';

/** weight·u(x)·v(y)·w(z). */
export interface SeparableTerm {
  /** Default 1. */
  readonly weight?: number;
  readonly factors: readonly [(x: number) => number, (y: number) => number, (z: number) => number];
}

/** A sum of R products of values on grids: Σ_k weights[k]·factors[0][i, k]·factors[1][j, k]·factors[2][l, k]. */
export interface GridSum {
  /** Default 1 each. */
  readonly weights?: ArrayLike<number>;
  /** For each axis, a matrix with a row for each grid point and a column for each term. */
  readonly factors: readonly [MatrixLike, MatrixLike, MatrixLike];
  /** For each axis, ascending grid points. */
  readonly grids: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];
}

const gridSumRecords = {
  ...formRecords,
  /** Never form the array of all Chebyshev points. Default true. */
  reduced: flagOption(),
};

export interface GridSumOptions extends OptionsOf<typeof gridSumRecords> {}

/** The data of a sum of products. */
interface Sum {
  readonly weights: Float64Array;
  /** Values of the terms' functions of an axis at points, a column for each term. */
  readonly sample: (axis: number, places: Float64Array) => DenseMatrix;
  readonly probe: () => Probes;
}

/** Maximum degree by default, since no cost grows faster than linearly in the degree. */
const MOST_DEGREE = 512;

/**
 * A sum of products of univariate functions as a Tucker core over Chebyshev series: each function is sampled at
 * Chebyshev points, followed by the {@link rhosvd} of their coefficients, so that no three-dimensional array is formed.
 * `tol` is relative to the largest term or the sum, whichever is smaller: `recompress` then reduces the ranks to those
 * of the sum. O(degree·R·min(degree, R) + R·rank³) for R terms.
 *
 * @example chebTuckerFromSeparable([{ factors: [Math.exp, Math.cos, (z) => z] }]).at(0, 0, 0.5);
 * @throws EMPTY, INVALID_PARAMETER; NON_FINITE with the point where a function is not finite.
 */
export function chebTuckerFromSeparable(
  terms: readonly SeparableTerm[],
  options: OptionsOf<typeof formRecords> = {},
): ChebyshevTucker {
  checkOptions('chebTuckerFromSeparable', formRecords, options);
  const settings = settingsOf(options, MOST_DEGREE, UNIT_BOX);
  if (terms.length === 0) fail('EMPTY', 'A sum of products needs at least one term.');
  const weights = weightsOf(
    terms.map(({ weight = 1 }) => weight),
    terms.length,
  );
  const sample = (axis: number, places: Float64Array): DenseMatrix => {
    const out = DenseMatrix.create(places.length, terms.length, { fill: false });
    for (const [k, { factors }] of terms.entries()) {
      const column = out.column(k);
      const f = factors[axis];
      for (let i = 0; i < places.length; i++) {
        column[i] = f(places[i]);
        if (Number.isFinite(column[i])) continue;
        fail(
          'NON_FINITE',
          `Term ${k + 1} is ${column[i]} at ${AXES[axis]} = ${places[i]}: it must be finite on its domain.`,
        );
      }
    }
    return out;
  };
  const probe = (): Probes => {
    const random = new Random(37);
    const points = Array.from({ length: PROBES }, () =>
      settings.domain.map(([low, high]) => low + (high - low) * random.uniform()),
    );
    const values = [0, 1, 2].map((axis) =>
      sample(
        axis,
        Float64Array.from(points, (point) => point[axis]),
      ),
    );
    return { points, values: summed(weights, values, PROBES) };
  };
  return fromSum({ weights, sample, probe }, settings);
}

/**
 * A canonical tensor of values on grids as a Tucker core over Chebyshev series: cubic splines through each column are
 * sampled at Chebyshev points, then as {@link chebTuckerFromSeparable}; the full array is never formed. Between grid
 * points the accuracy is that of the splines. With `reduced: false` the array of values at all Chebyshev points is
 * formed, as a check. O(n·R) for the splines.
 *
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE.
 */
export function chebTuckerFromCP(
  { weights: given, factors, grids }: GridSum,
  options: GridSumOptions = {},
): ChebyshevTucker {
  checkOptions('chebTuckerFromCP', gridSumRecords, options);
  const { reduced = true, ...rest } = options;
  const matrices = factorsOf(factors);
  const R = matrices[0].cols;
  const weights = weightsOf(given, R);
  const shape = matrices.map(({ rows }) => rows);
  const { axes, domain } = gridsOf(grids, shape, options.domain);
  const settings = settingsOf(rest, reduced ? MOST_DEGREE : 128, domain);
  const sample = (axis: number, places: Float64Array) => axes[axis].spline.resample(matrices[axis], places);
  const probe = (): Probes => {
    const random = new Random(37);
    const chosen = Array.from({ length: PROBES }, () =>
      axes.map(({ inside }) => inside[random.integer(inside.length)]),
    );
    const rows = matrices.map((matrix, axis) => {
      const out = DenseMatrix.create(PROBES, R, { fill: false });
      for (let k = 0; k < R; k++) {
        for (let i = 0; i < PROBES; i++) out.set(i, k, matrix.get(chosen[i][axis], k));
      }
      return out;
    });
    const points = chosen.map((at) => at.map((i, axis) => axes[axis].places[i]));
    return { points, values: summed(weights, rows, PROBES) };
  };
  if (reduced) return fromSum({ weights, sample, probe }, settings);
  return fromSamples(
    (degrees) => {
      const columns = degrees.map((d, axis) => sample(axis, chebyshevPoints(d + 1, settings.domain[axis])));
      return new CpModel({ weights, factors: columns }).reconstruct();
    },
    probe,
    settings,
  );
}

/** Σ_k weights[k] · the product of the k-th columns of all matrices, in each of n rows. */
function summed(weights: Float64Array, columns: readonly DenseMatrix[], n: number): Float64Array {
  const out = new Float64Array(n);
  const [u, v, w] = columns.map(({ data }) => data);
  for (let k = 0; k < weights.length; k++) {
    for (let i = 0, at = k * n; i < n; i++, at++) out[i] += weights[k] * u[at] * v[at] * w[at];
  }
  return out;
}

function fromSum({ weights, sample, probe }: Sum, settings: Settings): ChebyshevTucker {
  const tol = soundTol(settings.tol);
  const { domain, absolute, ranks } = settings;
  const coefficientsAt = (axis: number, degree: number): DenseMatrix => {
    const out = sample(axis, chebyshevPoints(degree + 1, domain[axis] as Interval));
    transformColumns(out);
    return out;
  };
  let degrees = settings.degrees;
  let columns = degrees.map((d, axis) => coefficientsAt(axis, d));
  const grow = (next: readonly number[]): void => {
    columns = next.map((d, axis) => (d === degrees[axis] ? columns[axis] : coefficientsAt(axis, d)));
    degrees = next;
  };
  let probes: Probes | undefined;
  for (;;) {
    const { columns: units, sizes } = normalised(columns, weights);
    if (!sizes.every(Number.isFinite)) fail('NON_FINITE', 'A term is too large for numbers.');
    const largest = sizes.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
    const tails = units.map((matrix) => tailOfTerms(matrix, sizes));
    const low = tails.map((tail) => tail > tol * (absolute ? 1 : largest));
    const next = nextDegrees(degrees, low, settings);
    if (next) {
      grow(next);
      continue;
    }
    const found = rhosvd({ weights, factors: columns }, { tol: settings.tol, absolute, ...(ranks && { ranks }) });
    const norm = frobenius(found.core.data);
    const form = new ChebyshevTucker({ domain, core: found.core, coefficients: found.factors });
    probes ??= probe();
    const { off, scale } = compared(form, probes);
    const limit = absolute ? 1 : scale;
    const wrong = off > SLACK * tol * limit;
    const more = wrong ? nextDegrees(degrees, [true, true, true], settings) : undefined;
    if (more) {
      grow(more);
      continue;
    }
    // Terms may cancel, so that the norm of the sum matters.
    const above = tails.map((tail) => tail > tol * (absolute ? 1 : Math.min(largest, norm)));
    return new ChebyshevTucker({
      ...form,
      resolution: {
        tol: settings.tol,
        tails: triple(tails.map((tail) => (norm > 0 ? tail / norm : 0))),
        resolved: resolvedOf(above, { agrees: off <= tol * limit, wrong }, settings),
        error: { truncation: frobenius(tails), compression: found.lost, sampled: off },
      },
    });
  }
}

/** The norm of the trailing coefficients of all terms, treated as orthogonal. */
function tailOfTerms({ rows: m, cols, data }: DenseMatrix, sizes: Float64Array): number {
  const from = m - tailOf(m);
  const tails = Float64Array.from({ length: cols }, (_, k) => {
    let sum = 0;
    for (let j = from; j < m; j++) sum += data[k * m + j] ** 2;
    return sizes[k] * Math.sqrt(sum);
  });
  return frobenius(tails);
}
