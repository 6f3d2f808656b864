import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { above, libraryMethod, lipschitzRules, omit, panel, pick, testProblem, usualSteps } from '../lab.ts';
import { record } from '../record.ts';
import { best, blocksOf, descent, diagonalBlocks, diagonalRule, lipschitzStep, sampled, variable } from '../rival.ts';

/** Fig. 4: Lipschitz updates, blocks of 5, sets A, C and E. */
export default experiment(record, {
  id: 'figure-4',
  title: 'Selection rules with Lipschitz updates',
  axes: { x: 'iterations', y: 'f − f*', logY: true },
  parameters: [usualSteps],
  claims: ['figure-4-greedy'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const needed = ['GS-VB', 'GSD-VB', 'GSD-FB'];
    const rules = lipschitzRules(5);
    const A = testProblem('A', context);
    const f = A.own;
    const step = lipschitzStep(f);
    const rivals = {
      'random-VB, own code': descent(f, sampled(5, new Random(context.seed)), step),
      'GS-VB, own code': descent(
        f,
        variable(5, (i, { g }) => Math.abs(g[i])),
        step,
      ),
      'GS-FB, own code': descent(f, best(blocksOf(f, 5, 'sort')), step),
      'GSD-VB, own code': descent(f, diagonalRule(f, 5), step),
      'GSD-FB, own code': descent(f, diagonalBlocks(f, blocksOf(f, 5, 'sort')), step),
    };
    const steps = parameterValue(usualSteps, context);
    const r = yield* panel(context, method, A, 'A, Lb, τ = 5', pick(rules, needed), steps, rivals);
    yield decide('figure-4-greedy', {
      toOwn: needed.map((name) => ({ label: name, value: above(r[name], r[`${name}, own code`]) })),
      overRandom: r['GS-VB'].gap / r['random-VB, own code'].gap,
      scaled: r['GSD-VB'].gap / r['GS-VB, own code'].gap,
      scaledFixed: r['GSD-FB'].gap / r['GS-FB, own code'].gap,
    });
    yield* panel(context, method, A, 'A, Lb, τ = 5, further rules', omit(rules, needed));
    yield* panel(context, method, testProblem('E', context), 'E, Lb, τ = 5', rules);
    yield* panel(context, method, testProblem('C', context), 'C, Lb, τ = 5', rules);
  },
});
