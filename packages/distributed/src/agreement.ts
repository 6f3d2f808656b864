import { SouthwellError } from '@southwell/numerics/core';
import { COLLECTIVES, type Collective } from './communicator.ts';
import { counted, hasNaN, typeOf } from './numbers.ts';

/**
 * Before a collective the ranks verify that their calls match, by one max-reduction of eight numbers. If they do not
 * match, the ranks gather the calls and all throw the same error.
 */

const REDUCTIONS = ['sum', 'max', 'min'] as const;

/** Encodes the call of a rank as numbers: operation and type, root, length, and whether an entry is NaN. */
function asked(act: Collective): [what: number, root: number, length: number, nan: number] {
  const reduction = 'reduction' in act ? REDUCTIONS.indexOf(act.reduction) : 0;
  const data = 'data' in act ? act.data : undefined;
  const what = (COLLECTIVES.indexOf(act.kind) * 10 + (data ? typeOf(data) : 0)) * 10 + reduction;
  // Checked for reductions only: a sum hides which rank contributed NaN, whereas the receiver of moved data sees it.
  const looked = 'reduction' in act && !('nan' in act && act.nan);
  const nan = looked && hasNaN(act.data) ? 1 : 0;
  return [what, 'root' in act ? act.root : 0, data?.length ?? 0, nan];
}

/** The vector whose maximum over the ranks is computed. */
export function opinion(act: Collective): Float64Array {
  const own = asked(act);
  return Float64Array.of(...own, ...own.map((x) => -x));
}

/**
 * Whether the maximum shows that all ranks make the same call. NaN on all ranks is considered intended; NaN on only
 * some of them is an error.
 */
export function agreed(maximum: Float64Array): boolean {
  for (let k = 0; k < 4; k++) if (maximum[k] !== -maximum[4 + k]) return false;
  return true;
}

/** What the ranks gather if their calls do not match. */
export const particulars = (act: Collective): Float64Array => Float64Array.of(...asked(act));

function described(what: number, root: number, length: number): string {
  const kind = COLLECTIVES[Math.floor(what / 100)];
  if (kind === 'barrier' || kind === 'split') return kind;
  const reduction = kind.includes('educe') ? ` (${REDUCTIONS[what % 10]})` : '';
  const from = kind === 'broadcast' || kind === 'reduce' ? `, root ${root}` : '';
  return `${kind}${reduction} of ${counted(length, Math.floor(what / 10) % 10)}${from}`;
}

/**
 * The error that all ranks throw: which rank makes which call, according to the gathered data. `number` counts the
 * collectives of the communicator, from 1.
 */
export function disagreement(gathered: Float64Array, number: number): SouthwellError {
  const groups = new Map<string, number[]>();
  const nan: number[] = [];
  for (let r = 0; 4 * r < gathered.length; r++) {
    const [what, root, length, none] = gathered.subarray(4 * r, 4 * r + 4);
    const text = described(what, root, length);
    groups.set(text, [...(groups.get(text) ?? []), r]);
    if (none > 0) nan.push(r);
  }
  const sorted = [...groups].sort((a, b) => a[1].length - b[1].length);
  if (sorted.length === 1) {
    return new SouthwellError(
      'NON_FINITE',
      `Collective ${number}, ${sorted[0][0]}: ${named(nan)} gave NaN, the others did not.`,
    );
  }
  const asks = sorted.map(([text, ranks]) => `${named(ranks)} ${ranks.length === 1 ? 'asks' : 'ask'} for ${text}`);
  return new SouthwellError('MISMATCH', `The ranks disagree on collective ${number}: ${asks.join('; ')}.`);
}

/** `Rank 3`, `Ranks 1, 2 and 5`; at most eight are listed. */
export function named(ranks: readonly number[]): string {
  if (ranks.length === 1) return `rank ${ranks[0]}`;
  if (ranks.length > 8) return `${ranks.length} ranks (${ranks.slice(0, 6).join(', ')}, …)`;
  return `ranks ${ranks.slice(0, -1).join(', ')} and ${ranks.at(-1)}`;
}
