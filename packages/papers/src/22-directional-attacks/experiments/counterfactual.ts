import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Picture } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { contest, directSearches, playerNames, playersOf, ratiosTo, standings } from '../contest.ts';
import { cheapestPath, costOf, counterfactual } from '../grid.ts';
import { libraryMethod, valueAt } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'Counterfactual paths';

/** Costs of a grid of cells that are to change as little as possible until another path is cheap. */
export default experiment(record, {
  id: 'counterfactual',
  title: 'Paths through grids',
  panels: [
    {
      title: PANEL,
      x: { label: 'passes through the network', log: true },
      y: { label: 'median of the objective with penalty', log: true },
      series: playerNames,
      control: 'direct search',
    },
  ],
  claims: ['counterfactual'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { problems, side, latent, early, late, budget } = locked.claims.counterfactual.sizes[context.size];
    const pause = pauses(context);
    const root = new Random(context.seed);
    const courses = yield* contest({
      panel: PANEL,
      problem(k) {
        const random = root.split(k);
        const problem = counterfactual(side, latent, random);
        return { problem, seed: random.integer(2 ** 31) };
      },
      players: playersOf(method, problems, problems),
      ...{ count: problems, budget, pause, shown: valueAt },
    });
    yield decide('counterfactual', {
      gap: ratiosTo(courses, directSearches, [early, late], valueAt),
      line: ratiosTo(courses, ['random line search'], [early, late], valueAt),
    });
    yield standings('Median objective with penalty', courses, { passes: [30, early, late, budget] }, valueAt);
    const { x0, before, wanted, costs } = counterfactual(side, latent, root.split(0));
    const paid = costs(courses.get('hybrid')![0].x);
    const columns = ['costs', 'of the former path', 'of the wanted path', 'of the cheapest path'];
    const row = (name: string, of: Float64Array) => [
      name,
      ...[before, wanted, cheapestPath(of)].map((path) => costOf(path, of)),
    ];
    yield {
      ...{ kind: 'table', title: 'Paths through the first grid', columns },
      rows: [row('at the start', costs(x0)), row('by the hybrid', paid)],
    };
    yield { kind: 'picture', title: 'The cheapest path at the start', picture: pathPicture(side, costs(x0)) };
    yield { kind: 'picture', title: 'The cheapest path by the hybrid', picture: pathPicture(side, paid) };
  },
});

/** Upper ends of ranges of costs, which are between 1 and 9. */
const RANGES = [3, 5, 7, 9];

/** The cells by what they cost, the first one at the top left, and the cheapest path through them. */
function pathPicture(side: number, costs: Float64Array): Picture {
  const at = (cell: number) => ({ x: (cell % side) + 1, y: side - Math.floor(cell / side) });
  const path = cheapestPath(costs).map(at);
  return {
    type: 'scatter',
    ...{ xLabel: 'column', yLabel: 'row, from below' },
    points: Array.from(costs, (cost, cell) => ({
      ...at(cell),
      group: RANGES.findIndex((end) => cost <= end),
    })),
    groups: RANGES.map((end) => `cost ${end - 2} to ${end}`),
    lines: [{ x: path.map(({ x }) => x), y: path.map(({ y }) => y), shade: 1 }],
    below: 'The line is the cheapest path.',
  };
}
