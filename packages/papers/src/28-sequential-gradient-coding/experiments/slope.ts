import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { candidates, choosing, fastest, pathOf, type Rule, saving, secondsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'saving by the cost of load';
const compared = ['m-sgc', 'again', 'gc'] as const satisfies readonly Rule[];

/** Where M-SGC saves time over the best gradient code: by the seconds that the whole data set takes, and by how often workers are slow. */
export default experiment(record, {
  id: 'slope',
  title: 'Where it pays',
  panels: [
    {
      title: PANEL,
      x: { label: 'seconds of the whole data set' },
      y: { label: 'saving over the best gradient code, %' },
      series: ['M-SGC, {p} slow', 'sent again without a code, {p} slow'],
    },
  ],
  claims: ['slope'],
  method: choosing,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.slope.sizes[size];
    const { n, jobs, slopes, chances, paths, maxDelay, pSlow: usual } = sizes;
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const atUsual: number[] = [];
    for (const [k, pSlow] of chances.entries()) {
      const chain = { ...sizes, pSlow };
      const drawn = Array.from({ length: 2 * paths }, (_, path) => pathOf(chain, jobs + maxDelay, seed, path));
      for (const [m, loadSlope] of slopes.entries()) {
        const setting = { jobs, loadSlope };
        const label = `${pSlow} slow, ${loadSlope} s`;
        yield { kind: 'progress', label, fraction: (k + m / slopes.length) / chances.length };
        const seconds = { 'm-sgc': 0, again: 0, gc: 0 };
        for (let path = 0; path < paths; path++) {
          const [earlier, later] = [drawn[2 * path], drawn[2 * path + 1]];
          for (const rule of compared) {
            const { options } = await fastest(candidates(rule, n, maxDelay), method(earlier, later), setting, pause);
            seconds[rule] += secondsOf(options, later, setting) / paths;
          }
        }
        const [own, again] = [saving(seconds['m-sgc'], seconds.gc), saving(seconds.again, seconds.gc)];
        rows.push([pSlow, loadSlope, seconds['m-sgc'], seconds.again, seconds.gc, own, again]);
        if (pSlow === usual) atUsual.push(own);
        const at = { kind: 'points', panel: PANEL, x: [loadSlope] } as const;
        yield { ...at, series: `M-SGC, ${pSlow} slow`, y: [own] };
        yield { ...at, series: `sent again without a code, ${pSlow} slow`, y: [again] };
      }
    }
    const steep = atUsual.at(-1)!;
    yield decide('slope', { steep, rise: steep - atUsual[1], free: atUsual[0] });
    yield {
      kind: 'table',
      title: 'Mean seconds on fresh paths, and what is saved of those of the best gradient code',
      columns: ['slow', 'slope', 'M-SGC', 'sent again', 'gradient code', 'M-SGC saves, %', 'sent again saves, %'],
      rows,
    };
  },
});
