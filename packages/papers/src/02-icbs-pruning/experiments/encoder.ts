import { experiment } from '../../define.ts';
import { cranfield, sentenceEncoder, wordnet } from '../../material/sentences.ts';
import { pauses } from '../../pauses.ts';
import { streamed } from '../../streamed.ts';
import { contest, tableOf } from '../contest.ts';
import { pruned } from '../lab.ts';
import { locked } from '../locked.ts';
import { encoderOf } from '../models.ts';
import { tiles } from '../picture.ts';
import { record } from '../record.ts';
import { ICBS, panelsOf, WANDA } from '../rivals.ts';

const needs = [sentenceEncoder, wordnet, cranfield];

/** Three tenths of an encoder of sentences. */
export default experiment(record, {
  id: 'encoder',
  title: 'An encoder of sentences with three tenths of its weights',
  needs: { quick: needs, full: needs },
  panels: panelsOf('squared distance of vectors over their squared length'),
  claims: ['encoder'],
  method: pruned,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { steps, density, blockSize, removed, tabu, batch, rho, rate, every, ...texts } =
      locked.claims.encoder.sizes[context.size];
    yield { kind: 'progress', label: 'vectors of the dense model', fraction: 0 };
    const result = yield* streamed(async (emit) => {
      const subject = await encoderOf(context, texts, pause);
      const blocks = { blockSize, removed, tabu, batch };
      const admm = { rho, rate, every, batch: batch / 2 };
      const look = Math.round(steps / 3);
      return contest({ subject, network: 1, density, blocks, steps, look, admm, method, picture: tiles }, emit, pause);
    });
    const [own, wanda] = [ICBS, WANDA].map((name) => result.methods.get(name)!);
    yield decide('encoder', {
      reconstructed: own.fitted.loss / wanda.fitted.loss,
      plain: own.plain.loss / wanda.plain.loss,
    });
    yield tableOf([result], 'squared distance of vectors', 'nDCG@10');
  },
});
