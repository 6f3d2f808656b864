import { Random } from 'southwell';
import { type Sweep, tiedTolerance } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryMethod, median, planted, sweepsTo, type Trace, trace, traceOf } from '../lab.ts';
import { record } from '../record.ts';

const TARGET = 1e-8;

/** Sketched regressions beside exact ones, and tolerances that follow the residual. */
export default experiment(record, {
  id: 'solvers',
  title: 'How well regressions must be solved',
  axes: { x: 'sweeps', y: 'relative error of the whole matrix', logY: true },
  claims: ['sketch-equals-exact', 'loose-tolerance'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const seeds = Array.from({ length: full ? 3 : 1 }, (_, k) => context.seed + k);
    const draw = (panel: string, series: string, t: Trace): ExperimentEvent => ({
      kind: 'points',
      panel,
      series,
      x: t.errors.map((_, k) => k),
      y: t.errors,
      work: { seconds: t.seconds, 'inner steps': t.innerSteps, multiplyAdds: t.multiplyAdds },
    });

    const differences: number[] = [];
    const ends: number[] = [];
    for (const [k, seed] of seeds.entries()) {
      yield { kind: 'progress', label: 'sketches', fraction: k / (2 * seeds.length) };
      const shape = { size: full ? 300 : 150, rank: full ? 5 : 3, condition: 3, share: full ? 0.25 : 0.4 };
      const p = await planted(shape, new Random(seed), pause);
      const options = { seed, pause, sweeps: 40, until: TARGET };
      const exact = await trace(p, method.regress({ solver: 'exact' }), options);
      const sketch = await trace(p, method.regress({ solver: 'sketch', tol: 1e-12, seed }), options);
      const until = Math.min(exact.errors.length, sketch.errors.length);
      const off = exact.errors.slice(0, until).map((e, t) => Math.abs(sketch.errors[t] / e - 1));
      differences.push(100 * Math.max(...off));
      ends.push(sketch.errors[until - 1]);
      if (k > 0) continue;
      yield draw('sketched and exact', 'exact', exact);
      yield draw('sketched and exact', 'sketched', sketch);
    }
    yield decide('sketch-equals-exact', { difference: Math.max(...differences), end: Math.max(...ends) });

    const rows: Cell[][] = [];
    const extra: number[] = [];
    const shares: number[] = [];
    for (const [k, seed] of seeds.entries()) {
      yield { kind: 'progress', label: 'tolerances', fraction: 0.5 + k / (2 * seeds.length) };
      const shape = { size: full ? 400 : 150, rank: full ? 20 : 8, condition: 3, share: full ? 0.45 : 0.5 };
      const p = await planted(shape, new Random(seed).split(1), pause);
      const options = { seed, pause, sweeps: 60, until: TARGET };
      const runs = {
        exact: await trace(p, method.regress({ solver: 'exact' }), options),
        'tolerance 1e-12': await trace(p, method.regress({ solver: 'cg', tol: 1e-12 }), options),
        'a tenth of the residual': await trace(p, method.regress({ solver: 'cg', tol: tiedTolerance }), options),
      };
      const steady = method.iterates(p.observed, { rank: p.rank, method: 'robust', innerSteps: 2, seed, tol: 0 });
      const carried = await traceOf(p, steady as Iterable<Sweep>, options);
      const regressions = 2 * shape.size;
      const inner = (t: Trace) => t.innerSteps[t.innerSteps.length - 1] / regressions;
      for (const [name, t] of Object.entries(runs)) {
        rows.push([seed, name, sweepsTo(TARGET, t), name === 'exact' ? null : Number(inner(t).toFixed(1))]);
        if (k === 0) yield draw('tolerances', name, t);
      }
      rows.push([
        seed,
        'two steps from the last solution',
        sweepsTo(TARGET, carried),
        Number(inner(carried).toFixed(1)),
      ]);
      if (k === 0) yield draw('tolerances', 'two steps from the last solution', carried);
      const tied = runs['a tenth of the residual'];
      extra.push(sweepsTo(TARGET, tied) - sweepsTo(TARGET, runs.exact));
      shares.push(inner(tied) / inner(runs['tolerance 1e-12']));
    }
    const columns = ['seed', 'regressions', `sweeps to ${TARGET}`, 'inner steps a line'];
    yield { kind: 'table', title: 'What loose tolerances save', columns, rows };
    yield decide('loose-tolerance', { extra: Math.max(...extra), inner: median(shares) });
  },
});
