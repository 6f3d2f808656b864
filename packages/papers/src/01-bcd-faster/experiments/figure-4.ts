import { experiment } from '../../define.ts';
import { libraryMethod, lipschitzRules, omit, panel, pick, testProblem, usualSteps } from '../lab.ts';
import { record } from '../record.ts';

/** Fig. 4: Lipschitz updates, blocks of 5, sets A, C and E. */
export default experiment(record, {
  id: 'figure-4',
  title: 'Selection rules with Lipschitz updates',
  axes: { x: 'iterations', y: 'f − f*', logY: true },
  parameters: [usualSteps],
  claims: ['figure-4-greedy'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const needed = ['random-VB', 'GS-VB', 'GSD-VB', 'GS-FB', 'GSD-FB'];
    const rules = lipschitzRules(5);
    const A = testProblem('A', context);
    const r = yield* panel(context, method, A, 'A, Lb, τ = 5', pick(rules, needed));
    yield decide('figure-4-greedy', {
      overRandom: r['GS-VB'].gap / r['random-VB'].gap,
      scaled: r['GSD-VB'].gap / r['GS-VB'].gap,
      scaledFixed: r['GSD-FB'].gap / r['GS-FB'].gap,
    });
    yield* panel(context, method, A, 'A, Lb, τ = 5, further rules', omit(rules, needed));
    yield* panel(context, method, testProblem('E', context), 'E, Lb, τ = 5', rules);
    yield* panel(context, method, testProblem('C', context), 'C, Lb, τ = 5', rules);
  },
});
