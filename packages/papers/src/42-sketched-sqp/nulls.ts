import { nulls } from '../verdicts/nulls.ts';
import type { solversAt } from './costs.ts';
import type { Method } from './lab.ts';
import { record } from './record.ts';
import { gmresSqp } from './rivals.ts';
import type { entriesOf } from './system.ts';

interface Settings {
  readonly solver: string;
  readonly blockSize: number;
}
interface Improving {
  readonly z: Float64Array;
  readonly steps: number;
  improve(target: number): number;
  free(): void;
}
type Improve = (
  ...args: readonly [
    program: unknown,
    W: unknown,
    J: unknown,
    shift: unknown,
    b: Float64Array,
    settings: Settings,
    run: unknown,
  ]
) => Improving;
interface Point {
  readonly f: number;
  readonly c: Float64Array;
}

const improving = { module: 'southwell/constrained/sketched/system', name: 'improving' } as const;
const projects = ({ solver }: Settings) => solver === 'kaczmarz' || solver === 'gaussian';
const norm = (v: Float64Array) => Math.sqrt(v.reduce((sum, t) => sum + t * t, 0));

export default nulls(record, [
  {
    id: 'no-step',
    says: 'with zero as the solution of every system',
    kinds: ['nothing'],
    claims: [
      'few-outer-steps',
      'row-blocks',
      'logistic',
      'test-problems',
      'superior',
      'unit-steps',
      'superlinear',
      'cost',
    ],
    ...improving,
    by:
      (original: Improve): Improve =>
      (...args) => {
        const [, , , , b, settings] = args;
        if (!projects(settings)) return original(...args);
        return { z: new Float64Array(b.length), steps: 1, improve: () => norm(b), free: () => {} };
      },
  },
  {
    id: 'gmres',
    says: 'with GMRES ℓ₁-SQP in place of the method',
    kinds: ['baseline'],
    claims: ['few-outer-steps', 'logistic', 'test-problems', 'superior', 'unit-steps', 'superlinear'],
    module: 'papers/42-sketched-sqp/lab',
    name: 'libraryMethod',
    by:
      (original: Method): Method =>
      (problem, options) =>
        options.solver === 'direct' ? original(problem, options) : gmresSqp(problem, { tol: options.tol! }),
  },
  {
    id: 'plus-b',
    says: 'with residuals that start at +b and are updated from there',
    kinds: ['ingredient'],
    claims: ['few-outer-steps'],
    ...improving,
    by:
      (original: Improve): Improve =>
      (...args) => {
        const [program, W, J, shift, b, settings, run] = args;
        return projects(settings)
          ? original(
              program,
              W,
              J,
              shift,
              b.map((v) => -v),
              settings,
              run,
            )
          : original(...args);
      },
  },
  {
    id: 'single-rows',
    says: 'with single rows in place of blocks',
    kinds: ['baseline', 'ingredient'],
    claims: ['row-blocks'],
    ...improving,
    by:
      (original: Improve): Improve =>
      (program, W, J, shift, b, settings, run) =>
        original(program, W, J, shift, b, { ...settings, blockSize: 1 }, run),
  },
  {
    id: 'held',
    says: 'with weights and accuracy that never adapt',
    kinds: ['ingredient'],
    claims: ['logistic', 'test-problems', 'superior'],
    module: 'southwell/constrained/sketched/adapt',
    name: 'adapt',
    by: () => () => undefined,
  },
  {
    id: 'l1-merit',
    says: 'with the penalty f + 10‖c‖₁ as merit function',
    kinds: ['ingredient'],
    claims: ['unit-steps'],
    module: 'southwell/constrained/sketched/merit',
    name: 'meritOf',
    by:
      () =>
      ({ f, c }: Point): number =>
        f + 10 * c.reduce((sum, v) => sum + Math.abs(v), 0),
  },
  {
    id: 'half-solved',
    says: 'with systems solved to half of the right-hand side',
    kinds: ['ingredient'],
    claims: ['superlinear'],
    ...improving,
    by:
      (original: Improve): Improve =>
      (...args) => {
        const inner = original(...args);
        return {
          get z() {
            return inner.z;
          },
          get steps() {
            return inner.steps;
          },
          improve: (target) => inner.improve(Math.max(target, 0.5 * norm(args[4]))),
          free: () => inner.free(),
        };
      },
  },
  {
    id: 'minres',
    says: 'with MINRES in place of projections',
    kinds: ['baseline'],
    claims: ['cost'],
    module: 'papers/42-sketched-sqp/costs',
    name: 'solversAt',
    by:
      (original: typeof solversAt): typeof solversAt =>
      (...args) => {
        const all = original(...args);
        const minres = all.find(({ name }) => name === 'MINRES')!;
        return [minres, minres, ...all.slice(2)];
      },
  },
  {
    id: 'dense-rows',
    says: 'without zeros in the rows',
    kinds: ['ingredient'],
    claims: ['cost'],
    module: 'papers/42-sketched-sqp/system',
    name: 'entriesOf',
    by:
      (): typeof entriesOf =>
      ({ cols }) =>
        cols * cols,
  },
]);
