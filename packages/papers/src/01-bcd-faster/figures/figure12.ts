import { atLeast, atMost, type Experiment, parameterValue, verdict } from '../../experiment.ts';
import { claims } from '../claims.ts';
import {
  libraryMethod,
  type Method,
  matrixRules,
  omit,
  panel,
  pick,
  STEPS,
  stepsParameter,
  testProblem,
} from '../lab.ts';

/** The panel of the claim runs as long at every size; further panels as long as those of other figures. */
const limit = stepsParameter({ quick: 500, full: 500 });

/** Fig. 12: Newton's method with a line search on each block, sets B and C. */
export function figure12(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-12',
    title: 'Newton updates',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    parameters: [limit],
    claims: [claims.newtonUpdates],
    async *run(context) {
      const full = context.size === 'full';
      const tau = full ? 50 : 10;
      const needed = ['GSQ-VB (IHT)', 'GSD-VB', 'GSL-FB', 'GS-FB', 'GS-VB'];
      const B = testProblem('B', context);
      const steps = parameterValue(limit, context);
      const further = Math.min(steps, STEPS[context.size]);
      const r = yield* panel(context, method, B, `B, LS, τ = ${tau}`, pick(matrixRules('LS', tau), needed), steps);
      const of = (name: string) => Math.min(r[name].reached, steps + 1);
      yield verdict(
        claims.newtonUpdates,
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
      yield* panel(
        context,
        method,
        B,
        `B, LS, τ = ${tau}, further rules`,
        omit(matrixRules('LS', tau), needed),
        further,
      );
      for (const set of ['B', 'C'] as const) {
        for (const size of [5, 50, 100]) {
          if (set === 'B' && size === tau) continue;
          yield* panel(
            context,
            method,
            testProblem(set, context),
            `${set}, LS, τ = ${size}`,
            matrixRules('LS', size),
            further,
          );
        }
      }
    },
  };
}
