import { type Design, designMatrix, type Table } from '@southwell/data';
import { fail, fingerprint, type RunOptions, runAsync, type Status } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import {
  type DictionaryLearningState,
  dictionaryLearningAsync,
  OnlineDictionary,
  type OnlineDictionaryState,
  OnlineOrthogonalDictionary,
  type OnlineOrthogonalState,
  onlineDictionaryIterates,
  onlineOrthogonalIterates,
  type StreamState,
  type SupervisedState,
  supervisedDictionary,
} from 'southwell/factorisation';
import { type Stage, Stages } from '../checkpoints.ts';
import { RequestError } from '../errors.ts';
import type { JobTools } from '../progress.ts';

export const dictionaryMethods = ['batch', 'online', 'orthogonal', 'supervised'] as const;
export type DictionaryMethod = (typeof dictionaryMethods)[number];

/** Plain data, so that it can be sent to a worker. */
export interface DictionaryRequest {
  readonly data: string;
  readonly format?: string;
  readonly method: DictionaryMethod;
  readonly k?: number;
  readonly alpha?: number;
  readonly nonNegative?: boolean;
  readonly sparsity?: number;
  readonly threshold?: number;
  readonly whiten?: boolean;
  readonly batchSize: number;
  readonly passes: number;
  readonly target?: string;
  readonly covariates?: readonly string[];
  readonly xi?: number;
  readonly model?: 'filter' | 'feature';
  readonly algorithm?: 'bcd' | 'lifted';
  readonly features?: readonly string[];
  readonly drop?: readonly string[];
  readonly missing: 'error' | 'drop-rows' | 'mean';
  readonly maxIter?: number;
  readonly timeLimit?: number;
  readonly seed: number;
}

/** Plain data: what the command prints and writes. */
export interface LearnedDictionary {
  readonly data: string;
  readonly rows: number;
  readonly method: DictionaryMethod;
  readonly featureNames: readonly string[];
  /** An atom each, in the order of the features. */
  readonly atoms: readonly (readonly number[])[];
  /** A row each of the table, null where it was left out. */
  readonly codes: ReadonlyArray<readonly number[] | null>;
  /** Codes that are not zero, of a sample, on average. */
  readonly activeCodes: number;
  /** ‖X − XW‖²/‖X‖² or its like: of the samples rebuilt from their codes. */
  readonly reconstructionError: number;
  readonly alpha?: number;
  readonly supervised?: {
    readonly target: string;
    readonly classes: readonly (string | number)[];
    readonly threshold: number;
    /** Of the samples of the fit. */
    readonly accuracy: number;
    /** By class but the first, then by atom. */
    readonly coefficients: readonly (readonly number[])[];
    /** By class but the first: the intercept, then covariates. */
    readonly auxiliary: readonly (readonly number[])[];
    readonly covariates: readonly string[];
    readonly predicted: ReadonlyArray<string | number | null>;
  };
  readonly objective?: number;
  readonly iterations: number;
  readonly status: Status;
  readonly notes: readonly string[];
  readonly seconds: number;
}

interface Found {
  /** p × K, atoms as columns. */
  readonly atoms: DenseMatrix;
  /** n × K. */
  readonly codes: DenseMatrix;
  readonly back: DenseMatrix;
  readonly solution: { readonly status: Status; readonly iterations: number; readonly objective: number };
  readonly alpha?: number;
  readonly notes: readonly string[];
  readonly supervised?: Omit<NonNullable<LearnedDictionary['supervised']>, 'predicted' | 'covariates' | 'target'> & {
    readonly predicted: ReadonlyArray<string | number>;
  };
}

