import { estimate, type Statistic } from './interval.ts';
import type { Size } from './size.ts';

/**
 * Bars as data. A claim's measures contain all limits: both the text for readers and the check that gives a verdict are
 * derived from them.
 */

/** In the order in which the sides of one measure are checked and printed. */
export const comparisons = ['≥', '>', '≤', '<'] as const;
export type Comparison = (typeof comparisons)[number];

/** A limit relative to a measured reference, `times · reference + plus` (1 and 0 if absent). */
export interface RelativeLimit {
  /** The reference, in words that follow the comparison. */
  readonly of: string;
  readonly times?: number;
  readonly plus?: number;
}

export type Limit = number | RelativeLimit;

/** One limit for both sizes, or one per size; if a size is absent, nothing is required at it. */
export type Bar = Limit | { readonly quick?: Limit; readonly full?: Limit };

/** A quantity, and the bars that its values must meet: one, or two for an interval. */
export type Measure = { readonly [C in Comparison]?: Bar } & {
  /**
   * In words. If it has a part in braces, a run gives a list of values, each with a label that replaces that part, and
   * all must meet the bars.
   */
  readonly quantity: string;
  /** It is shown but decides nothing: a null meets it, too. */
  readonly check?: true;
  /**
   * The run gives the values of independent draws, and this statistic of them is measured: it meets a bar if its whole
   * confidence interval does, misses it if none of it does, and is undecided otherwise. A `share` is the fraction of
   * draws that satisfy `count`.
   */
  readonly over?: Statistic;
  /** The run gives a list, and the number or fraction of its values that satisfy this limit is measured. */
  readonly count?: { readonly [C in Comparison]?: number } & {
    /** What they are, in the plural. */ readonly of: string;
  };
};

/** One value compared with its bar. */
export interface Measurement {
  /** The name of the measure; absent in results that were stored before it was recorded. */
  readonly measure?: string;
  readonly quantity: string;
  readonly value: number;
  readonly bar: string;
  /** Whether the value meets the bar; for a statistic of draws, see `undecided` too. */
  readonly ok: boolean;
  /** Set if the measure decides nothing. */
  readonly check?: true;
  /** The uncertainty of a statistic of draws. */
  readonly spread?: Spread;
}

export interface Spread {
  readonly draws: number;
  /**
   * A confidence interval of the true statistic, at 95 % simultaneously over all looks; infinite if there are too few
   * draws.
   */
  readonly interval: readonly [low: number, high: number];
  /** Whether the interval contains the bar. */
  readonly undecided: boolean;
  /** Estimated number of draws that would settle it. */
  readonly needs?: number;
}

/** A value with a label or a reference. */
export interface Sample {
  readonly value: number;
  /** Replaces the braces of the quantity. */
  readonly label?: string | number;
  /** The value to which a limit is relative. */
  readonly reference?: number;
}

/** The values of independent draws. */
export interface Draws {
  readonly draws: ReadonlyArray<number | Omit<Sample, 'label'>>;
  /** Replaces the braces of the quantity. */
  readonly label?: string | number;
}

export type MeasuredValue = number | Sample | readonly Sample[] | readonly number[] | Draws | readonly Draws[];

const BRACES = /\{([^{}]*)\}/;

const meets: Readonly<Record<Comparison, (value: number, limit: number) => boolean>> = {
  '≥': (value, limit) => value >= limit,
  '>': (value, limit) => value > limit,
  '≤': (value, limit) => value <= limit,
  '<': (value, limit) => value < limit,
};

/** The sides of a measure at a size; none if it is not required there. */
export function sidesOf(measure: Measure, size: Size): Array<{ readonly is: Comparison; readonly limit: Limit }> {
  return comparisons.flatMap((is) => {
    const bar = measure[is];
    if (bar === undefined) return [];
    const limit = typeof bar === 'number' || 'of' in bar ? bar : bar[size];
    return limit === undefined ? [] : [{ is, limit }];
  });
}

/** Whether the measure decides claims at a size. */
export const decides = (of: Measure, size: Size): boolean => !of.check && sidesOf(of, size).length > 0;

/**
 * Compares the values of a measure with its bars at a size, giving one measurement per value and side. Throws a
 * sentence if the values do not match the measure. `looks` is the number of times that draws may be examined: the
 * intervals are widened accordingly (Bonferroni).
 */
export function measure(
  name: string,
  of: Measure,
  size: Size,
  given: MeasuredValue | undefined,
  looks = 1,
): Measurement[] {
  const found = measurements(name, of, size, given, looks);
  return found.map((m) => ({ measure: name, ...m, ...(of.check && { check: true as const }) }));
}

