import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { matchedBy } from '../matched.ts';
import { taskOf } from '../networks.ts';
import { record } from '../record.ts';
import { compareWidths, widthPanels } from '../widths.ts';

/** Pairs of networks of digits, of two widths. */
export default experiment(record, {
  id: 'width',
  title: 'Two widths',
  panels: widthPanels,
  claims: ['width'],
  method: matchedBy,
  async *run(context, decide, method) {
    const sizes = locked.claims.width.sizes[context.size];
    const task = taskOf(await digitSet(), sizes);
    yield* compareWidths(context, task, sizes, method, pauses(context), (barrier) => decide('width', { barrier }));
  },
});
