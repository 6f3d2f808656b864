import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { largest, librarySolve, median, SKETCHED, type SketchedName, type Solve, spreadResidual } from '../lab.ts';
import { record } from '../record.ts';

const MIXING: readonly SketchedName[] = ['SRHT', 'pooled'];
const RATIO = 16;

/** The worst coefficient on the hard instance, by sketch and dimension. */
export default experiment(record, {
  id: 'hard-instance',
  title: 'The worst coefficient on a hard instance',
  axes: { x: 'columns d', y: '‖x′ − x*‖∞ · √m', logX: true, logY: true },
  claims: ['even-error', 'sparse-fails'],
  method: librarySolve as Solve,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const dimensions = full ? [64, 128, 256] : [32, 64];
    const draws = full ? 20 : 10;
    const names = Object.keys(SKETCHED) as SketchedName[];
    const medians = new Map<string, number>();
    const most = new Map<string, number>();
    const at = (name: string, d: number) => `${name}, d = ${d}`;
    const rows: Cell[][] = [];
    let done = 0;
    for (const d of dimensions) {
      const m = RATIO * d;
      const { A, b, unit } = spreadResidual(4 * m, d, m);
      for (const name of names) {
        // Drawing every entry of S is expensive: fewer draws.
        const count = name === 'Gaussian' ? Math.min(draws, 3) : draws;
        const errors: number[] = [];
        for (let draw = 0; draw < count; draw++) {
          errors.push(largest(method(SKETCHED[name], A, b, m, 1000 * context.seed + draw)) / unit);
          await pause();
        }
        medians.set(at(name, d), median(errors));
        most.set(at(name, d), Math.max(...errors));
        rows.push([name, d, m, count, median(errors), Math.max(...errors)]);
        yield { kind: 'points', panel: 'largest error of a coefficient', series: name, x: [d], y: [median(errors)] };
        done++;
        yield { kind: 'progress', label: at(name, d), fraction: done / (names.length * dimensions.length) };
      }
      A.free();
    }
    const each = (values: Map<string, number>) =>
      MIXING.flatMap((name) => dimensions.map((d) => ({ label: at(name, d), value: values.get(at(name, d))! })));
    const grown = (name: SketchedName) => medians.get(at(name, 256))! / medians.get(at(name, 64))!;
    yield decide('even-error', {
      median: each(medians),
      largest: each(most),
      growth: full ? MIXING.map((name) => ({ label: name, value: grown(name) })) : undefined,
    });
    yield decide('sparse-fails', {
      low: medians.get(at('CountSketch', 64))!,
      high: full ? medians.get(at('CountSketch', 256))! : undefined,
      growth: full ? grown('CountSketch') : undefined,
    });
    const columns = ['sketch', 'd', 'm', 'draws', 'median', 'largest'];
    yield { kind: 'table', title: 'Largest error of a coefficient, in units of 1/√m', columns, rows };
  },
});
