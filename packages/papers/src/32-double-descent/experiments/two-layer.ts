import { Random } from '@southwell/numerics/core';
import * as nn from 'southwell/nn';
import { sgd } from 'southwell/optimisers';
import { outputsOf, trainingIterates } from 'southwell/training';
import { experiment } from '../../define.ts';
import { loadDigits } from '../../images.ts';
import { pauses, pointOf } from '../../pauses.ts';
import { EXAMPLES } from '../lab.ts';
import { record } from '../record.ts';
import { noisyDigits, risesBy } from '../twoLayer.ts';

const WIDTHS = [2, 4, 8, 12, 16, 24, 32, 64];
const MOMENTUM = 0.9;

/** A network of one hidden layer, all of it trained, as it grows past the threshold: by three rates. */
export default experiment(record, {
  id: 'two-layer',
  title: 'Two-layer networks by three rates',
  axes: { x: 'hidden units', y: 'test error', logY: false, logX: true },
  claims: ['two-layer'],
  method: [0.003, 0.03, 0.1] as readonly number[],
  async *run(context, decide, rates) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const epochs = full ? 2000 : 200;
    const random = new Random(context.seed);
    const images = await loadDigits();
    const rises: Array<{ readonly value: number; readonly reference: number }> = [];
    const rows: Array<Array<string | number>> = [];
    const values = () => ({ rise: { draws: rises } });
    for (let k = 0; !decide.enough('two-layer', k, values); k++) {
      const own = random.split(k);
      const { train, test, wrong } = noisyDigits(images, EXAMPLES, full ? 1500 : 500, own);
      const seed = own.integer(2 ** 31);
      const found: Array<{ readonly loss: number; readonly rise: number }> = [];
      for (const rate of rates) {
        const [errors, losses]: [number[], number[]] = [[], []];
        for (const [i, hidden] of WIDTHS.entries()) {
          yield {
            kind: 'progress',
            label: `draw ${k + 1}, rate ${rate}, ${hidden} hidden units`,
            fraction: (k + i / WIDTHS.length) / 8,
          };
          const model = nn.sequential([
            nn.linear({ in: 64, out: hidden }),
            nn.relu(),
            nn.linear({ in: hidden, out: 10 }),
          ]);
          const { parameters, history } = await pointOf(
            trainingIterates(model, train, {
              loss: 'squares',
              ...{ epochs, batchSize: 20, rate, seed },
              optimiser: (schedule) => sgd({ rate: schedule, momentum: MOMENTUM }),
            }),
            pause,
          );
          const { values: guesses } = outputsOf(model, parameters, test.inputs, test.count);
          errors.push(wrong(guesses));
          losses.push(history.loss[history.loss.length - 1]);
          rows.push([k + 1, rate, hidden, 75 * hidden + 10, losses[i], errors[i]]);
        }
        found.push({ loss: losses.reduce((a, b) => a + Math.log(b), 0), rise: risesBy(errors) });
        if (k > 0) continue;
        const series = `rate ${rate}`;
        yield { kind: 'points', panel: 'Test error by the width', series, x: WIDTHS, y: errors };
        yield { kind: 'points', panel: 'log₁₀ of the training loss', series, x: WIDTHS, y: losses.map(Math.log10) };
      }
      found.sort((a, b) => a.loss - b.loss);
      rises.push({ value: found[0].rise, reference: found[found.length - 1].rise });
    }
    yield decide('two-layer', values());
    const columns = ['draw', 'rate', 'hidden', 'parameters', 'training loss', 'test error'];
    yield { kind: 'table', title: `After ${epochs} epochs`, columns, rows };
  },
});
