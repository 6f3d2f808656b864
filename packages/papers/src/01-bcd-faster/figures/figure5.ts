import { atMost, type Experiment, verdict } from '../../experiment.ts';
import { claims } from '../claims.ts';
import { libraryMethod, type Method, matrixRules, omit, panel, pick, testProblem, usualSteps } from '../lab.ts';

/** Fig. 5: matrix updates, blocks of 5, sets A, C and E. */
export function figure5(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-5',
    title: 'Selection rules with matrix updates',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    parameters: [usualSteps],
    claims: [claims.matrixUpdates],
    async *run(context) {
      const rules = matrixRules('matrix', 5);
      const needed = ['GSD-VB', 'GS-VB'];
      const A = testProblem('A', context);
      const r = yield* panel(context, method, A, 'A, matrix, τ = 5', pick(rules, needed));
      const ratio = r['GSD-VB'].gap / r['GS-VB'].gap;
      yield verdict(
        claims.matrixUpdates,
        context,
        context.size === 'full'
          ? [atMost('GSD-VB', r['GSD-VB'].gap, 1), atMost('GSD-VB / GS-VB', ratio, 1e-3)]
          : [atMost('GSD-VB / GS-VB', ratio, 0.1)],
      );
      yield* panel(context, method, A, 'A, matrix, τ = 5, further rules', omit(rules, needed));
      yield* panel(context, method, testProblem('E', context), 'E, matrix, τ = 5', rules);
      yield* panel(context, method, testProblem('C', context), 'C, matrix, τ = 5', rules);
    },
  };
}
