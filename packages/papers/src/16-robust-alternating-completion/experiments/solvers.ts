import { elementary } from '@southwell/numerics/special';
import { Random } from 'southwell';
import { type Sweep, tiedTolerance } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentContext, ExperimentEvent } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import {
  libraryMethod,
  libraryStart,
  type Method,
  median,
  type Planted,
  planted,
  rivalTrace,
  sweepsTo,
  type Trace,
  trace,
  traceOf,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { conjugateGradients, solveLines, triangular } from '../rival.ts';

const sketched = locked.claims['sketch-equals-exact'].sizes;
const loose = locked.claims['loose-tolerance'].sizes;
/** Number of columns of the hard factor, each a tenth of the one before. */
const HARD = sketched.quick.hardColumns;
const TARGET = loose.quick.until;

/** Sketched regressions compared with exact ones, and tolerances that follow the residual. */
export default experiment(record, {
  id: 'solvers',
  title: 'How well regressions must be solved',
  panels: [
    {
      title: 'sketched and exact',
      x: { label: 'sweeps' },
      y: { label: 'relative error of the whole matrix', log: true },
      series: ['exact, code of its own', 'sketched'],
      control: 'exact, code of its own',
    },
    {
      title: 'tolerances',
      x: { label: 'sweeps' },
      y: { label: 'relative error of the whole matrix', log: true },
      series: [
        'exact',
        'tolerance 1e-12, code of its own',
        'a tenth of the residual',
        'two steps from the last solution',
      ],
      control: 'exact',
    },
  ],
  claims: ['sketch-equals-exact', 'loose-tolerance'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { draws, condition, sweeps, until: target, tol, maxSteps, size, rank, share } = sketched[context.size];
    const random = new Random(context.seed);
    const differences: number[] = [];
    const ends: number[] = [];
    const hard: number[] = [];
    const hardSteps: number[] = [];
    for (let k = 0; k < draws; k++) {
      yield { kind: 'progress', label: 'sketches', fraction: k / (2 * draws) };
      const shape = { size, rank, condition, share };
      const p = await planted(shape, random.split(k), pause);
      const options = { seed: context.seed, pause, sweeps, until: target };
      const left = libraryStart(p, context.seed);
      const exact = await rivalTrace(p, { random, left }, options);
      const sketch = await trace(p, method.regress({ solver: 'sketch', tol, seed: context.seed }), options);
      const until = Math.min(exact.errors.length, sketch.errors.length);
      const off = exact.errors.slice(0, until).map((e, t) => Math.abs(sketch.errors[t] / e - 1));
      differences.push(100 * Math.max(...off));
      ends.push(sketch.errors[until - 1]);
      const { worst, steps } = onHardFactor(p, method, random.split(10 + k));
      hard.push(worst);
      hardSteps.push(steps / HARD);
      if (k > 0) continue;
      yield curve('sketched and exact', 'exact, code of its own', exact);
      yield curve('sketched and exact', 'sketched', sketch);
    }
    yield decide('sketch-equals-exact', {
      difference: Math.max(...differences),
      end: Math.max(...ends),
      hard: median(hardSteps) > 0 && median(hardSteps) <= maxSteps ? Math.max(...hard) : Number.POSITIVE_INFINITY,
      steps: median(hardSteps),
    });

    const rows: Cell[][] = [];
    const extra: number[] = [];
    const shares: number[] = [];
    const large = loose[context.size];
    for (let k = 0; k < large.draws; k++) {
      yield { kind: 'progress', label: 'tolerances', fraction: 0.5 + k / (2 * large.draws) };
      const shape = { size: large.size, rank: large.rank, condition: large.condition, share: large.share };
      const runs = await tolerances(await planted(shape, random.split(20 + k), pause), method, context, pause);
      const inner = (t: Trace) => t.innerSteps[t.innerSteps.length - 1] / (2 * shape.size);
      for (const [name, t] of Object.entries(runs)) {
        rows.push([k + 1, name, sweepsTo(TARGET, t), name === 'exact' ? null : Number(inner(t).toFixed(1))]);
        if (k === 0) yield curve('tolerances', name, t);
      }
      const tied = runs['a tenth of the residual'];
      // Infinity less infinity, where neither arrives, meets no bar.
      extra.push(sweepsTo(TARGET, tied) - sweepsTo(TARGET, runs['tolerance 1e-12, code of its own']));
      shares.push(inner(tied) / inner(runs['tolerance 1e-12, code of its own']));
    }
    const columns = ['draw', 'regressions', `sweeps to ${TARGET}`, 'inner steps a line'];
    yield { kind: 'table', title: 'What loose tolerances save', columns, rows };
    const most = Math.max(...extra);
    yield decide('loose-tolerance', {
      extra: most,
      inner: most <= large.maxExtra ? median(shares) : Number.POSITIVE_INFINITY,
    });
  },
});

const curve = (panel: string, series: string, t: Trace): ExperimentEvent => ({
  kind: 'points',
  panel,
  series,
  x: t.errors.map((_, k) => k),
  y: t.errors,
  work: { seconds: t.seconds, 'inner steps': t.innerSteps, multiplyAdds: t.multiplyAdds },
});

/**
 * Sketched regressions on a factor with condition number 10⁵: the largest relative error, compared with triangular
 * factors, and inner steps per line.
 */
function onHardFactor({ observed: { byCol } }: Planted, method: Method, random: Random) {
  const factor = Float64Array.from(
    { length: byCol.across * HARD },
    (_, t) => random.normal() * elementary.power(10, -(t % HARD)),
  );
  const [out, exact] = [new Float64Array(byCol.count * HARD), new Float64Array(byCol.count * HARD)];
  const work = { multiplyAdds: 0, innerIterations: 0 };
  const regress = method.regress({ solver: 'sketch', tol: sketched.quick.tol, seed: 1 });
  regress({ rows: byCol, factor, rank: HARD, out, relativeResidual: 1, count: 0, work });
  solveLines(byCol, factor, HARD, exact, triangular);
  let worst = 0;
  for (let j = 0; j < exact.length; j += HARD) {
    const size = (v: Float64Array) => Math.hypot(...v.subarray(j, j + HARD));
    worst = Math.max(worst, size(out.map((v, t) => v - exact[t])) / size(exact));
  }
  return { worst, steps: work.innerIterations / byCol.count };
}

/** The library from one initial point with several tolerances, and the tightest by independent code. */
async function tolerances(p: Planted, method: Method, { seed, size }: ExperimentContext, pause: Pause) {
  const { sweeps, tol } = loose[size];
  const options = { seed, pause, sweeps, until: TARGET };
  const steady = method.iterates(p.observed, { rank: p.rank, method: 'robust', innerSteps: 2, seed, tol: 0 });
  const fixed = { random: new Random(seed), left: libraryStart(p, seed), solve: conjugateGradients(tol) };
  return {
    exact: await trace(p, method.regress({ solver: 'exact' }), options),
    'tolerance 1e-12, code of its own': await rivalTrace(p, fixed, options),
    'a tenth of the residual': await trace(p, method.regress({ solver: 'cg', tol: tiedTolerance }), options),
    'two steps from the last solution': await traceOf(p, steady as Iterable<Sweep>, options),
  };
}
