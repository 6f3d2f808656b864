import type { NumberColumn } from '@southwell/data';
import { fail, fingerprint } from '@southwell/numerics/core';
import { type CanonicalVariates, StochasticCca, type StochasticCcaState } from 'southwell/factorisation';
import { Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { grouped } from '../../format.ts';
import type { Blocks } from '../../progress.ts';
import { columnsOf } from '../columns.ts';
import { EigenResidual } from './eigenResidual.ts';
import { numbersNamed, savedText } from './model.ts';
import type { CcaRequest } from './options.ts';
import type { CcaResult } from './result.ts';

/** Rows per block in passes that only accumulate sums. */
const LONG = 4096;

/**
 * Canonical correlations of two groups of columns of a file that may be larger than memory. One pass for means and
 * standard deviations, `epochs` passes of steps on the standardised rows in the order of the file, one for the scores;
 * memory holds the weights, a block, and the scores. Rows with missing values are an error or left out, as `missing`
 * says. If stopped during its steps it returns the current weights, with the scores of the first rows only; before them
 * it throws.
 */
export async function ccaStreamJob(
  request: CcaRequest,
  { blocks: read, signal, progress, checkpoint, command, spell }: TaskTools,
): Promise<CcaResult> {
  if (!read) throw new RequestError(`${spell('stream')} needs a file on disk, which is not available here.`);
  const blocks: Blocks = (columns, rows) => read(columns, rows, { zeroBased: request.zeroBased });
  const started = performance.now();
  const { x = [], y = [], components, ridge, batchSize = 20, epochs = 1, learningRate, seed } = request;
  const columns = [...x, ...y];
  const moments = await momentsOf(request, columns, blocks, (rows) => {
    signal.throwIfAborted();
    progress({ text: `reading: ${grouped(rows)} rows` });
  });
  const { rows, deviations } = moments;
  const standardise = (block: readonly NumberColumn[]) => standardised(block, x.length, moments);
  const options = { components, ridge, batchSize, learningRate, seed };
  const model = new StochasticCca(options);

  async function* batches() {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for await (const block of blocks(columns, 2 * batchSize)) {
        const { values, kept } = standardise(block);
        // Too few rows for the two batches of a step.
        if (kept.length < 4) continue;
        progress({ text: `pass ${epoch + 1} of ${epochs}: step ${grouped(model.steps)}` });
        yield values;
      }
    }
  }
  const problem = fingerprint(options, epochs, request.missing, columns, moments);
  const { point: found, status } = await model.fitStream(batches(), {
    signal,
    ...new Stages('factor cca --stream', problem, checkpoint).stage<StochasticCcaState>('passes'),
  });
  const scored = await scoresOf(found, ridge, rows, blocks(columns, LONG), standardise, (first) => {
    progress({ text: `scores: ${grouped(first)} rows` });
    return signal.aborted;
  });
  const { scores, used, seen } = scored;
  const notes = seen > used ? [`${seen - used} rows with missing values were left out.`] : [];
  if (seen < rows) notes.push(`Stopped: scores and correlations are those of the first ${grouped(seen)} rows.`);
  return {
    ...{ command, method: request.method, ridge: request.ridge },
    data: [request.data],
    rows,
    used,
    featureNames: [x, y],
    eigenvalues: [...found.eigenvalues],
    correlations: scores[0].map((left, c) => correlation(left, scores[1][c])),
    weights: found.weights.map((W, v) => {
      const offset = v === 0 ? 0 : x.length;
      return Array.from({ length: components }, (_, c) =>
        Array.from(W.column(c), (w, j) => w / (deviations[offset + j] || 1)),
      );
    }),
    scores,
    modelText: savedText(savedViews(request, moments, found)),
    steps: model.steps,
    halvings: model.halvings,
    residual: scored.residual,
    status: seen < rows ? 'aborted' : status,
    notes,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Views with the weights of the standardised columns; constant columns have no effect. */
function savedViews(
  { x = [], y = [], missing, zeroBased }: CcaRequest,
  { means, deviations }: Moments,
  found: CanonicalVariates,
) {
  return [x, y].map((names, v) => {
    const at = (j: number) => (v === 0 ? j : x.length + j);
    const varies = (j: number) => deviations[at(j)] > 0;
    return {
      encoding: numbersNamed(names, missing, zeroBased ? 0 : 1),
      deviations: names.map((_, j) => deviations[at(j)]),
      means: names.map((_, j) => (varies(j) ? means[at(j)] / deviations[at(j)] : 0) + found.means[v][j]),
      weights: columnsOf(found.weights[v]).map((w) => w.map((value, j) => (varies(j) ? value : 0))),
    };
  });
}

/** Scores of the rows by view and component, block by block until `stopped`; null for rows with missing values. */
async function scoresOf(
  found: CanonicalVariates,
  ridge: number,
  rows: number,
  blocks: AsyncIterable<readonly NumberColumn[]>,
  standardise: (block: readonly NumberColumn[]) => ReturnType<typeof standardised>,
  stopped: (seen: number) => boolean,
) {
  const check = new EigenResidual(found.weights, ridge);
  const k = found.weights[0].cols;
  const scores = [0, 1].map(() => Array.from({ length: k }, () => new Array<number | null>(rows).fill(null)));
  let [seen, used] = [0, 0];
  for await (const block of blocks) {
    const { values, kept } = standardise(block);
    if (kept.length > 0) {
      const Zs = found.transform(values);
      check.add(kept.length, (v, i, j) => values[v][i][j] - found.means[v][j], Zs);
      Zs.forEach((Z, v) => {
        for (let c = 0; c < k; c++) {
          kept.forEach((row, i) => {
            scores[v][c][seen + row] = Z.get(i, c);
          });
        }
        Z.free();
      });
    }
    seen += block[0].values.length;
    used += kept.length;
    if (stopped(seen)) break;
  }
  return { scores, seen, used, residual: check.largest() };
}

interface Moments {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  readonly rows: number;
}

/** Means and standard deviations of the columns, without missing values, and the number of rows. */
async function momentsOf(
  { data, missing }: CcaRequest,
  columns: readonly string[],
  blocks: Blocks,
  say: (rows: number) => void,
): Promise<Moments> {
  const means = new Float64Array(columns.length);
  const squares = new Float64Array(columns.length);
  const counts = new Float64Array(columns.length);
  let rows = 0;
  for await (const block of blocks(columns, LONG)) {
    block.forEach(({ values, name }, j) => {
      for (let i = 0; i < values.length; i++) {
        const v = values[i];
        if (Number.isNaN(v) && missing !== 'error') continue;
        if (!Number.isFinite(v)) {
          fail(
            'NON_FINITE',
            `${data}: column '${name}' has ${Number.isNaN(v) ? 'no value' : v} in row ${rows + i + 1}.`,
          );
        }
        // Welford's algorithm.
        const off = v - means[j];
        means[j] += off / ++counts[j];
        squares[j] += off * (v - means[j]);
      }
    });
    rows += block[0].values.length;
    say(rows);
  }
  if (rows < 4) fail('EMPTY', `${data} has ${rows} rows, but correlations need at least four.`);
  const deviations = squares.map((s, j) => {
    const deviation = Math.sqrt(s / Math.max(1, counts[j]));
    return deviation > 1e-12 * Math.abs(means[j]) ? deviation : 0;
  });
  return { means, deviations, rows };
}

/** Rows of both views without missing values, standardised to mean 0 and variance 1; and their indices. */
function standardised(
  block: readonly NumberColumn[],
  split: number,
  { means, deviations }: Moments,
): { readonly values: readonly number[][][]; readonly kept: readonly number[] } {
  const kept: number[] = [];
  const values: [number[][], number[][]] = [[], []];
  const count = block[0].values.length;
  for (let i = 0; i < count; i++) {
    if (block.some((column) => Number.isNaN(column.values[i]))) continue;
    kept.push(i);
    const row = block.map(({ values: v }, j) => (deviations[j] > 0 ? (v[i] - means[j]) / deviations[j] : 0));
    values[0].push(row.slice(0, split));
    values[1].push(row.slice(split));
  }
  return { values, kept };
}

function correlation(a: ReadonlyArray<number | null>, b: ReadonlyArray<number | null>): number {
  let [n, ma, mb, xy, xx, yy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === null || y === null) continue;
    n++;
    const [dx, dy] = [x - ma, y - mb];
    ma += dx / n;
    mb += dy / n;
    xx += dx * (x - ma);
    yy += dy * (y - mb);
    xy += dx * (y - mb);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}
