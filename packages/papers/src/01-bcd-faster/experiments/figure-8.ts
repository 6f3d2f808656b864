import { experiment } from '../../define.ts';
import { libraryMethod, lipschitzRules, omit, panel, pick, testProblem, usualSteps } from '../lab.ts';
import { record } from '../record.ts';

const SIZES = { full: [5, 50, 100], quick: [5, 20] } as const;
const greedy = ['GSL-VB', 'GSD-VB'];
const others = ['random-VB', 'cyclic-VB', 'lipschitz-VB', 'GS-FB', 'GSL-FB', 'random-FB', 'cyclic-FB', 'lipschitz-FB'];

/** Fig. 8: Fig. 4 on all sets with blocks of 5, 50 and 100. */
export default experiment(record, {
  id: 'figure-8',
  title: 'Lipschitz updates with larger blocks',
  axes: { x: 'iterations', y: 'f − f*', logY: true },
  parameters: [usualSteps],
  claims: ['figure-8-sizes'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const sizes = SIZES[context.size];
    const ratio: Record<number, number> = {};
    const needed = [...greedy, ...others];
    const A = testProblem('A', context);
    for (const tau of sizes) {
      const r = yield* panel(context, method, A, `A, Lb, τ = ${tau}`, pick(lipschitzRules(tau), needed));
      const best = (names: readonly string[]) => Math.min(...names.map((name) => r[name].gap));
      ratio[tau] = best(greedy) / best(others);
    }
    yield decide('figure-8-sizes', { five: ratio[5], twenty: ratio[20], fifty: ratio[50], hundred: ratio[100] });
    for (const tau of sizes) {
      yield* panel(context, method, A, `A, Lb, τ = ${tau}, further rules`, omit(lipschitzRules(tau), needed));
    }
    for (const set of ['B', 'D', 'E', 'C'] as const) {
      for (const tau of sizes) {
        yield* panel(context, method, testProblem(set, context), `${set}, Lb, τ = ${tau}`, lipschitzRules(tau));
      }
    }
  },
});