/** Reads and learns. Throws where the request or the data are at fault. */
export async function dictionaryJob(request: DictionaryRequest, tools: JobTools): Promise<LearnedDictionary> {
  const started = performance.now();
  const table = await tools.read();
  const { target, covariates = [], missing } = request;
  const apart = [...covariates, ...(target === undefined ? [] : [target])];
  const design = designMatrix(table, {
    features: request.features,
    drop: [...(request.drop ?? []), ...(request.features ? [] : apart)],
    missing,
    sparse: false,
  });
  const twice = apart.find((name) => request.features?.includes(name));
  if (twice !== undefined) throw new RequestError(`'${twice}' cannot be both a feature and a target or covariate.`);
  if (target !== undefined && covariates.includes(target)) {
    throw new RequestError(`'${target}' cannot be both the target and a covariate: it would tell itself.`);
  }
  const extra =
    covariates.length > 0 ? designMatrix(table, { features: covariates, missing, sparse: false }) : undefined;
  const labels = target === undefined ? undefined : labelsOf(table, target);
  const inExtra = extra && new Set(rowsIn(table, extra));
  const kept = rowsIn(table, design).filter((i) => (!inExtra || inExtra.has(i)) && (!labels || labels[i] !== null));
  if (kept.length === 0) fail('EMPTY', 'No row is left: all have gaps.');
  const X = pick(table, design, kept);
  const Z = extra && pick(table, extra, kept);
  const notes = [...table.notes, ...design.notes, ...(extra?.notes ?? [])];
  if (kept.length < table.rows) notes.push(`${table.rows - kept.length} rows with gaps were left out.`);
  const y = labels && kept.map((i) => labels[i]!);
  const found = await learn(request, X, y, Z, tools);
  const { atoms, codes, back, solution } = found;
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
    objective: solution.objective,
    iterations: solution.iterations,
    status: solution.status,
    notes: [...notes, ...found.notes],
    seconds: (performance.now() - started) / 1000,
  };
}

interface Task {
  readonly request: DictionaryRequest;
  readonly X: DenseMatrix;
  readonly y?: ReadonlyArray<string | number>;
  /** Covariates. */
  readonly Z?: DenseMatrix;
  /** What all runs are given: limits, signal, observer. */
  readonly watch: Pick<RunOptions<never>, 'timeLimit' | 'signal'> & {
    readonly onIterate: (it: { readonly iteration: number; readonly objective: number }) => void;
  };
  readonly stage: <S>() => Stage<S>;
}

function learn(
  request: DictionaryRequest,
  X: DenseMatrix,
  y: ReadonlyArray<string | number> | undefined,
  Z: DenseMatrix | undefined,
  { signal, progress, checkpoint }: JobTools,
): Promise<Found> {
  const { timeLimit } = request;
  const stages = checkpoint && new Stages('factor dictionary', problemOf(request, X, y, Z), checkpoint);
  const task: Task = {
    ...{ request, X, y, Z },
    watch: {
      timeLimit,
      signal,
      onIterate: ({ iteration, objective }) =>
        progress({ text: `step ${iteration}: objective ${objective.toPrecision(6)}`, iteration, objective }),
    },
    stage: <S>() => stages?.stage<S>('learning') ?? {},
  };
  if (request.method === 'supervised') return learnSupervised(task);
  return request.method === 'orthogonal' ? learnOrthogonal(task) : learnSparse(task);
}

/** Passes over the samples in their order. */
function* batchesOf(X: DenseMatrix, { passes, batchSize }: DictionaryRequest): Generator<DenseMatrix> {
  for (let pass = 0; pass < passes; pass++) {
    for (let from = 0; from < X.rows; from += batchSize) {
      const batch = rows(X, from, Math.min(X.rows, from + batchSize));
      try {
        yield batch;
      } finally {
        batch.free();
      }
    }
  }
}

