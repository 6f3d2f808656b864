import { experiment } from '../../define.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { contest, measuresOf, type Result, TENTH, tableOf } from '../contest.ts';
import { networkSeeds, pruned, subjectOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { panels } from '../rivals.ts';

const { 'beside-reconstruction': claim } = locked.claims;

/** iCBS on networks that read digits, beside its rivals, each with and without reconstruction. */
export default experiment(record, {
  id: 'digits',
  title: 'Digits: blocks against scores',
  panels,
  claims: ['beats-wanda', 'time-for-quality', 'beside-reconstruction'],
  method: pruned,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { networks, densities, steps, hidden, epochs, rho, rate, every, ...blocks } = claim.sizes[context.size];
    const full = context.size === 'full';
    const images = await digitSet();
    const results: Result[] = [];
    for (const [k, seed] of networkSeeds(context.seed, networks).entries())
      for (const density of densities) {
        yield { kind: 'progress', label: `network ${k + 1}, density ${density}`, fraction: k / networks };
        const found = yield* streamed(async (emit) => {
          const subject = await subjectOf(images, { hidden, epochs }, seed, pause);
          const options = { density, blocks, steps, look: full ? 10 : 5, admm: { rho, rate, every }, method };
          const shown = k === 0 && density === TENTH ? emit : undefined;
          return contest({ subject, network: k + 1, ...options }, shown, pause);
        });
        results.push(found);
      }
    const { wanda, absolute, missed, early, late, reconstructed } = measuresOf(results, full);
    yield decide('beats-wanda', { ...wanda, density: missed, ...(full && { absolute }) });
    yield decide('time-for-quality', { fifty: early, ...(full && { later: late }) });
    yield decide('beside-reconstruction', { reconstructed });
    yield tableOf(results);
  },
});
