import { fail, knownKeys, type OptionKeys, type Random } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { elementary } from '@southwell/numerics/special';
import { type Categories, type Category, categoriesOf, counted, listedWords, type MixedPoint } from './categories.ts';

const { exp, log } = elementary;

export interface SpaceOptions {
  /** Number of coordinates; may be left out where x0, lower or upper is a list. */
  readonly dim?: number;
  /** Starting point, with category names for categorical coordinates. Default: the centre of the bounds, else 0; the first category. */
  readonly x0?: ArrayLike<number | string>;
  /** Bounds, one for all or one a coordinate; none by default. Categories have none: infinite in lists. */
  readonly lower?: number | ArrayLike<number>;
  readonly upper?: number | ArrayLike<number>;
  /** All coordinates, or those of the list, take whole values: what a method proposes is rounded. */
  readonly integer?: boolean | readonly number[];
  /**
   * All coordinates, or those of the list, are searched by their logarithms: rates and sizes whose order counts. Bounds
   * and x0 stay as they are and are above 0; sigma is in units of the logarithm, where 1 is a factor of e.
   */
  readonly log?: boolean | readonly number[];
  /**
   * Coordinates that are one of several words, without an order, by their number from 0: `{ 0: ['linear', 'rbf'] }`. f
   * takes the point as a list with the words in it.
   */
  readonly categories?: Categories;
  /**
   * How far from x0 to look at first, a standard deviation. Default: 0.3 times the width of the bounds where they are
   * finite, else 1.
   */
  readonly sigma?: number | ArrayLike<number>;
}

export const spaceKeys: OptionKeys<SpaceOptions> = {
  dim: true,
  x0: true,
  lower: true,
  upper: true,
  integer: true,
  log: true,
  categories: true,
  sigma: true,
};

/**
 * Where the coordinates may be, as methods see them: logarithmic ones by their logarithms, which {@link outer} undoes,
 * categorical ones by the numbers of their words from 0, which {@link inWords} undoes.
 * @throws a sentence for bounds that cross, lists of unequal length and the like.
 */
export class Space {
  readonly dim: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Integer coordinates. */
  readonly integer: readonly number[];
  /** Coordinates that are searched by their logarithms, and their bounds as they were given. */
  readonly log: readonly number[];
  private readonly ends: ReadonlyArray<readonly [lower: number, upper: number]>;
  /** Coordinates without an order; `lower` and `upper` are then their first and last number, which are no bounds. */
  readonly categories: readonly Category[];
  /** f takes points as lists: there are categories, be they none. */
  readonly mixed: boolean;
  /** Numeric coordinates. */
  private readonly places: readonly number[];
  readonly start: Float64Array;
  readonly step: Float64Array;
  /** Whether x0 was given. */
  readonly begun: boolean;
  // A whole coordinate may move half a unit beyond its bounds before it is rounded, so that its ends are as likely.
  private readonly low: Float64Array;
  private readonly high: Float64Array;

  /** @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE. */
  constructor(options: SpaceOptions) {
    knownKeys('Space', options, spaceKeys);
    const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY, integer = false, sigma } = options;
    const lengths = [options.x0, lower, upper, sigma].flatMap((v) => (typeof v === 'object' ? [v.length] : []));
    const n = options.dim ?? lengths[0];
    if (n === undefined)
      fail('INVALID_PARAMETER', 'Say how many coordinates there are: give dim, x0 or lists of bounds.');
    if (!(Number.isInteger(n) && n >= 1)) fail('INVALID_PARAMETER', `dim must be a whole number from 1, but is ${n}.`);
    for (const length of lengths) {
      if (length !== n) fail('INVALID_SHAPE', `A list for ${n} coordinates has ${length} numbers.`);
    }
    const list = (v: number | ArrayLike<number>) =>
      typeof v === 'number' ? new Float64Array(n).fill(v) : Float64Array.from(v);
    this.dim = n;
    this.lower = list(lower);
    this.upper = list(upper);
    this.mixed = options.categories !== undefined;
    this.categories = categoriesOf(options.categories ?? {}, n);
    const words = new Map(this.categories.map(({ coordinate, words }) => [coordinate, words] as const));
    this.places = Array.from({ length: n }, (_, i) => i).filter((i) => !words.has(i));
    const chosen = (which: boolean | readonly number[]) =>
      which === true ? this.places : which === false ? [] : [...which];
    this.integer = chosen(integer);
    this.log = chosen(options.log ?? false);
    for (const [which, what] of [
      [this.integer, 'whole'],
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
          `${counted(i)} has categories and no bounds: in lists of bounds, give -Infinity and Infinity in its place.`,
        );
      [this.lower[i], this.upper[i]] = [0, length - 1];
    }
    const x0 = options.x0 && Float64Array.from(options.x0 as ArrayLike<number>, (v, i) => placed(v, i, words.get(i)));
    this.ends = this.log.map((i) => [this.lower[i], this.upper[i]]);
    for (const i of this.log) {
      if (!(Number.isInteger(i) && i >= 0 && i < n))
        fail('INVALID_PARAMETER', `There is no coordinate ${i} to be logarithmic.`);
      if (this.integer.includes(i))
        fail('INVALID_PARAMETER', `Coordinate x${i + 1} (counted from 1) cannot be both whole and logarithmic.`);
      // Without a lower bound anything above 0 is meant.
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
        fail('INVALID_PARAMETER', `There is no coordinate ${i} to be whole.`);
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
        fail('INVALID_PARAMETER', `Coordinate x${i + 1} (counted from 1) has no room between ${l} and ${u}.`);
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
      // Bounds exactly, whatever the rounding of their logarithms.
      if (x[i] <= this.lower[i]) out[i] = lower;
      else if (x[i] >= this.upper[i]) out[i] = upper;
      else out[i] = clamp(exp(x[i]), lower, upper);
    });
    return out;
  }

  /** A point as the objective sees it, with the words of its categories. */
  inWords(x: Float64Array): MixedPoint {
    const out: Array<number | string> = Array.from(x);
    for (const { coordinate, words } of this.categories) out[coordinate] = words[x[coordinate]];
    return out;
  }

  /** The coordinates that are numbers as a space of their own: this one where there are no categories. */
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

  /** Of a point, the coordinates that are numbers, and those that are not. */
  ofNumbers(x: Float64Array): Float64Array {
    return Float64Array.from(this.places, (i) => x[i]);
  }

  ofCategories(x: Float64Array): Int32Array {
    return Int32Array.from(this.categories, ({ coordinate }) => x[coordinate]);
  }

  /** The point of these numbers and these categories. */
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

/** A coordinate of x0, by the number of its word where it has categories. */
function placed(v: number | string, i: number, words: readonly string[] | undefined): number {
  if (words) {
    const k = words.indexOf(String(v));
    if (k < 0)
      fail(
        'INVALID_PARAMETER',
        `${counted(i)} starts at '${v}', which is none of its categories: ${listedWords(words)}.`,
      );
    return k;
  }
  if (typeof v === 'string') fail('INVALID_PARAMETER', `${counted(i)} is a number and cannot start at '${v}'.`);
  return v;
}
