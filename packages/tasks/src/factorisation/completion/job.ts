import type { Table } from '@southwell/data';
import { fingerprint } from '@southwell/numerics/core';
import { Random } from 'southwell';
import { type Completion, determination } from 'southwell/factorisation';
import type { Columns } from '../../declaration/columns.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { grouped } from '../../format.ts';
import { gatheredTable } from '../../spread/gatherTable.ts';
import { average, choose, heldCount } from './choice.ts';
import { type Entries, entriesOf, patternOf } from './entries.ts';
import { Fits, type Ranked } from './fits.ts';
import { savedText } from './model.ts';
import type { CompleteRequest } from './options.ts';
import { pairsOf, predictPairs } from './pairs.ts';
import { type Prediction, type Predictor, predictionColumns, predictorOf, type Range } from './predictor.ts';
import type { CompletedMatrix } from './result.ts';

const MOST_PREDICTIONS = 5_000_000;

/** Reads, completes and predicts. Throws on errors in the request or the data, or when stopped before a sweep. */
export async function completeJob(given: CompleteRequest, tools: TaskTools): Promise<CompletedMatrix> {
  const started = performance.now();
  const { ranks } = tools;
  const table = await readEntries(given, tools);
  const entries = entriesOf(table, given, tools.spell);
  const { rows, cols, titles } = entries;
  const pairs =
    given.pairs === undefined ? undefined : pairsOf(await (ranks ? tools.whole! : tools.read)('pairs'), titles);
  const missing = checkSize(given, entries, tools);
  const random = new Random(given.seed);
  const order = random.permutation(entries.value.length);
  const all = order.slice().sort();
  const fits = new Fits(entries, tools, tools.checkpoint && problemOf(given, entries));

  const { rank, lambda, tried, chosenBy } = choose(given, fits, order);
  const request = { ...given, rank, lambda };
  const heldOut = holdOut(request, fits, order);
  const completion = fits.complete(all, request, { stage: 'fit' });
  const { biases, factors, unidentified } = completion;
  const pattern = patternOf(entries);
  const known = determination(pattern, factors, rank, { biases: given.biases });
  const penalised = given.method === 'svt' || (lambda ?? 0) > 0;
  const range = given.clip ? rangeOf(entries.value) : undefined;
  const at = predictorOf(completion, known, penalised, range);
  const wanted = pairs ? predictPairs(pairs, rows, cols, titles, at) : listed(at, entries, given.top);
  return {
    command: tools.command,
    method: request.method,
    data: { name: table.name, notes: [...table.notes, ...entries.notes, ...wanted.notes] },
    rows: rows.length,
    cols: cols.length,
    observed: entries.value.length,
    titles,
    rank,
    lambda,
    tried,
    chosenBy,
    heldOut,
    trainError: completion.trainError,
    unidentified: { rows: unidentified.rows.length, cols: unidentified.cols.length },
    determination: { test: known.test, missing, undetermined: known.undetermined, penalised },
    advice: adviceOf(request, known.undetermined > 0 && penalised, tools),
    biases: biases !== undefined,
    mean: biases?.mean,
    factors: factorColumns(entries, rank, factors, biases),
    predictions: wanted.columns,
    matrix: request.dense && !pairs ? fill(at, entries, given.fill === true) : undefined,
    modelText: savedText({ completion, entries, pattern, request, penalised, range }),
    status: completion.solution.status,
    iterations: completion.solution.iterations,
    seconds: (performance.now() - started) / 1000,
  };
}

/**
 * Reads the table. On ranks each reads its part, and the entries are then gathered on all, so that random choices,
 * held-out entries and notes are those of a single rank. The working memory of the fits, several times as much, is
 * distributed.
 */
async function readEntries({ dense, row, col, value, weights }: CompleteRequest, tools: TaskTools): Promise<Table> {
  const table = await tools.read();
  if (!tools.ranks) return table;
  const named = [row, col, value, weights];
  return gatheredTable(tools.ranks, table, (place, name) => dense === true || place < 3 || named.includes(name));
}

/** Advice for undetermined entries, in the terms of the request's origin. */
const adviceOf = ({ dense, fill: filled }: Ranked, open: boolean, { spell }: TaskTools): string[] =>
  dense && open && !filled ? [`${spell('fill', true)} writes the values with the smallest penalty for them.`] : [];

/** Number of missing entries. Throws if the rank or the output is too large. */
function checkSize(
  { rank, top, pairs }: CompleteRequest,
  { rows, cols, value }: Entries,
  { spell }: TaskTools,
): number {
  const most = Math.min(rows.length, cols.length);
  if (rank !== undefined && rank > most) {
    throw new RequestError(
      `${spell('rank')} must be a whole number from 1 to ${most} for a matrix of ${rows.length} × ${cols.length}, but is ${rank}.`,
    );
  }
  const missing = rows.length * cols.length - value.length;
  const wanted = top === undefined ? missing : Math.min(missing, top * rows.length);
  if (pairs === undefined && wanted > MOST_PREDICTIONS) {
    throw new RequestError(
      `${grouped(missing)} entries are missing, too many to write; ${spell('top', 10)} writes ten for each row.`,
    );
  }
  return missing;
}

