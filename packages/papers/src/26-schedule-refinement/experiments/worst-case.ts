import { Random } from '@southwell/numerics/core';
import { constantRate, linearDecay, type Schedule } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { record } from '../record.ts';
import { absolute, type Instance, largestOf, orthogonal, ratio, resisting } from '../worstCase.ts';

/** A schedule of T − 1 steps for the theorem's T gradients: η(1 − t/T), divided by η. */
const line = (T: number): Schedule => linearDecay({ rate: (T - 1) / T, steps: T - 1 });

function instances(T: number, random: Random, schedule: Schedule): Instance[] {
  const small = T > 1000 ? 3 : 10;
  return [
    ...Array.from({ length: small }, () => absolute(1, random)),
    ...[2, 5, 20].flatMap((n) => Array.from({ length: small }, () => absolute(n, random))),
    ...[2, 5, 20].flatMap((n) => Array.from({ length: small }, () => largestOf(n, 2 * n, random))),
    orthogonal(T),
    resisting(schedule, T),
    resisting(constantRate(1), T),
  ];
}

/** Subgradient steps on non-smooth functions, compared with the bound of the theorem. */
export default experiment(record, {
  id: 'worst-case',
  title: 'The bound on the last iterate',
  axes: { x: 'T', y: '(f(x_T) − f(u))·√T/(DG)', logY: false, logX: true },
  claims: ['worst-case'],
  method: line,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const horizons = context.size === 'full' ? [10, 100, 1000, 10_000] : [10, 100, 1000];
    const worst: Array<{ readonly label: number; readonly value: number }> = [];
    const flat: number[] = [];
    const rows: Array<Array<string | number>> = [];
    for (const [k, T] of horizons.entries()) {
      yield { kind: 'progress', label: `T = ${T}`, fraction: k / horizons.length };
      const random = new Random(context.seed).split(T);
      const byName = new Map<string, number>();
      for (const instance of instances(T, random, method(T))) {
        const found = ratio(instance, method(T), T);
        byName.set(instance.name, Math.max(found, byName.get(instance.name) ?? Number.NEGATIVE_INFINITY));
        await pause();
      }
      worst.push({ label: T, value: [...byName.values()].reduce((a, b) => Math.max(a, b)) });
      flat.push(ratio(resisting(constantRate(1), T), constantRate(1), T));
      rows.push([T, ...byName.values(), flat[k]]);
    }
    yield decide('worst-case', { worst, flat: flat[flat.length - 1] });
    const panel = 'What is left of the bound';
    yield { kind: 'points', panel, series: 'linear decay, worst', x: horizons, y: worst.map(({ value }) => value) };
    yield { kind: 'points', panel, series: 'flat, resisted', x: horizons, y: flat };
    const columns = ['T', '|x|', 'ℓ1', 'max', 'orthogonal', 'resisting', 'flat, resisted'];
    yield {
      kind: 'table',
      title: 'Worst (f(x_T) − f(u))·√T/(DG) of linear decay, and of a flat schedule',
      columns,
      rows,
    };
  },
});
