import { experiment } from '../../define.ts';
import { fashion, fashionSet } from '../../material/fashion.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { matchedBy } from '../matched.ts';
import { taskOf } from '../networks.ts';
import { record } from '../record.ts';
import { compareTrios, trioPanels, trioTable, trioValues } from '../trio.ts';

/** Three networks of pieces of clothing: two are put in order to agree with the first. Do they agree with each other? */
export default experiment(record, {
  id: 'fashion-three',
  title: 'Three networks, Fashion-MNIST',
  needs: { quick: [fashion], full: [fashion] },
  panels: trioPanels,
  claims: ['fashion-three'],
  method: matchedBy,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const sizes = locked.claims['fashion-three'].sizes[context.size];
    const task = taskOf(await fashionSet(context), sizes);
    const trios = yield* compareTrios(context, task, sizes, method, pause);
    const { barrier, score, own } = trioValues(trios, sizes);
    yield decide('fashion-three', { barrier, own, ...(context.size === 'full' && { score }) });
    yield trioTable(trios, sizes);
  },
});
