import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { imageContests, measuresOf, tableOf } from '../contest.ts';
import { pruned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { panelsOf } from '../rivals.ts';

/** iCBS on networks that read digits, beside its rivals, each with and without reconstruction. */
export default experiment(record, {
  id: 'digits',
  title: 'Digits: blocks against scores',
  panels: panelsOf('training loss at density 0.1'),
  claims: ['beats-wanda', 'time-for-quality', 'beside-reconstruction'],
  method: pruned,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const sizes = locked.claims['beside-reconstruction'].sizes[context.size];
    const results = yield* imageContests(await digitSet(), sizes, context, method, pause);
    const { versus, absolute, missed, early, late, reconstructed } = measuresOf(results, full);
    yield decide('beats-wanda', { ...versus, density: missed, ...(full && { absolute }) });
    yield decide('time-for-quality', { fifty: early, ...(full && { later: late }) });
    yield decide('beside-reconstruction', { reconstructed });
    yield tableOf(results, 'training loss', 'test accuracy');
  },
});
