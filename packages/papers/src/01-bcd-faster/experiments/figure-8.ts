import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import {
  above,
  libraryMethod,
  lipschitzRules,
  omit,
  panel,
  pick,
  rulePanels,
  testProblem,
  usualSteps,
  withOwn,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import {
  best,
  blocksOf,
  constants,
  descent,
  diagonalRule,
  drawn,
  inTurn,
  lipschitzStep,
  sampled,
  sampledByCurvature,
  shuffled,
} from '../rival.ts';
import type { Smooth } from '../rivalFunctions.ts';

const greedy = ['GSL-VB', 'GSD-VB'];

const SAME = 'GSD-VB, own code';

/** The other rules, and one of the greedy ones, by independent code. */
function rivals(f: Smooth, tau: number, random: Random) {
  const blocks = blocksOf(f, tau, 'sort');
  const L = constants(f);
  const step = lipschitzStep(f);
  return {
    [SAME]: descent(f, diagonalRule(f, tau), step),
    'GSL-FB, own code': descent(f, best(blocks, L), step),
    'GS-FB, own code': descent(f, best(blocks), step),
    'random-VB, own code': descent(f, sampled(tau, random.split(0)), step),
    'random-FB, own code': descent(f, drawn(blocks, random.split(1)), step),
    'cyclic-VB, own code': descent(f, shuffled(tau, random.split(2)), step),
    'cyclic-FB, own code': descent(f, inTurn(blocks), step),
    'lipschitz-VB, own code': descent(f, sampledByCurvature(f, tau, random.split(3)), step),
    'lipschitz-FB, own code': descent(f, drawn(blocks, random.split(4), L), step),
  };
}

/** Fig. 8: Fig. 4 on all sets with blocks of 5, 50 and 100. */
export default experiment(record, {
  id: 'figure-8',
  title: 'Lipschitz updates with larger blocks',
  panels: rulePanels(['{set}, Lb, τ = {τ}'], withOwn(lipschitzRules(5)), 'f − f*', 'random-VB, own code'),
  parameters: [usualSteps],
  claims: ['figure-8-sizes'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const sizes = locked.claims['figure-8-sizes'].sizes[context.size].blockSizes;
    const ratio: Record<number, number> = {};
    const toOwn: Array<{ label: number; value: number }> = [];
    const A = testProblem('A', context);
    for (const tau of sizes) {
      const own = rivals(A.own, tau, new Random(context.seed));
      const steps = parameterValue(usualSteps, context);
      const rules = pick(lipschitzRules(tau), greedy);
      const r = yield* panel(context, method, A, `A, Lb, τ = ${tau}`, rules, steps, own);
      toOwn.push({ label: tau, value: above(r['GSD-VB'], r[SAME]) });
      const least = (names: readonly string[]) => Math.min(...names.map((name) => r[name].gap));
      ratio[tau] = least(greedy) / least(Object.keys(own).filter((name) => name !== SAME));
    }
    yield decide('figure-8-sizes', { toOwn, five: ratio[5], twenty: ratio[20], fifty: ratio[50], hundred: ratio[100] });
    for (const tau of sizes) {
      yield* panel(context, method, A, `A, Lb, τ = ${tau}, further rules`, omit(lipschitzRules(tau), greedy));
    }
    for (const set of ['B', 'D', 'E', 'C'] as const) {
      for (const tau of sizes) {
        yield* panel(context, method, testProblem(set, context), `${set}, Lb, τ = ${tau}`, lipschitzRules(tau));
      }
    }
  },
});
