import { correlatedRegression, designMatrix, loadBundled } from '@southwell/data';
import type { DenseMatrix, Matrix } from '@southwell/numerics/arrays';
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
import { type Contest, chosen, type ReadFile, type Stride } from '../../declaration/race.ts';
import { designText } from '../../declaration/race-data.ts';
import type { L1Values as Values } from './race-options.ts';

type Loss = 'squared' | 'logistic';

interface L1Problem {
  readonly loss: Loss;
  readonly X: Matrix;
  /** Numbers, or ±1 for the logistic loss. */
  readonly y: Float64Array;
  /** Alpha relative to the mean loss. */
  readonly alpha: number;
  readonly about: string;
}

type Racer = (problem: L1Problem) => Iterable<Stride<Float64Array>>;

const blocks = (selection: string, update: string, most: number, withSupport = false): Racer =>
  function* ({ loss, X, y, alpha }) {
    const problem = loss === 'squared' ? leastSquares(X, y) : logistic(X, y);
    // The problems of block methods are sums over rows, not means.
    const penalty = l1(alpha * X.rows);
    const size = Math.min(most, X.cols);
    const blockSize = withSupport ? `support+${size}` : size;
    const options = { blocks: 'variable', selection, update, blockSize, penalty } as LooseOptions;
    let touched = 0;
    for (const it of blockCoordinateDescentIterates(problem, options as MethodOptions)) {
      touched += it.block.length;
      yield { work: touched / X.cols, snapshot: () => it.snapshot() };
    }
  };

function* workingSets({ loss, X, y, alpha }: L1Problem): Generator<Stride<Float64Array>> {
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
      yield { work: it.work?.matrixVectorProducts ?? 0, snapshot: () => it.snapshot().coef };
    }
  } finally {
    problem.release();
  }
}

const racers: Readonly<Record<string, Racer>> = {
  'working-sets': workingSets,
  cyclic: blocks('cyclic', 'proximalGradient', 1),
  random: blocks('random', 'proximalGradient', 1),
  greedy: blocks('GS', 'proximalGradient', 1),
  'greedy-50': blocks('proximal', 'proximalNewton', 50),
  support: blocks('proximal', 'proximalNewton', 50, true),
};

export async function contest(v: Values, read: ReadFile): Promise<Contest<Float64Array>> {
  const problem = await make(v, read);
  const { about, alpha } = problem;
  return {
    about: `${about}; alpha = ${alpha.toPrecision(4)}`,
    target: 1e-8,
    measure: (b) => ({ value: relativeGap(problem, b), extra: b.reduce((k, x) => k + (x !== 0 ? 1 : 0), 0) }),
    racers: Object.fromEntries(Object.entries(racers).map(([id, racer]) => [id, () => racer(problem)])),
  };
}

/** The duality gap relative to the objective at zero, by the same plain function for all methods. O(n·p). */
function relativeGap({ loss, X, y, alpha }: L1Problem, b: Float64Array): number {
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

async function make(v: Values, read: ReadFile): Promise<L1Problem> {
  const { loss } = v;
  let X: DenseMatrix;
  let y: Float64Array;
  let about: string;
  if (v.data === 'generated') {
    const data = correlatedRegression({
      n: v.rows,
      p: v.cols,
      rho: 0.5,
      nonZeros: Math.max(1, Math.round(v.cols / 20)),
      snr: 3,
      seed: v.seed,
    });
    X = data.X as DenseMatrix;
    y = data.y;
    about = `${X.rows} × ${X.cols}`;
  } else {
    const table = v.data === 'file' ? await read(chosen(v.file)) : await loadBundled(v.data);
    const target = v.data === 'file' ? v.target : { spambase: 'class', diabetes: 'y' }[v.data];
    const design = designMatrix(table, {
      target: table.sparse ? undefined : (target ?? table.columns.at(-1)?.name),
      missing: 'drop-rows',
      sparse: false,
    });
    X = design.X as DenseMatrix;
    y = design.y!;
    about = designText(table, design);
    for (let j = 0; j < X.cols; j++) standardise(X.column(j));
  }
  const mean = y.reduce((s, v) => s + v, 0) / y.length;
  y = y.map((v) => (loss === 'logistic' ? (v > mean ? 1 : -1) : v - mean));
  // alphaMax: the largest |xᵀ∇loss(0)|.
  let largest = 0;
  for (let j = 0; j < X.cols; j++) {
    const column = X.column(j);
    let dot = 0;
    for (let i = 0; i < X.rows; i++) dot += column[i] * y[i];
    largest = Math.max(largest, Math.abs(dot));
  }
  const alpha = largest / v.part / X.rows / (loss === 'logistic' ? 2 : 1);
  return { loss, X, y, alpha, about };
}

function standardise(column: Float64Array): void {
  const mean = column.reduce((s, v) => s + v, 0) / column.length;
  const sd = Math.sqrt(column.reduce((s, v) => s + (v - mean) ** 2, 0) / column.length) || 1;
  for (let i = 0; i < column.length; i++) column[i] = (column[i] - mean) / sd;
}
