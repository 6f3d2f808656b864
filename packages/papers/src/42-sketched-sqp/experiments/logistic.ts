import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { counted, curve, follow, libraryMethod, type Outer } from '../lab.ts';
import { locked } from '../locked.ts';
import { logisticRegression, madeRows } from '../problems.ts';
import { record } from '../record.ts';
import { augmentedLagrangian, gmresSqp } from '../rivals.ts';

const rows = 'single rows';
const plain = 'GMRES ℓ₁-SQP';

/** Logistic regressions on made rows, whose weights satisfy ten equations and have unit length. */
export default experiment(record, {
  id: 'logistic',
  title: 'Constrained logistic regression',
  panels: [
    {
      title: '{rows × columns}',
      x: { label: 'outer steps' },
      y: { label: '‖(∇L, c)‖', log: true },
      series: [
        { id: rows, name: 'projections on single rows' },
        plain,
        'adaptive GMRES ℓ₁-SQP',
        'augmented Lagrangian',
      ],
      control: plain,
    },
  ],
  claims: ['logistic'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const { rows: counts, columns, tol, maxInner, most } = locked.claims.logistic.sizes[size];
    const pause = pauses(context);
    const root = new Random(seed);
    const table: Cell[][] = [];
    const found: Array<{ readonly set: string; readonly ours: number; readonly theirs: number }> = [];
    for (const [at, count] of counts.entries()) {
      const random = root.split(at);
      const problem = logisticRegression(madeRows(count, columns[at], random), random);
      const run = async function* (series: string, steps: Iterable<Outer>) {
        yield { kind: 'progress' as const, label: `${problem.name}: ${series}`, fraction: at / counts.length };
        const course = await follow(steps, most, pause);
        yield curve(problem.name, series, course);
        const { kkt, inner, evaluations, f } = course.last;
        table.push([problem.name, series, counted(course.outer), inner, evaluations, kkt, f]);
        return course;
      };
      const options = { tol, maxInner, accuracy: 'paper', seed: random.integer(2 ** 31) } as const;
      const ours = yield* run(rows, method(problem, options));
      const theirs = yield* run(plain, gmresSqp(problem, { tol }));
      found.push({ set: problem.name, ours: ours.outer, theirs: Math.min(theirs.outer, most) });
      if (at === counts.length - 1) {
        yield decide('logistic', {
          steps: found.map((one) => ({ label: one.set, value: one.ours })),
          ratio: found.map((one) => one.ours / one.theirs),
        });
      }
      yield* run('adaptive GMRES ℓ₁-SQP', gmresSqp(problem, { tol, adaptive: true }));
      yield* run('augmented Lagrangian', augmentedLagrangian(problem, { tol }));
    }
    yield {
      kind: 'table',
      title: `To a residual of ${tol}`,
      columns: ['set', 'method', 'outer steps', 'inner steps', 'evaluations', 'KKT residual', 'f'],
      rows: table,
    };
  },
});
