import { Random } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { type Images, loadMnist } from '../../material/images.ts';
import { pauses } from '../../pauses.ts';
import { libraryMethod, type Refine, refinedShape, type Shape, shapes, tried } from '../lab.ts';
import { locked } from '../locked.ts';
import { heldOut, network } from '../network.ts';
import { record } from '../record.ts';

const { flat, '1/√t': root, step, cosine, linear } = shapes;
const rivals: Readonly<Record<string, Shape>> = { flat, '1/√t': root, step, cosine };
const names = ['linear', ...Object.keys(rivals), 'refined'];
type Losses = Readonly<Record<string, number>>;

/** Some of the images, by their rows. */
function some({ X, labels }: Images, rows: ArrayLike<number>): Images {
  const chosen = DenseMatrix.create(rows.length, X.cols);
  for (let j = 0; j < X.cols; j++) {
    const [from, to] = [X.column(j), chosen.column(j)];
    for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]];
  }
  return { X: chosen, labels: Int32Array.from(rows, (i) => labels[i]) };
}

/**
 * Schedules of a small network on MNIST, each with a rate that is best on some held-out images, judged by the loss on
 * others.
 */
export default experiment(record, {
  id: 'images',
  title: 'Schedules of a network on images of 28 × 28 pixels',
  panels: [
    {
      title: 'Refined schedule',
      x: { label: 'part of the run' },
      y: { label: 'part of the largest rate' },
      series: ['first network'],
    },
  ],
  claims: ['images', 'images-refined'],
  method: libraryMethod,
  async *run(context, decide, method: Refine) {
    const { trained, held, hidden, epochs, batch } = locked.claims.images.sizes[context.size];
    const pause = pauses(context);
    const root = new Random(context.seed);
    const all = await loadMnist(Array.from({ length: 10 }, (_, c) => c));
    const training = { optimiser: 'SGD', epochs, batchSize: batch } as const;
    const losses: Losses[] = [];
    const beside = (name: string, limit: (loss: Losses) => number) => ({
      draws: losses.map((loss) => ({ value: loss[name], reference: limit(loss) })),
    });
    const lines = () => ({
      plain: beside('linear', (loss) => Math.min(loss.flat, loss['1/√t'], loss.step)),
      cosine: beside('linear', (loss) => loss.cosine),
    });
    const refinements = () => ({ refined: beside('refined', (loss) => loss.linear) });
    const rows: Cell[][] = [];
    const most = locked.claims.images.draws[context.size].at(-1)!;
    const enough = (draw: number) =>
      decide.enough('images', draw, lines) && decide.enough('images-refined', draw, refinements);
    for (let draw = 0; !enough(draw); draw++) {
      const own = root.split(draw);
      const order = own.permutation(all.labels.length);
      const [first, tuned, judged] = [0, trained, trained + held].map((from, k) =>
        some(all, order.subarray(from, from + (k === 0 ? trained : held))),
      );
      const layout = { hidden, batch, seed: own.integer(2 ** 31) };
      const [learner, tuning, judging] = [first, tuned, judged].map((part) => network(part, 1, layout));
      const orders = { tuning: own.integer(2 ** 32), judging: own.integer(2 ** 32) };
      const pair = { tuning: heldOut(learner, tuning), judging: heldOut(learner, judging) };
      const found: Record<string, number> = {};
      let rate = Number.NaN;
      for (const [k, name] of names.entries()) {
        const fraction = (draw + k / names.length) / most;
        yield { kind: 'progress', label: `network ${draw + 1}: ${name}`, fraction };
        let shape = name === 'linear' ? linear : rivals[name];
        if (name === 'refined') {
          const refined = await refinedShape(pair.tuning, training, method, rate, orders, pause);
          shape = refined.shape;
          if (draw === 0) {
            const x = Array.from(refined.values, (_, t) => t / (refined.values.length - 1));
            yield { kind: 'points', panel: 'Refined schedule', series: 'first network', x, y: [...refined.values] };
          }
        }
        const one = await tried(pair.tuning, training, shape, orders, pause, { on: pair.judging });
        if (name === 'linear') rate = one.rate;
        found[name] = one.loss;
      }
      losses.push(found);
      rows.push([draw + 1, ...names.map((name) => found[name])]);
    }
    yield decide('images', lines());
    yield decide('images-refined', refinements());
    yield { kind: 'table', title: 'Loss on held-out images', columns: ['network', ...names], rows };
  },
});
