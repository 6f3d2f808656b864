import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { libraryMethod, panel, pick, proximalRules, stepsParameter, testProblem } from '../lab.ts';
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
    for (const tau of [5, 50, 100]) {
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
    let reference: number | undefined;
    if (!full) {
      const rules = pick(proximalRules('proximal', 50), ['PN-VB']);
      const greedy = yield* panel(context, method, test, 'greedy, τ = 50', rules, steps);
      reference = Math.max(1e-8, greedy['PN-VB'].gap);
    }
    yield decide('figure-13-random', { least: { label: name, value: least, reference } });
  },
});