function measurements(
  name: string,
  of: Measure,
  size: Size,
  given: MeasuredValue | undefined,
  looks: number,
): Measurement[] {
  const sides = sidesOf(of, size);
  if (sides.length === 0) {
    if (given === undefined) return [];
    throw new RangeError(`"${name}" is not measured at ${size} size: its record has no bar there.`);
  }
  if (given === undefined) throw new RangeError(`The value of "${name}" is missing: its record has a bar at ${size}.`);
  const { over } = of;
  if (over !== undefined) {
    return groupsOf(name, of, given).flatMap((group) =>
      sides.map((side) => overDraws(name, { ...of, over }, group, side, 1 - 0.05 / looks)),
    );
  }
  return samplesOf(name, of, given).flatMap(({ quantity, value, reference }) =>
    sides.map(({ is, limit }) => {
      const bound = boundOf(name, limit, reference);
      const told = typeof limit === 'number' ? '' : `, ${limitText(limit)}`;
      return { quantity, value, bar: `${is} ${numberText(bound)}${told}`, ok: meets[is](value, bound) };
    }),
  );
}

interface Group {
  readonly quantity: string;
  readonly draws: readonly Sample[];
}

function groupsOf(name: string, of: Measure, given: MeasuredValue): Group[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const groups = list.filter((one): one is Draws => typeof one === 'object' && one !== null && 'draws' in one);
  if (groups.length !== list.length) throw new RangeError(`"${name}" takes the values of draws.`);
  return groups.map(({ draws, label }) => {
    if (draws.length === 0) throw new RangeError(`"${name}" was given no value.`);
    return {
      quantity: `${labelled(name, of, label)}, ${overText(of, draws.length)}`,
      draws: draws.map((one) => (typeof one === 'number' ? { value: one } : one)),
    };
  });
}

const overText = ({ over, count }: Measure, draws: number): string =>
  `${over} of ${draws} ${count ? `${count.of} ${countText(count)}` : 'draws'}`;

type OneSide = ReturnType<typeof sidesOf>[number];

/** Compares a statistic of draws with one side of its bar. */
function overDraws(
  name: string,
  of: Measure & { readonly over: Statistic },
  { quantity, draws }: Group,
  { is, limit }: OneSide,
  level: number,
): Measurement {
  const values = draws.map((d) => (of.count ? Number(counts(of.count, d.value)) : d.value));
  const bounds = draws.map((d) => boundOf(name, limit, d.reference));
  const { value } = estimate(of.over, values, level);
  // Draws are paired with their own limits, so that common variation cancels.
  const apart = typeof limit === 'number' ? 0 : 1;
  if (apart && of.over === 'geometric mean') {
    throw new RangeError(`"${name}" is a geometric mean, whose limits are numbers: give it ratios.`);
  }
  const bound = apart ? estimate(of.over, bounds, level).value : bounds[0];
  const { low, high } = estimate(of.over, apart ? values.map((v, k) => v - bounds[k]) : values, level);
  const interval = [low + apart * bound, high + apart * bound] as const;
  const ends = interval.map((end) => meets[is](end, bound));
  const undecided = ends[0] !== ends[1];
  const needs = undecided ? drawsThatSettle(value, bound, interval, draws.length) : undefined;
  const told = apart ? `, ${limitText(limit)}` : '';
  return {
    quantity,
    value,
    bar: `${is} ${numberText(bound)}${told}`,
    ok: meets[is](value, bound),
    spread: { draws: draws.length, interval, undecided, ...(needs !== undefined && { needs }) },
  };
}

/** Interval widths are proportional to the inverse square root of the number of draws. */
function drawsThatSettle(value: number, bound: number, [low, high]: Spread['interval'], draws: number) {
  const share = (bound > value ? high - value : value - low) / Math.abs(value - bound);
  const needs = Math.ceil(draws * share ** 2);
  return Number.isFinite(needs) && needs < 1e6 ? needs : undefined;
}

/** The quantity with the label in place of its braces. */
function labelled(name: string, { quantity }: Measure, label: string | number | undefined): string {
  if (BRACES.test(quantity) !== (label !== undefined)) {
    throw new RangeError(
      label === undefined
        ? `A value of "${name}" lacks the label that its quantity asks for.`
        : `"${name}" has no braces in its quantity for the label "${label}".`,
    );
  }
  return quantity.replace(BRACES, () => String(label));
}

