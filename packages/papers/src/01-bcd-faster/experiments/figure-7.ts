import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import {
  libraryMethod,
  panel,
  pick,
  proximalRules,
  type RunResult,
  rulePanels,
  supportOf,
  type TestProblem,
  testProblem,
  usualSteps,
  withOwn,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { nonNegativeDescent, projectedStep, promising } from '../rivalProximal.ts';

/** Fig. 7: the proximal greedy rule with proximal-Newton, two-metric and proximal-gradient updates. */
export default experiment(record, {
  id: 'figure-7',
  title: 'Greedy blocks on a non-negative L1 problem',
  panels: rulePanels(
    ['A, λ = 50000, x ≥ 0, τ = {τ}'],
    withOwn(proximalRules('proximal', 5)),
    'F − F*',
    'PG-VB, own code',
  ),
  parameters: [usualSteps],
  claims: ['figure-7-active-set'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const test = testProblem('A-NN', context);
    const support = supportOf(test.minimiser!);
    const { blockSize, widest } = locked.claims['figure-7-active-set'].sizes[context.size];
    const at50 = yield* panel(
      context,
      method,
      test,
      `A, λ = 50000, x ≥ 0, τ = ${blockSize}`,
      pick(proximalRules('proximal', blockSize), ['PN-VB']),
      parameterValue(usualSteps, context),
      {
        'PG-VB, own code': nonNegativeDescent(
          test.own,
          test.lambda!,
          promising(test.own, test.lambda!, blockSize),
          projectedStep,
        ),
      },
    );
    const wide = Math.max(widest, 2 * support.length);
    const name = `A, λ = 50000, x ≥ 0, τ = ${wide} ≥ 2·${support.length}`;
    const atWide = yield* panel(context, method, test, name, pick(proximalRules('proximal', wide), ['PN-VB']));
    yield decide('figure-7-active-set', {
      iterations: at50['PN-VB'].reached,
      support: wrongSupport(at50['PN-VB'], test),
      firstOrder:
        Math.min(at50['PG-VB, own code'].reached, parameterValue(usualSteps, context)) / at50['PN-VB'].reached,
      wide: { label: wide, value: atWide['PN-VB'].reached },
    });
    for (const tau of [5, 50, 100]) {
      const results = yield* panel(
        context,
        method,
        test,
        `A, λ = 50000, x ≥ 0, τ = ${tau}, all`,
        proximalRules('proximal', tau),
      );
      yield {
        kind: 'table',
        title: `support identified (|support| = ${support.length}), τ = ${tau}`,
        columns: ['run', 'last change of the support', 'support is that of x*'],
        rows: Object.values(results).map((r) => [
          r.series,
          r.activeSetIteration,
          wrongSupport(r, test) === 0 ? 'yes' : 'no',
        ]),
      };
    }
  },
});

/** Number of coordinates in which the support differs from that of x*. */
function wrongSupport(run: RunResult, test: TestProblem): number {
  const expected = supportOf(test.minimiser!);
  const actual = supportOf(run.x);
  return actual.filter((i) => !expected.includes(i)).length + expected.filter((i) => !actual.includes(i)).length;
}
