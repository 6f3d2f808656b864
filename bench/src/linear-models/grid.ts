// Generated shapes from 40 × 3000 to 100 000 × 300 and 20 000 × 50 000, typical of users' data but not covered by
// tasks.ts.
import type { Model } from './certificate.ts';
import { autoregressive, binarySparse, type DataSet, randomSparse } from './datasets.ts';
import type { Task } from './tasks.ts';

const lasso: Model = { loss: 'squared', groupSize: 1 };
const logistic: Model = { loss: 'logistic', groupSize: 1 };
const groups: Model = { loss: 'squared', groupSize: 10 };

const dense = (n: number, p: number, rho: number): DataSet => autoregressive(`grid-${n}x${p}-r${rho}`, n, p, rho);
const binary = binarySparse('grid-49749x300-binary', 49_749, 300, 12, 0.03);
const wide = randomSparse('grid-20000x50000-sparse', 20_000, 50_000, 0.002);
const sparse = randomSparse('grid-5000x2000-sparse', 5000, 2000, 0.01);

/** From alphaMax to `end` times it, on a logarithmic scale. */
const path = (end: number): number[] => Array.from({ length: 100 }, (_, k) => end ** (k / 99));

const cell = (
  name: string,
  set: DataSet,
  model: Model,
  shares: readonly number[],
  more: Pick<Task, 'gap' | 'folds'> = {},
): Task => ({ name: `${set.name}-${name}`, set, model, shares, ...more });

const base: readonly Task[] = [
  cell('path', dense(40, 3000, 0.5), lasso, path(0.01)),
  cell('lasso-100', dense(100, 1000, 0.9), lasso, [0.01]),
  cell('path', dense(200, 200, 0.5), lasso, path(0.001)),
  cell('path', dense(500, 50, 0), lasso, path(0.001)),
  cell('lasso-10', dense(1000, 5000, 0.5), lasso, [0.1]),
  cell('path', dense(1000, 5000, 0.5), lasso, path(0.01)),
  cell('lasso-100', dense(2000, 500, 0.9), lasso, [0.01]),
  cell('path', dense(5000, 100, 0.5), lasso, path(0.001)),
  cell('path', dense(11_500, 500, 0.5), lasso, path(0.001)),
  cell('path', dense(20_000, 100, 0.5), lasso, path(0.001)),
  cell('path', dense(50_000, 300, 0.5), lasso, path(0.001)),
  cell('lasso-10', dense(100_000, 300, 0), lasso, [0.1]),
  cell('cv', dense(11_500, 500, 0.5), lasso, path(0.001), { folds: 10 }),
  cell('cv', dense(500, 2000, 0.5), lasso, path(0.01), { folds: 5 }),
  cell('logistic-path', dense(1000, 5000, 0.5), logistic, path(0.01)),
  cell('logistic-10', dense(300, 3000, 0.9), logistic, [0.1]),
  cell('logistic-100', dense(20_000, 50, 0.5), logistic, [0.01]),
  cell('logistic-10', dense(100_000, 300, 0), logistic, [0.1]),
  cell('logistic-path', dense(2000, 200, 0.5), logistic, path(0.001)),
  cell('logistic-10', binary, logistic, [0.1]),
  cell('logistic-100', binary, logistic, [0.01]),
  cell('logistic-path', binary, logistic, path(0.001)),
  cell('path', binary, lasso, path(0.001)),
  cell('lasso-10', wide, lasso, [0.1]),
  cell('path', wide, lasso, path(0.1)),
  cell('logistic-10', wide, logistic, [0.1]),
  cell('path', sparse, lasso, path(0.01)),
  cell('logistic-100', sparse, logistic, [0.01]),
  cell('group-path', dense(1000, 5000, 0.5), groups, path(0.05)),
  cell('group-path', dense(10_000, 500, 0.9), groups, path(0.01)),
];

/** Those that are also run at the default accuracies of glmnet, liblinear and adelie, and at a higher one. */
const THREE = [
  'grid-40x3000-r0.5-path',
  'grid-1000x5000-r0.5-path',
  'grid-11500x500-r0.5-path',
  'grid-2000x500-r0.9-lasso-100',
  'grid-1000x5000-r0.5-logistic-path',
  'grid-49749x300-binary-logistic-100',
  'grid-1000x5000-r0.5-group-path',
  'grid-20000x50000-sparse-path',
];

export const gridTasks: readonly Task[] = base.flatMap((task) =>
  THREE.includes(task.name)
    ? [task, ...[1e-4, 1e-9].map((gap) => ({ ...task, name: `${task.name}-at-${gap}`, gap }))]
    : [task],
);
