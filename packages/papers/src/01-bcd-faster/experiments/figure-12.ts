import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import {
  above,
  libraryMethod,
  matrixRules,
  omit,
  panel,
  pick,
  rulePanels,
  STEPS,
  stepsParameter,
  testProblem,
  withOwn,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { best, blocksOf, constants, descent, diagonalRule, newtonStep, variable } from '../rival.ts';

const { sizes } = locked.claims['figure-12-newton'];
/**
 * The panel of the claim runs for the same number of steps at every size; further panels run as long as those of other
 * figures.
 */
const limit = stepsParameter({ quick: sizes.quick.steps, full: sizes.full.steps });

/** Fig. 12: Newton's method with a line search on each block, sets B and C. */
export default experiment(record, {
  id: 'figure-12',
  title: 'Newton updates',
  panels: rulePanels(['{set}, LS, τ = {τ}'], withOwn(matrixRules('LS', 5)), 'f − f*', 'GS-VB, own code'),
  parameters: [limit],
  claims: ['figure-12-newton'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const tau = sizes[context.size].blockSize;
    const needed = ['GSQ-VB (IHT)', 'GSD-VB', 'GSL-FB'];
    const B = testProblem('B', context);
    const steps = parameterValue(limit, context);
    const further = Math.min(steps, STEPS[context.size]);
    const f = B.own;
    const blocks = blocksOf(f, tau, 'sort');
    const rivals = {
      'GSD-VB, own code': descent(f, diagonalRule(f, tau), newtonStep(f)),
      'GS-VB, own code': descent(
        f,
        variable(tau, (i, { g }) => Math.abs(g[i])),
        newtonStep(f),
      ),
      'GS-FB, own code': descent(f, best(blocks), newtonStep(f)),
      'GSL-FB, own code': descent(f, best(blocks, constants(f)), newtonStep(f)),
    };
    const rules = pick(matrixRules('LS', tau), needed);
    const r = yield* panel(context, method, B, `B, LS, τ = ${tau}`, rules, steps, rivals);
    const of = (name: string) => Math.min(r[name].reached, steps + 1);
    yield decide('figure-12-newton', {
      toOwn: ['GSD-VB', 'GSL-FB'].map((name) => ({ label: name, value: above(r[name], r[`${name}, own code`]) })),
      order: Math.max(
        ...[
          ['GSQ-VB (IHT)', 'GSD-VB, own code'],
          ['GSD-VB', 'GSL-FB, own code'],
          ['GSL-FB', 'GS-FB, own code'],
          ['GSD-VB', 'GS-VB, own code'],
        ].map(([a, b]) => of(a) / of(b)),
      ),
      ...(full
        ? {
            iht: r['GSQ-VB (IHT)'].reached,
            diagonal: r['GSD-VB'].reached,
            lipschitzFixed: r['GSL-FB'].reached,
            plainFixed: of('GS-FB, own code'),
            plain: of('GS-VB, own code'),
          }
        : {
            ihtRatio: of('GSQ-VB (IHT)') / of('GSD-VB, own code'),
            diagonalRatio: of('GSD-VB') / of('GSL-FB, own code'),
            plainFixedRatio: of('GS-FB, own code') / of('GSL-FB'),
            plainRatio: of('GS-VB, own code') / of('GSD-VB'),
          }),
    });
    yield* panel(context, method, B, `B, LS, τ = ${tau}, further rules`, omit(matrixRules('LS', tau), needed), further);
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
});
