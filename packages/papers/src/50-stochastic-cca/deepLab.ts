import { type DenseMatrix, Random } from 'southwell';
import { type DeepCcaOptions, type DeepVariates, deepCcaIterates } from 'southwell/training';
import { loadMnist } from '../material/images.ts';
import type { Pause } from '../pauses.ts';
import { type CodesOf, type NetsOptions, type Rows, rivalNets } from './deepRivals.ts';
import { heldOutSum, type Table } from './exact.ts';

/**
 * The method under test; a test replaces it with negative controls. Yields undefined for a step, codes at the end of an
 * epoch.
 */
export interface DeepMethod {
  readonly nets: (
    views: readonly Rows[],
    options: NetsOptions & Pick<DeepCcaOptions, 'twoBatches'>,
  ) => Generator<CodesOf | undefined>;
  readonly rivals: typeof rivalNets;
}

export const libraryNets: DeepMethod = {
  rivals: rivalNets,
  *nets(views, options) {
    let before = 0;
    for (const it of deepCcaIterates(views.map(matrixOf), options)) {
      const { epoch } = it.metrics ?? { epoch: before };
      if (epoch > before || it.done) {
        let model: DeepVariates | undefined;
        // Evaluated on demand, since that takes a pass over all rows.
        yield (given) => {
          model ??= it.snapshot();
          return model.transform(given.map(matrixOf)).map(byRows);
        };
      } else yield undefined;
      before = epoch;
    }
  },
};

export const matrixOf = ({ rows, cols, values }: Rows) => ({ data: values, rows, cols, order: 'row' as const });

const byRows = (Z: DenseMatrix): Float64Array => {
  const out = new Float64Array(Z.rows * Z.cols);
  for (let i = 0; i < Z.rows; i++) for (let c = 0; c < Z.cols; c++) out[i * Z.cols + c] = Z.get(i, c);
  return out;
};

/** Two views, split into training and held-out rows. */
export interface Split {
  readonly fitted: readonly Rows[];
  readonly held: readonly Rows[];
}

/** Digits as rows of pixels, 28 × 28 or, averaged over 2 × 2 pixels, 14 × 14. */
export interface Pixels {
  readonly rows: number;
  readonly side: number;
  readonly values: Float64Array;
}

/** The 10,000 digits, grouped by class. */
export async function digits(side: 28 | 14, pause: Pause): Promise<Pixels> {
  const { X } = await loadMnist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const { rows } = X;
  const times = 28 / side;
  const values = new Float64Array(rows * side * side);
  for (let p = 0; p < 784; p++) {
    const column = X.column(p);
    const at = Math.floor(Math.floor(p / 28) / times) * side + Math.floor((p % 28) / times);
    for (let i = 0; i < rows; i++) values[i * side * side + at] += column[i] / times ** 2;
    await pause();
  }
  X.free();
  return { rows, side, values };
}

/** Left and right halves of this many random digits; pixels and their scales are determined by the training rows. */
export function halvesOf({ rows, side, values }: Pixels, fit: number, hold: number, seed: number): Split {
  const order = new Random(seed).sample(rows, fit + hold);
  const size = side * side;
  const kept: Array<{ readonly p: number; readonly mean: number; readonly deviation: number }> = [];
  for (let p = 0; p < size; p++) {
    let [mean, square] = [0, 0];
    for (let i = 0; i < fit; i++) mean += values[order[i] * size + p] / fit;
    for (let i = 0; i < fit; i++) square += (values[order[i] * size + p] - mean) ** 2 / fit;
    const deviation = Math.sqrt(square);
    if (deviation > 8 / 255) kept.push({ p, mean, deviation });
  }
  const viewOf = (half: number, from: number, count: number): Rows => {
    const own = kept.filter(({ p }) => (p % side < side / 2 ? 0 : 1) === half);
    const out = new Float32Array(count * own.length);
    for (let i = 0; i < count; i++) {
      own.forEach(({ p, mean, deviation }, j) => {
        out[i * own.length + j] = (values[order[from + i] * size + p] - mean) / deviation;
      });
    }
    return { rows: count, cols: own.length, values: out };
  };
  const both = (from: number, count: number) => [0, 1].map((half) => viewOf(half, from, count));
  return { fitted: both(0, fit), held: both(fit, hold) };
}

/** Total correlation of held-out rows by codes, along the directions of the training rows. */
export function totalOf(codes: CodesOf, { fitted, held }: Split, k: number): number {
  const tables = (views: readonly Rows[]) =>
    codes(views).map((Z, v) => centredTable(Z, views[v].rows)) as unknown as [Table, Table];
  return heldOutSum(tables(fitted), tables(held), k);
}

function centredTable(values: Float64Array, rows: number): Table {
  const cols = values.length / rows;
  const data = values.slice();
  for (let c = 0; c < cols; c++) {
    let mean = 0;
    for (let at = c; at < data.length; at += cols) mean += data[at] / rows;
    for (let at = c; at < data.length; at += cols) data[at] -= mean;
  }
  return { rows, cols, data };
}
