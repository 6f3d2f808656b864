import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { deltaFound, guessedRight, mechanisms, mostGuessed, ratiosOf } from '../reports.ts';

const BINS = 60;

/** The information in a single report about its sender. */
export default experiment(record, {
  id: 'one-report',
  title: 'What one report reveals',
  panels: [
    {
      title: '{mechanism}: reports',
      x: { label: 'log-likelihood ratio', unit: 'ε' },
      y: { label: 'density' },
      series: ['of one person', 'of another'],
    },
  ],
  claims: ['one-report'],
  method: ratiosOf,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { reports, epsilons, delta: allowed, errors, told } = locked.claims['one-report'].sizes[context.size];
    const right: Array<{ label: string; value: number; reference: number }> = [];
    const rows: Cell[][] = [];
    const all = epsilons.flatMap((epsilon) => Object.entries(mechanisms).map((named) => [epsilon, ...named] as const));
    let kept = 0;
    for (const [k, [epsilon, name, mechanism]] of all.entries()) {
      const label = `${name}, ε = ${epsilon}`;
      yield { kind: 'progress', label, fraction: k / all.length };
      const delta = mechanism.gaussian ? allowed : 0;
      const found = method(mechanism, { epsilon, delta }, reports, context.seed);
      await pause();
      const guessed = guessedRight(found);
      const spent = deltaFound(found, epsilon, errors);
      if (spent <= delta && guessed >= told) kept++;
      right.push({ label, value: guessed, reference: mostGuessed(epsilon, delta) });
      rows.push([name, epsilon, delta, spent, guessed, mostGuessed(epsilon, delta)]);
      for (const [series, values] of [
        ['of one person', found.near],
        ['of another', found.far],
      ] as const) {
        yield { kind: 'points', panel: `${label}: reports`, series, ...density(values, epsilon) };
      }
    }
    yield decide('one-report', { kept: kept / all.length, right });
    yield {
      kind: 'table',
      title: 'How much a report tells about which of two people sent it',
      columns: [
        'noise',
        'ε',
        'δ',
        'least δ that the reports allow, lower bound',
        'right guesses',
        'most that ε and δ allow',
      ],
      rows,
    };
  },
});

/** A histogram between −2 and 2, in units of ε. */
function density(ratios: readonly number[], epsilon: number): { x: number[]; y: number[] } {
  const counts = new Array<number>(BINS).fill(0);
  for (const v of ratios) {
    const at = Math.floor(((v / epsilon + 2) / 4) * BINS);
    if (at >= 0 && at < BINS) counts[at]++;
  }
  return {
    x: counts.map((_, k) => (4 * (k + 0.5)) / BINS - 2),
    y: counts.map((c) => (c * BINS) / (4 * ratios.length)),
  };
}
