// One problem, one method after the other; time for measuring does not count.
import { correlatedRegression, designMatrix, loadBundled } from '@southwell/data';
import type { DenseMatrix } from 'southwell';
import { type Loss, type RaceProblem, racers, relativeGap } from '../lib/race.ts';

export interface StartRace {
  readonly problem: 'generated' | 'spambase' | 'diabetes';
  readonly loss: Loss;
  readonly rows: number;
  readonly cols: number;
  /** alpha as a share of alphaMax. */
  readonly share: number;
  readonly seed: number;
  readonly racers: readonly string[];
  /** Seconds for each racer, and the gap at which it is done. */
  readonly limit: number;
  readonly tol: number;
}
export type FromRace =
  | {
      readonly type: 'points';
      readonly racer: string;
      readonly x: number[];
      readonly y: number[];
      readonly epochs: number[];
    }
  | { readonly type: 'progress'; readonly racer: string; readonly fraction: number }
  | {
      readonly type: 'end';
      readonly racer: string;
      readonly seconds: number;
      readonly gap: number;
      readonly active: number;
    }
  | { readonly type: 'done'; readonly about: string }
  | { readonly type: 'failed'; readonly message: string };

const post = (message: FromRace) => postMessage(message);

async function make({
  problem,
  loss,
  rows,
  cols,
  share,
  seed,
}: StartRace): Promise<{ problem: RaceProblem; about: string }> {
  let X: DenseMatrix;
  let y: Float64Array;
  if (problem === 'generated') {
    const data = correlatedRegression({
      n: rows,
      p: cols,
      rho: 0.5,
      nonZeros: Math.max(1, Math.round(cols / 20)),
      snr: 3,
      seed,
    });
    X = data.X as DenseMatrix;
    y = data.y;
  } else {
    const table = await loadBundled(problem);
    const design = designMatrix(table, { target: problem === 'spambase' ? 'class' : 'y', sparse: false });
    X = design.X as DenseMatrix;
    y = design.y!;
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
  const alpha = (share * largest) / X.rows / (loss === 'logistic' ? 2 : 1);
  return { problem: { loss, X, y, alpha }, about: `${X.rows} × ${X.cols}, alpha = ${alpha.toPrecision(4)}` };
}

function standardise(column: Float64Array): void {
  const mean = column.reduce((s, v) => s + v, 0) / column.length;
  const sd = Math.sqrt(column.reduce((s, v) => s + (v - mean) ** 2, 0) / column.length) || 1;
  for (let i = 0; i < column.length; i++) column[i] = (column[i] - mean) / sd;
}

async function race(start: StartRace): Promise<void> {
  const { problem, about } = await make(start);
  for (const id of start.racers) {
    const racer = racers.find((r) => r.id === id)!;
    let spent = 0;
    let resumed = performance.now();
    let next = 0;
    let count = 0;
    let gap = Infinity;
    let active = 0;
    let batch = { x: [] as number[], y: [] as number[], epochs: [] as number[] };
    const flush = () => {
      if (batch.x.length > 0) post({ type: 'points', racer: id, ...batch });
      batch = { x: [], y: [], epochs: [] };
    };
    let shown = performance.now();
    for (const point of racer.start(problem)) {
      const now = spent + (performance.now() - resumed) / 1000;
      // The first two hundred, then at times that grow by a tenth, so that measuring stays a small part of the race.
      if (count++ > 200 && now < next) continue;
      spent = now;
      const b = point.snapshot();
      gap = relativeGap(problem, b);
      active = b.reduce((s, v) => s + (v !== 0 ? 1 : 0), 0);
      batch.x.push(spent);
      batch.y.push(gap);
      batch.epochs.push(point.epochs);
      next = Math.max(spent * 1.1, spent + 1e-4);
      if (performance.now() - shown > 60) {
        flush();
        post({ type: 'progress', racer: id, fraction: Math.min(1, spent / start.limit) });
        shown = performance.now();
      }
      resumed = performance.now();
      if (gap <= start.tol || spent > start.limit) break;
    }
    flush();
    post({ type: 'end', racer: id, seconds: spent, gap, active });
  }
  post({ type: 'done', about });
}

addEventListener('message', ({ data }: MessageEvent<StartRace>) => {
  race(data).catch((error: Error) => post({ type: 'failed', message: error.message }));
});
