import type { LooseOptions } from 'southwell/blocks';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { above, fixed, libraryMethod, omit, panel, pick, rulePanels, testProblem, usualSteps } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { best, blocksOf, constants, descent, lipschitzStep } from '../rival.ts';

function rules(blockSize: number): Record<string, LooseOptions> {
  const table: Record<string, LooseOptions> = {};
  for (const selection of ['GSL', 'GSD', 'GS']) {
    for (const partition of ['sort', 'average', 'order']) {
      table[`${selection}, ${partition}`] = fixed(selection, 'Lb', blockSize, partition);
    }
  }
  return table;
}

/** Fig. 10: how the fixed blocks are constructed. */
export default experiment(record, {
  id: 'figure-10',
  title: 'Partitions',
  panels: rulePanels(
    ['{set}, Lb, τ = {τ}'],
    [...Object.keys(rules(5)), 'sort, own code', 'average, own code', 'order, own code'],
    'f − f*',
  ),
  parameters: [usualSteps],
  claims: ['figure-10-partition'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const tau = locked.claims['figure-10-partition'].sizes[context.size].blockSize;
    const needed = ['GSL, sort', 'GSL, average'];
    const A = testProblem('A', context);
    const f = A.own;
    const rival = (by: 'sort' | 'average' | 'order') =>
      descent(f, best(blocksOf(f, tau, by), constants(f)), lipschitzStep(f));
    const rivals = {
      'sort, own code': rival('sort'),
      'average, own code': rival('average'),
      'order, own code': rival('order'),
    };
    const steps = parameterValue(usualSteps, context);
    const r = yield* panel(context, method, A, `A, Lb, τ = ${tau}`, pick(rules(tau), needed), steps, rivals);
    yield decide('figure-10-partition', {
      toOwn: above(r['GSL, sort'], r['sort, own code']),
      order: Math.max(
        ...[
          ['GSL, sort', 'average, own code'],
          ['GSL, average', 'order, own code'],
        ].map(([a, b]) => r[a].gap / r[b].gap),
      ),
      sorted: r['GSL, sort'].gap / r['average, own code'].gap,
      mixed: r['GSL, average'].gap / r['order, own code'].gap,
    });
    yield* panel(context, method, A, `A, Lb, τ = ${tau}, further rules`, omit(rules(tau), needed));
    for (const set of ['A', 'B', 'D', 'E', 'C'] as const) {
      for (const size of [5, 20, 50]) {
        if (set === 'A' && size === tau) continue;
        yield* panel(context, method, testProblem(set, context), `${set}, Lb, τ = ${size}`, rules(size));
      }
    }
  },
});
