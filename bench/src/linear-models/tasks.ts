// The tasks: data sets × models × alphas.
import type { Model } from './certificate.ts';
import { autoregressive, type DataSet, dense, denseQuick, randomSparse, real } from './datasets.ts';

export interface Task {
  readonly name: string;
  readonly set: DataSet;
  readonly model: Model;
  /** Alphas as fractions of alphaMax, descending. */
  readonly shares: readonly number[];
  /** Relative gap that a contender must reach. Default 1e-6. */
  readonly gap?: number;
  /** Number of folds for cross-validating the path; the judged result is the model on all rows at the chosen alpha. */
  readonly folds?: number;
}

const lasso: Model = { loss: 'squared', groupSize: 1 };
const logistic: Model = { loss: 'logistic', groupSize: 1 };
const group: Model = { loss: 'squared', groupSize: 10 };

const points = (set: DataSet, name: string, model: Model): Task[] =>
  [10, 100].map((k) => ({ name: `${set.name}-${name}-${k}`, set, model, shares: [1 / k] }));

/** 100 alphas from alphaMax down to a hundredth of it, on a logarithmic scale. */
const path = (set: DataSet): Task => ({
  name: `${set.name}-path`,
  set,
  model: lasso,
  shares: Array.from({ length: 100 }, (_, k) => 0.01 ** (k / 99)),
});

const all = (set: DataSet): Task[] => [...points(set, 'lasso', lasso), ...points(set, 'logistic', logistic), path(set)];

export const tasks: readonly Task[] = [
  ...all(dense),
  ...all(real.reuters),
  ...all(real.colon),
  ...all(real.allaml),
  ...points(real.a9a, 'logistic', logistic),
  ...points(real.spambase, 'logistic', logistic),
  ...all(real.diabetes),
  ...points(dense, 'group', group),
];

export const quickTasks: readonly Task[] = [
  ...all(denseQuick),
  ...all(real.diabetes),
  ...points(real.spambase, 'logistic', logistic),
  ...points(denseQuick, 'group', group),
];

/** Pairs of lasso problems at alphaMax/10, of which the second is ten times as large in one respect. */
export const scalingPairs: readonly { readonly grows: string; readonly pair: readonly [Task, Task] }[] = [
  { grows: 'n', sets: [autoregressive('n500-p2000', 500, 2000), autoregressive('n5000-p2000', 5000, 2000)] },
  { grows: 'p', sets: [autoregressive('n500-p2000', 500, 2000), autoregressive('n500-p20000', 500, 20_000)] },
  {
    grows: 'density',
    sets: [randomSparse('density-0.001', 5000, 20_000, 0.001), randomSparse('density-0.01', 5000, 20_000, 0.01)],
  },
].map(({ grows, sets }) => {
  const [small, large] = sets.map((set) => ({ name: `${set.name}-lasso-10`, set, model: lasso, shares: [0.1] }));
  return { grows, pair: [small, large] };
});
