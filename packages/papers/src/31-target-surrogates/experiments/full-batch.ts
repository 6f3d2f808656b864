import { armijo, steepestDescent, type TargetOptions } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { type Course, course, drawSeed, libraryMethod, losses, regression, searchCalls } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { optimisers, TUNING, tunedCalls, tunedSurrogates } from '../stochastic.ts';

/** Cost of an evaluation of the loss, in passes of the model. */
const RATIOS = [1, 10, 100, 1000];

/** Full batches: the number of evaluations to reach a gap of 1e-4. */
export default experiment(record, {
  id: 'full-batch',
  title: 'Calls for gradients of all examples',
  panels: [
    {
      title: '{loss} loss',
      x: { label: 'calls', log: true },
      y: { label: '(h − h*)/(h₀ − h*)', log: true },
      series: ['gradient descent', 'm = 1', 'm = 10', 'm = 100', 'exact inner solutions'],
      control: 'gradient descent',
    },
  ],
  claims: ['full-batch'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const ends = locked.claims['full-batch'].sizes[context.size];
    const { rows: n, columns: d, calls: most } = ends;
    const fewest: Array<{ readonly label: string; readonly value: number }> = [];
    const found: Record<string, Course> = {};
    const rows: Cell[][] = [];
    const costs: Cell[][] = [];
    for (const [k, name] of losses.entries()) {
      const problem = await regression(name, n, d, drawSeed(context, 0), pause);
      const runs: Readonly<Record<string, TargetOptions>> = {
        'gradient descent': { inner: 'gradient', steps: 1, length: problem.length },
        'm = 1': { steps: 1 },
        'm = 10': { steps: 10 },
        'm = 100': { steps: 100 },
        'exact inner solutions': { inner: 'exact' },
      };
      for (const [label, options] of Object.entries(runs)) {
        yield {
          kind: 'progress',
          label: `${name}: ${label}`,
          fraction: (k + 0.05 * Object.keys(runs).indexOf(label)) / 2,
        };
        const one = await course(method, problem, options, ends, pause);
        found[`${name} ${label}`] = one;
        rows.push([name, label, one.calls, one.passes, one.gaps[one.gaps.length - 1]]);
        const { x, y } = drawn(one.gaps);
        yield { kind: 'points', panel: `${name} loss`, series: label, x, y };
      }
      const other = await regression(name, n, d, drawSeed(context, TUNING), pause);
      const tuning = (label: string, part: number): ExperimentEvent => ({
        ...{ kind: 'progress', label: `${name}: ${label}` },
        fraction: (k + 0.25 + 0.75 * part) / 2,
      });
      yield tuning('line search', 0);
      const search = await searchCalls(problem, ends, { direction: steepestDescent(), search: armijo() }, pause);
      const reached = [search];
      rows.push([name, 'line search', search, null, null]);
      for (const [r, rival] of optimisers.entries()) {
        yield tuning(`rates of ${rival}`, (r + 1) / (optimisers.length + 3));
        const [rate, calls] = await tunedCalls(rival, problem, other, ends, pause);
        reached.push(calls);
        rows.push([name, `${rival === 'SGD' ? 'gradient descent' : rival}, rate ${rate}`, calls, null, null]);
      }
      // Not one of the paper's rivals.
      rows.push([name, 'L-BFGS', await searchCalls(problem, ends, {}, pause), null, null]);
      yield tuning('step sizes of surrogates', (optimisers.length + 2) / (optimisers.length + 3));
      // A rival that does not get there within the budget would need more.
      const [part, few] = await tunedSurrogates(method, problem, other, 100, ends, pause);
      rows.push([name, `m = 100, η = ${part}/L`, few, null, null]);
      fewest.push({ label: name, value: few / Math.min(...reached, most) });
      for (const ratio of RATIOS) {
        const times = Object.keys(runs).map((label) => {
          const { calls, passes } = found[`${name} ${label}`];
          return ratio * calls + passes;
        });
        // Exact solutions exist only for linear models.
        const some = times.slice(0, -1);
        const best = Object.keys(runs)[some.indexOf(Math.min(...some))];
        costs.push([name, ratio, ...times, best]);
      }
    }
    const calls = (label: string) => found[label].calls;
    const descent = losses.map((name) => ({ label: name, value: calls(`${name} gradient descent`) }));
    yield decide('full-batch', {
      squared: calls('squared m = 100'),
      logistic: calls('logistic m = 100'),
      rivals: fewest,
      descent,
      ...(full && {
        exactSquared: calls('squared exact inner solutions'),
        exactLogistic: calls('logistic exact inner solutions'),
      }),
    });
    const columns = ['loss', 'method', 'calls to 1e-4', 'passes of the model', 'gap at the end'];
    yield { kind: 'table', title: `At most ${most} calls`, columns, rows };
    yield {
      kind: 'table',
      title: 'Time to 1e-4 where a call costs so many passes, in passes',
      columns: [...['loss', 'cost of a call', 'gradient descent', 'm = 1', 'm = 10', 'm = 100', 'exact'], 'least'],
      rows: costs,
    };
  },
});

/** Gaps after each evaluation, thinned if there are many. */
function drawn(gaps: readonly number[]): { readonly x: number[]; readonly y: number[] } {
  const [x, y]: [number[], number[]] = [[], []];
  for (let k = 1; k < gaps.length; k = Math.max(k + 1, Math.floor(k * 1.05))) {
    x.push(k);
    // Bounded below, as the minimum is only known up to rounding.
    y.push(Math.max(gaps[k], 1e-16));
  }
  return { x, y };
}
