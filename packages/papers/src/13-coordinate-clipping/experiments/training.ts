import { adamW, sgd, type TrainingOptimiser, withCoordinateClipping } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { schedule } from '../../material/decoder.ts';
import { pauses } from '../../pauses.ts';
import { betas, steps } from '../lab.ts';
import { record } from '../record.ts';
import { type Trainer, type Tuned, trainer, tune } from '../train.ts';

function curve(name: string, { losses }: Tuned) {
  const [x, y]: [number[], number[]] = [[], []];
  // Averages of ten: losses of single batches are noisy.
  for (let at = 0; at + 10 <= losses.length; at += 10) {
    x.push(at + 5);
    y.push(losses.slice(at, at + 10).reduce((a, b) => a + b, 0) / 10);
  }
  return { kind: 'points', panel: 'training at the best rates', series: name, x, y } as const;
}

/**
 * Every method is tuned separately: clipping shrinks gradients, so that rates with and without it are not comparable.
 */
export default experiment(record, {
  id: 'training',
  title: 'Training with and without clipping',
  axes: { x: 'step', y: 'loss of the batch, nats a character', logY: false },
  parameters: [steps],
  claims: ['training'],
  method: withCoordinateClipping,
  async *run(context, decide, clipping) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(steps, context);
    const settings = {
      length,
      last: Math.round(length * (full ? 0.15 : 0.25)),
      ...(full && { unstable: characters.entropy }),
    };
    const most = Math.max(...record.claims[2].draws[context.size]);
    type Made = (rate: number) => TrainingOptimiser;
    const plain =
      (momentum: number): Made =>
      (rate) =>
        sgd({ rate: schedule(rate, length), momentum });
    const adam: Made = (rate) => adamW({ rate: schedule(rate, length), weightDecay: 0, ...betas });
    const clipped =
      (made: Made, fraction: number, where: 'gradient' | 'update' = 'gradient'): Made =>
      (rate) =>
        clipping(made(rate), { fraction, where });
    const judged = {
      SGD: { made: plain(0), start: 0.3 },
      'SGD, 10 % clipped': { made: clipped(plain(0), 0.1), start: 1.2 },
      ...(full ? { Adam: { made: adam, start: 3e-3 } } : {}),
    };
    /** Not used by any claim. */
    const reported = {
      ...(full ? {} : { Adam: { made: adam, start: 3e-3 } }),
      ...(full && {
        'SGD, 1 % clipped': { made: clipped(plain(0), 0.01), start: 0.6 },
        sign: { made: clipped(plain(0), 1), start: 64 },
        'Adam, 50 % of the update clipped': { made: clipped(adam, 0.5, 'update'), start: 3e-3 },
        'SGD, momentum 0.9': { made: plain(0.9), start: 0.0375 },
        'SGD, momentum 0.9, 10 % of the gradient clipped': { made: clipped(plain(0.9), 0.1), start: 0.15 },
        'SGD, momentum 0.9, 10 % of the momentum clipped': { made: clipped(plain(0.9), 0.1, 'update'), start: 0.15 },
      }),
    };
    const rows: Cell[][] = [];
    const tries: Cell[][] = [];
    const found: Record<string, Tuned[]> = {};
    const tuned = async (net: Trainer, draw: number, name: string, { made, start }: { made: Made; start: number }) => {
      const result = await tune((rate) => net.train(made(rate), length), start, settings);
      found[name] ??= [];
      found[name].push(result);
      rows.push([name, draw + 1, result.rate, result.loss, full ? result.largestStable : null]);
      tries.push(...result.tried.map(([rate, loss]) => [name, draw + 1, rate, loss]));
      return result;
    };
    const values = () => {
      const [plainly, cut, adams] = Object.keys(judged).map((name) => found[name]);
      const beside = (own: readonly Tuned[]) => ({
        draws: own.map(({ loss }, k) => ({ value: loss, reference: plainly[k].loss })),
      });
      if (!full) return { loss: beside(cut) };
      return {
        loss: beside(cut),
        gap: { draws: cut.map(({ loss }, k) => (plainly[k].loss - loss) / (plainly[k].loss - adams[k].loss)) },
        rates: { draws: cut.map(({ largestStable }, k) => largestStable / plainly[k].largestStable) },
        adam: beside(adams),
      };
    };

    const nets: Trainer[] = [];
    try {
      let draw = 0;
      do {
        const net = trainer(characters, context, draw, pause);
        nets.push(net);
        for (const [name, method] of Object.entries(judged)) {
          yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction: draw / most };
          const result = await tuned(net, draw, name, method);
          if (draw === 0) yield curve(name, result);
        }
        draw++;
      } while (!decide.enough('training', draw, values));
      yield decide('training', values());

      for (const [name, method] of Object.entries(reported)) {
        for (let k = 0; k < (full ? 3 : 1); k++) {
          yield { kind: 'progress', label: `draw ${k + 1}: ${name}`, fraction: 0.99 };
          const result = await tuned(nets[k], k, name, method);
          if (k === 0 && name === 'Adam') yield curve(name, result);
        }
      }
    } finally {
      for (const net of nets) net.free();
    }
    yield {
      kind: 'table',
      title: 'Best rates',
      columns: ['method', 'draw', 'rate', 'loss', 'largest stable rate'],
      rows,
    };
    yield { kind: 'table', title: 'All rates', columns: ['method', 'draw', 'rate', 'loss'], rows: tries };
  },
});
