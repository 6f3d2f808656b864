import type { LooseOptions } from 'southwell/blocks';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { fixed, libraryMethod, panel, pick, type SetName, testProblem, usualSteps } from '../lab.ts';
import { record } from '../record.ts';
import { best, blocksOf, constants, descent, estimates, lipschitzStep, type Smooth } from '../rival.ts';

function rulesOf(blockSize: number): Record<string, LooseOptions> {
  const table: Record<string, LooseOptions> = {};
  for (const update of ['LA', 'Lb']) {
    for (const selection of ['GS', 'GSL', 'lipschitz', 'random', 'cyclic']) {
      table[`${update}-${selection}`] = fixed(selection, update, blockSize, 'order');
    }
  }
  return table;
}

const rivals = {
  'Lb-GSL, own code': (f: Smooth, blocks: readonly Int32Array[]) =>
    descent(f, best(blocks, constants(f)), lipschitzStep(f)),
  'LA-GSL, own code': (f: Smooth, blocks: readonly Int32Array[]) => {
    const { step, constant } = estimates(f);
    return descent(f, best(blocks, constant), step);
  },
};
type Rival = keyof typeof rivals;

/** Fig. 9: Lipschitz constants estimated by backtracking (LA) against known ones (Lb), blocks in index order. */
export default experiment(record, {
  id: 'figure-9',
  title: 'Estimated against known Lipschitz constants',
  axes: { x: 'iterations', y: 'f − f*', logY: true },
  parameters: [usualSteps],
  claims: ['figure-9-estimates-help', 'figure-9-estimates-hurt'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const steps = parameterValue(usualSteps, context);
    const panelOf = (set: SetName, tau: number, names: readonly string[], rival?: Rival) => {
      const test = testProblem(set, context);
      const own = rival && rivals[rival](test.own!, blocksOf(test.own!, tau, 'order'));
      const rules = pick(rulesOf(tau), names);
      const title = `${set}, order, τ = ${tau}`;
      return panel(context, method, test, title, rules, steps, rival && own ? { [rival]: own } : {});
    };
    const onB: Array<{ label: number; value: number }> = [];
    for (const tau of [5, 20, 50]) {
      const r = yield* panelOf('B', tau, ['LA-GSL'], 'Lb-GSL, own code');
      onB.push({ label: tau, value: r['LA-GSL'].gap / r['Lb-GSL, own code'].gap });
    }
    const c = yield* panelOf('C', 50, ['LA-GSL', 'Lb-GSL']);
    yield decide('figure-9-estimates-help', { onB, onC: c['LA-GSL'].gap / c['Lb-GSL'].gap });

    const a = yield* panelOf('A', 5, ['Lb-GSL'], 'LA-GSL, own code');
    const d = yield* panelOf('D', 5, ['Lb-GSL'], 'LA-GSL, own code');
    yield decide('figure-9-estimates-hurt', {
      onA: a['Lb-GSL'].gap / a['LA-GSL, own code'].gap,
      onD: d['Lb-GSL'].gap / d['LA-GSL, own code'].gap,
    });
    for (const set of ['A', 'B', 'D', 'E', 'C'] as const) {
      for (const tau of [5, 20, 50]) {
        yield* panel(context, method, testProblem(set, context), `${set}, order, τ = ${tau}, all`, rulesOf(tau));
      }
    }
  },
});
