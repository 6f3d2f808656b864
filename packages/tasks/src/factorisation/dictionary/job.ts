import { type Design, designMatrix, type Table } from '@southwell/data';
import { fail, fingerprint } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import { Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { columnsOf } from '../columns.ts';
import { type Found, learners } from './methods.ts';
import { savedText, together } from './model.ts';
import type { DictionaryRequest } from './options.ts';
import type { LearnedDictionary } from './result.ts';

/** Reads and learns. Throws on errors in the request or the data. */
export async function dictionaryJob(request: DictionaryRequest, tools: TaskTools): Promise<LearnedDictionary> {
  const started = performance.now();
  const table = await tools.read();
  const { target, covariates = [], missing } = request;
  const apart = [...covariates, ...(target === undefined ? [] : [target])];
  const design = designMatrix(table, {
    spell: tools.spell,
    features: request.features,
    drop: [...(request.drop ?? []), ...(request.features ? [] : apart)],
    missing,
    sparse: false,
  });
  const twice = apart.find((name) => request.features?.includes(name));
  if (twice !== undefined) throw new RequestError(`'${twice}' cannot be both a feature and a target or covariate.`);
  if (target !== undefined && covariates.includes(target)) {
    throw new RequestError(`'${target}' cannot be both the target and a covariate: it would predict itself.`);
  }
  const extra =
    covariates.length > 0
      ? designMatrix(table, { features: covariates, missing, sparse: false, spell: tools.spell })
      : undefined;
  const labels = target === undefined ? undefined : labelsOf(table, target);
  const inExtra = extra && new Set(rowsIn(table, extra));
  const kept = rowsIn(table, design).filter((i) => (!inExtra || inExtra.has(i)) && (!labels || labels[i] !== null));
  if (kept.length === 0) fail('EMPTY', 'No rows are left: all have missing values.');
  const X = pick(table, design, kept);
  const Z = extra && pick(table, extra, kept);
  const notes = [...table.notes, ...design.notes, ...(extra?.notes ?? [])];
  if (kept.length < table.rows) notes.push(`${table.rows - kept.length} rows with missing values were left out.`);
  const y = labels && kept.map((i) => labels[i]!);
  notes.push(...checkSamples(request, X, y, tools.spell));
  const found = await learn(request, X, y, Z, tools);
  const { atoms, codes, back, solution, coding } = found;
  let [off, size, active] = [0, 0, 0];
  for (let k = 0; k < X.data.length; k++) {
    off += (X.data[k] - back.data[k]) ** 2;
    size += X.data[k] ** 2;
  }
  for (const v of codes.data) if (v !== 0) active++;
  const spread = <T>(value: (s: number) => T): Array<T | null> => {
    const out = new Array<T | null>(table.rows).fill(null);
    kept.forEach((i, s) => {
      out[i] = value(s);
    });
    return out;
  };
  const { supervised } = found;
  return {
    command: tools.command,
    data: table.name,
    rows: table.rows,
    method: request.method,
    featureNames: design.featureNames,
    atoms: columnsOf(atoms),
    codes: spread((s) => Array.from({ length: codes.cols }, (_, k) => codes.get(s, k))),
    activeCodes: active / kept.length,
    reconstructionError: size > 0 ? off / size : 0,
    alpha: found.alpha,
    supervised: supervised && {
      ...supervised,
      target: target!,
      covariates: extra?.featureNames ?? [],
      predicted: spread((s) => supervised.predicted[s]),
    },
    modelText: savedText({
      encoding: together(design.encoding, extra?.encoding),
      atoms: columnsOf(atoms),
      coding: coding.by === 'labels' ? { ...coding, target: target! } : coding,
    }),
    objective: solution.objective,
    iterations: solution.iterations,
    status: solution.status,
    notes: [...notes, ...found.notes, ...unusedNotes(codes)],
    seconds: (performance.now() - started) / 1000,
  };
}

/** Beyond these magnitudes third and fourth powers overflow or underflow. */
const [SMALL, LARGE] = [1e-75, 1e75];

/** Throws for samples that the method cannot use; notes if there is nothing to learn. */
function checkSamples(
  { method, k, target }: DictionaryRequest,
  X: DenseMatrix,
  y: ReadonlyArray<string | number> | undefined,
  spell: TaskTools['spell'],
): string[] {
  const largest = X.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  if ((method === 'orthogonal' || method === 'supervised') && largest > 0 && !(largest > SMALL && largest < LARGE)) {
    throw new RequestError(
      `The largest value is ${largest.toExponential(0)}: its powers, which ${method} needs, overflow or underflow. Rescale the columns.`,
    );
  }
  const rows = count(X.rows, 'row');
  const notes: string[] = [];
  if (largest === 0) notes.push('All values are zero: there is nothing to learn.');
  if (method === 'supervised' && y) {
    const labels = new Set(y).size;
    if (labels < 2)
      throw new RequestError(`${spell('target')} ${target} has only one label, ${y[0]}: there is nothing to predict.`);
    const most = Math.min(X.rows, X.cols);
    if (k! > most) {
      throw new RequestError(
        `${spell('k')} must be at most ${most} for ${rows} and ${count(X.cols, 'column')}, but is ${k}.`,
      );
    }
    if (labels === X.rows && labels > 2) {
      notes.push(`${target} has as many labels as rows, ${labels}: labels are classes, not numbers to predict.`);
    }
  }
  if (method === 'orthogonal' && X.rows < X.cols) {
    notes.push(
      `${rows} cannot determine ${X.cols} orthogonal atoms: those without evidence keep their initial values.`,
    );
  }
  if ((method === 'batch' || method === 'online') && k! >= X.rows) {
    notes.push(
      `${rows} and ${count(k!, 'atom')}: each row may get an atom of its own, so that no common structure is learned.`,
    );
  }
  return notes;
}

function unusedNotes(codes: DenseMatrix): string[] {
  const unused = Array.from({ length: codes.cols }, (_, k) => k).filter((k) => codes.column(k).every((v) => v === 0));
  return unused.length > 0 ? [`No row uses ${count(unused.length, 'atom')}: fewer are enough.`] : [];
}

function learn(
  request: DictionaryRequest,
  X: DenseMatrix,
  y: ReadonlyArray<string | number> | undefined,
  Z: DenseMatrix | undefined,
  { signal, progress, checkpoint, spell }: TaskTools,
): Promise<Found> {
  const { timeLimit } = request;
  const stages = checkpoint && new Stages('factor dictionary', problemOf(request, X, y, Z), checkpoint);
  return learners[request.method]({
    ...{ request, X, y, Z, spell },
    watch: {
      timeLimit,
      signal,
      onIterate: ({ iteration, objective }) =>
        progress({ text: `step ${iteration}: objective ${objective.toPrecision(6)}`, iteration, objective }),
    },
    stage: <S>() => stages?.stage<S>('learning') ?? {},
  });
}

/** All that determines the course of a run, without its limits. */
function problemOf(
  request: DictionaryRequest,
  X: DenseMatrix,
  y: ReadonlyArray<string | number> | undefined,
  Z: DenseMatrix | undefined,
): string {
  const { method, k, alpha, nonNegative, whiten, batchSize, passes, xi, model, algorithm, seed } = request;
  const options = { method, k, alpha, nonNegative, whiten, batchSize, passes, xi, model, algorithm, seed };
  return fingerprint(X.rows, X.data, [...(y ?? [])], Z?.data, options);
}

const rowsIn = (table: Table, design: Design): number[] =>
  design.rows ? [...design.rows] : Array.from({ length: table.rows }, (_, i) => i);

/** The given rows of a design, by their indices in the table. */
function pick(table: Table, design: Design, kept: readonly number[]): DenseMatrix {
  const from = new Map(rowsIn(table, design).map((i, s) => [i, s]));
  const X = design.X.kind === 'dense' ? design.X : design.X.toDense();
  const out = DenseMatrix.create(kept.length, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) {
    const column = X.column(j);
    const to = out.column(j);
    kept.forEach((i, s) => {
      to[s] = column[from.get(i)!];
    });
  }
  return out;
}

/** The labels of a column, null where missing. */
function labelsOf(table: Table, name: string): Array<string | number | null> {
  const column = table.columns.find((c) => c.name === name);
  if (!column) fail('INVALID_PARAMETER', `${table.name} has no column '${name}' to predict.`);
  if (column.type === 'number') return Array.from(column.values, (v) => (Number.isNaN(v) ? null : v));
  return Array.from(column.codes, (code) => (code < 0 ? null : column.levels[code]));
}
