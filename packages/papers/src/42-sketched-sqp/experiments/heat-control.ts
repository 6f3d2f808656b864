import type { SketchedSqpOptions } from 'southwell/constrained';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { type Course, counted, curve, distance, follow, libraryMethod, type Outer } from '../lab.ts';
import { locked } from '../locked.ts';
import { heatControl } from '../problems.ts';
import { record } from '../record.ts';
import { augmentedLagrangian, gmresSqp } from '../rivals.ts';

const PANEL = 'KKT residual';
const rows = 'single rows';
const combinations = 'Gaussian combinations';
const nine = 'blocks of nine rows';

/** The controlled heat equation on a grid of 3 × 3 points: outer steps, and projections within systems. */
export default experiment(record, {
  id: 'heat-control',
  title: 'A controlled heat equation',
  panels: [
    {
      title: PANEL,
      x: { label: 'outer steps' },
      y: { label: '‖(∇L, c)‖', log: true },
      series: [
        { id: rows, name: 'single rows, as accurate as the theory asks' },
        { id: combinations, name: 'Gaussian combinations, as accurate' },
        { id: nine, name: 'blocks of nine rows, by the residual' },
        'GMRES ℓ₁-SQP',
        'adaptive GMRES ℓ₁-SQP',
        'augmented Lagrangian',
      ],
      control: 'GMRES ℓ₁-SQP',
    },
  ],
  claims: ['few-outer-steps', 'row-blocks'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const { N, tol, exact, maxInner, most, block } = locked.claims['few-outer-steps'].sizes[size];
    const pause = pauses(context);
    const problem = heatControl(N);
    const direct = await follow(libraryMethod(problem, { solver: 'direct', tol: exact }), most, pause);
    const table: Cell[][] = [];
    const shown = async function* (series: string, steps: Iterable<Outer>) {
      const course = await follow(steps, most, pause);
      yield curve(PANEL, series, course);
      const { kkt, inner, evaluations, x } = course.last;
      table.push([series, counted(course.outer), inner, evaluations, kkt, distance(x, direct.last.x)]);
      return course;
    };
    const sketched = (series: string, options: SketchedSqpOptions) =>
      shown(series, method(problem, { tol, maxInner, seed, ...options }));

    yield { kind: 'progress', label: rows, fraction: 0.05 };
    const single = yield* sketched(rows, { accuracy: 'paper' });
    const values = { rows: single.outer, distance: distance(single.last.x, direct.last.x) };
    let gaussian: Course | undefined;
    if (size === 'full') {
      yield { kind: 'progress', label: combinations, fraction: 0.1 };
      gaussian = yield* sketched(combinations, { accuracy: 'paper', solver: 'gaussian' });
    }
    yield decide('few-outer-steps', { ...values, sketches: gaussian?.outer });

    yield { kind: 'progress', label: nine, fraction: 0.8 };
    const blocks = yield* sketched(nine, { blockSize: block });
    const singles = await follow(method(problem, { tol, maxInner, seed }), most, pause);
    const all = ({ outer, last }: Course) => (Number.isFinite(outer) ? last.inner : Number.POSITIVE_INFINITY);
    yield decide('row-blocks', { steps: all(blocks), ratio: all(blocks) / all(singles) });

    yield* shown('GMRES ℓ₁-SQP', gmresSqp(problem, { tol }));
    yield* shown('adaptive GMRES ℓ₁-SQP', gmresSqp(problem, { tol, adaptive: true }));
    yield* shown('augmented Lagrangian', augmentedLagrangian(problem, { tol }));
    yield {
      kind: 'table',
      title: `To a residual of ${tol}, N = ${N}`,
      columns: ['method', 'outer steps', 'inner steps', 'evaluations', 'KKT residual', 'distance from direct'],
      rows: table,
    };
  },
});
