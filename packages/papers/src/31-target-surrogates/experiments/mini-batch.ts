import { type StochasticProblem, sgd, stochasticIterates } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  drawSeed,
  gapOf,
  type LossName,
  libraryMethod,
  losses,
  type Method,
  type Regression,
  regression,
} from '../lab.ts';
import { record } from '../record.ts';

/** Spaced by half a decade. */
const LENGTHS = Array.from({ length: 9 }, (_, k) => 10 ** (-3 + k / 2));
const ETAS = [0.01, 0.1, 0.3, 1];
type Found = Readonly<Record<string, number>>;

/** Batches in random order: the gap after some passes, each method with its best step size. */
export default experiment(record, {
  id: 'mini-batch',
  title: 'Gaps by batches',
  axes: { x: 'inner steps', y: '(h − h*)/(h₀ − h*), best step', logY: true, logX: true },
  claims: ['mini-batch'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const [n, d, epochs] = full ? [1000, 60, 20] : [300, 30, 5];
    const settings: Array<readonly [LossName, number]> = full
      ? losses.flatMap((name) => [25, 125].map((batch) => [name, batch] as const))
      : [['squared', 25]];
    const inner = full ? [1, 10, 100] : [1, 10];
    const most = Math.max(...record.claims[1].draws[context.size]);
    const found = new Map<string, Found[]>();
    const rows: Cell[][] = [];
    const of = (loss: LossName, a: string, b: string) =>
      settings
        .filter(([name]) => name === loss)
        .map(([name, batch]) => ({
          label: batch,
          draws: (found.get(`${name} ${batch}`) ?? []).map((all) => all[a] / all[b]),
        }));
    const values = () => ({
      squared: of('squared', '10', 'SGD'),
      ...(full && {
        logistic: of('logistic', '10', 'SGD'),
        monotone: settings.flatMap(([name, batch]) =>
          [
            ['10', '1'],
            ['100', '10'],
          ].map(([a, b]) => ({
            label: `m = ${a}, ${name}, batches of ${batch}, over that at m = ${b}`,
            draws: found.get(`${name} ${batch}`)!.map((all) => all[a] / all[b]),
          })),
        ),
        one: settings.map(([name, batch]) => ({
          label: `${name}, batches of ${batch}`,
          draws: found.get(`${name} ${batch}`)!.map((all) => Math.max(all['1'] / all.SGD, all.SGD / all['1'])),
        })),
      }),
    });
    let draw = 0;
    do {
      for (const [place, [name, batch]] of settings.entries()) {
        const problem = await regression(name, n, d, drawSeed(context, draw), pause);
        const own: Record<string, number> = {};
        const label = `draw ${draw + 1}: ${name}, batches of ${batch}`;
        yield { kind: 'progress', label, fraction: (draw + place / settings.length) / most };
        const seed = drawSeed(context, draw);
        own.SGD = await least(LENGTHS, (length) => bySgd(problem, length, batch, epochs, seed, pause));
        for (const m of inner) {
          own[m] = await least(ETAS, (eta) => bySurrogates(method, problem, m, eta, batch, epochs, seed, pause));
        }
        found.set(`${name} ${batch}`, [...(found.get(`${name} ${batch}`) ?? []), own]);
        rows.push([name, batch, draw + 1, own.SGD, ...inner.map((m) => own[m])]);
        if (draw > 0) continue;
        const panel = 'gap by inner steps, first draw';
        yield { kind: 'points', panel, series: `${name}, ${batch}`, x: [...inner], y: inner.map((m) => own[m]) };
        yield {
          kind: 'points',
          panel,
          series: `SGD: ${name}, ${batch}`,
          x: [1, inner[inner.length - 1]],
          y: [own.SGD, own.SGD],
        };
      }
      draw++;
    } while (!decide.enough('mini-batch', draw, values));
    yield decide('mini-batch', values());
    const columns = ['loss', 'batch', 'draw', 'SGD', ...inner.map((m) => `m = ${m}`)];
    yield { kind: 'table', title: `Relative gap after ${epochs} passes over the examples`, columns, rows };
  },
});

/** The minimum over some step sizes; NaN counts as infinite. */
async function least(steps: readonly number[], ending: (step: number) => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    const gap = await ending(step);
    if (gap < best) best = gap;
  }
  return best;
}

type Pause = () => Promise<void>;

async function bySurrogates(
  method: Method,
  problem: Regression,
  m: number,
  part: number,
  batchSize: number,
  epochs: number,
  seed: number,
  pause: Pause,
): Promise<number> {
  const oracleCalls = epochs * Math.floor(problem.examples / batchSize);
  const eta = part / problem.loss.smoothness!;
  for (const it of method(problem, { steps: m, eta, batchSize, oracleCalls, seed })) {
    if (it.done) return gapOf(problem, problem.whole(it.snapshot()));
    if (it.iteration % 16 === 0) await pause();
  }
  return Number.POSITIVE_INFINITY;
}

async function bySgd(
  problem: Regression,
  rate: number,
  batchSize: number,
  epochs: number,
  seed: number,
  pause: Pause,
): Promise<number> {
  const { examples, model, loss, start } = problem;
  const [parameters, gradient] = [Float64Array.from(start), new Float64Array(start.length)];
  const [z, slope] = [new Float64Array(batchSize), new Float64Array(batchSize)];
  const by: StochasticProblem = {
    ...{ examples, parameters, gradient },
    evaluate(batch) {
      model.forward(parameters, batch, z);
      const value = loss.evaluate(z, batch, slope);
      model.pull(
        parameters,
        batch,
        slope.map((v) => v / batch.length),
        gradient,
      );
      return value;
    },
  };
  for (const it of stochasticIterates(by, sgd({ rate }), { batchSize, epochs, seed })) {
    if (it.done) return it.done === 'completed' ? gapOf(problem, problem.whole(parameters)) : Number.POSITIVE_INFINITY;
    if (it.iteration % 64 === 0) await pause();
  }
  return Number.POSITIVE_INFINITY;
}
