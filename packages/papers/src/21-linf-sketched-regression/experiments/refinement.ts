import { Random } from '@southwell/numerics/core';
import { lsqrIterates } from '@southwell/numerics/iterative';
import { type Refinement, sketchedLeastSquaresIterates } from 'southwell/linear-systems';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { type Known, knownSolution, relativeError } from '../lab.ts';
import { record } from '../record.ts';

const STEPS = 40;
const CONDITION = 1e6;

/** Refinement steps by the library, or by a control. */
export type Refine = ({ A, b }: Known, refine: Refinement, rows: number, seed: number) => Iterable<Step>;
interface Step {
  readonly iteration: number;
  snapshot(): Float64Array;
}

export const libraryRefine: Refine = ({ A, b }, refine, rows, seed) =>
  sketchedLeastSquaresIterates(A, b, { refine, rows, seed });

/** Steps from the solution of the sketched problem, and from zero. */
export default experiment(record, {
  id: 'refinement',
  title: 'Steps to full accuracy',
  axes: { x: 'steps', y: 'relative error of x', logY: true },
  claims: ['refinement'],
  method: libraryRefine,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const [n, d] = context.size === 'full' ? [40_000, 100] : [4000, 50];
    yield { kind: 'progress', label: 'data', fraction: 0 };
    const problem = knownSolution(n, d, CONDITION, 1e-8, new Random(context.seed).split(0));
    await pause();
    const series: ReadonlyArray<readonly [string, Iterable<Step>]> = [
      ['LSQR, preconditioned by the sketch', method(problem, 'lsqr', 8 * d, 1000 * context.seed)],
      ['iterative sketching', method(problem, 'iterative', 8 * d, 1000 * context.seed)],
      ['plain LSQR', lsqrIterates(problem.A, problem.b, { atol: 0, btol: 0 })],
    ];
    const rows: Cell[][] = [];
    const last: number[] = [];
    for (const [k, [name, steps]] of series.entries()) {
      yield { kind: 'progress', label: name, fraction: (k + 1) / 4 };
      const errors = new Map<number, number>();
      for (const step of steps) {
        errors.set(step.iteration, relativeError(step.snapshot(), problem.x));
        await pause();
        if (step.iteration >= STEPS) break;
      }
      const [x, y] = [[...errors.keys()], [...errors.values()]];
      last.push(y[y.length - 1]);
      rows.push([name, x[x.length - 1], y[0], y[y.length - 1]]);
      yield { kind: 'points', panel: 'error of x', series: name, x, y };
    }
    problem.A.free();
    yield decide('refinement', { with: last[0], without: last[2] });
    const columns = ['method', 'steps', 'error at the start', 'error at the end'];
    yield { kind: 'table', title: 'Condition 1e6', columns, rows };
  },
});
