import { Random } from '@southwell/numerics/core';
import { lsqrIterates } from '@southwell/numerics/iterative';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { knownSolution, libraryRefine, type RefinementStep, relativeError } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Steps from the solution of the sketched problem, and from zero. */
export default experiment(record, {
  id: 'refinement',
  title: 'Steps to full accuracy',
  panels: [
    {
      title: 'error of x',
      x: { label: 'steps' },
      y: { label: 'relative error of x', log: true },
      series: ['LSQR, preconditioned by the sketch', 'iterative sketching', 'plain LSQR'],
      control: 'plain LSQR',
    },
  ],
  claims: ['refinement'],
  method: libraryRefine,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const {
      rows: n,
      columns: d,
      rowsPerColumn,
      steps: last,
      condition,
      noise,
    } = locked.claims.refinement.sizes[context.size];
    const m = rowsPerColumn * d;
    yield { kind: 'progress', label: 'data', fraction: 0 };
    const problem = knownSolution(n, d, condition, noise, new Random(context.seed).split(0));
    await pause();
    const series: ReadonlyArray<readonly [string, Iterable<RefinementStep>]> = [
      ['LSQR, preconditioned by the sketch', method(problem, 'lsqr', m, 1000 * context.seed)],
      ['iterative sketching', method(problem, 'iterative', m, 1000 * context.seed)],
      ['plain LSQR', lsqrIterates(problem.A, problem.b, { atol: 0, btol: 0 })],
    ];
    const rows: Cell[][] = [];
    const ends: number[] = [];
    for (const [k, [name, steps]] of series.entries()) {
      yield { kind: 'progress', label: name, fraction: (k + 1) / 4 };
      const errors = new Map<number, number>();
      for (const step of steps) {
        errors.set(step.iteration, relativeError(step.snapshot(), problem.x));
        await pause();
        if (step.iteration >= last) break;
      }
      const [x, y] = [[...errors.keys()], [...errors.values()]];
      ends.push(y[y.length - 1]);
      rows.push([name, x[x.length - 1], y[0], y[y.length - 1]]);
      yield { kind: 'points', panel: 'error of x', series: name, x, y };
    }
    problem.A.free();
    yield decide('refinement', { with: ends[0], without: ends[2] });
    const columns = ['method', 'steps', 'error at the start', 'error at the end'];
    yield { kind: 'table', title: 'Condition 1e6', columns, rows };
  },
});
