import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  curveOf,
  decibels,
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
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by rounds, noise of variance {variance}';
const shown = ['robust', 'dual', 'simple', 'average'] as const;

/** Noise on the links and a few random clients in each round. */
export default experiment(record, {
  id: 'links',
  title: 'Noisy links',
  panels: [
    {
      title: PANEL,
      x: { label: 'round' },
      y: { label: 'squared error relative to the truth', log: true },
      series: shown.map((id) => ({ id, name: names[id] })),
      control: 'dual',
    },
  ],
  claims: ['link-noise', 'against-average'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['link-noise'].sizes[size];
    const { noises, perRound, rho, rounds, instances } = sizes;
    const pause = pauses(context);
    const errors = noises.map(() => listsOf(shown));
    for (let number = 0; number < instances; number++) {
      const { clients, truth } = networkOf(sizes, drawsOf(seed, number));
      const average = errorOf(meanOfFits(clients), truth);
      for (const [at, variance] of noises.entries()) {
        const noise = { up: variance, down: variance };
        const options = { rho, rounds, perRound, noise, seed: scheduleSeed(seed, number), reference: truth };
        const panel = `error by rounds, noise of variance ${variance}`;
        for (const [id, fit] of [
          ['robust', method],
          ['dual', rivals.dual],
          ['simple', rivals.simple],
        ] as const) {
          yield { kind: 'progress', label: `${variance}: ${names[id]}`, fraction: (number + at / 2) / instances };
          const result = fit(clients, options);
          errors[at][id].push(errorOf(result.w, truth));
          if (number === 0) yield { kind: 'points', panel, series: id, ...curveOf(errorsOf(result)) };
          await pause();
        }
        errors[at].average.push(average);
        if (number === 0) yield { kind: 'points', panel, series: 'average', x: [0, rounds], y: [average, average] };
      }
    }
    const means = errors.map((one) => shown.map((id) => mean(one[id])));
    yield decide('link-noise', { decibels: Math.min(...means.map(([own, dual]) => decibels(dual, own))) });
    yield decide('against-average', {
      ratio: means.map(([own, , , average], k) => ({ label: noises[k], value: own / average })),
    });
    yield {
      kind: 'table',
      title: `Mean squared errors relative to the truth after ${rounds} rounds with ${perRound} of ${sizes.clients} clients at ρ = ${rho}`,
      columns: ['variance of the noise', ...shown.map((id) => names[id])],
      rows: means.map((row, k): Cell[] => [noises[k], ...row]),
    };
  },
});
