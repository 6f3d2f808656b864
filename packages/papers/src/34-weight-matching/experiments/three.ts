import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { matchedBy } from '../matched.ts';
import { taskOf } from '../networks.ts';
import { record } from '../record.ts';
import { compareTrios, trioPanels, trioTable, trioValues } from '../trio.ts';

/** Three networks of digits: two are put in order to agree with the first. Do they agree with each other? */
export default experiment(record, {
  id: 'three',
  title: 'Three networks',
  panels: trioPanels,
  claims: ['three-networks'],
  method: matchedBy,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const sizes = locked.claims['three-networks'].sizes[context.size];
    const task = taskOf(await digitSet(), sizes);
    const trios = yield* compareTrios(context, task, sizes, method, pause);
    const { barrier, score, own, average } = trioValues(trios, sizes);
    yield decide('three-networks', { barrier, own, ...(context.size === 'full' && { score, average }) });
    yield trioTable(trios, sizes);
  },
});
