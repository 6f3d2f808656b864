// What can race: methods of one family on one problem, measured by one certificate.

import type { Matrix } from 'southwell';
import {
  blockCoordinateDescentIterates,
  type LooseOptions,
  leastSquares,
  logistic,
  type MethodOptions,
} from 'southwell/blocks';
import { LinearProblem } from 'southwell/linear-models';
import { logistic as logisticLoss, squared } from 'southwell/losses';
import { l1 } from 'southwell/penalties';

export type Loss = 'squared' | 'logistic';

export interface RaceProblem {
  readonly loss: Loss;
  readonly X: Matrix;
  /** Numbers, or ±1 for the logistic loss. */
  readonly y: Float64Array;
  /** Strength in units of the mean loss. */
  readonly alpha: number;
}

/** A point on the way, and what it took: snapshots are taken only when asked for. */
export interface RacePoint {
  readonly epochs: number;
  snapshot(): Float64Array;
}

export interface Racer {
  readonly id: string;
  readonly title: string;
  start(problem: RaceProblem): Iterable<RacePoint>;
}

function blocks(id: string, title: string, options: LooseOptions): Racer {
  return {
    id,
    title,
    *start({ loss, X, y, alpha }) {
      const problem = loss === 'squared' ? leastSquares(X, y) : logistic(X, y);
      // The blocks' problems are sums over rows, not means.
      const penalty = l1(alpha * X.rows);
      let touched = 0;
      for (const it of blockCoordinateDescentIterates(problem, { ...options, penalty } as MethodOptions)) {
        touched += it.block.length;
        yield { epochs: touched / X.cols, snapshot: () => it.snapshot() };
      }
    },
  };
}

export const racers: readonly Racer[] = [
  {
    id: 'working-sets',
    title: 'working sets + Newton (the library’s)',
    *start({ loss, X, y, alpha }) {
      const options = { fitIntercept: false, tol: 1e-12 };
      const problem = new LinearProblem(
        X,
        y,
        loss === 'squared' ? squared() : logisticLoss(),
        { type: 'elastic-net' },
        options,
      );
      try {
        for (const it of problem.iterates(alpha)) {
          yield { epochs: it.work?.matrixVectorProducts ?? 0, snapshot: () => it.snapshot().coef };
        }
      } finally {
        problem.release();
      }
    },
  },
  blocks('cyclic', 'coordinate descent, cyclic', {
    blocks: 'variable',
    selection: 'cyclic',
    update: 'proximalGradient',
    blockSize: 1,
  }),
  blocks('random', 'coordinate descent, random', {
    blocks: 'variable',
    selection: 'random',
    update: 'proximalGradient',
    blockSize: 1,
  }),
  blocks('greedy', 'coordinate descent, greedy (Gauss–Southwell)', {
    blocks: 'variable',
    selection: 'GS',
    update: 'proximalGradient',
    blockSize: 1,
  }),
  blocks('greedy-50', 'greedy blocks of 50, proximal Newton', {
    blocks: 'variable',
    selection: 'proximal',
    update: 'proximalNewton',
    blockSize: 50,
  }),
  blocks('support', 'support + 50, proximal Newton', {
    blocks: 'variable',
    selection: 'proximal',
    update: 'proximalNewton',
    blockSize: 'support+50',
  }),
];

/** The duality gap relative to the objective at zero: the same plain function for all racers. O(n·p). */
export function relativeGap({ loss, X, y, alpha }: RaceProblem, b: Float64Array): number {
  const n = X.rows;
  const eta = new Float64Array(n);
  let penalty = 0;
  const each = (j: number, visit: (i: number, v: number) => void) => {
    if (X.kind === 'dense') {
      const column = X.column(j);
      for (let i = 0; i < n; i++) visit(i, column[i]);
    } else for (let q = X.colPointers[j]; q < X.colPointers[j + 1]; q++) visit(X.rowIndices[q], X.values[q]);
  };
  for (let j = 0; j < X.cols; j++) {
    if (b[j] === 0) continue;
    penalty += alpha * Math.abs(b[j]);
    each(j, (i, v) => {
      eta[i] += v * b[j];
    });
  }
  // θ = −∇loss(η): residual / n, or y·sigmoid(−y·η)/n.
  const theta = new Float64Array(n);
  let value = 0;
  let zero = 0;
  for (let i = 0; i < n; i++) {
    if (loss === 'squared') {
      theta[i] = (y[i] - eta[i]) / n;
      value += (y[i] - eta[i]) ** 2 / (2 * n);
      zero += y[i] ** 2 / (2 * n);
    } else {
      const m = y[i] * eta[i];
      theta[i] = y[i] / (1 + Math.exp(m)) / n;
      value += (m > 0 ? Math.log1p(Math.exp(-m)) : Math.log1p(Math.exp(m)) - m) / n;
      zero += Math.LN2 / n;
    }
  }
  let largest = 0;
  for (let j = 0; j < X.cols; j++) {
    let dot = 0;
    each(j, (i, v) => {
      dot += v * theta[i];
    });
    largest = Math.max(largest, Math.abs(dot));
  }
  const s = largest > alpha ? alpha / largest : 1;
  let dual = 0;
  for (let i = 0; i < n; i++) {
    if (loss === 'squared') dual += s * theta[i] * y[i] - (n * (s * theta[i]) ** 2) / 2;
    else {
      const t = Math.min(1, Math.max(0, n * s * theta[i] * y[i]));
      dual -= ((t > 0 ? t * Math.log(t) : 0) + (t < 1 ? (1 - t) * Math.log(1 - t) : 0)) / n;
    }
  }
  return Math.max(0, value + penalty - dual) / zero;
}
