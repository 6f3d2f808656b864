import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import {
  libraryMethod,
  panel,
  pick,
  proximalRules,
  rulePanels,
  stepsParameter,
  TARGET,
  testProblem,
  withOwn,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { blocksOf, drawn, sampled } from '../rival.ts';
import { newtonOfBlock, nonNegativeDescent, projectedStep, twoMetrics } from '../rivalProximal.ts';

const { sizes } = locked.claims['figure-13-random'];
const randomSteps = stepsParameter({ quick: sizes.quick.steps, full: sizes.full.steps });

const updates = { PN: newtonOfBlock, TMP: twoMetrics, PG: projectedStep };

/** Fig. 13: the same with random selection. */
export default experiment(record, {
  id: 'figure-13',
  title: 'The same with random selection',
  panels: rulePanels(
    ['A, λ = 50000, x ≥ 0, random, τ = {τ}', 'greedy, τ = {τ}'],
    withOwn(proximalRules('random', 5)),
    'F − F*',
  ),
  parameters: [randomSteps],
  claims: ['figure-13-random'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const test = testProblem('A-NN', context);
    const full = context.size === 'full';
    const steps = parameterValue(randomSteps, context);
    const { blockSizes, greedyBlockSize } = sizes[context.size];
    const title = (tau: number) => `A, λ = 50000, x ≥ 0, random, τ = ${tau}`;
    const random = new Random(context.seed);
    let least = Number.POSITIVE_INFINITY;
    let name = '';
    for (const tau of blockSizes) {
      const blocks = blocksOf(test.own, tau, 'sort');
      const own = Object.fromEntries(
        Object.entries(updates).flatMap(([update, step], k) => {
          const chance = random.split(10 * tau + k);
          const descent = (choose: ReturnType<typeof drawn>) =>
            nonNegativeDescent(test.own, test.lambda!, choose, step);
          return [
            [`${update}-VB, own code`, descent(sampled(tau, chance.split(0)))],
            [`${update}-FB, own code`, descent(drawn(blocks, chance.split(1)))],
          ];
        }),
      );
      const results = yield* panel(context, method, test, title(tau), {}, steps, own);
      for (const r of Object.values(results)) {
        if (r.gap < least) [least, name] = [r.gap, `${r.series.replace(', own code', '')}, τ = ${tau}`];
      }
    }
    const rules = pick(proximalRules('proximal', greedyBlockSize), ['PN-VB']);
    const { gap } = (yield* panel(context, method, test, `greedy, τ = ${greedyBlockSize}`, rules, steps))['PN-VB'];
    yield decide('figure-13-random', {
      least: { label: name, value: least, reference: full ? undefined : Math.max(TARGET, gap) },
      greedy: gap,
    });
    for (const tau of blockSizes) yield* panel(context, method, test, title(tau), proximalRules('random', tau), steps);
  },
});
