import { DenseMatrix } from 'southwell';
import { type CriticalRateOptions, type Jacobian, stabilityAnalysis } from 'southwell/diagnostics';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawRandom, normals, simulatedGrowth } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Computes the bounds and the critical rate from a Jacobian. */
type Analyse = (jacobian: Jacobian, options: CriticalRateOptions) => ReturnType<typeof stabilityAnalysis>;
const { sizes } = locked.claims.threshold;
/** In the picture of all rates, the last stands for full gradients. */
const SHOWN = [1, 2, 4, 8, 16, 32];
const FACTORS = [0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.35, 1.5];

/** The critical rate of a linear model against simulated descent. */
export default experiment(record, {
  id: 'threshold',
  title: 'Where descent decays and where it blows up',
  panels: [
    {
      title: 'Rates by batch',
      x: { label: 'batch', log: true },
      y: { label: 'rate', log: true },
      series: ['critical rate', 'bound by the trace', 'bound by the largest eigenvalue'],
    },
  ],
  claims: ['threshold'],
  method: stabilityAnalysis as Analyse,
  async *run(context, decide, analyse) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const random = drawRandom(context, 0);
    const { examples: n, parameters: p, chains: most, steps, batches } = sizes[context.size];
    const all = [...batches, Number.POSITIVE_INFINITY];
    const J = DenseMatrix.fromColumnMajor(normals(random, n * p), n, p);
    const at = (batch: number) => analyse(J, { batch });
    const single = at(1);
    const growth = async (factor: number, batch = 1, chains: number = most) => {
      const rate = factor * at(batch).criticalRate;
      return simulatedGrowth(J, { rate, batch, chains, steps }, random, pause);
    };
    const PANEL = 'Rates by batch';
    const fine = Array.from({ length: 26 }, (_, k) => Math.round(2 ** (k / 5))).filter((b, k, all) => b !== all[k - 1]);
    const analysed = fine.map(at);
    const series = {
      'critical rate': analysed.map(({ criticalRate }) => criticalRate),
      'bound by the trace': analysed.map(({ bounds }) => bounds.trace),
      'bound by the largest eigenvalue': analysed.map(({ bounds }) => bounds.descent),
    };
    for (const [name, y] of Object.entries(series)) yield { kind: 'points', panel: PANEL, series: name, x: fine, y };
    yield { kind: 'progress', label: 'chains', fraction: 0.1 };
    const [below, above] = [await growth(0.9), await growth(1.1)];
    const critical = all.map((batch) => at(batch).criticalRate);
    const { trace, fourthMoment, descent } = single.bounds;
    yield decide('threshold', {
      sides: Number(below < 1) + Number(above > 1),
      below,
      above,
      trace: { value: single.criticalRate, reference: trace },
      fourth: { value: single.criticalRate, reference: fourthMoment },
      order: critical.slice(1).map((rate, k) => ({
        label: `${k + 2 < all.length ? all[k + 1] : 'all'} over ${all[k]}`,
        value: rate / critical[k],
      })),
      descent: Math.abs(critical[critical.length - 1] / descent - 1),
    });
    const rows: Cell[][] = all.map((batch, k) => {
      const { bounds } = at(batch);
      const finite = (v: number) => (Number.isFinite(v) ? v : null);
      return [batch, critical[k], bounds.fourthMoment, finite(bounds.trace), bounds.descent];
    });
    yield {
      kind: 'table',
      title: 'Critical rates and what they are bounded by',
      columns: ['batch', 'critical rate', 'fourth moments', 'trace', 'largest eigenvalue'],
      rows,
    };
    // Simulated runs in the plane, and which side of the line they are on.
    const points: Array<{ x: number; y: number; group: number }> = [];
    const log = (v: number) => Math.log2(v);
    fine.forEach((batch, k) => {
      points.push({ x: log(batch), y: log(analysed[k].criticalRate), group: 2 });
    });
    const picture = (): ExperimentEvent => ({
      kind: 'picture',
      title: 'Stable region, and measured runs',
      picture: {
        ...{ type: 'scatter', xLabel: 'log₂ of the batch', yLabel: 'log₂ of the rate', points: [...points] },
        groups: ['decayed', 'grew', 'critical rate'],
      },
    });
    yield picture();
    for (const [k, batch] of SHOWN.entries()) {
      yield { kind: 'progress', label: `batches of ${batch}`, fraction: 0.3 + (0.7 * k) / SHOWN.length };
      for (const factor of FACTORS) {
        const ratio = await growth(factor, batch, full ? 1000 : 200);
        points.push({ x: log(batch), y: log(factor * at(batch).criticalRate), group: Number(ratio > 1) });
        yield picture();
      }
    }
  },
});