function rangeOf(values: Float64Array): Range {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of values) [least, most] = [Math.min(least, v), Math.max(most, v)];
  return [least, most];
}

/**
 * All components of predictions: the mean, then biases and factors of rows and of columns, with the number of entries
 * of each. Entry (i, j) is the sum of the mean, the biases and the inner product of the factors.
 */
function factorColumns(
  { rows, cols, row, col }: Entries,
  rank: number,
  { left, right }: Completion['factors'],
  biases: Completion['biases'],
): Columns {
  const seen = [new Float64Array(rows.length), new Float64Array(cols.length)];
  for (let e = 0; e < row.length; e++) {
    seen[0][row[e]]++;
    seen[1][col[e]]++;
  }
  const all = <T>(mean: T, of: (i: number) => T, ofColumn: (j: number) => T): T[] => [
    ...(biases ? [mean] : []),
    ...rows.map((_, i) => of(i)),
    ...cols.map((_, j) => ofColumn(j)),
  ];
  const factor = (a: number) =>
    all<number | null>(
      null,
      (i) => left[i * rank + a],
      (j) => right[j * rank + a],
    );
  return {
    of: all(
      'mean',
      () => 'row',
      () => 'column',
    ),
    name: all<string | null>(
      null,
      (i) => String(rows[i]),
      (j) => String(cols[j]),
    ),
    entries: all(
      row.length,
      (i) => seen[0][i],
      (j) => seen[1][j],
    ),
    ...(biases && {
      bias: all(
        biases.mean,
        (i) => biases.row[i],
        (j) => biases.col[j],
      ),
    }),
    ...Object.fromEntries(Array.from({ length: rank }, (_, a) => [`factor_${a + 1}`, factor(a)])),
  };
}

/** All that determines the course of a job, without its limits. */
function problemOf(request: CompleteRequest, { row, col, value, weight }: Entries): string {
  const { rank, method, lambda, biases, nonNegative, holdout, tol, seed } = request;
  return fingerprint(row, col, value, weight, { rank, method, lambda, biases, nonNegative, holdout, tol, seed });
}

/** Completes without the held-out entries, and evaluates predictions of them. */
function holdOut(request: Ranked, fits: Fits, order: Int32Array): CompletedMatrix['heldOut'] {
  if (request.holdout === undefined) return undefined;
  const { value } = fits.entries;
  const away = heldCount(request.holdout, order.length);
  if (away >= order.length) throw new RequestError(`${fits.spell('holdout')} leaves no entries to fit.`);
  const [test, train] = [order.slice(0, away), order.slice(away)];
  const fit = fits.complete(train, request, { stage: 'held out', title: 'held out' });
  fits.stopped();
  const mean = average(train, value);
  const squares = test.reduce((s, e) => s + (value[e] - mean) ** 2, 0);
  return { entries: away, mean: Math.sqrt(squares / away), error: fits.errorOn(fit, test) };
}

/** Unobserved entries, by rows; with `top` only the largest of each row, in descending order. */
function listed(at: Predictor, { rows, cols, row, col, value, titles }: Entries, top: number | undefined) {
  const seen = rows.map(() => new Set<number>());
  for (let e = 0; e < value.length; e++) seen[row[e]].add(col[e]);
  const names: Array<readonly [string | number, string | number]> = [];
  const found: Prediction[] = [];
  for (let i = 0; i < rows.length; i++) {
    let own = cols.flatMap((_, j) => (seen[i].has(j) ? [] : [{ j, ...at(i, j) }]));
    if (top !== undefined) {
      // Entries without a value cannot be ranked.
      own = own.filter((p) => p.value !== null).sort((a, b) => b.value! - a.value! || a.j - b.j);
      own = own.slice(0, top);
    }
    for (const { j, ...prediction } of own) {
      names.push([rows[i], cols[j]]);
      found.push(prediction);
    }
  }
  return { columns: predictionColumns(titles, names, found), notes: [] };
}

/** The full matrix with unchanged observed entries; undetermined entries are empty unless `fill` is given. */
function fill(at: Predictor, { rows, cols, row, col, value, titles }: Entries, undetermined: boolean): Columns {
  const find = (i: number, j: number) => {
    const { value: found, determined } = at(i, j);
    return determined || undetermined ? found : null;
  };
  const columns = cols.map((_, j) => rows.map((__, i) => find(i, j)));
  for (let e = 0; e < value.length; e++) columns[col[e]][row[e]] = value[e];
  // Rows without names are numbered.
  const named = rows.some((name) => typeof name === 'string');
  return Object.fromEntries([
    ...(named ? [[titles.row, [...rows]]] : []),
    ...cols.map((name, j) => [String(name), columns[j]]),
  ]);
}
