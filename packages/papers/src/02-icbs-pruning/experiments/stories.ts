import { experiment } from '../../define.ts';
import { stories } from '../../material/stories.ts';
import { pauses } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { contest, tableOf } from '../contest.ts';
import { pruned } from '../lab.ts';
import { locked } from '../locked.ts';
import { storyteller } from '../models.ts';
import { tiles } from '../picture.ts';
import { record } from '../record.ts';
import { ICBS, panelsOf, WANDA } from '../rivals.ts';

/** Half of a language model. */
export default experiment(record, {
  id: 'stories',
  title: 'A language model with half of its weights',
  needs: { quick: [stories], full: [stories] },
  panels: panelsOf('divergence from the dense model, nats'),
  claims: ['stories'],
  method: pruned,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { steps, density, blockSize, removed, tabu, batch, rho, rate, every, ...texts } =
      locked.claims.stories.sizes[context.size];
    yield { kind: 'progress', label: 'texts of the dense model', fraction: 0 };
    const result = yield* streamed(async (emit) => {
      const subject = await storyteller(context, texts, pause);
      const blocks = { blockSize, removed, tabu, batch };
      const admm = { rho, rate, every, batch: batch / 2 };
      const look = Math.round(steps / 5);
      return contest({ subject, network: 1, density, blocks, steps, look, admm, method, picture: tiles }, emit, pause);
    });
    const [own, wanda] = [ICBS, WANDA].map((name) => result.methods.get(name)!);
    yield decide('stories', {
      reconstructed: own.fitted.loss / wanda.fitted.loss,
      plain: own.plain.loss / wanda.plain.loss,
      entropy: own.fitted.score / wanda.fitted.score,
    });
    yield tableOf([result], 'divergence', 'loss of the next token');
  },
});
