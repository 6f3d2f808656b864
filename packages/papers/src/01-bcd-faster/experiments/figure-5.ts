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
  testProblem,
  usualSteps,
  withOwn,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { descent, diagonalRule, matrixStep, variable } from '../rival.ts';

/** Fig. 5: matrix updates, blocks of 5, sets A, C and E. */
export default experiment(record, {
  id: 'figure-5',
  title: 'Selection rules with matrix updates',
  panels: rulePanels(
    ['{set}, matrix, τ = {τ}'],
    [
      { id: 'GSD-VB', name: 'greedy, scaled' },
      { id: 'GS-VB, own code', name: 'greedy, plain' },
      ...withOwn(matrixRules('matrix', 5)).filter((name) => name !== 'GSD-VB' && name !== 'GS-VB, own code'),
    ],
    'f − f*',
    'GS-VB, own code',
  ),
  parameters: [usualSteps],
  claims: ['figure-5-matrix'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { blockSize } = locked.claims['figure-5-matrix'].sizes[context.size];
    const rules = matrixRules('matrix', blockSize);
    const needed = ['GSD-VB'];
    const A = testProblem('A', context);
    const plain = variable(blockSize, (i, { g }) => Math.abs(g[i]));
    const f = A.own;
    const rivals = {
      'GS-VB, own code': descent(f, plain, matrixStep(f)),
      'GSD-VB, own code': descent(f, diagonalRule(f, blockSize), matrixStep(f)),
    };
    const steps = parameterValue(usualSteps, context);
    const r = yield* panel(context, method, A, 'A, matrix, τ = 5', pick(rules, needed), steps, rivals);
    yield decide('figure-5-matrix', {
      gap: context.size === 'full' ? r['GSD-VB'].gap : undefined,
      toOwn: above(r['GSD-VB'], r['GSD-VB, own code']),
      ratio: r['GSD-VB'].gap / r['GS-VB, own code'].gap,
    });
    yield* panel(context, method, A, 'A, matrix, τ = 5, further rules', omit(rules, needed));
    yield* panel(context, method, testProblem('E', context), 'E, matrix, τ = 5', rules);
    yield* panel(context, method, testProblem('C', context), 'C, matrix, τ = 5', rules);
  },
});
