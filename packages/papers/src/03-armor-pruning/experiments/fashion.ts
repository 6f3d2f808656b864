import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { fashion, fashionSet } from '../../material/fashion.ts';
import { chosen } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { panelsOf, tableOf } from '../contest.ts';
import { images, measuresOf } from '../images.ts';
import { armor } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** The same on images of clothes. */
export default experiment(record, {
  id: 'fashion',
  title: 'Clothes: ways to 2:4',
  needs: { quick: [fashion], full: [fashion] },
  panels: panelsOf('training loss', locked.claims.fashion.sizes.full.blocks),
  claims: ['fashion'],
  method: armor,
  async *run(context, decide, method) {
    const { examples, ...sizes } = locked.claims.fashion.sizes[context.size];
    const { name, train, test } = await fashionSet(context);
    const rows = new Random(context.seed).permutation(train.count).subarray(0, examples);
    const set = { name, test, train: examples < train.count ? chosen(train, rows) : train };
    const results = yield* images(set, sizes, context, method, pauses(context));
    yield decide('fashion', measuresOf(results, context.size === 'full').undone);
    yield tableOf(results, 'training loss', 'test accuracy');
  },
});
