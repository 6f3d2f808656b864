import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
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
    for (const [title, of] of [
      ['Costs at the start', costs(x0)],
      ['Costs that the hybrid found', paid],
    ] as const) {
      yield {
        ...{ kind: 'picture', title },
        picture: { type: 'image', width: side, height: side, values: Array.from(of), value: 'cost of a cell' },
      };
    }
  },
});
