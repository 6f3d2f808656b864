import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  type AtRate,
  converged,
  drawRandom,
  errorAt,
  largestOf,
  leastOf,
  mean,
  type Reached,
  reliable,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { twoLayerDescent, twoLayerProblem } from '../twoLayer.ts';

interface Plan {
  readonly name: string;
  readonly batch: number;
  readonly rates: readonly number[];
  readonly steps: number;
}
const { sizes } = locked.claims['two-layer'];
const plansOf = ({ single, eight, all, steps, stepsOfEight, stepsOfAll }: (typeof sizes)['quick' | 'full']): Plan[] => [
  { name: 'single examples', batch: 1, rates: single, steps },
  ...(eight.length > 0 ? [{ name: 'batches of 8', batch: 8, rates: eight, steps: stepsOfEight }] : []),
  { name: 'all examples', batch: Number.POSITIVE_INFINITY, rates: all, steps: stepsOfAll },
];

/** A student of 200 ReLU units that learns a single unit, from a sharp initialisation. */
export default experiment(record, {
  id: 'two-layer',
  title: 'A rectified unit learned by a network of two layers',
  panels: [
    {
      title: 'trace of the Hessian',
      x: { label: 'rate', log: true },
      y: { label: 'trace of the Hessian', log: true },
      series: ['{batch}'],
    },
    { title: 'path norm', x: { label: 'rate', log: true }, y: { label: 'path norm', log: true }, series: ['{batch}'] },
    { title: 'test loss', x: { label: 'rate', log: true }, y: { label: 'test loss', log: true }, series: ['{batch}'] },
  ],
  claims: ['two-layer'],
  /** The batch size used for each batch size: itself, except in controls. */
  method: ((batch) => batch) as (batch: number) => number,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const size = sizes[context.size];
    const { draws, examples, inputs, units, sharp } = size;
    const own = plansOf(size);
    const problems = Array.from({ length: draws }, (_, k) =>
      twoLayerProblem(drawRandom(context, k), examples, inputs, units, sharp),
    );
    const results: Array<Plan & { readonly found: readonly AtRate[] }> = [];
    const total = own.reduce((sum, { rates }) => sum + rates.length, 0);
    let done = 0;
    for (const plan of own) {
      const found: AtRate[] = [];
      for (const rate of plan.rates) {
        const runs: Reached[] = [];
        for (const [draw, problem] of problems.entries()) {
          yield { kind: 'progress', label: `${plan.name}, rate ${rate}`, fraction: (done + draw / draws) / total };
          const random = drawRandom(context, draw).split(done + 1);
          const options = { rate, batch: method(plan.batch), steps: plan.steps };
          runs.push(await twoLayerDescent(problem, options, random, pause));
        }
        done++;
        found.push({ rate, runs });
        yield* drawn(plan.name, { rate, runs });
      }
      results.push({ ...plan, found });
    }
    const stochastic = results.filter(({ batch }) => Number.isFinite(batch));
    const bounds = stochastic.flatMap(({ batch, found }) =>
      found.flatMap((one) => converged(one).map((run) => (one.rate * run.stability.trace) / (2 * batch))),
    );
    const root = Math.sqrt(problems[0].d);
    const paths = stochastic.flatMap(({ found }) =>
      found.flatMap((one) => converged(one).map((run) => run.norm / (root * run.stability.trace))),
    );
    const sure = results[0].found.filter(reliable);
    yield decide('two-layer', {
      bound: largestOf(bounds),
      path: largestOf(paths),
      error: sure.length > 1 ? errorAt(sure[sure.length - 1]) / errorAt(sure[0]) : Number.NaN,
      descent: leastOf(sure.map(errorAt)) / leastOf(results[results.length - 1].found.filter(reliable).map(errorAt)),
    });
    const rows: Cell[][] = [];
    for (const { name, found } of results) {
      for (const one of found) {
        const runs = converged(one);
        const of = (f: (run: Required<Reached>) => number) => (runs.length > 0 ? mean(runs.map(f)) : null);
        rows.push([
          ...[name, one.rate, runs.length, one.runs.filter(({ status }) => status === 'diverged').length],
          ...[of(({ stability }) => stability.trace), of(({ stability }) => one.rate / stability.criticalRate)],
          ...[of((run) => run.norm), of((run) => run.error)],
        ]);
      }
    }
    yield {
      kind: 'table',
      title: `Means over the runs of ${draws} that converged`,
      columns: ['gradients', 'rate', 'converged', 'diverged', 'tr H', 'η/critical', 'path norm', 'test loss'],
      rows,
    };
  },
});

/** A point of each curve: means over the runs that converged, if any did. */
function* drawn(series: string, one: AtRate): Generator<ExperimentEvent> {
  const runs = converged(one);
  if (runs.length === 0) return;
  const curves = {
    'trace of the Hessian': (run: Required<Reached>) => run.stability.trace,
    'path norm': (run: Required<Reached>) => run.norm,
    'test loss': (run: Required<Reached>) => run.error,
  };
  for (const [panel, of] of Object.entries(curves))
    yield { kind: 'points', panel, series, x: [one.rate], y: [mean(runs.map(of))] };
}
