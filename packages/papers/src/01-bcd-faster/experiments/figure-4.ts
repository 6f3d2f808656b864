import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import {
  above,
  libraryMethod,
  lipschitzRules,
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
import { best, blocksOf, descent, diagonalBlocks, diagonalRule, lipschitzStep, sampled, variable } from '../rival.ts';

/** Fig. 4: Lipschitz updates, blocks of 5, sets A, C and E. */
export default experiment(record, {
  id: 'figure-4',
  title: 'Selection rules with Lipschitz updates',
  panels: rulePanels(['{set}, Lb, τ = {τ}'], withOwn(lipschitzRules(5)), 'f − f*', 'random-VB, own code'),
  parameters: [usualSteps],
  claims: ['figure-4-greedy'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const needed = ['GS-VB', 'GSD-VB', 'GSD-FB'];
    const { blockSize } = locked.claims['figure-4-greedy'].sizes[context.size];
    const rules = lipschitzRules(blockSize);
    const A = testProblem('A', context);
    const f = A.own;
    const step = lipschitzStep(f);
    const rivals = {
      'random-VB, own code': descent(f, sampled(blockSize, new Random(context.seed)), step),
      'GS-VB, own code': descent(
        f,
        variable(blockSize, (i, { g }) => Math.abs(g[i])),
        step,
      ),
      'GS-FB, own code': descent(f, best(blocksOf(f, blockSize, 'sort')), step),
      'GSD-VB, own code': descent(f, diagonalRule(f, blockSize), step),
      'GSD-FB, own code': descent(f, diagonalBlocks(f, blocksOf(f, blockSize, 'sort')), step),
    };
    const steps = parameterValue(usualSteps, context);
    const r = yield* panel(context, method, A, 'A, Lb, τ = 5', pick(rules, needed), steps, rivals);
    yield decide('figure-4-greedy', {
      toOwn: Math.max(...needed.map((name) => above(r[name], r[`${name}, own code`]))),
      order: Math.max(
        ...[
          ['GS-VB', 'random-VB, own code'],
          ['GSD-VB', 'GS-VB, own code'],
          ['GSD-FB', 'GS-FB, own code'],
        ].map(([a, b]) => r[a].gap / r[b].gap),
      ),
      overRandom: r['GS-VB'].gap / r['random-VB, own code'].gap,
      scaled: r['GSD-VB'].gap / r['GS-VB, own code'].gap,
      scaledFixed: r['GSD-FB'].gap / r['GS-FB, own code'].gap,
    });
    yield* panel(context, method, A, 'A, Lb, τ = 5, further rules', omit(rules, needed));
    yield* panel(context, method, testProblem('E', context), 'E, Lb, τ = 5', rules);
    yield* panel(context, method, testProblem('C', context), 'C, Lb, τ = 5', rules);
  },
});
