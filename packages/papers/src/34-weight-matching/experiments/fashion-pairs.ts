import { experiment } from '../../define.ts';
import { fashion, fashionSet } from '../../material/fashion.ts';
import { pauses } from '../../pauses.ts';
import { comparePairs, matchedValues, pairArms, shownPairs } from '../comparison.ts';
import { linePanel, scorePanel } from '../lab.ts';
import { locked } from '../locked.ts';
import { armNames, matchedBy } from '../matched.ts';
import { taskOf } from '../networks.ts';
import { record } from '../record.ts';

const series = pairArms.map((id) => ({ id, name: armNames[id] }));

/** Networks of pieces of clothing from different seeds, before and after the neurons of one have been put in order. */
export default experiment(record, {
  id: 'fashion-pairs',
  title: 'Pairs of networks, Fashion-MNIST',
  needs: { quick: [fashion], full: [fashion] },
  panels: [
    { ...linePanel, series, control: 'none' },
    { ...scorePanel, series, control: 'none' },
  ],
  claims: ['fashion-barrier'],
  method: matchedBy,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const sizes = locked.claims['fashion-barrier'].sizes[context.size];
    const task = taskOf(await fashionSet(context), sizes);
    const pairs = yield* comparePairs(context, task, sizes, method, pause);
    yield decide('fashion-barrier', matchedValues(pairs, sizes));
    yield* shownPairs(pairs, task, sizes);
  },
});