function samplesOf(name: string, of: Measure, given: MeasuredValue): Array<Sample & { readonly quantity: string }> {
  const list = (Array.isArray(given) ? given : [given]) as ReadonlyArray<number | Sample>;
  if (list.length === 0) throw new RangeError(`"${name}" was given no value.`);
  const samples = list.map((one): Sample => (typeof one === 'number' ? { value: one } : one));
  if (of.count) {
    const value = samples.filter((s) => counts(of.count!, s.value)).length;
    return [{ quantity: `${of.quantity} ${countText(of.count)}, of ${samples.length} ${of.count.of}`, value }];
  }
  if (!BRACES.test(of.quantity) && samples.length > 1) {
    throw new RangeError(`"${name}" takes one value, and was given several.`);
  }
  return samples.map((s) => ({ ...s, quantity: labelled(name, of, s.label) }));
}

type Count = NonNullable<Measure['count']>;
const countSides = (count: Count) =>
  comparisons.flatMap((is) => (count[is] === undefined ? [] : [{ is, limit: count[is] }]));
const counts = (count: Count, value: number): boolean =>
  countSides(count).every(({ is, limit }) => meets[is](value, limit));
const countText = (count: Count): string =>
  countSides(count)
    .map(({ is, limit }) => `${is} ${numberText(limit)}`)
    .join(' and ');

function boundOf(name: string, limit: Limit, reference: number | undefined): number {
  if (typeof limit === 'number') return limit;
  if (reference === undefined) throw new RangeError(`"${name}" lacks its reference, ${limit.of}.`);
  return (limit.times ?? 1) * reference + (limit.plus ?? 0);
}

const limitText = (limit: Limit): string => {
  if (typeof limit === 'number') return numberText(limit);
  const { of, times, plus } = limit;
  const shift = plus === undefined ? '' : ` ${plus < 0 ? '−' : '+'} ${numberText(Math.abs(plus))}`;
  return `${times === undefined ? '' : `${numberText(times)} × `}${of}${shift}`;
};

/** Three significant digits, without trailing zeros. */
export function numberText(v: number): string {
  const size = Math.abs(v);
  const text =
    size === 0 || !Number.isFinite(size) || (size >= 1e-3 && size < 1e5)
      ? String(Number.isInteger(v) ? v : Number(v.toPrecision(3)))
      : v.toExponential(2).replace(/(\.?0+)?e\+?/, 'e');
  return text.replace(/^-/, '−');
}

/** The comparison and the number of a measurement's bar, to three significant digits; undefined if it is not a number. */
export function barOf({
  bar,
}: Pick<Measurement, 'bar'>): { readonly is: Comparison; readonly limit: number } | undefined {
  const is = comparisons.find((one) => bar.startsWith(`${one} `));
  const limit = Number(bar.slice(2).replace(/,.*$/, '').replace(/^−/, '-'));
  return is === undefined || Number.isNaN(limit) ? undefined : { is, limit };
}

const misses: Readonly<Record<Comparison, { readonly is: string; readonly than: string }>> = {
  '≥': { is: 'is below', than: 'fewer than' },
  '>': { is: 'is at most', than: 'at most' },
  '≤': { is: 'exceeds', than: 'more than' },
  '<': { is: 'is at least', than: 'at least' },
};

/** What it takes for a measure to miss its bars at a size: `error of σ² exceeds 0.1`; empty if it decides nothing there. */
export function missText(of: Measure, size: Size): string {
  if (!decides(of, size)) return '';
  const quantity = of.quantity.replace(BRACES, (_, words: string) => words);
  const sides = sidesOf(of, size).map(({ is, limit }) => ({ ...misses[is], limit: limitText(limit) }));
  if (of.over === 'share' && of.count)
    return `${quantity} ${countText(of.count)} in ${sides.map((s) => `a share of ${of.count!.of} that ${s.is} ${s.limit}`).join(' or ')}`;
  if (of.count)
    return `${quantity} ${countText(of.count)} in ${sides.map((s) => `${s.than} ${s.limit}`).join(' or ')} ${of.count.of}`;
  const statistic = of.over === undefined ? quantity : `${quantity}, ${of.over} of draws,`;
  return `${statistic} ${sides.map((s) => `${s.is} ${s.limit}`).join(' or ')}`;
}

/** The bars of a measure at a size in words: `error of σ² ≤ 0.1`; empty if there are none. */
export function measureText(of: Measure, size: Size): string {
  const sides = sidesOf(of, size);
  if (sides.length === 0) return '';
  const quantity = `${of.check ? 'check: ' : ''}${of.quantity.replace(BRACES, (_, words: string) => words)}`;
  const bars = sides.map(({ is, limit }) => `${is} ${limitText(limit)}`).join(' and ');
  if (of.over === 'share' && of.count) return `${quantity} ${countText(of.count)} in a share ${bars} of ${of.count.of}`;
  if (of.over !== undefined) return `${quantity}, ${of.over} of draws ${bars}`;
  return of.count ? `${quantity} ${countText(of.count)}, in ${bars} ${of.count.of}` : `${quantity} ${bars}`;
}
