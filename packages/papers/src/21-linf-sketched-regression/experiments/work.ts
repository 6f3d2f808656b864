import { Random } from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { hardInstances, median, qrOperations, sketchedSolve, worstError } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** The cost of sketching compared with a factorisation of the full matrix. */
export default experiment(record, {
  id: 'work',
  title: 'Operations of sketching and of a factorisation',
  panels: [
    {
      title: 'operations',
      x: { label: 'rows n', log: true },
      y: { label: 'operations', log: true },
      series: ['SRHT and QR of the sketch', 'QR of the whole'],
      control: 'QR of the whole',
    },
  ],
  claims: ['speed'],
  method: sketchedSolve,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { rows, columns: d, rowsPerColumn, draws, units } = locked.claims.speed.sizes[context.size];
    const m = rowsPerColumn * d;
    const table: Cell[][] = [];
    let ratio = Number.NaN;
    for (const [k, n] of rows.entries()) {
      const all = qrOperations(n, d);
      let [own, worst, seconds] = [0, 0, 0];
      const instances = Object.entries(hardInstances(n, d, m, new Random(context.seed).split(n)));
      for (const [instance, { A, b, x, unit }] of instances) {
        yield { kind: 'progress', label: `${n} rows, ${instance}`, fraction: k / rows.length };
        const errors: number[] = [];
        for (let draw = 0; draw < draws; draw++) {
          const began = performance.now();
          const found = method(A, b, m, 1000 * context.seed + draw);
          seconds += (performance.now() - began) / (1000 * draws * instances.length);
          own = Math.max(own, found.operations);
          errors.push(worstError(found.x, x) / unit);
          await pause();
        }
        worst = Math.max(worst, median(errors));
      }
      const [, { A, b }] = instances[0];
      const began = performance.now();
      const whole = qr(A);
      whole.leastSquares(b);
      const end = performance.now();
      ratio = worst <= units ? all / own : 0;
      table.push([n, own, all, all / own, worst, seconds, (end - began) / 1000]);
      for (const [series, y] of [
        ['SRHT and QR of the sketch', own],
        ['QR of the whole', all],
      ] as const) {
        yield { kind: 'points', panel: 'operations', series, x: [n], y: [y] };
      }
      whole.free();
      for (const [, one] of instances) one.A.free();
    }
    yield decide('speed', { ratio });
    const columns = ['n', 'operations', 'of QR', 'ratio', 'largest median error', 'seconds here', 'of QR'];
    const title = `${d} columns, ${m} rows of the sketch; errors of a coefficient in units of 1/√m`;
    yield { kind: 'table', title, columns, rows: table };
  },
});
