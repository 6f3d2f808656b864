import { StagedLoss } from 'southwell/training';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { type Emit, streamed } from '../../streamed.ts';
import { accuracyOf, drawOf, loadSmallDigits, perceptron, startOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { coordinateRun, trainByValues } from '../train.ts';

const { 'against-random': claim } = locked.claims;

/** Coordinates that are drawn anew and random directions, with as many queries, each at its tuned rate. */
export default experiment(record, {
  id: 'random',
  title: 'Sparse updates and random directions',
  panels: [
    {
      title: 'Loss of the batch',
      x: { label: 'step' },
      y: { label: 'loss of the batch' },
      series: ['sparse updates', 'random directions'],
      control: 'random directions',
    },
  ],
  claims: ['against-random'],
  method: coordinateRun,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { steps, sparsity, directions, interval, rate, randomRate } = claim.sizes[context.size];
    const { train, test } = await loadSmallDigits();
    const model = perceptron([16, 16]);
    const tested = new StagedLoss(model, test, test.count, 'crossEntropy');
    const gains: number[] = [];
    const rows: number[][] = [];
    const values = () => ({ gain: { draws: gains } });
    const [, most] = claim.draws[context.size];
    try {
      for (let k = 0; !decide.enough('against-random', k, values); k++) {
        yield { kind: 'progress', label: `draw ${k + 1}`, fraction: k / most };
        const random = drawOf(context.seed, k);
        const parameters = startOf(model, random.split(1));
        const seed = random.integer(2 ** 30);
        const sparse = { steps, seed, rate, estimator: 'cge', sparsity, maskInterval: interval } as const;
        /** The losses of the first draw are curves. */
        const drawn = (series: string, emit: Emit) =>
          k > 0
            ? {}
            : {
                each: (step: number, loss: number) =>
                  emit({ kind: 'points', panel: 'Loss of the batch', series, x: [step], y: [loss] }),
              };
        const ours = yield* streamed((emit) =>
          method(model, train, parameters, { ...sparse, ...drawn('sparse updates', emit) }, pause),
        );
        const other = { steps, seed, rate: randomRate, estimator: 'rge', directions } as const;
        const theirs = yield* streamed((emit) =>
          trainByValues(model, train, parameters, { ...other, ...drawn('random directions', emit) }, pause),
        );
        const [own, rival] = [ours, theirs].map(({ x }) => accuracyOf(tested, test, x));
        gains.push(own - rival);
        rows.push([k + 1, own, rival, ours.queries, theirs.queries]);
      }
      yield decide('against-random', values());
      const columns = ['draw', 'sparse updates', 'random directions', 'queries', 'of random directions'];
      yield { kind: 'table', title: 'Test accuracy', columns, rows };
    } finally {
      tested.free();
    }
  },
});
