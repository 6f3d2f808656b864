import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { curveOf, drawsOf, errorOf, errorsOf, mean, networkOf, robustFit, scheduleSeed } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by rounds, noise of variance {variance}';
const names = { without: 'clients that are not selected wait', continual: 'they repeat their step' } as const;
const shown = Object.keys(names) as (keyof typeof names)[];

/** Clients that go on with the last vector they received while others take part. */
export default experiment(record, {
  id: 'continual',
  title: 'Continual updates',
  panels: [
    {
      title: PANEL,
      x: { label: 'round' },
      y: { label: 'squared error relative to the truth', log: true },
      series: shown.map((id) => ({ id, name: names[id] })),
      control: 'without',
    },
  ],
  claims: ['continual'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.continual.sizes[size];
    const { noises, perRound, rho, rounds, instances } = sizes;
    const pause = pauses(context);
    const errors = noises.map(() => shown.map((): number[] => []));
    for (let number = 0; number < instances; number++) {
      const { clients, truth } = networkOf(sizes, drawsOf(seed, number));
      for (const [at, variance] of noises.entries()) {
        const noise = { up: variance, down: variance };
        for (const [k, id] of shown.entries()) {
          yield { kind: 'progress', label: `${variance}: ${names[id]}`, fraction: (number + at / 3) / instances };
          const result = method(clients, {
            ...{ rho, rounds, perRound, noise, seed: scheduleSeed(seed, number), reference: truth },
            continual: id === 'continual',
          });
          errors[at][k].push(errorOf(result.w, truth));
          const panel = `error by rounds, noise of variance ${variance}`;
          if (number === 0) yield { kind: 'points', panel, series: id, ...curveOf(errorsOf(result)) };
          await pause();
        }
      }
    }
    const means = errors.map((one) => one.map(mean));
    yield decide('continual', { ratio: Math.max(...means.map(([without, continual]) => continual / without)) });
    yield {
      kind: 'table',
      title: `Mean squared errors relative to the truth after ${rounds} rounds with ${perRound} of ${sizes.clients} clients at ρ = ${rho}`,
      columns: ['variance of the noise', ...shown.map((id) => names[id])],
      rows: means.map((row, k): Cell[] => [noises[k], ...row]),
    };
  },
});
