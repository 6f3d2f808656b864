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

/** Fig. 11: matrix updates with blocks of 5, 50 and 100 on all sets. */
export function figure11(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-11',
    title: 'The quadratic rule with larger blocks',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    parameters: [limit],
    claims: [claims.quadraticRule],
    async *run(context) {
      const full = context.size === 'full';
      const tau = full ? 50 : 10;
      const needed = ['GSD-VB', 'GSQ-VB (IHT)', 'GSQ-VB (OMP)', 'GSQ-FB'];
      const A = testProblem('A', context);
      const steps = parameterValue(limit, context);
      const further = Math.min(steps, STEPS[context.size]);
      const r = yield* panel(
        context,
        method,
        A,
        `A, matrix, τ = ${tau}`,
        pick(matrixRules('matrix', tau), needed),
        steps,
      );
      const base = r['GSD-VB'].reached;
      const [iht, omp, fb, most] = full ? [0.75, 0.45, 1.5, 270] : [0.9, 0.7, 1, 500];
      const of = (name: string) => Math.min(r[name].reached, steps + 1);
      yield verdict(claims.quadraticRule, context, [
        atMost('GSD-VB', base, most),
        atMost('GSQ-VB (IHT) / GSD-VB', of('GSQ-VB (IHT)') / base, iht),
        atMost('GSQ-VB (OMP) / GSD-VB', of('GSQ-VB (OMP)') / base, omp),
        atLeast('GSQ-FB / GSD-VB', of('GSQ-FB') / base, fb),
      ]);
      yield* panel(
        context,
        method,
        A,
        `A, matrix, τ = ${tau}, further rules`,
        omit(matrixRules('matrix', tau), needed),
        further,
      );
      for (const set of ['A', 'B', 'D', 'E', 'C'] as const) {
        for (const size of [5, 50, 100]) {
          if (set === 'A' && size === tau) continue;
          yield* panel(
            context,
            method,
            testProblem(set, context),
            `${set}, matrix, τ = ${size}`,
            matrixRules('matrix', size),
            further,
          );
        }
      }
    },
  };
}
