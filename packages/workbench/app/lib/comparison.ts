import type { RunHead } from './archive.ts';

/** What differs between two runs, as rows of tables. */

const shown = (value: unknown): string => (value === undefined ? '–' : String(value));

/** `name, of the one, of the other`: settings and circumstances that are not the same. */
export function differences(a: RunHead, b: RunHead): Array<readonly [name: string, one: string, other: string]> {
  const of = ({ set, machine, versions, ...run }: RunHead): Record<string, unknown> => ({
    experiment: run.experiment,
    size: run.size,
    seed: run.seed,
    ...set,
    status: run.status,
    'date (UTC)': run.date.slice(0, 16).replace('T', ' '),
    machine: machine && `${machine.cpu}, ${machine.cores} cores, ${machine.platform}`,
    southwell: versions?.southwell,
    commit: run.commit,
    seconds: Number(run.seconds.toPrecision(3)),
  });
  const [one, other] = [of(a), of(b)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((name) =>
    shown(one[name]) === shown(other[name]) ? [] : [[name, shown(one[name]), shown(other[name])] as const],
  );
}

export interface MeasuredPair {
  readonly claim: string;
  readonly quantity: string;
  readonly values: readonly [number | undefined, number | undefined];
  readonly bars: readonly [string | undefined, string | undefined];
}

/** The measurements of two runs side by side, by claim and quantity, those of the first in its order. */
export function measuredPairs(a: Pick<RunHead, 'verdicts'>, b: Pick<RunHead, 'verdicts'>): MeasuredPair[] {
  const pairs = new Map<
    string,
    { claim: string; quantity: string; values: MeasuredPair['values']; bars: MeasuredPair['bars'] }
  >();
  for (const [k, { verdicts }] of [a, b].entries()) {
    for (const { claim, measured } of verdicts) {
      for (const { quantity, value, bar } of measured) {
        // The two sides of an interval are measurements of their own.
        const key = `${claim} ${quantity} ${bar[0]}`;
        const pair = pairs.get(key) ?? {
          claim,
          quantity,
          values: [undefined, undefined],
          bars: [undefined, undefined],
        };
        const put = <T>([one, other]: readonly [T, T], now: T): readonly [T, T] =>
          k === 0 ? [now, other] : [one, now];
        pairs.set(key, { ...pair, values: put(pair.values, value), bars: put(pair.bars, bar) });
      }
    }
  }
  return [...pairs.values()];
}
