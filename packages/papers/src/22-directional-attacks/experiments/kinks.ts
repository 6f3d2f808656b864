import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { contest, leastOf, playerNames, playersOf, standings } from '../contest.ts';
import { gapAt, libraryMethod } from '../lab.ts';
import { locked } from '../locked.ts';
import { kinkedValley } from '../problems.ts';
import { record } from '../record.ts';

const PANEL = 'What remains, kinked valleys';

/** Valleys in the plane whose bottom is a kink across the axes. */
export default experiment(record, {
  id: 'kinks',
  title: 'Kinked valleys',
  panels: [
    {
      title: PANEL,
      x: { label: 'passes through the network', log: true },
      y: { label: 'median of f(x)/f(x₀)', log: true },
      series: playerNames,
      control: 'attacks alone',
    },
  ],
  claims: ['kinks'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { problems, steep, early, budget } = locked.claims.kinks.sizes[context.size];
    const root = new Random(context.seed);
    const courses = yield* contest({
      panel: PANEL,
      problem(k) {
        const random = root.split(k);
        const problem = kinkedValley(steep, random);
        return { problem, seed: random.integer(2 ** 31) };
      },
      players: playersOf(method, problems, problems),
      ...{ count: problems, budget, pause: pauses(context), shown: gapAt },
    });
    yield decide('kinks', {
      gap: leastOf(courses, ['hybrid'], gapAt, early),
      attacks: leastOf(courses, ['attacks alone'], gapAt, early),
    });
    yield standings('Median of f(x)/f(x₀)', courses, { passes: [30, 100, early, budget] }, gapAt);
  },
});
