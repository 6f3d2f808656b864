import { Random } from '@southwell/numerics/core';
import { constantRate, linearDecay, type Schedule } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { absolute, divided, type Instance, largestOf, orthogonal, ratio, resisting } from '../worstCase.ts';

/** A schedule of T − 1 steps for the theorem's T gradients: η(1 − t/T), divided by η. */
const line = (T: number): Schedule => linearDecay({ rate: (T - 1) / T, steps: T - 1 });

/** The same with the square of 1 − t/T. */
const square =
  (T: number): Schedule =>
  (step) =>
    (1 - (step + 1) / T) ** 2;

/** The worst of exponent 2 with a rate that is half as large again, over the instances that are made for schedules. */
function leastOf(T: number): number {
  const schedule: Schedule = (step) => 1.5 * square(T)(step);
  const made = [...divided(schedule, T), resisting(schedule, T), orthogonal(T)];
  return Math.max(...made.map((instance) => ratio(instance, schedule, T)));
}

/** `small` of each random kind, and those that are made for schedules. */
function instances(T: number, random: Random, schedule: Schedule, small: number): Instance[] {
  return [
    ...Array.from({ length: small }, () => absolute(1, random)),
    ...[2, 5, 20].flatMap((n) => Array.from({ length: small }, () => absolute(n, random))),
    ...[2, 5, 20].flatMap((n) => Array.from({ length: small }, () => largestOf(n, 2 * n, random))),
    orthogonal(T),
    resisting(schedule, T),
    resisting(constantRate(1), T),
    ...divided(schedule, T),
  ];
}

/** Subgradient steps on non-smooth functions, compared with the bound of the theorem. */
export default experiment(record, {
  id: 'worst-case',
  title: 'The bound on the last iterate',
  panels: [
    {
      title: 'What is left of the bound',
      x: { label: 'T', log: true },
      y: { label: '(f(x_T) − f(u))·√T/(DG)' },
      series: ['linear decay, worst', 'flat, resisted'],
      control: 'flat, resisted',
    },
  ],
  claims: ['worst-case'],
  method: line,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { horizons, instances: count, large } = locked.claims['worst-case'].sizes[context.size];
    const worst: number[] = [];
    const [flat, squares]: [number[], number[]] = [[], []];
    const rows: Array<Array<string | number>> = [];
    for (const [k, T] of horizons.entries()) {
      yield { kind: 'progress', label: `T = ${T}`, fraction: k / horizons.length };
      const random = new Random(context.seed).split(T);
      const byName = new Map<string, number>();
      for (const instance of instances(T, random, method(T), T > 1000 ? large : count)) {
        const found = ratio(instance, method(T), T);
        byName.set(instance.name, Math.max(found, byName.get(instance.name) ?? Number.NEGATIVE_INFINITY));
        await pause();
      }
      worst.push(Math.max(...byName.values()));
      flat.push(ratio(resisting(constantRate(1), T), constantRate(1), T));
      squares.push(Math.max(...divided(square(T), T).map((instance) => ratio(instance, square(T), T))));
      rows.push([T, ...byName.values(), flat[k], squares[k], leastOf(T)]);
    }
    yield decide('worst-case', {
      worst: Math.max(...worst),
      flat: flat[flat.length - 1],
      square: squares[squares.length - 1],
    });
    const panel = 'What is left of the bound';
    yield { kind: 'points', panel, series: 'linear decay, worst', x: horizons, y: worst };
    yield { kind: 'points', panel, series: 'flat, resisted', x: horizons, y: flat };
    const columns = [
      'T',
      '|x|',
      'ℓ1',
      'max',
      'orthogonal',
      'resisting',
      'divided',
      'flat, resisted',
      'exponent 2',
      'exponent 2, rate × 1.5',
    ];
    yield {
      kind: 'table',
      title: 'Worst (f(x_T) − f(u))·√T/(DG) of linear decay, and of a flat schedule',
      columns,
      rows,
    };
  },
});
