import type { Claim, Size } from './record.ts';

/**
 * The form of every experiment. An experiment states its claims, each a number and a bar, before it runs; it yields what
 * happens while it runs (progress, points of curves, tables) and one verdict a claim as soon as the claim is decided. A
 * consumer that only wants verdicts may stop there: what follows are further panels of the figure.
 */

export interface ExperimentContext {
  readonly size: Size;
  readonly seed: number;
  /** Aborts by throwing the signal's reason from the generator. */
  readonly signal?: AbortSignal;
}

export type Outcome = 'holds' | 'partly' | 'does not hold';

/** One number against its bar. */
export interface Measurement {
  readonly quantity: string;
  readonly value: number;
  readonly bar: string;
  readonly ok: boolean;
}

export interface Verdict {
  /** The id of the claim. */
  readonly claim: string;
  /** All, some or none of the measurements meet their bars. */
  readonly outcome: Outcome;
  readonly measured: readonly Measurement[];
  readonly size: Size;
  readonly seed: number;
}

export type Cell = string | number | null;

export type ExperimentEvent =
  | { readonly kind: 'progress'; readonly label: string; readonly fraction: number }
  /** Further points of a curve, in order. */
  | {
      readonly kind: 'points';
      readonly panel: string;
      readonly series: string;
      readonly x: readonly number[];
      readonly y: readonly number[];
    }
  | {
      readonly kind: 'table';
      readonly title: string;
      readonly columns: readonly string[];
      readonly rows: ReadonlyArray<readonly Cell[]>;
    }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

export interface Experiment {
  /** Unique within the paper, such as `figure-4`. */
  readonly id: string;
  readonly title: string;
  /** What the axes of its curves mean. */
  readonly axes: { readonly x: string; readonly y: string; readonly logY: boolean };
  readonly claims: readonly Claim[];
  run(context: ExperimentContext): AsyncGenerator<ExperimentEvent, void, undefined>;
}

/** value ≤ limit. */
export const atMost = (quantity: string, value: number, limit: number): Measurement => ({
  quantity,
  value,
  bar: `≤ ${short(limit)}`,
  ok: value <= limit,
});

/** value ≥ limit. */
export const atLeast = (quantity: string, value: number, limit: number): Measurement => ({
  quantity,
  value,
  bar: `≥ ${short(limit)}`,
  ok: value >= limit,
});

export function verdict(claim: Claim, context: ExperimentContext, measured: readonly Measurement[]): ExperimentEvent {
  const met = measured.filter((m) => m.ok).length;
  const outcome = met === measured.length ? 'holds' : met > 0 ? 'partly' : 'does not hold';
  return { kind: 'verdict', verdict: { claim: claim.id, outcome, measured, size: context.size, seed: context.seed } };
}

/** Three significant digits. */
export function short(v: number): string {
  if (Number.isInteger(v) && Math.abs(v) < 1e6) return String(v);
  const size = Math.abs(v);
  return size >= 0.01 && size < 1e4 ? String(Number(v.toPrecision(3))) : v.toExponential(2);
}
