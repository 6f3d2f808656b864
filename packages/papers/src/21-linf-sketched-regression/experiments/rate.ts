import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { largest, librarySolve, median, type Solve, slope, spreadResidual } from '../lab.ts';
import { record } from '../record.ts';

/** The decrease of the worst error with the rows of the sketch. */
export default experiment(record, {
  id: 'rate',
  title: 'The worst coefficient against rows',
  axes: { x: 'rows of the sketch', y: '‖x′ − x*‖∞', logX: true, logY: true },
  claims: ['rate'],
  method: librarySolve as Solve,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const [d, draws] = full ? [64, 20] : [32, 10];
    const n = 512 * d;
    const found = { SRHT: [] as number[], CountSketch: [] as number[] };
    const sizes = [8, 16, 32, 64].map((by) => by * d);
    const rows: Cell[][] = [];
    for (const [k, m] of sizes.entries()) {
      yield { kind: 'progress', label: `${m} rows`, fraction: k / sizes.length };
      const { A, b } = spreadResidual(n, d, m);
      for (const [name, kind] of [
        ['SRHT', 'srht'],
        ['CountSketch', 'count-sketch'],
      ] as const) {
        const errors: number[] = [];
        for (let draw = 0; draw < draws; draw++) {
          errors.push(largest(method(kind, A, b, m, 1000 * context.seed + draw)));
          await pause();
        }
        found[name].push(median(errors));
        rows.push([name, m, median(errors), Math.max(...errors)]);
        yield { kind: 'points', panel: 'largest error by rows', series: name, x: [m], y: [median(errors)] };
      }
      yield { kind: 'points', panel: 'largest error by rows', series: '1/√m', x: [m], y: [1 / Math.sqrt(m)] };
      A.free();
    }
    yield decide('rate', { slope: slope(sizes, found.SRHT) });
    const columns = ['sketch', 'rows', 'median', 'largest'];
    yield { kind: 'table', title: 'Largest error of a coefficient', columns, rows };
  },
});
