import { Random } from 'southwell';
import { type Cell, type Experiment, short, verdict } from '../experiment.ts';
import { type Method, median, pauses, planted, sweepsTo, trace } from './lab.ts';
import { record } from './record.ts';

const TARGET = 1e-6;
const CONDITIONS = [1, 3, 10, 30];

/** Sweeps against the condition of the matrix. */
export const condition = (method: Method): Experiment => {
  const claim = record.claims[5];
  return {
    id: 'condition-number',
    title: 'Sweeps and condition',
    axes: { x: 'condition', y: `sweeps to ${TARGET}`, logY: false, logX: true },
    claims: [claim],
    async *run(context) {
      const full = context.size === 'full';
      const pause = pauses(context);
      const size = full ? 300 : 150;
      const rank = full ? 5 : 3;
      const medians: number[] = [];
      const rows: Cell[][] = [];
      for (const [k, kappa] of CONDITIONS.entries()) {
        yield { kind: 'progress', label: `condition ${kappa}`, fraction: k / CONDITIONS.length };
        const counts: number[] = [];
        for (let run = 0; run < (full ? 5 : 3); run++) {
          const random = new Random(context.seed).split(run);
          const p = await planted({ size, rank, condition: kappa, share: full ? 0.25 : 0.3 }, random, pause);
          const options = { seed: context.seed, pause, sweeps: 100, until: TARGET };
          counts.push(sweepsTo(TARGET, await trace(p, method.regress({ solver: 'exact' }), options)));
        }
        const middle = median(counts);
        medians.push(middle);
        rows.push([kappa, Number.isFinite(middle) ? middle : null, counts.join(', ')]);
        yield { kind: 'points', panel: 'sweeps', series: 'median', x: [kappa], y: [middle] };
      }
      yield { kind: 'table', title: 'Sweeps', columns: ['condition', 'median', 'runs'], rows };
      const ratio = medians[medians.length - 1] / medians[0];
      yield verdict(claim, context, [
        {
          quantity: 'sweeps at 30 / sweeps at 1',
          value: ratio,
          bar: `> ${short(1)}`,
          ok: ratio > 1 && ratio < Infinity,
        },
      ]);
    },
  };
};
