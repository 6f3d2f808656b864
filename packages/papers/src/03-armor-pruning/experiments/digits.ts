import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { panelsOf, tableOf } from '../contest.ts';
import { images, measuresOf } from '../images.ts';
import { armor } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** ARMOR on networks that read digits, beside other ways to 2:4. */
export default experiment(record, {
  id: 'digits',
  title: 'Digits: ways to 2:4',
  panels: panelsOf('training loss', locked.claims['network-gap'].sizes.full.blocks),
  claims: ['network-gap', 'equal-bytes', 'beside-reconstruction'],
  method: armor,
  async *run(context, decide, method) {
    const sizes = locked.claims['network-gap'].sizes[context.size];
    const results = yield* images(await digitSet(), sizes, context, method, pauses(context));
    const { undone, sparse, wanda } = measuresOf(results, context.size === 'full');
    yield decide('network-gap', undone);
    yield decide('equal-bytes', { sparse });
    yield decide('beside-reconstruction', { wanda });
    yield tableOf(results, 'training loss', 'test accuracy');
  },
});
