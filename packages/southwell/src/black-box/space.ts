import {
  checkOption,
  checkOptions,
  fail,
  integerOption,
  type OptionsOf,
  otherOption,
  type Random,
} from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { elementary } from '@southwell/numerics/special';
import { type Categories, type Category, categoriesOf, counted, listedWords, type MixedPoint } from './categories.ts';

const { exp, log } = elementary;

export const spaceRecords = {
  /** Number of coordinates; may be left out where x0, lower or upper is a list. */
  dim: integerOption(
    { min: 1 },
    {
      title: 'Dimensions',
      about: 'number of coordinates',
    },
  ),
  /** Starting point, with category names for categorical coordinates. Default: the centre of the bounds, else 0; the first category. */
  x0: otherOption<ArrayLike<number | string>>('a value for each coordinate'),
  /** Lower bounds, one for all coordinates or one for each. Default: none. Categorical coordinates have −∞ in lists. */
  lower: otherOption<number | ArrayLike<number>>('a number, or one for each coordinate'),
  /** Upper bounds, one for all coordinates or one for each. Default: none. Categorical coordinates have +∞ in lists. */
  upper: otherOption<number | ArrayLike<number>>('a number, or one for each coordinate'),
  /** Whether all coordinates, or those listed, are integers: proposals are rounded. */
  integer: otherOption<boolean | readonly number[]>('true, or coordinates from 0'),
  /**
   * Whether all coordinates, or those listed, are searched on a logarithmic scale, for rates and sizes whose order of
   * magnitude matters. Bounds and x0 are in the original units and above 0; sigma is in units of the logarithm, where 1 is
   * a factor of e.
   */
  log: otherOption<boolean | readonly number[]>('true, or coordinates from 0'),
  /**
   * Categorical coordinates, by index from 0, each with its values, which have no order: `{ 0: ['linear', 'rbf'] }`. f
   * takes the point as a list that contains the values.
   */
  categories: otherOption<Categories>('lists of values by coordinate'),
  /** Initial step size, a standard deviation. Default: 0.3 times the width of the bounds where they are finite, else 1. */
  sigma: otherOption<number | ArrayLike<number>>('a number, or one for each coordinate'),
};

export interface SpaceOptions extends OptionsOf<typeof spaceRecords> {}

/**
 * The search space as methods see it: logarithmic coordinates by their logarithms, which {@link outer} inverts,
 * categorical ones by the indices of their values from 0, which {@link inWords} inverts.
 * @throws for crossed bounds, lists of unequal length and the like.
 */
export class Space {
  readonly dim: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Integer coordinates. */
  readonly integer: readonly number[];
  /** Logarithmic coordinates, and their bounds in original units. */
  readonly log: readonly number[];
  private readonly ends: ReadonlyArray<readonly [lower: number, upper: number]>;
  /** Categorical coordinates; `lower` and `upper` are then their first and last index. */
  readonly categories: readonly Category[];
  /** Whether f takes points as lists: categories were given, if only an empty record. */
  readonly mixed: boolean;
  /** Numeric coordinates. */
  private readonly places: readonly number[];
  readonly start: Float64Array;
  readonly step: Float64Array;
  /** Whether x0 was given. */
  readonly begun: boolean;
  // An integer coordinate may be half a unit beyond its bounds before it is rounded, so that the end values are equally
  // likely.
  private readonly low: Float64Array;
  private readonly high: Float64Array;

