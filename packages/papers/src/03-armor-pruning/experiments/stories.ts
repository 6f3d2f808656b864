import { experiment } from '../../define.ts';
import { stories } from '../../material/stories.ts';
import { pauses } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { armorName, contest, EQUAL, panelsOf, tableOf, undone } from '../contest.ts';
import { armor } from '../lab.ts';
import { locked } from '../locked.ts';
import { storyteller } from '../models.ts';
import { record } from '../record.ts';

/** ARMOR on a language model. */
export default experiment(record, {
  id: 'stories',
  title: 'A language model in 2:4',
  needs: { quick: [stories], full: [stories] },
  panels: panelsOf('divergence from the dense model, nats', [locked.claims.stories.sizes.full.blockSize]),
  claims: ['stories'],
  method: armor,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { blockSize, steps, reconstructed: again, ...sizes } = locked.claims.stories.sizes[context.size];
    yield { kind: 'progress', label: 'the dense model', fraction: 0 };
    const results = yield* streamed(async (emit) => {
      const subject = await storyteller(context, sizes, pause);
      return contest({ subject, blocks: [blockSize], steps, seed: context.seed, again, method }, emit, pause);
    });
    const own = armorName(blockSize);
    yield decide('stories', {
      share: undone(results, own),
      bytes: results.get(own)!.plain.loss / results.get(EQUAL)!.plain.loss,
    });
    yield tableOf([results], 'divergence', 'loss of the next token');
  },
});
