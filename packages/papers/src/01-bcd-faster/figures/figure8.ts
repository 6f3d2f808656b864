import { atMost, type Experiment, verdict } from '../../experiment.ts';
import { claims } from '../claims.ts';
import { libraryMethod, lipschitzRules, type Method, omit, panel, pick, testProblem, usualSteps } from '../lab.ts';

const SIZES = { full: [5, 50, 100], quick: [5, 20] } as const;
const greedy = ['GSL-VB', 'GSD-VB'];
const others = ['random-VB', 'cyclic-VB', 'lipschitz-VB', 'GS-FB', 'GSL-FB', 'random-FB', 'cyclic-FB', 'lipschitz-FB'];

/** Fig. 8: Fig. 4 on all sets with blocks of 5, 50 and 100. */
export function figure8(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-8',
    title: 'Lipschitz updates with larger blocks',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    parameters: [usualSteps],
    claims: [claims.blockSizes],
    async *run(context) {
      const sizes = SIZES[context.size];
      const measured = [];
      const needed = [...greedy, ...others];
      const A = testProblem('A', context);
      for (const tau of sizes) {
        const r = yield* panel(context, method, A, `A, Lb, τ = ${tau}`, pick(lipschitzRules(tau), needed));
        const best = (names: readonly string[]) => Math.min(...names.map((name) => r[name].gap));
        const bar = context.size === 'full' && tau > 5 ? 1 : 2;
        measured.push(atMost(`greedy VB / best other, τ = ${tau}`, best(greedy) / best(others), bar));
      }
      yield verdict(claims.blockSizes, context, measured);
      for (const tau of sizes) {
        yield* panel(context, method, A, `A, Lb, τ = ${tau}, further rules`, omit(lipschitzRules(tau), needed));
      }
      for (const set of ['B', 'D', 'E', 'C'] as const) {
        for (const tau of sizes) {
          yield* panel(context, method, testProblem(set, context), `${set}, Lb, τ = ${tau}`, lipschitzRules(tau));
        }
      }
    },
  };
}
