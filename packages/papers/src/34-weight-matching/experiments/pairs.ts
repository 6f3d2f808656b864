import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { comparePairs, matchedValues, overDraws, pairArms, scoreAt, shownPairs } from '../comparison.ts';
import { linePanel, median, scorePanel } from '../lab.ts';
import { locked } from '../locked.ts';
import { armNames, matchedBy } from '../matched.ts';
import { taskOf } from '../networks.ts';
import { record } from '../record.ts';

const series = pairArms.map((id) => ({ id, name: armNames[id] }));

/** Networks of digits from different seeds, before and after the neurons of one have been put in order. */
export default experiment(record, {
  id: 'pairs',
  title: 'Pairs of networks',
  panels: [
    { ...linePanel, series, control: 'none' },
    { ...scorePanel, series, control: 'none' },
  ],
  claims: ['barrier', 'alignment', 'strong-directions', 'activations'],
  method: matchedBy,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { alignment, activations } = locked.claims;
    const sizes = { ...alignment.sizes[context.size], ...activations.sizes[context.size] };
    const task = taskOf(await digitSet(), sizes);
    const pairs = yield* comparePairs(context, task, sizes, method, pause);
    const { barrier, distance, score } = matchedValues(pairs, sizes);
    yield decide('barrier', { barrier, distance });
    const zero = sizes.thresholds.indexOf(0);
    const ratio = median(pairs.draws.flat().map(({ weights }) => scoreAt(weights, sizes) / weights.scores[zero]));
    yield decide('alignment', { score, ratio, values: pairs.change });
    yield decide('strong-directions', {
      strong: overDraws(pairs, Math.max, ({ strong, none }) => strong.line.barrier / none.line.barrier),
      weak: overDraws(pairs, Math.min, ({ strong, weak }) => weak.line.barrier / strong.line.barrier),
    });
    yield decide('activations', {
      barrier: overDraws(pairs, Math.max, (of) => of.activations.line.barrier / of.none.line.barrier),
      score: overDraws(pairs, Math.min, (of) => scoreAt(of.activations, sizes) / scoreAt(of.weights, sizes)),
    });
    yield* shownPairs(pairs, task, sizes);
  },
});
