import type { LooseOptions } from 'southwell/blocks';
import { experiment } from '../../define.ts';
import { fixed, libraryMethod, panel, pick, testProblem, usualSteps } from '../lab.ts';
import { record } from '../record.ts';

function rules(blockSize: number): Record<string, LooseOptions> {
  const table: Record<string, LooseOptions> = {};
  for (const update of ['LA', 'Lb']) {
    for (const selection of ['GS', 'GSL', 'lipschitz', 'random', 'cyclic']) {
      table[`${update}-${selection}`] = fixed(selection, update, blockSize, 'order');
    }
  }
  return table;
}

/** Fig. 9: Lipschitz constants estimated by backtracking (LA) against known ones (Lb), blocks in index order. */
export default experiment(record, {
  id: 'figure-9',
  title: 'Estimated against known Lipschitz constants',
  axes: { x: 'iterations', y: 'f − f*', logY: true },
  parameters: [usualSteps],
  claims: ['figure-9-estimates-help', 'figure-9-estimates-hurt'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pair = ['LA-GSL', 'Lb-GSL'];
    const onB: Array<{ label: number; value: number }> = [];
    for (const tau of [5, 20, 50]) {
      const r = yield* panel(
        context,
        method,
        testProblem('B', context),
        `B, order, τ = ${tau}`,
        pick(rules(tau), pair),
      );
      onB.push({ label: tau, value: r['LA-GSL'].gap / r['Lb-GSL'].gap });
    }
    const c = yield* panel(context, method, testProblem('C', context), 'C, order, τ = 50', pick(rules(50), pair));
    yield decide('figure-9-estimates-help', { onB, onC: c['LA-GSL'].gap / c['Lb-GSL'].gap });

    const a = yield* panel(context, method, testProblem('A', context), 'A, order, τ = 5', pick(rules(5), pair));
    const d = yield* panel(context, method, testProblem('D', context), 'D, order, τ = 5', pick(rules(5), pair));
    yield decide('figure-9-estimates-hurt', {
      onA: a['Lb-GSL'].gap / a['LA-GSL'].gap,
      onD: d['Lb-GSL'].gap / d['LA-GSL'].gap,
    });
    for (const set of ['A', 'B', 'D', 'E', 'C'] as const) {
      for (const tau of [5, 20, 50]) {
        yield* panel(context, method, testProblem(set, context), `${set}, order, τ = ${tau}, all`, rules(tau));
      }
    }
  },
});
