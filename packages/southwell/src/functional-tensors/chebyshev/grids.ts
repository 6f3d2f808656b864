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
  /** Places that are compared: those in the domain. */
  readonly inside: Int32Array;
}

/** A domain may go a step beyond its grid, and this share of it. */
const ROUNDING = 1e-6;

/**
 * Values on a grid as a Tucker core over Chebyshev series: a tricubic spline at Chebyshev points, and from there as {@link chebTucker}. Between
 * the places it is as good as the spline, whose error falls as the fourth power of their distance. The domain may go beyond the grid by up to one step
 * at each end, as that of cells does whose middles are the places. O(values·degree).
 *
 * @param grids Of each axis, rising places.
 * @example chebTuckerFromTensor(values, [xs, ys, zs], { tol: 1e-6 }).at(0.5, 0.1, 0.2);
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER; NON_FINITE with the place of such a value.
 */
export function chebTuckerFromTensor(
  values: Tensor,
  grids: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
  options: ChebyshevTuckerOptions = {},
): ChebyshevTucker {
  checkOptions('chebTuckerFromTensor', chebyshevRecords, options);
  if (values.order !== 3) {
    fail('INVALID_SHAPE', `Values on a grid of x, y and z are a tensor of three modes, not of ${values.order}.`);
  }
  const strange = values.data.findIndex((v) => !Number.isFinite(v));
  if (strange >= 0) {
    const at = values.strides.map((stride, k) => (Math.floor(strange / stride) % values.shape[k]) + 1);
    fail('NON_FINITE', `The tensor holds ${values.data[strange]} at (${at.join(', ')}), counted from 1: correct it.`);
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

/** Values at points from those at the places, a row a point. */
function splineMatrix({ places, spline }: GridAxis, points: Float64Array): DenseMatrix {
  const n = places.length;
  const units = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) units.set(i, i, 1);
  return spline.resample(units, points);
}

/** Checked axes of a grid, and the box: as far as they go, or one that is given and goes at most a step beyond them. */
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
      fail('INVALID_SHAPE', `There are ${shape[k]} values along ${AXES[k]}, but ${grid.length} places.`);
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
    fail(
      'INVALID_PARAMETER',
      `There is one place along ${AXES[axis]}, ${places[0]}: give a domain, which has a width.`,
    );
  }
  return [places[0], places[places.length - 1]];
}

/** The places that lie in an interval, which goes at most a step beyond them. */
function insideOf(places: Float64Array, interval: Interval, axis: number): Int32Array {
  const last = places.length - 1;
  // Of one place nothing is known of how far it speaks for.
  const [before, after] =
    last > 0
      ? [places[1] - places[0], places[last] - places[last - 1]]
      : [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const [least, most] = [places[0] - before * (1 + ROUNDING), places[last] + after * (1 + ROUNDING)];
  if (interval[0] < least || interval[1] > most) {
    fail(
      'INVALID_PARAMETER',
      `The domain along ${AXES[axis]}, ${interval[0]} to ${interval[1]}, goes more than a step beyond the places, ${places[0]} to ${places[last]}: a spline says nothing there.`,
    );
  }
  const inside = Int32Array.from(places.keys()).filter((i) => placeIn(places[i], interval) !== undefined);
  if (inside.length === 0) {
    fail('INVALID_PARAMETER', `No place along ${AXES[axis]} lies in the domain, ${interval[0]} to ${interval[1]}.`);
  }
  return inside;
}
