import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryMethod, libraryStart, median, planted, rivalTrace, sweepsAndParts, trace } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes, draws: looksAt } = locked.claims['condition-number'];
const { until: TARGET, conditions: CONDITIONS } = sizes.quick;

/** The number of sweeps against the condition number of the matrix, on draws that are otherwise identical. */
export default experiment(record, {
  id: 'condition-number',
  title: 'Sweeps and condition',
  panels: [
    {
      title: 'sweeps',
      x: { label: 'condition', log: true },
      y: { label: `sweeps to ${TARGET}, median` },
      series: ['median'],
    },
  ],
  claims: ['condition-number'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const looks = looksAt[context.size];
    const { size, rank, share, sweeps: most } = sizes[context.size];
    const sweeps: number[][] = CONDITIONS.map(() => []);
    const own: number[] = [];
    const regress = method.regress({ solver: 'exact' });
    const last = CONDITIONS.length - 1;
    const measured = () => ({
      ratio: { draws: sweeps[last].map((s, k) => s / own[k]) },
    });
    /** The medians so far. */
    const curve = (): ExperimentEvent => {
      const known = CONDITIONS.flatMap((_, k) => (sweeps[k].length > 0 ? [k] : []));
      const [x, y] = [known.map((k) => CONDITIONS[k]), known.map((k) => median(sweeps[k]))];
      return { kind: 'points', panel: 'sweeps', series: 'median', restart: true, x, y };
    };
    for (let draw = 0; ; ) {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / looks[looks.length - 1] };
      for (const [k, condition] of CONDITIONS.entries()) {
        // Intermediate values are plotted, but not used by claims.
        if (k > 0 && k < last && draw >= looks[0]) continue;
        const random = new Random(context.seed).split(draw);
        const p = await planted({ size, rank, condition, share }, random, pause);
        const options = { seed: context.seed, pause, sweeps: most, until: TARGET };
        sweeps[k].push(sweepsAndParts(TARGET, await trace(p, regress, options)));
        yield curve();
        if (k > 0) continue;
        // What the method needs at condition 30 is compared with exact regressions by other code at condition 1.
        own.push(sweepsAndParts(TARGET, await rivalTrace(p, { random, left: libraryStart(p, context.seed) }, options)));
      }
      draw++;
      if (!decide.enough('condition-number', draw, measured)) continue;
      yield decide('condition-number', measured());
      break;
    }
    const medians = sweeps.map((s) => median(s));
    const shown = (v: number) => (Number.isFinite(v) ? Number(v.toFixed(2)) : null);
    const rows: Cell[][] = CONDITIONS.map((condition, k) => [
      condition,
      shown(medians[k]),
      ...range(sweeps[k]).map(shown),
    ]);
    yield { kind: 'table', title: `${own.length} draws`, columns: ['condition', 'median', 'least', 'most'], rows };
  },
});

const range = (values: readonly number[]): number[] => [Math.min(...values), Math.max(...values)];
