import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { boundOf, follow, gamesOf, libraryRun, settingsOf, thinned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by numbers sent';

/** The line of least squares through (i, yᵢ): its slope, and R²; both NaN without points that differ. */
function line(y: readonly number[]): { readonly slope: number; readonly r2: number } {
  const n = y.length;
  const [x0, y0] = [(n - 1) / 2, y.reduce((a, b) => a + b, 0) / n];
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xx += (i - x0) ** 2;
    xy += (i - x0) * (y[i] - y0);
    yy += (y[i] - y0) ** 2;
  }
  return { slope: xy / xx, r2: xy ** 2 / (xx * yy) };
}

/** MASHA1 with the step at its bound: how straight the logarithm of its error is, and how steep. */
export default experiment(record, {
  id: 'rate',
  title: 'The rate of convergence',
  panels: [
    {
      title: PANEL,
      x: { label: 'numbers sent up by each device' },
      y: { label: 'squared error, relative to that of zero', log: true },
      series: [
        { id: 'measured', name: 'MASHA1 at the bound' },
        { id: 'proved', name: 'the rate that is proved' },
      ],
      control: 'proved',
    },
  ],
  claims: ['linear-rate'],
  method: libraryRun,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['linear-rate'].sizes[size];
    const { q, lambda, devices, steps } = sizes;
    const games = gamesOf(devices, sizes, new Random(seed).split(0));
    const { settings, k } = settingsOf('masha1', games, { q, lambda, multiple: 1, seed: 1 });
    // Rounding ends the line at an error that runs of this length do not reach.
    const course = await follow(method, games, settings, { tol: 1e-24, steps, k }, pauses(context));
    const logarithms = course.errors.map(Math.log);
    const { slope, r2 } = line(logarithms.slice(Math.floor(logarithms.length / 2)));
    const proved = Math.log(1 - (lambda * boundOf(games, q, lambda)) / 2);
    yield decide('linear-rate', { straight: r2, rate: slope / (0.8 * proved) });
    const { x, y } = thinned(course);
    yield { kind: 'points', panel: PANEL, series: 'measured', x, y };
    const last = course.errors.length - 1;
    yield {
      kind: 'points',
      ...{ panel: PANEL, series: 'proved' },
      ...{ x: [course.floats[0], course.floats[last]], y: [1, Math.exp(proved * last)] },
    };
  },
});
