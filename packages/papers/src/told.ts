import { type Measurement, numberText } from './bars.ts';
import { short, type Verdict } from './experiment.ts';
import { type Claim, sentenceAt } from './record.ts';
import type { LedgerState } from './verdicts/ledger.ts';
import type { Standing, TallyOutcome } from './verdicts/standing.ts';

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

/**
 * The sentence that runs of a size decide; where the claim holds and a null meets it as well, with what it holds as well:
 * `…; it holds as well with random vectors.`
 */
export function toldSentence(
  claim: Claim,
  { outcome, size, asWell }: Pick<Standing, 'outcome' | 'size' | 'asWell'>,
): string {
  const sentence = sentenceAt(claim, size ?? 'full');
  return outcome === 'holds' && asWell !== undefined
    ? `${sentence.replace(/\.$/, '')}; it holds as well ${asWell}.`
    : sentence;
}

/** The mark in front of each entry of a ledger. */
export const ledgerMark: Readonly<Record<LedgerState, string>> = {
  checked: '✓',
  narrowed: '◐',
  contradicted: '✗',
  'not checked': '·',
};

/** The mark in front of each outcome. */
export const outcomeMark: Readonly<Record<TallyOutcome, string>> = {
  holds: '✓',
  'not told apart': '≈',
  partly: '~',
  'does not hold': '✗',
  undecided: '?',
};

/** The colour of each outcome. */
export const outcomeTone: Readonly<Record<TallyOutcome, 'good' | 'mid' | 'bad' | 'soft'>> = {
  holds: 'good',
  'not told apart': 'soft',
  partly: 'mid',
  'does not hold': 'bad',
  undecided: 'soft',
};

/** A sign that shows whether the measurement meets its bar. */
export const measurementMark = (m: Measurement): string =>
  m.check ? '·' : outcomeMark[m.spread?.undecided ? 'undecided' : m.ok ? 'holds' : 'does not hold'];

/** The context of a value: `bar ≤ 0.8; 95 %: 0.51 to 0.9; some 40 draws would settle it`. */
export function measurementText({ bar, spread, check, ok }: Measurement): string {
  const kind = check ? `check, ${ok ? 'met' : 'not met'}: ${bar}` : `bar ${bar}`;
  if (!spread) return kind;
  const { interval, undecided, needs } = spread;
  const known = interval.every(Number.isFinite);
  const range = known
    ? `95 %: ${interval.map((end) => short(end).replace('-', '−')).join(' to ')}`
    : 'too few draws for an interval';
  const settle =
    undecided && needs !== undefined ? `; some ${numberText(Number(needs.toPrecision(2)))} draws would settle it` : '';
  return `${kind}; ${range}${settle}`;
}
