import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryMethod, median, planted, sweepsTo, trace } from '../lab.ts';
import { record } from '../record.ts';

const TARGET = 1e-6;
const CONDITIONS = [1, 3, 10, 30];

/** Sweeps against the condition of the matrix. */
export default experiment(record, {
  id: 'condition-number',
  title: 'Sweeps and condition',
  axes: { x: 'condition', y: `sweeps to ${TARGET}`, logY: false, logX: true },
  claims: ['condition-number'],
  method: libraryMethod,
  async *run(context, decide, method) {
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
    // Where no run gets there, there is no ratio.
    yield decide('condition-number', { ratio: ratio < Number.POSITIVE_INFINITY ? ratio : Number.NaN });
  },
});
