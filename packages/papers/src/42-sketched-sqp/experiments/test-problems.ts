import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { type Course, counted, follow, libraryMethod, median } from '../lab.ts';
import { locked } from '../locked.ts';
import { classicProblems, ten } from '../problems.ts';
import { record } from '../record.ts';
import { augmentedLagrangian, gmresSqp } from '../rivals.ts';

const names = ['single rows', 'GMRES ℓ₁-SQP', 'adaptive GMRES ℓ₁-SQP', 'augmented Lagrangian'] as const;
const PANEL = 'Problems solved';

/** Fifteen problems of CUTEst with equations alone. */
export default experiment(record, {
  id: 'test-problems',
  title: 'Classic test problems',
  panels: [
    {
      title: PANEL,
      x: { label: 'outer steps' },
      y: { label: 'problems solved' },
      series: names,
      control: 'adaptive GMRES ℓ₁-SQP',
    },
  ],
  claims: ['test-problems', 'superior'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const { tol, maxInner, most } = locked.claims['test-problems'].sizes[size];
    const pause = pauses(context);
    const random = new Random(seed);
    const problems = classicProblems();
    const courses: Course[][] = [];
    for (const [at, problem] of problems.entries()) {
      yield { kind: 'progress', label: problem.name, fraction: at / problems.length };
      const options = { tol, maxInner, accuracy: 'paper', seed: random.split(at).integer(2 ** 31) } as const;
      const own: Course[] = [];
      for (const steps of [
        method(problem, options),
        gmresSqp(problem, { tol }),
        gmresSqp(problem, { tol, adaptive: true }),
        augmentedLagrangian(problem, { tol }),
      ]) {
        own.push(await follow(steps, most, pause));
      }
      courses.push(own);
    }
    const outers = names.map((_, k) => courses.map((own) => own[k].outer));
    const solved = outers.map((of) => of.filter(Number.isFinite).length);
    const of = (name: string) => outers[0][problems.findIndex((p) => p.name === name)];
    const own = ten.map(of);
    const { ten: least, fifteen } = locked.claims['test-problems'].measures;
    const found = own.filter(Number.isFinite).length;
    const enough = found >= least['≥'] && solved[0] >= fifteen['≥'];
    const infinite = Number.POSITIVE_INFINITY;
    yield decide('test-problems', { ten: found, steps: enough ? median(own) : infinite, fifteen: solved[0] });
    yield decide('superior', {
      solved: { value: solved[0], reference: solved[2] },
      steps: { value: solved[0] >= solved[2] ? median(outers[0]) : infinite, reference: median(outers[2]) },
    });
    for (const [k, series] of names.entries()) {
      const ends = outers[k].filter(Number.isFinite).toSorted((a, b) => a - b);
      yield { kind: 'points', panel: PANEL, series, x: [0, ...ends], y: [0, ...ends.map((_, i) => i + 1)] };
    }
    yield {
      kind: 'table',
      title: `Outer steps to a residual of ${tol}, evaluations, and objectives`,
      columns: ['problem', ...names.flatMap((name) => [name, 'evaluations', 'f']), 'best f'],
      rows: problems.map(({ name, best }, at): Cell[] => [
        name,
        ...courses[at].flatMap(({ outer, last }) => [counted(outer), last.evaluations, last.f]),
        best ?? null,
      ]),
    };
  },
});
