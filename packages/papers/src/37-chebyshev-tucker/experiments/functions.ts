import { Random } from 'southwell';
import { hosvd, Tensor } from 'southwell/tensors';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { functions, libraryFunction, TOL } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Points of the grid that samples are compared with, and the error that counts. */
const GRID = 129;
const ENOUGH = 5e-6;

/** Four functions with 33 to 129 points per axis: errors at random points, and ranks compared with those of a grid. */
export default experiment(record, {
  id: 'functions',
  title: 'Smooth functions',
  panels: [
    {
      title: 'error',
      x: { label: 'points along each axis', log: true },
      y: { label: 'largest error', log: true },
      series: functions.map(({ name }) => name),
    },
  ],
  claims: ['functions'],
  method: libraryFunction,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { points, most: largest, grid: side } = locked.claims.functions.sizes[context.size];
    const random = new Random(context.seed);
    const places = Array.from({ length: points }, () => [0, 1, 2].map(() => 2 * random.uniform() - 1));
    const [error, rank, grid, samples] = [0, 1, 2, 3].map((): Array<{ label: string; value: number }> => []);
    const rows: Array<Array<string | number>> = [];
    for (const [n, { name, f, reference }] of functions.entries()) {
      const tried = reference.filter(({ m }) => m <= largest);
      const off: number[] = [];
      let last: readonly number[] = [];
      for (const [i, { m, ...known }] of tried.entries()) {
        yield { kind: 'progress', label: `${name}, m = ${m}`, fraction: (n + i / tried.length) / functions.length };
        await pause();
        const model = method(f, m);
        await pause();
        const found = model.evaluate(places);
        off.push(places.reduce((most, [x, y, z], p) => Math.max(most, Math.abs(f(x, y, z) - found[p])), 0));
        last = model.ranks;
        const label = `${name}, m = ${m}`;
        error.push({ label, value: off[i] / known.error });
        rank.push({ label, value: Math.max(...last.map((r) => Math.abs(r - known.rank))) });
        rows.push([name, m, last.join(' × '), known.rank, off[i], known.error, model.resolved ? 'yes' : 'no']);
      }
      await pause();
      const at = (i: number) => (2 * i) / (side - 1) - 1;
      const values = Tensor.fromFunction([side, side, side], ([i, j, k]) => f(at(i), at(j), at(k)));
      const onGrid = hosvd(values, { tol: TOL, sequential: true }).ranks;
      grid.push({ label: name, value: Math.max(...onGrid.map((r, k) => Math.abs(r - last[k]))) });
      const least = tried.find((_, i) => off[i] <= ENOUGH)?.m ?? Number.POSITIVE_INFINITY;
      samples.push({ label: name, value: (least / GRID) ** 3 });
      rows.push([name, `grid of ${side}³`, onGrid.join(' × '), '', '', '', '']);
      yield { kind: 'points', panel: 'error', series: name, x: tried.map(({ m }) => m), y: off };
    }
    const columns = ['function', 'points', 'ranks', 'reference', 'largest error', 'reference error', 'resolved'];
    yield { kind: 'table', title: 'Errors and ranks at a tolerance of 1e-7', columns, rows };
    yield decide('functions', { error, rank, grid, samples });
  },
});
