import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { fashion, fashionSet } from '../../material/fashion.ts';
import { chosen } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { imageContests, measuresOf, tableOf } from '../contest.ts';
import { pruned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { panelsOf } from '../rivals.ts';

/** The same on images of clothes. */
export default experiment(record, {
  id: 'fashion',
  title: 'Clothes: blocks against scores',
  needs: { quick: [fashion], full: [fashion] },
  panels: panelsOf('training loss at density 0.1'),
  claims: ['fashion', 'fashion-reconstructed'],
  method: pruned,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { examples, ...sizes } = locked.claims.fashion.sizes[context.size];
    const { name, train, test } = await fashionSet(context);
    const rows = new Random(context.seed).permutation(train.count).subarray(0, examples);
    const images = { name, test, train: examples < train.count ? chosen(train, rows) : train };
    const results = yield* imageContests(images, sizes, context, method, pause);
    const { versus, reconstructed } = measuresOf(results, context.size === 'full');
    yield decide('fashion', versus);
    yield decide('fashion-reconstructed', { reconstructed });
    yield tableOf(results, 'training loss', 'test accuracy');
  },
});
