import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { curveOf, drawsOf, errorsOf, growthOf, names, networkOf, rivals, robustFit, scheduleSeed } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'mean squared error by rounds';
const shown = ['robust', 'simple', 'dual'] as const;

/** Whether the mean squared error ends its growth over noisy links, at a ρ where the drift is not hidden by what fluctuates. */
export default experiment(record, {
  id: 'steady',
  title: 'Steady states',
  panels: [
    {
      title: PANEL,
      x: { label: 'round' },
      y: { label: 'mean squared error relative to the solution', log: true },
      series: shown.map((id) => ({ id, name: names[id] })),
      control: 'dual',
    },
  ],
  claims: ['steady'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.steady.sizes[size];
    const { perRound, rho, rounds, runs } = sizes;
    const pause = pauses(context);
    const noise = { up: sizes.noise, down: sizes.noise };
    const { clients, best } = networkOf(sizes, drawsOf(seed, 0));
    const means = shown.map(() => new Float64Array(rounds + 1));
    for (let run = 0; run < runs; run++) {
      for (const [k, fit] of [method, rivals.simple, rivals.dual].entries()) {
        yield { kind: 'progress', label: names[shown[k]], fraction: run / runs };
        const options = { rho, rounds, perRound, noise, seed: scheduleSeed(seed, run), reference: best };
        for (const [round, error] of errorsOf(fit(clients, options)).entries()) means[k][round] += error / runs;
        await pause();
      }
    }
    for (const [k, id] of shown.entries())
      yield { kind: 'points', panel: PANEL, series: id, ...curveOf([...means[k]]) };
    const growth = means.map((errors) => growthOf([...errors]));
    yield decide('steady', { growth: growth[0] });
    yield {
      kind: 'table',
      title: `Mean squared error relative to the solution, ${runs} runs with ${perRound} of ${sizes.clients} clients at ρ = ${rho}, noise of variance ${sizes.noise}`,
      columns: ['form', 'last over middle fifth', 'at the end'],
      rows: shown.map((id, k): Cell[] => [names[id], growth[k], means[k][rounds]]),
    };
  },
});
