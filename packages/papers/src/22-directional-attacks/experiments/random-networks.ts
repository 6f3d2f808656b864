import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { contest, leastOf, playerNames, playersOf, standings } from '../contest.ts';
import { gapAt, libraryMethod } from '../lab.ts';
import { locked } from '../locked.ts';
import { randomNetwork } from '../problems.ts';
import { record } from '../record.ts';

/** Networks with random weights, whose outputs at a hidden input are to be reached. */
export default experiment(record, {
  id: 'random-networks',
  title: 'Random networks',
  panels: [
    {
      title: 'What remains, {activation}',
      x: { label: 'passes through the network', log: true },
      y: { label: 'median of f(x)/f(x₀)', log: true },
      series: playerNames,
      control: 'direct search',
    },
  ],
  claims: ['fewer-evaluations', 'no-stall'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { networks, widths, early, late, stall, rivals, budgets } = locked.claims['no-stall'].sizes[context.size];
    const pause = pauses(context);
    const root = new Random(context.seed);
    const ratios: Array<{ readonly label: string; readonly value: number }> = [];
    const tables: ExperimentEvent[] = [];
    for (const [part, [activation, name]] of (
      [
        ['tanh', 'tanh'],
        ['relu', 'ReLU'],
      ] as const
    ).entries()) {
      const budget = budgets[part];
      const courses = yield* contest({
        panel: `What remains, ${name}`,
        problem(k) {
          const random = root.split(k);
          const problem = randomNetwork(activation, widths, random);
          return { problem, seed: random.integer(2 ** 31) };
        },
        players: playersOf(method, networks, rivals),
        ...{ count: networks, budget, pause, shown: gapAt, part: [part, 2] },
      });
      const gap = (player: 'hybrid' | 'direct search' | 'attacks alone', passes: number) =>
        leastOf(courses, [player], gapAt, passes);
      for (const passes of [early, late]) {
        const value = gap('hybrid', passes) / gap('direct search', passes);
        ratios.push({ label: `${name}, ${passes} passes`, value });
      }
      const at = { passes: [30, early, late, stall, budget].filter((n) => n <= budget), points: [early, late] };
      tables.push(standings(`Median of f(x)/f(x₀), ${name}`, courses, at, gapAt));
      if (activation === 'tanh') continue;
      yield decide('fewer-evaluations', { gap: ratios });
      yield decide('no-stall', { gap: { value: gap('attacks alone', stall), reference: gap('hybrid', stall) } });
    }
    yield* tables;
  },
});
