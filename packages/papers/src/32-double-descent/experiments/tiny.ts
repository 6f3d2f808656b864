import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { DenseMatrix } from 'southwell';
import { type FitLinearOptions, type LinearExamples, sweepModelSize } from 'southwell/training';
import { experiment } from '../../define.ts';
import { type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { quick, full } = locked.claims['tiny-demo'].sizes;
const EXAMPLES = quick.examples;
const TESTS = 100;
/** Distance between the centres of the two classes. */
const SEPARATION = 1.5;
const SIZES = Array.from({ length: 5 * EXAMPLES }, (_, k) => k + 1);

/** Two balanced clouds of points in the plane, with targets −1 and 1. */
function clouds(count: number, angle: number, random: Random): LinearExamples {
  const [X, Y] = [DenseMatrix.create(count, 2), DenseMatrix.create(count, 1)];
  for (let i = 0; i < count; i++) {
    const side = i % 2 === 0 ? 1 : -1;
    X.set(i, 0, (side * SEPARATION * elementary.cos(angle)) / 2 + random.normal());
    X.set(i, 1, (side * SEPARATION * elementary.sin(angle)) / 2 + random.normal());
    Y.set(i, 0, side);
  }
  return { X, Y };
}

const trialsOf: Parameter = {
  name: 'trials',
  title: 'Draws of six points',
  default: { quick: quick.trials, full: full.trials },
  min: 1,
  max: 100_000,
  integer: true,
};

const ridge: FitLinearOptions = { solver: 'ridge', ridge: 1e-8 };

/** Six points with one to thirty features, over many draws. */
export default experiment(record, {
  id: 'tiny',
  title: 'Six training points',
  panels: [
    {
      title: 'Mean test loss',
      x: { label: 'features P' },
      y: { label: 'test loss, mean over trials', log: true },
      series: ['test loss', 'P = N'],
    },
    {
      title: 'Mean condition number',
      x: { label: 'features P' },
      y: { label: 'condition number, mean over trials', log: true },
      series: ['condition number', 'P = N'],
    },
    {
      title: 'Mean norm of the weights',
      x: { label: 'features P' },
      y: { label: 'norm of the weights, mean over trials', log: true },
      series: ['norm of the weights', 'P = N'],
    },
    {
      title: 'Mean training loss',
      x: { label: 'features P' },
      y: { label: 'training loss, mean over trials', log: true },
      series: ['training loss', 'P = N'],
    },
    {
      title: 'Mean test error',
      x: { label: 'features P' },
      y: { label: 'test error, mean over trials', log: true },
      series: ['test error', 'P = N'],
    },
  ],
  parameters: [trialsOf],
  claims: ['tiny-demo'],
  method: ridge,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const trials = parameterValue(trialsOf, context);
    const random = new Random(context.seed);
    const names = ['test loss', 'condition number', 'norm of the weights', 'training loss', 'test error'] as const;
    const sums = names.map(() => new Float64Array(SIZES.length));
    for (let k = 0; k < trials; k++) {
      if (k % 20 === 0) yield { kind: 'progress', label: `trial ${k + 1}`, fraction: k / trials };
      const own = random.split(k);
      const angle = 2 * Math.PI * own.uniform();
      const rows = sweepModelSize(clouds(EXAMPLES, angle, own), clouds(TESTS, angle, own), {
        ratios: SIZES.map((p) => p / EXAMPLES),
        solvers: { ridge: method },
        activation: 'tanh',
        seed: own.integer(2 ** 31),
      });
      for (const [i, row] of rows.entries()) {
        const measured = [row.testLoss, row.condition, row.weightNorm, row.trainLoss, row.testError];
        for (const [m, value] of measured.entries()) sums[m][i] += value / trials;
      }
      await pause();
    }
    const place = (values: Float64Array) =>
      Math.abs(SIZES[values.indexOf(values.reduce((a, b) => Math.max(a, b)))] - EXAMPLES);
    yield decide('tiny-demo', { place: place(sums[0]), condition: place(sums[1]) });
    for (const [m, name] of names.entries()) {
      const y = [...sums[m]];
      yield { kind: 'points', panel: `Mean ${name}`, series: name, x: SIZES, y };
      const shown = y.filter((v) => v > 0);
      yield {
        kind: 'points',
        panel: `Mean ${name}`,
        series: 'P = N',
        x: [EXAMPLES, EXAMPLES + 0.001],
        y: [Math.min(...shown), Math.max(...shown)],
      };
    }
    yield {
      kind: 'table',
      title: `Means over ${trials} trials`,
      columns: ['P', ...names],
      rows: SIZES.map((p, i) => [p, ...sums.map((of) => of[i])]),
    };
  },
});
