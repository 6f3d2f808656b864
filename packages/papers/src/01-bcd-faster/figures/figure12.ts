import { atLeast, atMost, type Claim, type Experiment, verdict } from '../../experiment.ts';
import { libraryMethod, type Method, matrixRules, omit, panel, pick, testProblem } from '../lab.ts';

const claim: Claim = {
  id: 'figure-12-newton',
  sentence:
    'With Newton updates on logistic regression the order is the same: quadratic before diagonal before fixed blocks before plain Gauss–Southwell.',
  quantity: 'iterations to f < 1e-8 on set B, Newton with line search, blocks of 50',
  bar: {
    full: 'GSQ-VB (IHT) ≤ 220; GSD-VB ≤ 330; GSL-FB ≤ 450; GS-FB and GS-VB > 450',
    quick: 'GSQ-VB (IHT) ≤ GSD-VB ≤ GSL-FB ≤ GS-FB, GS-VB ≥ 1.2·GSD-VB at 200 × 1000, blocks of 10',
  },
};

/** Fig. 12: Newton's method with a line search on each block, sets B and C. */
export function figure12(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-12',
    title: 'Newton updates',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    claims: [claim],
    async *run(context) {
      const full = context.size === 'full';
      const tau = full ? 50 : 10;
      const needed = ['GSQ-VB (IHT)', 'GSD-VB', 'GSL-FB', 'GS-FB', 'GS-VB'];
      const B = testProblem('B', context);
      const steps = 500;
      const r = yield* panel(context, method, B, `B, LS, τ = ${tau}`, pick(matrixRules('LS', tau), needed), steps);
      const of = (name: string) => Math.min(r[name].reached, steps + 1);
      yield verdict(
        claim,
        context,
        full
          ? [
              atMost('GSQ-VB (IHT)', r['GSQ-VB (IHT)'].reached, 220),
              atMost('GSD-VB', r['GSD-VB'].reached, 330),
              atMost('GSL-FB', r['GSL-FB'].reached, 450),
              atLeast('GS-FB', of('GS-FB'), 451),
              atLeast('GS-VB', of('GS-VB'), 451),
            ]
          : [
              atMost('GSQ-VB (IHT) / GSD-VB', of('GSQ-VB (IHT)') / of('GSD-VB'), 1),
              atMost('GSD-VB / GSL-FB', of('GSD-VB') / of('GSL-FB'), 1),
              atLeast('GS-FB / GSL-FB', of('GS-FB') / of('GSL-FB'), 1),
              atLeast('GS-VB / GSD-VB', of('GS-VB') / of('GSD-VB'), 1.2),
            ],
      );
      yield* panel(context, method, B, `B, LS, τ = ${tau}, further rules`, omit(matrixRules('LS', tau), needed));
      for (const set of ['B', 'C'] as const) {
        for (const size of [5, 50, 100]) {
          if (set === 'B' && size === tau) continue;
          yield* panel(context, method, testProblem(set, context), `${set}, LS, τ = ${size}`, matrixRules('LS', size));
        }
      }
    },
  };
}
