import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { covered, cube, libraryFit, scattered } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Normal quantile for 90 % intervals. */
const NORMAL = 1.6448536269514722;

/** The coverage of 90 % intervals for new measurements, with calibration and from the posterior alone. */
export default experiment(record, {
  id: 'intervals',
  title: 'What intervals cover',
  panels: [
    {
      title: 'share covered',
      x: { label: 'draw' },
      y: { label: 'share covered' },
      series: ['calibrated', 'as the posterior has them', 'calibrated, the field alone, anywhere'],
      control: 'as the posterior has them',
    },
  ],
  claims: ['coverage'],
  method: libraryFit,
  async *run(context, decide, fit) {
    const pause = pauses(context);
    const { signal } = context;
    const { lengthscale, restarts, widest, ...of } = locked.claims.coverage.sizes[context.size];
    const most = Math.max(...locked.claims.coverage.draws[context.size]);
    const lists = {
      useful: [] as number[],
      calibrated: [] as number[],
      posterior: [] as number[],
      anywhere: [] as number[],
    };
    const values = () => ({ covered: { draws: lists.useful } });
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const data = scattered(cube, 3, of, 1000 * context.seed + 500 + draw);
      const model = await fit(data.indices, data.values, {
        rank: 2,
        lengthscales: lengthscale,
        centre: false,
        restarts,
        seed: draw,
        signal,
      });
      const width = model.deviations(0.9);
      const share = covered(model, data.fresh, data.measured, width);
      lists.calibrated.push(share);
      const { variance } = model.predict(data.fresh);
      const half = variance.reduce((sum, v) => sum + (width * Math.sqrt(v)) / variance.length, 0);
      lists.useful.push(half <= widest * NORMAL * data.sd ? share : 0);
      lists.posterior.push(covered(model, data.fresh, data.measured, NORMAL));
      // The field itself, at points that may lie outside the range of the entries, for which intervals were not
      // calibrated.
      lists.anywhere.push(covered(model, data.tests, data.truth, width));
      draw++;
      await pause();
    } while (!decide.enough('coverage', draw, values));
    const x = Array.from({ length: draw }, (_, k) => k + 1);
    const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / list.length;
    const named = [
      ['calibrated', lists.calibrated],
      ['as the posterior has them', lists.posterior],
      ['calibrated, the field alone, anywhere', lists.anywhere],
    ] as const;
    for (const [series, y] of named) yield { kind: 'points', panel: 'share covered', series, x, y };
    yield {
      kind: 'table',
      title: 'Intervals of 90 %',
      columns: ['intervals', 'mean share covered', 'least', 'most'],
      rows: named.map(([name, list]) => [name, mean(list), Math.min(...list), Math.max(...list)]),
    };
    yield decide('coverage', values());
  },
});
