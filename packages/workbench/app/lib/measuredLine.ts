import { barOf, type Comparison, type Measurement } from '@southwell/papers';

/** Positions on a line of a value, its interval and its bar, as parts of its length. */
export interface MeasuredLine {
  readonly value: number;
  readonly bar: number;
  /** The side of the bar that meets it. */
  readonly meets: 'left' | 'right';
  readonly interval?: readonly [number, number];
}

/** Room on either side of what is drawn. */
const MARGIN = 0.12;
/** Positive numbers that differ by more than this factor are placed by their logarithms. */
const DECADES = 20;

const side: Readonly<Record<Comparison, 'left' | 'right'>> = { '≤': 'left', '<': 'left', '≥': 'right', '>': 'right' };

/**
 * Undefined if the value or the bar is not a finite number. An infinite interval reaches the ends of the line.
 */
export function measuredLine(m: Measurement): MeasuredLine | undefined {
  const bar = barOf(m);
  if (bar === undefined || !Number.isFinite(m.value) || !Number.isFinite(bar.limit)) return undefined;
  const ends = m.spread?.interval;
  const all = [m.value, bar.limit, ...(ends?.filter(Number.isFinite) ?? [])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const log = low > 0 && high / low > DECADES;
  const scale = (v: number) => (log ? Math.log(v) : v);
  const range = scale(high) - scale(low);
  const at = (v: number): number => {
    if (v === Number.POSITIVE_INFINITY) return 1;
    if (v === Number.NEGATIVE_INFINITY) return 0;
    return range > 0 ? MARGIN + (1 - 2 * MARGIN) * ((scale(v) - scale(low)) / range) : 0.5;
  };
  return {
    value: at(m.value),
    bar: at(bar.limit),
    meets: side[bar.is],
    ...(ends && { interval: [at(ends[0]), at(ends[1])] as const }),
  };
}
