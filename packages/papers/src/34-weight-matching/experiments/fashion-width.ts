import { experiment } from '../../define.ts';
import { fashion, fashionSet } from '../../material/fashion.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { matchedBy } from '../matched.ts';
import { taskOf } from '../networks.ts';
import { record } from '../record.ts';
import { compareWidths, widthPanels } from '../widths.ts';

/** Pairs of networks of pieces of clothing, of two widths. */
export default experiment(record, {
  id: 'fashion-width',
  title: 'Two widths, Fashion-MNIST',
  needs: { quick: [fashion], full: [fashion] },
  panels: widthPanels,
  claims: ['fashion-width'],
  method: matchedBy,
  async *run(context, decide, method) {
    const sizes = locked.claims['fashion-width'].sizes[context.size];
    const task = taskOf(await fashionSet(context), sizes);
    yield* compareWidths(context, task, sizes, method, pauses(context), (barrier) =>
      decide('fashion-width', { barrier }),
    );
  },
});
