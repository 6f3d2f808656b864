import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { type Course, counted, curve, follow, libraryMethod, median } from '../lab.ts';
import { locked } from '../locked.ts';
import { classicProblems, onCircle } from '../problems.ts';
import { record } from '../record.ts';
import { gmresSqp } from '../rivals.ts';

const PANEL = 'MARATOS';
const rows = 'single rows';
const plain = 'GMRES ℓ₁-SQP';

const unitSteps = ({ alphas }: Course) => alphas.filter((alpha) => alpha === 1).length;
const lastFactor = ({ outer, kkt }: Course) =>
  Number.isFinite(outer) ? kkt[kkt.length - 1] / kkt[kkt.length - 2] : Number.POSITIVE_INFINITY;
const stepsOf = (course: Course): Cell[] => [counted(course.outer), unitSteps(course), lastFactor(course)];

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
    const { tol, maxInner, most, last, angles } = locked.claims['unit-steps'].sizes[size];
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
      const { alphas, outer } = ours;
      const steps = Number.isFinite(outer) ? alphas : [];
      factors.push(lastFactor(ours));
      if (steps.at(-1) === 1) unit++;
      if (problem.name === PANEL) {
        maratos = steps.slice(-last).filter((alpha) => alpha === 1).length;
        yield curve(PANEL, rows, ours);
        yield curve(PANEL, plain, theirs);
      }
      table.push([problem.name, ...stepsOf(ours), counted(theirs.outer), unitSteps(theirs)]);
    }
    let circle = 0;
    for (const [at, angle] of angles.entries()) {
      const problem = onCircle(angle);
      const options = { tol, maxInner, seed: random.split(problems.length + at).integer(2 ** 31) };
      const ours = await follow(method(problem, options), most, pause);
      const theirs = await follow(gmresSqp(problem, { tol }), most, pause);
      if (Number.isFinite(ours.outer) && ours.alphas.every((alpha) => alpha === 1)) circle++;
      const name = `${problem.name} from ${angle} on the circle`;
      table.push([name, ...stepsOf(ours), counted(theirs.outer), unitSteps(theirs)]);
    }
    yield decide('unit-steps', { circle, maratos, last: unit });
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
