import type { LooseOptions } from 'southwell/blocks';
import { atMost, type Experiment, verdict } from '../../experiment.ts';
import { claims } from '../claims.ts';
import { fixed, libraryMethod, type Method, panel, pick, testProblem, usualSteps } from '../lab.ts';

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
export function figure9(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-9',
    title: 'Estimated against known Lipschitz constants',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    parameters: [usualSteps],
    claims: [claims.estimatesHelp, claims.estimatesHurt],
    async *run(context) {
      const full = context.size === 'full';
      const pair = ['LA-GSL', 'Lb-GSL'];
      const measured = [];
      for (const tau of [5, 20, 50]) {
        const r = yield* panel(
          context,
          method,
          testProblem('B', context),
          `B, order, τ = ${tau}`,
          pick(rules(tau), pair),
        );
        measured.push(atMost(`B, τ = ${tau}: LA-GSL / Lb-GSL`, r['LA-GSL'].gap / r['Lb-GSL'].gap, 1));
      }
      const c = yield* panel(context, method, testProblem('C', context), 'C, order, τ = 50', pick(rules(50), pair));
      measured.push(atMost('C, τ = 50: LA-GSL / Lb-GSL', c['LA-GSL'].gap / c['Lb-GSL'].gap, full ? 0.1 : 1));
      yield verdict(claims.estimatesHelp, context, measured);

      const a = yield* panel(context, method, testProblem('A', context), 'A, order, τ = 5', pick(rules(5), pair));
      const d = yield* panel(context, method, testProblem('D', context), 'D, order, τ = 5', pick(rules(5), pair));
      yield verdict(claims.estimatesHurt, context, [
        atMost('A, τ = 5: Lb-GSL / LA-GSL', a['Lb-GSL'].gap / a['LA-GSL'].gap, 1),
        atMost('D, τ = 5: Lb-GSL / LA-GSL', d['Lb-GSL'].gap / d['LA-GSL'].gap, 1),
      ]);
      for (const set of ['A', 'B', 'D', 'E', 'C'] as const) {
        for (const tau of [5, 20, 50]) {
          yield* panel(context, method, testProblem(set, context), `${set}, order, τ = ${tau}, all`, rules(tau));
        }
      }
    },
  };
}
