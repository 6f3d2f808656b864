import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { libraryMethod, panel, pick, proximalRules, stepsParameter, TARGET, testProblem } from '../lab.ts';
import { record } from '../record.ts';

const randomSteps = stepsParameter({ quick: 10, full: 500 });

/** Fig. 13: the same with random selection. */
export default experiment(record, {
  id: 'figure-13',
  title: 'The same with random selection',
  axes: { x: 'iterations', y: 'F − F*', logY: true },
  parameters: [randomSteps],
  claims: ['figure-13-random'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const test = testProblem('A-NN', context);
    const full = context.size === 'full';
    const steps = parameterValue(randomSteps, context);
    let least = Number.POSITIVE_INFINITY;
    let name = '';
    // The small problem has a tenth of the coordinates: a block of 100 would be a tenth of them.
    for (const tau of full ? [5, 50, 100] : [5, 20, 50]) {
      const results = yield* panel(
        context,
        method,
        test,
        `A, λ = 50000, x ≥ 0, random, τ = ${tau}`,
        proximalRules('random', tau),
        steps,
      );
      for (const r of Object.values(results)) {
        if (r.gap < least) [least, name] = [r.gap, `${r.series}, τ = ${tau}`];
      }
    }
    const rules = pick(proximalRules('proximal', 50), ['PN-VB']);
    const { gap } = (yield* panel(context, method, test, 'greedy, τ = 50', rules, steps))['PN-VB'];
    yield decide('figure-13-random', {
      least: { label: name, value: least, reference: full ? undefined : Math.max(TARGET, gap) },
      greedy: gap,
    });
  },
});
