import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  curveOf,
  drawsOf,
  errorOf,
  errorsOf,
  listsOf,
  mean,
  meanOfFits,
  names,
  networkOf,
  rivals,
  robustFit,
  scheduleSeed,
  times,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by penalty';
const ROUNDS = 'error by rounds at the middle penalty';
const shown = ['robust', 'dual', 'simple', 'average'] as const;
const series = shown.map((id) => ({ id, name: names[id] }));

/** A few random clients in each round, without noise: penalties from small to large. */
export default experiment(record, {
  id: 'scheduling',
  title: 'Few clients in a round',
  panels: [
    {
      title: PANEL,
      x: { label: 'ρ', log: true },
      y: { label: 'squared error relative to the truth', log: true },
      series,
      control: 'dual',
    },
    {
      title: ROUNDS,
      x: { label: 'round' },
      y: { label: 'squared error relative to the truth', log: true },
      series: series.slice(0, -1),
      control: 'dual',
    },
  ],
  claims: ['against-dual'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['against-dual'].sizes[size];
    const { penalties, perRound, rounds, instances } = sizes;
    const pause = pauses(context);
    const errors = penalties.map(() => listsOf(shown));
    for (let number = 0; number < instances; number++) {
      const { clients, truth } = networkOf(sizes, drawsOf(seed, number));
      for (const [at, rho] of penalties.entries()) {
        const options = { rho, rounds, perRound, seed: scheduleSeed(seed, number), reference: truth };
        for (const [id, fit] of [
          ['robust', method],
          ['dual', rivals.dual],
          ['simple', rivals.simple],
        ] as const) {
          yield { kind: 'progress', label: `ρ = ${rho}: ${names[id]}`, fraction: (number + at / 3) / instances };
          const result = fit(clients, options);
          errors[at][id].push(errorOf(result.w, truth));
          if (number === 0 && at === 1)
            yield { kind: 'points', panel: ROUNDS, series: id, ...curveOf(errorsOf(result)) };
          await pause();
        }
        errors[at].average.push(errorOf(meanOfFits(clients), truth));
      }
    }
    const means = errors.map((one) => shown.map((id) => mean(one[id])));
    for (const [k, id] of shown.entries())
      yield { kind: 'points', panel: PANEL, series: id, x: [...penalties], y: means.map((row) => row[k]) };
    yield decide('against-dual', {
      error: Math.max(...means.map(([own]) => own)),
      ratio: Math.min(...means.map(([own, dual]) => times(dual, own))),
    });
    yield {
      kind: 'table',
      title: `Mean squared errors relative to the truth after ${rounds} rounds with ${perRound} of ${sizes.clients} clients`,
      columns: ['ρ', ...shown.map((id) => names[id])],
      rows: means.map((row, k): Cell[] => [penalties[k], ...row]),
    };
  },
});
