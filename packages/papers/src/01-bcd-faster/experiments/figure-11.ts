import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import {
  above,
  libraryMethod,
  matrixRules,
  omit,
  panel,
  pick,
  rulePanels,
  STEPS,
  stepsParameter,
  testProblem,
  withOwn,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { blocksOf, descent, diagonalRule, matrixStep, quadraticBlocks } from '../rival.ts';

const { sizes } = locked.claims['figure-11-gsq'];
/**
 * The panel of the claim runs for the same number of steps at every size; further panels run as long as those of other
 * figures.
 */
const limit = stepsParameter({ quick: sizes.quick.steps, full: sizes.full.steps });

/** Fig. 11: matrix updates with blocks of 5, 50 and 100 on all sets. */
export default experiment(record, {
  id: 'figure-11',
  title: 'The quadratic rule with larger blocks',
  panels: rulePanels(['{set}, matrix, τ = {τ}'], withOwn(matrixRules('matrix', 5)), 'f − f*', 'GSD-VB, own code'),
  parameters: [limit],
  claims: ['figure-11-gsq'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const tau = sizes[context.size].blockSize;
    const needed = ['GSD-VB', 'GSQ-VB (IHT)', 'GSQ-VB (OMP)', 'GSQ-FB'];
    const A = testProblem('A', context);
    const f = A.own;
    const steps = parameterValue(limit, context);
    const further = Math.min(steps, STEPS[context.size]);
    const r = yield* panel(
      context,
      method,
      A,
      `A, matrix, τ = ${tau}`,
      pick(matrixRules('matrix', tau), needed),
      steps,
      {
        'GSD-VB, own code': descent(f, diagonalRule(f, tau), matrixStep(f)),
        'GSQ-FB, own code': descent(f, quadraticBlocks(f, blocksOf(f, tau, 'sort')), matrixStep(f)),
      },
    );
    const base = r['GSD-VB, own code'].reached;
    const of = (name: string) => Math.min(r[name].reached, steps + 1);
    yield decide('figure-11-gsq', {
      order: Math.max(
        ...[
          ['GSQ-VB (IHT)', 'GSD-VB, own code'],
          ['GSQ-VB (OMP)', 'GSD-VB, own code'],
          ['GSD-VB', 'GSQ-FB, own code'],
        ].map(([a, b]) => of(a) / of(b)),
      ),
      diagonal: r['GSD-VB'].reached,
      toOwn: ['GSD-VB', 'GSQ-FB'].map((name) => ({ label: name, value: above(r[name], r[`${name}, own code`]) })),
      iht: of('GSQ-VB (IHT)') / base,
      omp: of('GSQ-VB (OMP)') / base,
      fixed: of('GSQ-FB, own code') / of('GSD-VB'),
    });
    yield* panel(
      context,
      method,
      A,
      `A, matrix, τ = ${tau}, further rules`,
      omit(matrixRules('matrix', tau), needed),
      further,
    );
    for (const set of ['A', 'B', 'D', 'E', 'C'] as const) {
      for (const size of [5, 50, 100]) {
        if (set === 'A' && size === tau) continue;
        yield* panel(
          context,
          method,
          testProblem(set, context),
          `${set}, matrix, τ = ${size}`,
          matrixRules('matrix', size),
          further,
        );
      }
    }
  },
});
