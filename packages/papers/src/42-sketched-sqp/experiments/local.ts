import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { counted, curve, follow, libraryMethod, median } from '../lab.ts';
import { locked } from '../locked.ts';
import { classicProblems } from '../problems.ts';
import { record } from '../record.ts';
import { gmresSqp } from '../rivals.ts';

const PANEL = 'MARATOS';
const rows = 'single rows';
const plain = 'GMRES ℓ₁-SQP';

/** The last steps on fifteen problems, whose systems are solved the more accurately the smaller the residual is. */
export default experiment(record, {
  id: 'local',
  title: 'The last steps',
  panels: [
    {
      title: PANEL,
      x: { label: 'outer steps' },
      y: { label: '‖(∇L, c)‖', log: true },
      series: [{ id: rows, name: 'projections, exact augmented Lagrangian' }, plain],
      control: plain,
    },
  ],
  claims: ['unit-steps', 'superlinear'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const { tol, maxInner, most, last } = locked.claims['unit-steps'].sizes[size];
    const pause = pauses(context);
    const random = new Random(seed);
    const problems = classicProblems();
    const table: Cell[][] = [];
    const factors: number[] = [];
    let [unit, maratos] = [0, 0];
    for (const [at, problem] of problems.entries()) {
      yield { kind: 'progress', label: problem.name, fraction: at / problems.length };
      const options = { tol, maxInner, seed: random.split(at).integer(2 ** 31) };
      const ours = await follow(method(problem, options), most, pause);
      const theirs = await follow(gmresSqp(problem, { tol }), most, pause);
      const { kkt, alphas, outer } = ours;
      const factor = Number.isFinite(outer) ? kkt[kkt.length - 1] / kkt[kkt.length - 2] : Number.POSITIVE_INFINITY;
      const steps = Number.isFinite(outer) ? alphas : [];
      factors.push(factor);
      if (steps.at(-1) === 1) unit++;
      if (problem.name === PANEL) {
        maratos = steps.slice(-last).filter((alpha) => alpha === 1).length;
        yield curve(PANEL, rows, ours);
        yield curve(PANEL, plain, theirs);
      }
      const whole = (of: readonly number[]) => of.filter((alpha) => alpha === 1).length;
      table.push([problem.name, counted(outer), whole(alphas), factor, counted(theirs.outer), whole(theirs.alphas)]);
    }
    yield decide('unit-steps', { maratos, last: unit });
    yield decide('superlinear', { ratio: median(factors) });
    yield {
      kind: 'table',
      title: `To a residual of ${tol}`,
      columns: [
        'problem',
        'outer steps',
        'unit steps',
        'factor of the last step',
        `${plain}: outer steps`,
        'unit steps',
      ],
      rows: table,
    };
  },
});
