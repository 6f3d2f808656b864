import type { LooseOptions } from 'southwell/blocks';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import {
  above,
  fixed,
  libraryMethod,
  panel,
  pick,
  rulePanels,
  type SetName,
  testProblem,
  usualSteps,
  withOwn,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { best, blocksOf, constants, descent, estimates, lipschitzStep } from '../rival.ts';

function rulesOf(blockSize: number): Record<string, LooseOptions> {
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
  panels: rulePanels(['{set}, order, τ = {τ}'], withOwn(rulesOf(5)), 'f − f*'),
  parameters: [usualSteps],
  claims: ['figure-9-estimates-help', 'figure-9-estimates-hurt'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const steps = parameterValue(usualSteps, context);
    const help = locked.claims['figure-9-estimates-help'].sizes[context.size];
    const hurt = locked.claims['figure-9-estimates-hurt'].sizes[context.size];
    const panelOf = (set: SetName, tau: number, shipped: 'LA-GSL' | 'Lb-GSL') => {
      const test = testProblem(set, context);
      const f = test.own;
      const blocks = blocksOf(f, tau, 'order');
      const { step, constant } = estimates(f);
      const own = {
        'Lb-GSL, own code': descent(f, best(blocks, constants(f)), lipschitzStep(f)),
        'LA-GSL, own code': descent(f, best(blocks, constant), step),
      };
      return panel(context, method, test, `${set}, order, τ = ${tau}`, pick(rulesOf(tau), [shipped]), steps, own);
    };
    const onB: Array<{ label: number; value: number }> = [];
    const helpToOwn: Array<{ label: number | string; value: number }> = [];
    for (const tau of help.blockSizes) {
      const r = yield* panelOf('B', tau, 'LA-GSL');
      onB.push({ label: tau, value: r['LA-GSL'].gap / r['Lb-GSL, own code'].gap });
      helpToOwn.push({ label: tau, value: above(r['LA-GSL'], r['LA-GSL, own code']) });
    }
    const c = yield* panelOf('C', help.softmaxBlockSize, 'LA-GSL');
    helpToOwn.push({ label: `${help.softmaxBlockSize} (C)`, value: above(c['LA-GSL'], c['LA-GSL, own code']) });
    yield decide('figure-9-estimates-help', {
      toOwn: helpToOwn,
      onB,
      onC: c['LA-GSL'].gap / c['Lb-GSL, own code'].gap,
    });

    const a = yield* panelOf('A', hurt.blockSize, 'Lb-GSL');
    const d = yield* panelOf('D', hurt.blockSize, 'Lb-GSL');
    yield decide('figure-9-estimates-hurt', {
      toOwn: Object.entries({ A: a, D: d }).map(([label, r]) => ({
        label,
        value: above(r['Lb-GSL'], r['Lb-GSL, own code']),
      })),
      onA: a['Lb-GSL'].gap / a['LA-GSL, own code'].gap,
      onD: d['Lb-GSL'].gap / d['LA-GSL, own code'].gap,
    });
    for (const set of ['A', 'B', 'D', 'E', 'C'] as const) {
      for (const tau of help.blockSizes) {
        yield* panel(context, method, testProblem(set, context), `${set}, order, τ = ${tau}, all`, rulesOf(tau));
      }
    }
  },
});