async function learnSupervised({ request, X, y, Z, watch, stage }: Task): Promise<Found> {
  const { xi, model, algorithm, nonNegative = false, maxIter, seed } = request;
  const signs = nonNegative || algorithm === 'lifted' ? undefined : { dictionary: false, code: false };
  const estimator = supervisedDictionary({
    rank: request.k!,
    ...{ xi, model, algorithm, nonNegative: signs, maxIter, seed },
  });
  const fit = await estimator.fitAsync(X, y!, { ...watch, ...stage<SupervisedState>(), covariates: Z });
  const predicted = fit.predict(X, { covariates: Z }) as Array<string | number>;
  const right = predicted.filter((label, s) => label === y![s]).length;
  return {
    atoms: fit.dictionary,
    codes: fit.codes,
    back: product(fit.codes, fit.dictionary),
    solution: fit.solution,
    notes: fit.notes,
    supervised: {
      classes: fit.classes as Array<string | number>,
      threshold: fit.threshold,
      accuracy: right / X.rows,
      coefficients: columnsOf(fit.coefficients),
      auxiliary: columnsOf(fit.auxiliary),
      predicted,
    },
  };
}

async function learnOrthogonal({ request, X, watch, stage }: Task): Promise<Found> {
  const { k, whiten, seed, maxIter, sparsity, threshold } = request;
  if (k !== undefined && k !== X.cols) {
    throw new RequestError(`An orthogonal dictionary has as many atoms as features, ${X.cols}; leave out -k.`);
  }
  const learner = new OnlineOrthogonalDictionary({ dim: X.cols, whiten, seed });
  const { resume, checkpoint } = stage<StreamState<OnlineOrthogonalState>>();
  const iterates = onlineOrthogonalIterates(learner, batchesOf(X, request), { resume });
  const solution = await runAsync(iterates, { ...watch, checkpoint, maxIter });
  const codes = solution.point.encode(X, { sparsity, threshold });
  const back = solution.point.decode(codes);
  return { atoms: solution.point.atoms(), codes, back, solution, notes: learner.notes };
}

async function learnSparse({ request, X, watch, stage }: Task): Promise<Found> {
  const { method, seed, maxIter, nonNegative = false } = request;
  const alpha = request.alpha ?? defaultAlpha(X);
  const options = { atoms: request.k!, alpha, nonNegative, nonNegativeAtoms: nonNegative, seed };
  const batch = stage<DictionaryLearningState>();
  const { resume, checkpoint } = stage<StreamState<OnlineDictionaryState>>();
  const solution =
    method === 'batch'
      ? await dictionaryLearningAsync(X, { ...options, ...watch, ...batch, maxIter })
      : await runAsync(onlineDictionaryIterates(new OnlineDictionary(options), batchesOf(X, request), { resume }), {
          ...{ ...watch, checkpoint, maxIter },
        });
  const codes = solution.point.encode(X);
  const { atoms } = solution.point;
  return { atoms, codes, back: product(codes, atoms), solution, alpha, notes: [] };
}

/** What shapes the course of a run, its limits left out. */
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

/** A tenth of the length of a sample, root mean square: codes of a tenth of a sample's size become zero. */
function defaultAlpha(X: DenseMatrix): number {
  return 0.1 * Math.sqrt(X.data.reduce((sum, v) => sum + v * v, 0) / X.rows);
}

function product(codes: DenseMatrix, atoms: DenseMatrix): DenseMatrix {
  const out = DenseMatrix.create(codes.rows, atoms.rows);
  for (let k = 0; k < codes.cols; k++) {
    const [x, d] = [codes.column(k), atoms.column(k)];
    for (let i = 0; i < d.length; i++) {
      const column = out.column(i);
      if (d[i] !== 0) for (let s = 0; s < x.length; s++) column[s] += x[s] * d[i];
    }
  }
  return out;
}

function rows(X: DenseMatrix, from: number, to: number): DenseMatrix {
  const out = DenseMatrix.create(to - from, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) out.column(j).set(X.column(j).subarray(from, to));
  return out;
}

const columnsOf = (M: DenseMatrix): number[][] => Array.from({ length: M.cols }, (_, j) => [...M.column(j)]);

const rowsIn = (table: Table, design: Design): number[] =>
  design.rows ? [...design.rows] : Array.from({ length: table.rows }, (_, i) => i);

/** The rows of a design that are kept, by their places in the table. */
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
