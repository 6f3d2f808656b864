import { atMost, type Experiment, verdict } from '../../experiment.ts';
import { claims } from '../claims.ts';
import { libraryMethod, lipschitzRules, type Method, omit, panel, pick, testProblem, usualSteps } from '../lab.ts';

/** Fig. 4: Lipschitz updates, blocks of 5, sets A, C and E. */
export function figure4(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-4',
    title: 'Selection rules with Lipschitz updates',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    parameters: [usualSteps],
    claims: [claims.greedyBlocks],
    async *run(context) {
      const needed = ['random-VB', 'GS-VB', 'GSD-VB', 'GS-FB', 'GSD-FB'];
      const rules = lipschitzRules(5);
      const A = testProblem('A', context);
      const r = yield* panel(context, method, A, 'A, Lb, τ = 5', pick(rules, needed));
      const [f30, f2, f10] = context.size === 'full' ? [30, 2, 10] : [3, 2, 2];
      yield verdict(claims.greedyBlocks, context, [
        atMost('GS-VB / random-VB', r['GS-VB'].gap / r['random-VB'].gap, 1 / f30),
        atMost('GSD-VB / GS-VB', r['GSD-VB'].gap / r['GS-VB'].gap, 1 / f2),
        atMost('GSD-FB / GS-FB', r['GSD-FB'].gap / r['GS-FB'].gap, 1 / f10),
      ]);
      yield* panel(context, method, A, 'A, Lb, τ = 5, further rules', omit(rules, needed));
      yield* panel(context, method, testProblem('E', context), 'E, Lb, τ = 5', rules);
      yield* panel(context, method, testProblem('C', context), 'C, Lb, τ = 5', rules);
    },
  };
}
