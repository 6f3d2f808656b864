import { type Measurement, numberText } from './bars.ts';
import { type Outcome, short, type Verdict } from './experiment.ts';
import { type Claim, sentenceAt } from './record.ts';

/** Verdicts in words, for the shell, the page, reports, feeds and mails. */

/** `holds at quick size`; nothing is added at full size. */
export const outcomeText = ({ outcome, size }: Pick<Verdict, 'outcome' | 'size'>): string =>
  outcome === 'undecided' ? 'undecided at this size' : size === 'quick' ? `${outcome} at quick size` : outcome;

/**
 * The sentence that was decided, and for quick runs the setting of the full size, for comparison with that of the bar.
 */
export function claimText(
  claim: Claim,
  { size }: Pick<Verdict, 'size'>,
): { readonly says: string; readonly full?: string } {
  const says = sentenceAt(claim, size);
  const setting = 'setting' in claim ? claim.setting : undefined;
  return size === 'quick' && setting ? { says, full: `Full size: ${setting.full}.` } : { says };
}

/** The mark in front of each outcome. */
export const outcomeMark: Readonly<Record<Outcome, string>> = {
  holds: '✓',
  partly: '~',
  'does not hold': '✗',
  undecided: '?',
};

/** The colour of each outcome. */
export const outcomeTone: Readonly<Record<Outcome, 'good' | 'mid' | 'bad' | 'soft'>> = {
  holds: 'good',
  partly: 'mid',
  'does not hold': 'bad',
  undecided: 'soft',
};

/** A sign that shows whether the measurement meets its bar. */
export const measurementMark = (m: Measurement): string =>
  outcomeMark[m.spread?.undecided ? 'undecided' : m.ok ? 'holds' : 'does not hold'];

/** The context of a value: `bar ≤ 0.8; 95 %: 0.51 to 0.9; some 40 draws would settle it`. */
export function measurementText({ bar, spread }: Measurement): string {
  if (!spread) return `bar ${bar}`;
  const { interval, undecided, needs } = spread;
  const known = interval.every(Number.isFinite);
  const range = known
    ? `95 %: ${interval.map((end) => short(end).replace('-', '−')).join(' to ')}`
    : 'too few draws for an interval';
  const settle =
    undecided && needs !== undefined ? `; some ${numberText(Number(needs.toPrecision(2)))} draws would settle it` : '';
  return `bar ${bar}; ${range}${settle}`;
}
