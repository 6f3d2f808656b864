import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  curveOf,
  drawsOf,
  dualFit,
  errorsOf,
  growthOf,
  mean,
  names,
  networkOf,
  robustFit,
  scheduleSeed,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by rounds, all taking part';
const shown = ['dual', 'robust'] as const;

/** All clients in all rounds, over noisy links: where the form with duals is the better one, and under test. */
export default experiment(record, {
  id: 'everyone',
  title: 'All clients in all rounds',
  panels: [
    {
      title: PANEL,
      x: { label: 'round' },
      y: { label: 'squared error relative to the truth', log: true },
      series: shown.map((id) => ({ id, name: names[id] })),
      control: 'robust',
    },
  ],
  claims: ['everyone'],
  method: dualFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.everyone.sizes[size];
    const { rho, rounds, instances, clients: perRound } = sizes;
    const pause = pauses(context);
    const noise = { up: sizes.noise, down: sizes.noise };
    const errors: Record<(typeof shown)[number], number[][]> = { dual: [], robust: [] };
    for (let number = 0; number < instances; number++) {
      const { clients, truth } = networkOf(sizes, drawsOf(seed, number));
      for (const [id, fit] of [
        ['dual', method],
        ['robust', robustFit],
      ] as const) {
        yield { kind: 'progress', label: names[id], fraction: number / instances };
        const options = { rho, rounds, perRound, noise, seed: scheduleSeed(seed, number), reference: truth };
        const own = errorsOf(fit(clients, options));
        errors[id].push(own);
        if (number === 0) yield { kind: 'points', panel: PANEL, series: id, ...curveOf(own) };
        await pause();
      }
    }
    const [dual, robust] = shown.map((id) => mean(errors[id].map((own) => own.at(-1)!)));
    const floor = mean(errors.dual.map(growthOf));
    yield decide('everyone', { ratio: robust / dual, floor });
    yield {
      kind: 'table',
      title: `Mean squared errors relative to the truth after ${rounds} rounds at ρ = ${rho}, noise of variance ${sizes.noise}`,
      columns: ['form', 'error', 'last over middle fifth'],
      rows: [
        [names.dual, dual, floor],
        [names.robust, robust, mean(errors.robust.map(growthOf))],
      ] satisfies Cell[][],
    };
  },
});
