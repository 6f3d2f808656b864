import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { contest, directSearches, playerNames, playersOf, ratiosTo, standings } from '../contest.ts';
import { gapAt, libraryMethod } from '../lab.ts';
import { locked } from '../locked.ts';
import { mixture, trainedReader } from '../mixture.ts';
import { record } from '../record.ts';

const PANEL = 'What remains, mixtures of digits';

/** Mixtures of digits that a convolutional network is to read as it reads one of them. */
export default experiment(record, {
  id: 'mixture',
  title: 'Mixtures of digits',
  panels: [
    {
      title: PANEL,
      x: { label: 'passes through the network', log: true },
      y: { label: 'median of f(x)/f(x₀)', log: true },
      series: playerNames,
      control: 'direct search',
    },
  ],
  claims: ['mixture'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { problems, digits, early, late, budget } = locked.claims.mixture.sizes[context.size];
    const pause = pauses(context);
    const root = new Random(context.seed);
    yield { kind: 'progress', label: 'training a network', fraction: 0 };
    const reader = await trainedReader(root.split(problems).integer(2 ** 31), pause);
    const courses = yield* contest({
      panel: PANEL,
      problem(k) {
        const random = root.split(k);
        const problem = mixture(reader, digits, random);
        return { problem, seed: random.integer(2 ** 31) };
      },
      players: playersOf(method, problems, problems),
      ...{ count: problems, budget, pause, shown: gapAt },
    });
    yield decide('mixture', {
      gap: ratiosTo(courses, directSearches, [early, late], gapAt),
      line: ratiosTo(courses, ['random line search'], [early, late], gapAt),
    });
    yield standings('Median of f(x)/f(x₀)', courses, { passes: [30, early, late, budget] }, gapAt);
    const problem = mixture(reader, digits, root.split(0));
    const last = courses.get('hybrid')![0].x;
    const side = Math.sqrt(problem.pixels.length / digits);
    const wanted = problem.pixels.subarray(side * side * problem.wanted, side * side * (problem.wanted + 1));
    const [first, found] = [problem.mixed(problem.x0), problem.mixed(last)];
    const values = Array.from({ length: side * (3 * side + 2) }, (_, k) => {
      const [row, column] = [Math.floor(k / (3 * side + 2)), k % (3 * side + 2)];
      const [image, j] = [Math.floor(column / (side + 1)), column % (side + 1)];
      return j === side ? 0 : [wanted, first, found][image][row * side + j];
    });
    yield {
      kind: 'picture',
      title: 'A digit, the mixture of all, and the mixture that is read as the digit',
      picture: { type: 'image', width: 3 * side + 2, height: side, values, value: 'grey value' },
    };
  },
});
