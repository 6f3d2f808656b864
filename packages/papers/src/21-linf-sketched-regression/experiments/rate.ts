import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { librarySolve, median, type Solve, slope, spreadResidual, worstError } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** The decrease of the worst error with the rows of the sketch. */
export default experiment(record, {
  id: 'rate',
  title: 'The worst coefficient against rows',
  panels: [
    {
      title: 'largest error by rows',
      x: { label: 'rows of the sketch', log: true },
      y: { label: '‖x′ − x*‖∞', log: true },
      series: ['SRHT', 'CountSketch', '1/√m'],
      control: '1/√m',
    },
  ],
  claims: ['rate'],
  method: librarySolve as Solve,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { columns: d, rowsPerColumn, draws } = locked.claims.rate.sizes[context.size];
    const n = 512 * d;
    const spread = 2 * rowsPerColumn[0];
    const found = { SRHT: [] as number[], CountSketch: [] as number[] };
    const sizes = rowsPerColumn.map((by) => by * d);
    const rows: Cell[][] = [];
    for (const [k, m] of sizes.entries()) {
      yield { kind: 'progress', label: `${m} rows`, fraction: k / sizes.length };
      // The same problem for every m, since the guarantee is for any.
      const { A, b, x } = spreadResidual(n, d, m, spread, new Random(context.seed).split(0));
      for (const [name, kind] of [
        ['SRHT', 'srht'],
        ['CountSketch', 'count-sketch'],
      ] as const) {
        const errors: number[] = [];
        for (let draw = 0; draw < draws; draw++) {
          errors.push(worstError(method(kind, A, b, m, 1000 * context.seed + draw), x));
          await pause();
        }
        found[name].push(median(errors));
        rows.push([name, m, median(errors), Math.max(...errors)]);
        yield { kind: 'points', panel: 'largest error by rows', series: name, x: [m], y: [median(errors)] };
      }
      yield { kind: 'points', panel: 'largest error by rows', series: '1/√m', x: [m], y: [1 / Math.sqrt(m)] };
      A.free();
    }
    yield decide('rate', { slope: Math.abs(slope(sizes, found.SRHT) + 1 / 2) });
    const columns = ['sketch', 'rows', 'median', 'largest'];
    yield { kind: 'table', title: 'Largest error of a coefficient', columns, rows };
  },
});
