import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  decibels,
  drawsOf,
  errorOf,
  listsOf,
  mean,
  meanOfFits,
  names,
  networkOf,
  rivals,
  robustFit,
  scheduleSeed,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by penalty';
const shown = ['robust', 'two-global', 'simple', 'average'] as const;

/** One noisy vector in an update or two, all starting near the solution. */
export default experiment(record, {
  id: 'messages',
  title: 'One vector or two',
  panels: [
    {
      title: PANEL,
      x: { label: 'ρ', log: true },
      y: { label: 'squared error relative to the solution', log: true },
      series: shown.map((id) => ({ id, name: names[id] })),
      control: 'two-global',
    },
  ],
  claims: ['one-message'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['one-message'].sizes[size];
    const { penalties, perRound, rounds, instances } = sizes;
    const pause = pauses(context);
    const noise = { up: sizes.noise, down: sizes.noise };
    const errors = penalties.map(() => listsOf(shown));
    for (let number = 0; number < instances; number++) {
      const { clients, best } = networkOf(sizes, drawsOf(seed, number));
      const w0 = meanOfFits(clients);
      for (const [at, rho] of penalties.entries()) {
        const options = { rho, rounds, perRound, noise, w0, seed: scheduleSeed(seed, number) };
        const fits = [
          ['robust', method],
          ['two-global', rivals['two-global']],
          ['simple', rivals.simple],
        ] as const;
        for (const [id, fit] of fits) {
          yield { kind: 'progress', label: `ρ = ${rho}: ${names[id]}`, fraction: (number + at / 3) / instances };
          errors[at][id].push(errorOf(fit(clients, options).w, best));
          await pause();
        }
        errors[at].average.push(errorOf(w0, best));
      }
    }
    const means = errors.map((one) => shown.map((id) => mean(one[id])));
    for (const [k, id] of shown.entries())
      yield { kind: 'points', panel: PANEL, series: id, x: [...penalties], y: means.map((row) => row[k]) };
    const under = means.map(([own, two]) => decibels(two, own));
    yield decide('one-message', { decibels: Math.min(...under), largest: under.at(-1)! });
    yield {
      kind: 'table',
      title: `Mean squared errors relative to the solution of all rows after ${rounds} rounds with ${perRound} of ${sizes.clients} clients, noise of variance ${sizes.noise}`,
      columns: ['ρ', ...shown.map((id) => names[id])],
      rows: means.map((row, k): Cell[] => [penalties[k], ...row]),
    };
  },
});
