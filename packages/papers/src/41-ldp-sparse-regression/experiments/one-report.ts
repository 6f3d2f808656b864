import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { record } from '../record.ts';
import { guessedRight, mostGuessed, reportsOf, type Shown, shown } from '../reports.ts';

const epsilons = [0.5, 2] as const;
const BINS = 60;

/** The information in a single report about its sender. */
export default experiment(record, {
  id: 'one-report',
  title: 'What one report reveals',
  axes: { x: 'report', y: 'density', logY: false },
  claims: ['one-report'],
  method: reportsOf,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const n = context.size === 'full' ? 400_000 : 30_000;
    const right: Array<{ label: string; value: number; reference: number }> = [];
    const rows: Cell[][] = [];
    for (const epsilon of epsilons) {
      for (const name of Object.keys(shown) as Shown[]) {
        yield { kind: 'progress', label: `${name}, ε = ${epsilon}`, fraction: right.length / 6 };
        const found = method(name, epsilon, n, context.seed);
        await pause();
        const delta = name.startsWith('Gaussian') ? 1e-5 : 0;
        const label = `${name}, ε = ${epsilon}`;
        right.push({ label, value: guessedRight(found), reference: mostGuessed(epsilon, delta) });
        rows.push([name, epsilon, delta, guessedRight(found), mostGuessed(epsilon, delta)]);
        const panel = `${name}, ε = ${epsilon}: densities of a report`;
        for (const [series, values] of [
          ['of one person', found.near],
          ['of the farthest other', found.far],
        ] as const) {
          yield { kind: 'points', panel, series, ...density(values, found.near) };
        }
      }
    }
    yield decide('one-report', { right });
    yield {
      kind: 'table',
      title: 'How often a guess of two people is right',
      columns: ['noise', 'ε', 'δ', 'found', 'most that ε and δ allow'],
      rows,
    };
  },
});

/** A histogram between quantiles of the distribution shown beside it, in units of their distance. */
function density(values: readonly number[], beside: readonly number[]): { x: number[]; y: number[] } {
  const sizes = beside.map(Math.abs).sort((a, b) => a - b);
  const reach = sizes[Math.floor(0.99 * sizes.length)];
  const counts = new Array<number>(BINS).fill(0);
  for (const v of values) {
    const at = Math.floor(((v / reach + 1) / 2) * BINS);
    if (at >= 0 && at < BINS) counts[at]++;
  }
  return {
    x: counts.map((_, k) => (2 * (k + 0.5)) / BINS - 1),
    y: counts.map((c) => (c * BINS) / (2 * values.length)),
  };
}
