import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { rankCorrelation } from '../../rankCorrelation.ts';
import {
  type AtRate,
  converged,
  diagonalDescent,
  drawRandom,
  errorAt,
  largestOf,
  leastOf,
  mean,
  type Reached,
  reliable,
  sparseProblem,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims.generalisation;

/** A row of the table: means over the runs at a rate that converged. */
function rowOf(name: string, one: AtRate): Cell[] {
  const runs = converged(one);
  const of = (f: (run: Required<Reached>) => number) => (runs.length > 0 ? mean(runs.map(f)) : null);
  return [
    ...[name, one.rate, runs.length, one.runs.filter(({ status }) => status === 'diverged').length],
    of((run) => run.stability.trace),
    of((run) => (one.rate * run.stability.trace) / 2),
    of((run) => (one.rate * run.stability.lambdaMax) / 2),
    of((run) => one.rate / run.stability.criticalRate),
    ...[of((run) => run.norm), of((run) => run.error)],
  ];
}

/** Sparse regression by a diagonal linear network: SGD with single examples, and gradient descent. */
export default experiment(record, {
  id: 'diagonal',
  title: 'Sparse regression by a diagonal network',
  panels: [
    {
      title: 'trace of the Hessian',
      x: { label: 'rate', log: true },
      y: { label: 'trace of the Hessian', log: true },
      series: ['SGD', 'GD', '2 over the rate'],
      control: 'GD',
    },
    {
      title: 'sum of the sizes of the coefficients',
      x: { label: 'rate', log: true },
      y: { label: 'sum of |coefficients|', log: true },
      series: ['SGD', 'GD'],
      control: 'GD',
    },
    {
      title: 'test error',
      x: { label: 'rate', log: true },
      y: { label: 'test error', log: true },
      series: ['SGD', 'GD'],
      control: 'GD',
    },
  ],
  claims: ['trace-bound', 'generalisation'],
  /** The batch size of stochastic descent: 1, except in controls. */
  method: 1,
  async *run(context, decide, batch) {
    const pause = pauses(context);
    const plan = sizes[context.size];
    const { examples, coefficients, relevant, steps } = plan;
    const problems = Array.from({ length: plan.draws }, (_, k) =>
      sparseProblem(drawRandom(context, k), examples, coefficients, relevant),
    );
    const results: Record<'SGD' | 'GD', AtRate[]> = { SGD: [], GD: [] };
    const total = plan.single.length + plan.all.length;
    const jobs = [
      ...plan.single.map((rate) => ({ name: 'SGD', rate, batch }) as const),
      ...plan.all.map((rate) => ({ name: 'GD', rate, batch: Number.POSITIVE_INFINITY }) as const),
    ];
    for (const [k, { name, ...options }] of jobs.entries()) {
      const runs: Reached[] = [];
      for (const [draw, problem] of problems.entries()) {
        yield { kind: 'progress', label: `${name} at ${options.rate}`, fraction: (k + draw / plan.draws) / total };
        const random = drawRandom(context, draw).split(k + 1);
        runs.push(await diagonalDescent(problem, { ...options, steps }, random, pause));
      }
      results[name].push({ rate: options.rate, runs });
    }
    const { SGD, GD } = results;
    const all = SGD.flatMap((one) => converged(one).map((run) => one.rate * run.stability.trace));
    const ofFull = (of: (run: Required<Reached>) => number): number =>
      largestOf(GD.flatMap((one) => converged(one).map((run) => one.rate * of(run))));
    // Rates at which no run converged have no trace.
    const known = SGD.filter((one) => converged(one).length > 0);
    const traceAt = (one: AtRate | undefined): number =>
      one ? mean(converged(one).map((run) => run.stability.trace)) : Number.NaN;
    const [sure, sureFull] = [SGD.filter(reliable), GD.filter(reliable)];
    const overSmallest = (of: (one: AtRate | undefined) => number): number =>
      sure.length > 1 ? of(sure[sure.length - 1]) / of(sure[0]) : Number.NaN;
    yield decide('trace-bound', {
      trace: largestOf(all),
      falls: overSmallest(traceAt),
      correlation:
        known.length > 1
          ? rankCorrelation(
              known.map(({ rate }) => rate),
              known.map(traceAt),
            )
          : Number.NaN,
      full: ofFull((run) => run.stability.trace),
      eigenvalue: ofFull((run) => run.stability.lambdaMax),
    });
    yield decide('generalisation', {
      rates: overSmallest(errorAt),
      descent: leastOf(sure.map(errorAt)) / leastOf(sureFull.map(errorAt)),
    });
    const rows: Cell[][] = [];
    for (const [name, rates] of Object.entries(results)) {
      const shown = rates.filter((one) => converged(one).length > 0);
      const curves = {
        'trace of the Hessian': (run: Required<Reached>) => run.stability.trace,
        'sum of the sizes of the coefficients': (run: Required<Reached>) => run.norm,
        'test error': (run: Required<Reached>) => run.error,
      };
      for (const [panel, of] of Object.entries(curves)) {
        yield {
          ...{ kind: 'points', panel, series: name, x: shown.map(({ rate }) => rate) },
          y: shown.map((one) => mean(converged(one).map(of))),
        };
      }
      rows.push(...rates.map((one) => rowOf(name, one)));
    }
    yield {
      kind: 'points',
      panel: 'trace of the Hessian',
      series: '2 over the rate',
      x: plan.single,
      y: plan.single.map((rate) => 2 / rate),
    };
    yield {
      kind: 'table',
      title: `Means over the runs of ${plan.draws} that converged`,
      columns: [
        'method',
        'rate',
        'converged',
        'diverged',
        'tr H',
        'η·tr H/2',
        'η·λmax/2',
        'η/critical',
        '‖w‖₁',
        'error',
      ],
      rows,
    };
  },
});