  /** @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE. */
  constructor(options: SpaceOptions) {
    checkOptions('Space', spaceRecords, options);
    const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY, integer = false, sigma } = options;
    const lengths = [options.x0, lower, upper, sigma].flatMap((v) => (typeof v === 'object' ? [v.length] : []));
    const n = options.dim ?? lengths[0];
    if (n === undefined)
      fail('INVALID_PARAMETER', 'The number of coordinates is unknown: pass dim, x0 or lists of bounds.');
    checkOption('dim', spaceRecords.dim, n);
    for (const length of lengths) {
      if (length !== n) fail('INVALID_SHAPE', `A list for ${n} coordinates has ${length} numbers.`);
    }
    const list = (v: number | ArrayLike<number>) =>
      typeof v === 'number' ? new Float64Array(n).fill(v) : Float64Array.from(v);
    this.dim = n;
    [this.lower, this.upper] = [list(lower), list(upper)];
    this.mixed = options.categories !== undefined;
    this.categories = categoriesOf(options.categories ?? {}, n);
    const words = new Map(this.categories.map(({ coordinate, words }) => [coordinate, words] as const));
    this.places = Array.from({ length: n }, (_, i) => i).filter((i) => !words.has(i));
    const chosen = (which: boolean | readonly number[]) =>
      which === true ? this.places : which === false ? [] : [...which];
    this.integer = chosen(integer);
    this.log = chosen(options.log ?? false);
    for (const [which, what] of [
      [this.integer, 'integer'],
      [this.log, 'logarithmic'],
    ] as const) {
      const both = which.find((i) => words.has(i));
      if (both !== undefined)
        fail('INVALID_PARAMETER', `${counted(both)} has categories, which have no order: it cannot be ${what}.`);
    }
    for (const [i, { length }] of words) {
      if (
        (typeof lower === 'object' && Number.isFinite(lower[i])) ||
        (typeof upper === 'object' && Number.isFinite(upper[i]))
      )
        fail(
          'INVALID_PARAMETER',
          `${counted(i)} has categories and no bounds: in lists of bounds, pass -Infinity and Infinity for it.`,
        );
      [this.lower[i], this.upper[i]] = [0, length - 1];
    }
    const x0 = options.x0 && Float64Array.from(options.x0 as ArrayLike<number>, (v, i) => placed(v, i, words.get(i)));
    this.ends = this.log.map((i) => [this.lower[i], this.upper[i]]);
    for (const i of this.log) {
      if (!(Number.isInteger(i) && i >= 0 && i < n))
        fail('INVALID_PARAMETER', `log names coordinate ${i}, which does not exist.`);
      if (this.integer.includes(i))
        fail('INVALID_PARAMETER', `Coordinate x${i + 1} (counted from 1) cannot be both integer and logarithmic.`);
      // Without a lower bound any positive number is allowed.
      const least = this.lower[i] === Number.NEGATIVE_INFINITY ? Number.MIN_VALUE : this.lower[i];
      for (const [what, v] of [
        ['lower bound', least],
        ['upper bound', this.upper[i]],
        ['start', x0 ? x0[i] : 1],
      ] as const) {
        if (!(v > 0))
          fail(
            'INVALID_PARAMETER',
            `Coordinate x${i + 1} (counted from 1) is logarithmic: its ${what} must be above 0, but is ${v}.`,
          );
      }
      this.lower[i] = this.lower[i] === Number.NEGATIVE_INFINITY ? this.lower[i] : log(this.lower[i]);
      this.upper[i] = this.upper[i] === Number.POSITIVE_INFINITY ? this.upper[i] : log(this.upper[i]);
      if (x0) x0[i] = log(x0[i]);
    }
    this.low = this.lower.slice();
    this.high = this.upper.slice();
    for (const i of this.integer) {
      if (!(Number.isInteger(i) && i >= 0 && i < n))
        fail('INVALID_PARAMETER', `integer names coordinate ${i}, which does not exist.`);
      this.lower[i] = Math.ceil(this.lower[i]);
      this.upper[i] = Math.floor(this.upper[i]);
      this.low[i] = this.lower[i] - 0.5;
      this.high[i] = this.upper[i] + 0.5;
    }
    this.start = new Float64Array(n);
    this.step = new Float64Array(n);
    const steps = sigma === undefined ? undefined : list(sigma);
    for (let i = 0; i < n; i++) {
      const [l, u] = [this.lower[i], this.upper[i]];
      if (!(l <= u))
        fail('INVALID_PARAMETER', `Coordinate x${i + 1} (counted from 1) has no value between ${l} and ${u}.`);
      if (x0) this.checkInside(i, x0[i], options);
      const finite = Number.isFinite(u - l);
      this.start[i] = x0 ? x0[i] : words.has(i) ? 0 : finite ? l + (u - l) / 2 : Math.min(Math.max(0, l), u);
      if (!Number.isFinite(this.start[i]))
        fail(
          'NON_FINITE',
          `The start is ${this.start[i]} in coordinate x${i + 1} (counted from 1): it must be finite.`,
        );
      this.step[i] = words.has(i) ? 1 : steps ? steps[i] : finite ? 0.3 * (u - l) || 1 : 1;
      if (!(this.step[i] > 0 && Number.isFinite(this.step[i]))) {
        fail('INVALID_PARAMETER', `sigma must be above 0 and finite, but is ${this.step[i]}.`);
      }
    }
    for (const i of this.integer) this.step[i] = Math.max(0.5, this.step[i]);
    this.start = this.feasible(this.start);
    this.begun = x0 !== undefined;
  }

  /** @throws INVALID_PARAMETER for a coordinate of the start outside of its bounds. */
  private checkInside(i: number, value: number, { x0, lower, upper }: SpaceOptions): void {
    if (value >= this.low[i] && value <= this.high[i]) return;
    const [from, to] = [lower, upper].map((bound) => (typeof bound === 'object' ? bound[i] : bound));
    fail(
      'INVALID_PARAMETER',
      `x0 is ${x0![i]} in coordinate x${i + 1} (counted from 1), outside of its bounds, ${from} to ${to}.`,
    );
  }

  /** A copy clipped to the bounds, with integer coordinates rounded. */
  feasible(x: Float64Array): Float64Array {
    const out = x.slice();
    for (const i of this.integer) out[i] = Math.round(out[i]) + 0;
    for (let i = 0; i < this.dim; i++) out[i] = clamp(out[i], this.lower[i], this.upper[i]);
    return out;
  }

  /** Maps a method's point to the objective's scale (inverts logarithms); a copy. */
  outer(x: Float64Array): Float64Array {
    const out = x.slice();
    this.log.forEach((i, k) => {
      const [lower, upper] = this.ends[k];
      // Bounds are returned exactly, whatever the rounding of their logarithms.
      if (x[i] <= this.lower[i]) out[i] = lower;
      else if (x[i] >= this.upper[i]) out[i] = upper;
      else out[i] = clamp(exp(x[i]), lower, upper);
    });
    return out;
  }

  /** A point as the objective sees it, with the values of its categories. */
  inWords(x: Float64Array): MixedPoint {
    const out: Array<number | string> = Array.from(x);
    for (const { coordinate, words } of this.categories) out[coordinate] = words[x[coordinate]];
    return out;
  }

  /** The numeric coordinates as a space of their own; this space itself if there are no categories. */
  get numbers(): Space {
    if (this.categories.length === 0) return this;
    const at = (which: readonly number[]) => which.map((i) => this.places.indexOf(i));
    const part = {
      dim: this.places.length,
      places: this.places.map((_, k) => k),
      integer: at(this.integer),
      log: at(this.log),
      ends: this.ends,
      categories: [],
      begun: this.begun,
    };
    const lists = (['lower', 'upper', 'start', 'step', 'low', 'high'] as const).map((name) => [
      name,
      this.ofNumbers(this[name]),
    ]);
    return Object.assign(Object.create(Space.prototype) as Space, part, Object.fromEntries(lists));
  }

  /** The numeric and the categorical coordinates of a point. */
  ofNumbers(x: Float64Array): Float64Array {
    return Float64Array.from(this.places, (i) => x[i]);
  }

  ofCategories(x: Float64Array): Int32Array {
    return Int32Array.from(this.categories, ({ coordinate }) => x[coordinate]);
  }

  /** The point with these numeric and categorical coordinates. */
  joined(numbers: Float64Array, categories: ArrayLike<number>): Float64Array {
    const x = new Float64Array(this.dim);
    this.places.forEach((i, k) => {
      x[i] = numbers[k];
    });
    this.categories.forEach(({ coordinate }, k) => {
      x[coordinate] = categories[k];
    });
    return x;
  }

  /** Reflects a point at the bounds, in place. */
  reflect(x: Float64Array): Float64Array {
    for (let i = 0; i < this.dim; i++) {
      const [l, u] = [this.low[i], this.high[i]];
      if (x[i] >= l && x[i] <= u) continue;
      const width = u - l;
      if (width === 0) x[i] = l;
      else if (Number.isFinite(width)) {
        const t = (((x[i] - l) % (2 * width)) + 2 * width) % (2 * width);
        x[i] = l + (t > width ? 2 * width - t : t);
      } else x[i] = x[i] < l ? 2 * l - x[i] : 2 * u - x[i];
    }
    return x;
  }

  /** A random point: uniform between finite bounds and over categories, else normal about the start. */
  sample(random: Random): Float64Array {
    const x = new Float64Array(this.dim);
    for (const { coordinate, words } of this.categories) x[coordinate] = random.integer(words.length);
    for (const i of this.places) {
      const width = this.high[i] - this.low[i];
      x[i] = Number.isFinite(width)
        ? this.low[i] + width * random.uniform()
        : this.start[i] + this.step[i] * random.normal();
    }
    return this.reflect(x);
  }
}

/** A coordinate of x0, as the index of its value if it is categorical. */
function placed(v: number | string, i: number, words: readonly string[] | undefined): number {
  if (words) {
    const k = words.indexOf(String(v));
    if (k < 0)
      fail(
        'INVALID_PARAMETER',
        `${counted(i)} starts at '${v}', which is not one of its categories: ${listedWords(words)}.`,
      );
    return k;
  }
  if (typeof v === 'string') fail('INVALID_PARAMETER', `${counted(i)} is a number and cannot start at '${v}'.`);
  return v;
}
