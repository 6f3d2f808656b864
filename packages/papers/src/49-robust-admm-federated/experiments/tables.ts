import { wlsMoments } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { decibels, type Fit, mean, meanOfFits, names, rivals, robustFit, scheduleSeed } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { air, type Federation, islr, type TableName, tables } from '../tables.ts';

const PANEL = 'excess squared error by table';
const shown = ['robust', 'dual', 'average'] as const;

/** Σ Hₖ over all clients. */
function curvatureOf({ clients, best }: Federation): Float64Array {
  const H = new Float64Array(best.length ** 2);
  for (const client of clients) for (const [i, v] of wlsMoments(client).H.entries()) H[i] += v;
  return H;
}

/** What a table is judged by: the squared error of all rows in excess of the least, over the variance of the target. */
function excessOf({ clients, best }: Federation, H: Float64Array): (w: Float64Array) => number {
  const L = best.length;
  const rows = clients.reduce((sum, { y }) => sum + y.length, 0);
  return (w) => {
    let sum = 0;
    for (let i = 0; i < L; i++) for (let j = 0; j < L; j++) sum += (w[i] - best[i]) * H[i * L + j] * (w[j] - best[j]);
    return Number.isFinite(sum) ? sum / 2 / rows : Number.POSITIVE_INFINITY;
  };
}

/** Least squares on rows of people, colleges and hours. */
export default experiment(record, {
  id: 'tables',
  title: 'Tables',
  needs: { full: [air, islr] },
  panels: [
    {
      title: PANEL,
      x: { label: 'table, in the order of the table below' },
      y: { label: 'excess squared error over the variance of the target', log: true },
      series: shown.map((id) => ({ id, name: names[id] })),
      control: 'dual',
    },
  ],
  claims: ['tables'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.tables.sizes[size];
    const { rounds, schedules } = sizes;
    const listed: readonly TableName[] = sizes.tables;
    const pause = pauses(context);
    const noise = { up: sizes.noise, down: sizes.noise };
    const errors: number[][] = [];
    const rows: Cell[][] = [];
    for (const [at, name] of listed.entries()) {
      yield { kind: 'progress', label: name, fraction: at / listed.length };
      const federation = await tables[name](context);
      const { clients, best } = federation;
      const H = curvatureOf(federation);
      const excess = excessOf(federation, H);
      const eigenvalue = best.reduce((sum, _, j) => sum + H[j * (best.length + 1)], 0) / best.length / clients.length;
      const perRound = Math.max(1, Math.round(sizes.share * clients.length));
      const errorOf = (fit: Fit, multiple: number, number: number) => {
        const options = { rho: multiple * eigenvalue, rounds, perRound, noise };
        return excess(fit(clients, { ...options, seed: scheduleSeed(seed, number) }).w);
      };
      const found: number[] = [];
      const chosen: number[] = [];
      for (const [id, fit] of [
        ['robust', method],
        ['dual', rivals.dual],
      ] as const) {
        let best: readonly [number, number] = [locked.grids[id].rho[0], Number.POSITIVE_INFINITY];
        // Schedule and noise 0 choose, and the others judge.
        for (const multiple of locked.grids[id].rho) {
          const error = errorOf(fit, multiple, 0);
          if (error < best[1]) best = [multiple, error];
          await pause();
        }
        chosen.push(best[0]);
        const judged: number[] = [];
        for (let number = 1; number <= schedules; number++) {
          judged.push(errorOf(fit, best[0], number));
          await pause();
        }
        found.push(mean(judged));
      }
      found.push(excess(meanOfFits(clients)));
      errors.push(found);
      rows.push([name, clients.length, best.length, perRound, ...chosen, ...found]);
      for (const [k, id] of shown.entries())
        yield { kind: 'points', panel: PANEL, series: id, x: [at + 1], y: [found[k]] };
    }
    yield decide('tables', {
      decibels: errors.map(([own, dual], k) => ({ label: listed[k], value: decibels(dual, own) })),
      average: errors.map(([own, , average], k) => ({ label: listed[k], value: own / average })),
    });
    yield {
      kind: 'table',
      title: `Excess squared errors over the variance of the target after ${rounds} rounds, noise of variance ${sizes.noise}; ρ in mean eigenvalues`,
      columns: [
        ...['table', 'clients', 'features', 'in a round', 'ρ, robust', 'ρ, with duals'],
        ...shown.map((id) => names[id]),
      ],
      rows,
    };
  },
});
