import { experiment } from '../../define.ts';
import { cranfield, sentenceEncoder, wordnet } from '../../material/sentences.ts';
import { pauses } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { armorName, contest, EQUAL, panelsOf, tableOf, undone } from '../contest.ts';
import { armor } from '../lab.ts';
import { locked } from '../locked.ts';
import { encoder } from '../models.ts';
import { record } from '../record.ts';

const needs = [sentenceEncoder, wordnet, cranfield];
/** ARMOR on an encoder of sentences. */
export default experiment(record, {
  id: 'encoder',
  title: 'An encoder of sentences in 2:4',
  needs: { quick: needs, full: needs },
  panels: panelsOf('squared distance of vectors over their squared length', [
    locked.claims.encoder.sizes.full.blockSize,
  ]),
  claims: ['encoder'],
  method: armor,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { blockSize, steps, reconstructed: again, ...sizes } = locked.claims.encoder.sizes[context.size];
    yield { kind: 'progress', label: 'the dense model', fraction: 0 };
    const results = yield* streamed(async (emit) => {
      const subject = await encoder(context, sizes, pause);
      return contest({ subject, blocks: [blockSize], steps, seed: context.seed, again, method }, emit, pause);
    });
    const own = armorName(blockSize);
    yield decide('encoder', {
      share: undone(results, own),
      bytes: results.get(own)!.plain.loss / results.get(EQUAL)!.plain.loss,
    });
    yield tableOf([results], 'squared distance of vectors', 'nDCG@10');
  },
});
