import { DenseMatrix } from '@southwell/numerics/arrays';
import { checkOptions, fail, Random } from '@southwell/numerics/core';
import { multiModeProduct, type Tensor } from 'southwell/tensors';
import { fromSamples, PROBES } from './chebTucker.ts';
import { chebyshevPoints, type Interval, placeIn } from './chebyshev.ts';
import { AXES, type Box, type ChebyshevTucker, checkDomain } from './chebyshevModel.ts';
import { type ChebyshevTuckerOptions, chebyshevRecords, settingsOf } from './chebyshevOptions.ts';
import { SplineGrid } from './spline.ts';

/** An axis of a grid. */
interface GridAxis {
  readonly places: Float64Array;
  readonly spline: SplineGrid;
  /** Indices of the points in the domain, which are compared. */
  readonly inside: Int32Array;
}

/** A domain may extend beyond its grid by one step, and this fraction of it. */
const ROUNDING = 1e-6;

/**
 * Values on a grid as a Tucker core over Chebyshev series: a tricubic spline is sampled at Chebyshev points, then as
 * {@link chebTucker}. Between grid points the accuracy is that of the spline, of fourth order in their distance. The
 * domain may extend beyond the grid by up to one step at each end, as for cells whose centres are the grid points.
 * O(values·degree).
 *
 * @param grids Ascending points of each axis.
 * @example chebTuckerFromTensor(values, [xs, ys, zs], { tol: 1e-6 }).at(0.5, 0.1, 0.2);
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER; NON_FINITE with the position of such a value.
 */
export function chebTuckerFromTensor(
  values: Tensor,
  grids: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
  options: ChebyshevTuckerOptions = {},
): ChebyshevTucker {
  checkOptions('chebTuckerFromTensor', chebyshevRecords, options);
  if (values.order !== 3) {
    fail('INVALID_SHAPE', `Values on a grid of x, y and z must be a tensor of three modes, not ${values.order}.`);
  }
  const strange = values.data.findIndex((v) => !Number.isFinite(v));
  if (strange >= 0) {
    const at = values.strides.map((stride, k) => (Math.floor(strange / stride) % values.shape[k]) + 1);
    fail('NON_FINITE', `The tensor has ${values.data[strange]} at (${at.join(', ')}), counted from 1: correct it.`);
  }
  const { axes, domain } = gridsOf(grids, values.shape, options.domain);
  const settings = settingsOf(options, 128, domain);
  const random = new Random(37);
  return fromSamples(
    (degrees) =>
      multiModeProduct(
        values,
        degrees.map((d, k) => splineMatrix(axes[k], chebyshevPoints(d + 1, settings.domain[k]))),
      ),
    () => {
      const chosen = Array.from({ length: PROBES }, () =>
        axes.map(({ inside }) => inside[random.integer(inside.length)]),
      );
      return {
        points: chosen.map((at) => at.map((i, k) => axes[k].places[i])),
        values: Float64Array.from(chosen, (at) => values.at(at)),
      };
    },
    settings,
  );
}

/** The matrix that maps values at grid points to values of the spline at points, a row for each point. */
function splineMatrix({ places, spline }: GridAxis, points: Float64Array): DenseMatrix {
  const n = places.length;
  const units = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) units.set(i, i, 1);
  return spline.resample(units, points);
}

/**
 * Checked axes of a grid, and the domain: the range of the grid, or a given box that extends at most one step beyond
 * it.
 */
export interface Grid {
  readonly axes: readonly GridAxis[];
  readonly domain: Box;
}

/** @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE. */
export function gridsOf(
  grids: ReadonlyArray<ArrayLike<number>>,
  shape: readonly number[],
  given: Box | undefined,
): Grid {
  if (grids?.length !== 3 || shape.length !== 3) {
    fail('INVALID_SHAPE', 'A grid of x, y and z has three lists of places, one for each axis.');
  }
  if (given) checkDomain(given);
  const axes = grids.map((grid, k) => {
    if (grid.length !== shape[k]) {
      fail('INVALID_SHAPE', `There are ${shape[k]} values along ${AXES[k]}, but ${grid.length} grid points.`);
    }
    const spline = new SplineGrid(grid, `The places along ${AXES[k]}`);
    const places = Float64Array.from(grid);
    const interval = given?.[k] ?? wholeOf(places, k);
    return { places, spline, interval, inside: insideOf(places, interval, k) };
  });
  const [x, y, z] = axes;
  return { axes, domain: [x.interval, y.interval, z.interval] };
}

function wholeOf(places: Float64Array, axis: number): Interval {
  if (places.length === 1) {
    fail('INVALID_PARAMETER', `There is only one grid point along ${AXES[axis]}, ${places[0]}: give a domain.`);
  }
  return [places[0], places[places.length - 1]];
}

/** The grid points in an interval, which extends at most one step beyond them. */
function insideOf(places: Float64Array, interval: Interval, axis: number): Int32Array {
  const last = places.length - 1;
  // A single point has no step.
  const [before, after] =
    last > 0
      ? [places[1] - places[0], places[last] - places[last - 1]]
      : [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const [least, most] = [places[0] - before * (1 + ROUNDING), places[last] + after * (1 + ROUNDING)];
  if (interval[0] < least || interval[1] > most) {
    fail(
      'INVALID_PARAMETER',
      `The domain along ${AXES[axis]}, ${interval[0]} to ${interval[1]}, extends more than one step beyond the grid, ${places[0]} to ${places[last]}: a spline is not reliable there.`,
    );
  }
  const inside = Int32Array.from(places.keys()).filter((i) => placeIn(places[i], interval) !== undefined);
  if (inside.length === 0) {
    fail(
      'INVALID_PARAMETER',
      `No grid point along ${AXES[axis]} lies in the domain, ${interval[0]} to ${interval[1]}.`,
    );
  }
  return inside;
}
