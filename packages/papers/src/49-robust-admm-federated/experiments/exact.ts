import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { curveOf, drawsOf, errorOf, errorsOf, names, networkOf, rivals, robustFit, scheduleSeed } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by rounds, {number} taking part';

/** Without noise: whether the solution of all rows is reached, whoever takes part. */
export default experiment(record, {
  id: 'exact',
  title: 'Exactness without noise',
  panels: [
    {
      title: PANEL,
      x: { label: 'round' },
      y: { label: 'squared error relative to the solution', log: true },
      series: (['robust', 'simple', 'dual'] as const).map((id) => ({ id, name: names[id] })),
      control: 'simple',
    },
  ],
  claims: ['exact'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.exact.sizes[size];
    const pause = pauses(context);
    const { clients, best } = networkOf(sizes, drawsOf(seed, 0));
    const [errors, simple, drifts]: [number[], number[], number[]] = [[], [], []];
    const rows: Cell[][] = [];
    for (const [at, perRound] of sizes.perRound.entries()) {
      const found: number[] = [];
      for (const [id, fit] of [
        ['robust', method],
        ['simple', rivals.simple],
        ['dual', rivals.dual],
      ] as const) {
        yield {
          kind: 'progress',
          label: `${perRound} of ${sizes.clients}: ${names[id]}`,
          fraction: at / sizes.perRound.length,
        };
        const { rho, rounds } = sizes;
        const result = fit(clients, { rho, rounds, perRound, seed: scheduleSeed(seed, at), reference: best });
        found.push(errorOf(result.w, best));
        if (id === 'robust') drifts.push(Math.max(...result.history.map(({ invariantDrift }) => invariantDrift)));
        yield {
          kind: 'points',
          panel: `error by rounds, ${perRound} taking part`,
          series: id,
          ...curveOf(errorsOf(result)),
        };
        await pause();
      }
      errors.push(found[0]);
      simple.push(found[1]);
      rows.push([perRound, ...found, drifts[at]]);
    }
    yield decide('exact', {
      error: Math.max(...errors),
      simple: Math.min(...simple),
      invariant: Math.max(...drifts),
    });
    yield {
      kind: 'table',
      title: `Squared errors relative to the solution of all rows after ${sizes.rounds} rounds at ρ = ${sizes.rho}`,
      columns: ['taking part', names.robust, names.simple, names.dual, 'deviation of the invariant'],
      rows,
    };
  },
});
