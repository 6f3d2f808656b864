import { StagedLoss, type ZoTrainOptions } from 'southwell/training';
import { experiment } from '../../define.ts';
import { parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  accuracyOf,
  backprop,
  drawOf,
  flatten,
  loadSmallDigits,
  perceptron,
  startOf,
  stepsOf,
  trainByGradients,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { coordinateRun } from '../train.ts';

const { quick, full: whole } = locked.claims['equals-backprop'].sizes;
const length = stepsOf(quick.steps, whole.steps);

/** Coordinate differences and backpropagation from the same initial point on the same batches. */
export default experiment(record, {
  id: 'backprop',
  title: 'Coordinate differences and backpropagation',
  panels: [
    {
      title: 'Loss, means of ten steps',
      x: { label: 'step' },
      y: { label: 'loss of the batch' },
      series: ['coordinate differences', 'backpropagation'],
      control: 'backpropagation',
    },
  ],
  parameters: [length],
  claims: ['equals-backprop'],
  method: { estimator: 'cge' } as Pick<ZoTrainOptions, 'estimator' | 'directions'>,
  async *run(context, decide, method) {
    const { rate } = locked.claims['equals-backprop'].sizes[context.size];
    const steps = parameterValue(length, context);
    const pause = pauses(context);
    const { train, test } = await loadSmallDigits();
    const model = perceptron([16, 16]);
    const oracle = backprop(model, train);
    const tested = new StagedLoss(model, test, test.count, 'crossEntropy');
    const [losses, accuracies, rows]: [number[], number[], Array<Array<string | number>>] = [[], [], []];
    const values = () => ({ loss: { draws: losses }, accuracy: { draws: accuracies } });
    const most = Math.max(...locked.claims['equals-backprop'].draws[context.size]);
    try {
      let draw = 0;
      do {
        const random = drawOf(context.seed, draw);
        const parameters = startOf(model, random.split(1));
        const start = flatten(parameters);
        yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
        const seed = random.integer(2 ** 31);
        const byValues = await coordinateRun(model, train, parameters, { steps, rate, seed, ...method }, pause);
        const byGradients = await trainByGradients(oracle, start, byValues.batches, { rate, steps }, pause);
        const [a, b] = [byValues.losses, byGradients.losses].map(tens);
        losses.push(a.reduce((worst, v, k) => Math.max(worst, Math.abs(v - b[k]) / b[k]), 0));
        const [ours, theirs] = [byValues.x, byGradients.x].map((x) => accuracyOf(tested, test, x));
        accuracies.push(Math.abs(ours - theirs));
        rows.push([draw + 1, ours, theirs, byValues.queries]);
        if (draw === 0) {
          const x = a.map((_, k) => 10 * k + 5);
          const panel = 'Loss, means of ten steps';
          yield { kind: 'points', panel, series: 'coordinate differences', x, y: a };
          yield { kind: 'points', panel, series: 'backpropagation', x, y: b };
        }
        draw++;
      } while (!decide.enough('equals-backprop', draw, values));
      yield decide('equals-backprop', values());
      const columns = ['draw', 'coordinate differences', 'backpropagation', 'queries'];
      yield { kind: 'table', title: 'Test accuracy', columns, rows };
    } finally {
      oracle.free();
      tested.free();
    }
  },
});

const tens = (losses: readonly number[]): number[] =>
  Array.from({ length: Math.floor(losses.length / 10) }, (_, k) =>
    losses.slice(10 * k, 10 * k + 10).reduce((sum, v) => sum + v / 10, 0),
  );
