import type { Size } from './size.ts';

/**
 * Bars as data. A claim's measures hold every limit, and nothing else does: the text that people read and the check that
 * gives a verdict both come from here.
 */

/** In the order in which the sides of one measure are checked and told. */
export const comparisons = ['≥', '>', '≤', '<'] as const;
export type Comparison = (typeof comparisons)[number];

/** A limit that the run measures, `times · reference + plus` (1 and 0 where absent). */
export interface RelativeLimit {
  /** What the reference is, in words that follow the comparison. */
  readonly of: string;
  readonly times?: number;
  readonly plus?: number;
}

export type Limit = number | RelativeLimit;

/** One limit for both sizes, or a limit a size; where a size is absent, nothing is asked at it. */
export type Bar = Limit | { readonly quick?: Limit; readonly full?: Limit };

/** A quantity, and the bars that its values must meet: one, or two for an interval. */
export type Measure = { readonly [C in Comparison]?: Bar } & {
  /**
   * In words. Where it has a part in braces, a run gives a list of values, each with a label that takes the place of
   * that part, and all must meet the bars.
   */
  readonly quantity: string;
  /** The run gives a list, and what is measured is how many of it are on this side of this limit. */
  readonly count?: { readonly [C in Comparison]?: number } & {
    /** What they are, in the plural. */ readonly of: string;
  };
};

/** One number against its bar. */
export interface Measurement {
  readonly quantity: string;
  readonly value: number;
  readonly bar: string;
  readonly ok: boolean;
}

/** A value that has a label or a reference. */
export interface Sample {
  readonly value: number;
  /** Takes the place of the braces of the quantity. */
  readonly label?: string | number;
  /** What a limit is relative to. */
  readonly reference?: number;
}

export type MeasuredValue = number | Sample | readonly Sample[] | readonly number[];

const BRACES = /\{([^{}]*)\}/;

const meets: Readonly<Record<Comparison, (value: number, limit: number) => boolean>> = {
  '≥': (value, limit) => value >= limit,
  '>': (value, limit) => value > limit,
  '≤': (value, limit) => value <= limit,
  '<': (value, limit) => value < limit,
};

/** The sides of a measure at a size, none where it is not asked for there. */
export function sidesOf(measure: Measure, size: Size): Array<{ readonly is: Comparison; readonly limit: Limit }> {
  return comparisons.flatMap((is) => {
    const bar = measure[is];
    if (bar === undefined) return [];
    const limit = typeof bar === 'number' || 'of' in bar ? bar : bar[size];
    return limit === undefined ? [] : [{ is, limit }];
  });
}

/**
 * The values of a measure against its bars at a size, one measurement a value and side. Throws a sentence where the
 * values are not those that the measure asks for.
 */
export function measure(name: string, of: Measure, size: Size, given: MeasuredValue | undefined): Measurement[] {
  const sides = sidesOf(of, size);
  if (sides.length === 0) {
    if (given === undefined) return [];
    throw new RangeError(`"${name}" is not measured at ${size} size: its record has no bar there.`);
  }
  if (given === undefined) throw new RangeError(`The value of "${name}" is missing: its record has a bar at ${size}.`);
  return samplesOf(name, of, given).flatMap(({ quantity, value, reference }) =>
    sides.map(({ is, limit }) => {
      const bound = boundOf(name, limit, reference);
      const told = typeof limit === 'number' ? '' : `, ${limitText(limit)}`;
      return { quantity, value, bar: `${is} ${numberText(bound)}${told}`, ok: meets[is](value, bound) };
    }),
  );
}

function samplesOf(name: string, of: Measure, given: MeasuredValue): Array<Sample & { readonly quantity: string }> {
  const list: ReadonlyArray<number | Sample> = Array.isArray(given) ? given : [given as number | Sample];
  if (list.length === 0) throw new RangeError(`"${name}" was given no value.`);
  const samples = list.map((one): Sample => (typeof one === 'number' ? { value: one } : one));
  if (of.count) {
    const value = samples.filter((s) => counts(of.count!, s.value)).length;
    return [{ quantity: `${of.quantity} ${countText(of.count)}, of ${samples.length} ${of.count.of}`, value }];
  }
  const labelled = BRACES.test(of.quantity);
  if (!labelled && samples.length > 1) throw new RangeError(`"${name}" takes one value, and was given several.`);
  return samples.map((s) => {
    if (labelled !== (s.label !== undefined)) {
      throw new RangeError(
        labelled
          ? `A value of "${name}" lacks the label that its quantity asks for.`
          : `"${name}" has no braces in its quantity for the label "${s.label}".`,
      );
    }
    return { ...s, quantity: of.quantity.replace(BRACES, () => String(s.label)) };
  });
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
  return `${times === undefined ? '' : `${numberText(times)} × `}${of}${plus === undefined ? '' : ` + ${numberText(plus)}`}`;
};

/** Three digits, without zeros at the end. */
function numberText(v: number): string {
  const size = Math.abs(v);
  const text =
    size === 0 || !Number.isFinite(size) || (size >= 1e-3 && size < 1e5)
      ? String(Number.isInteger(v) ? v : Number(v.toPrecision(3)))
      : v.toExponential(2).replace(/(\.?0+)?e\+?/, 'e');
  return text.replace(/^-/, '−');
}

/** The bars of a measure at a size in words: `error of σ² ≤ 0.1`; nothing where there are none. */
export function measureText(of: Measure, size: Size): string {
  const sides = sidesOf(of, size);
  if (sides.length === 0) return '';
  const quantity = of.quantity.replace(BRACES, (_, words: string) => words);
  const bars = sides.map(({ is, limit }) => `${is} ${limitText(limit)}`).join(' and ');
  return of.count ? `${quantity} ${countText(of.count)}, in ${bars} ${of.count.of}` : `${quantity} ${bars}`;
}
