import { applyEncoding, columnsToRead, type Encoding, type EncodingTally, type Table } from '@southwell/data';
import type { Matrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { type AnyModel, LinearModel, loadAnyModel, modelRecords } from 'southwell/linear-models';
import { RequestError } from '../errors.ts';
import { type Predictions, r2Score, type SavedModel, type SavedModels, type Score, spread } from '../saved-model.ts';
import { modelAt, type StoredPath } from './savedPath.ts';
import { type StoredStrata, survivalColumns } from './strata.ts';

/** Data that a fit saves with its model. */
interface Extra {
  readonly encoding?: Encoding;
  readonly offset?: string;
  readonly targets?: readonly string[];
  readonly path?: StoredPath;
  readonly strata?: StoredStrata;
}

export const linearSaved: SavedModels = {
  formats: ['southwell-linear-model', 'southwell-multi-response-model'],
  load(text) {
    const { model, extra } = loadAnyModel(text);
    const { encoding, ...rest } = (extra ?? {}) as Extra;
    if (!encoding)
      fail('INVALID_FORMAT', 'it does not contain the encoding of its data; fit it with southwell fit --save.');
    checkPath(rest.path);
    return savedModel(model, { ...rest, encoding });
  },
};

/** @throws INVALID_FORMAT unless every alpha of the path is in its range. */
function checkPath(path: StoredPath | undefined): void {
  const { allows, range } = modelRecords.alpha;
  const points = path && 'points' in path ? path.points : [];
  const wrong = points.find(({ alpha }) => !allows(alpha));
  if (wrong) fail('INVALID_FORMAT', `alpha of a point of its path must be ${range}, but is ${wrong.alpha}.`);
}

function savedModel(model: AnyModel, kept: Extra & { readonly encoding: Encoding }): SavedModel {
  const { encoding, offset, targets = [], path, strata } = kept;
  const survives = model instanceof LinearModel && model.link === 'cox';
  return {
    width: encoding.featureNames.length,
    reads(names, file) {
      const wanted = columnsToRead(encoding, names, file);
      for (const name of [...targets, ...(offset === undefined ? [] : [offset])]) {
        if (names.includes(name)) wanted.set(name, { type: 'number' });
      }
      if (strata && names.includes(strata.column)) {
        wanted.set(strata.column, { type: strata.numbers ? 'number' : 'category' });
      }
      return wanted;
    },
    survives,
    predict(table, { proba = false, times, tally }) {
      if (proba && (model instanceof LinearModel ? model.link !== 'logit' : !model.classes)) {
        throw new RequestError(`{proba} needs a logistic or multinomial model; this one is ${model.loss}.`);
      }
      return predictionsOf(model, table, kept, { proba, times, tally });
    },
    at(alpha) {
      const [other, note] = modelAt(model, path, alpha);
      return { model: savedModel(other, kept), note };
    },
  };
}

function predictionsOf(
  model: AnyModel,
  table: Table,
  { encoding, offset: offsetName, targets, strata }: Extra & { readonly encoding: Encoding },
  {
    proba,
    times,
    tally,
  }: { readonly proba: boolean; readonly times?: readonly number[]; readonly tally?: EncodingTally },
): Predictions {
  // Rows that lack required values have no prediction; this holds even if the fit rejected gaps.
  const missing = encoding.missing === 'error' ? 'drop-rows' : encoding.missing;
  const design = applyEncoding(table, { ...encoding, missing }, tally);
  const { X, rows: kept } = design;
  const offset = offsetName === undefined ? undefined : offsetOf(table, offsetName, kept);
  // One list of predictions, or one for each target of a multitask model.
  const named = predictions(model, X, offset, targets);
  const survival =
    times && model instanceof LinearModel
      ? survivalColumns(model, table, { X, offset, rows: X.rows }, kept, strata, times)
      : undefined;
  const all: Record<string, ArrayLike<number | string | null>> = {
    ...named,
    ...(proba && probabilities(model, X, offset)),
    ...survival?.columns,
  };
  const result = {
    columns: Object.fromEntries(
      Object.entries(all).map(([name, values]) => [name, spread<number | string | null>(values, table.rows, kept)]),
    ),
    predicted: X.rows,
    score: scoreOf(model, Object.values(named), knownTargets(table, design, targets)),
    notes: [...design.notes, ...(survival?.notes ?? [])],
  };
  // Freed now, as many blocks would be garbage-collected late.
  if (X !== table.sparse?.X) X.free();
  return result;
}

function offsetOf(table: Table, name: string, kept: ArrayLike<number> | undefined): Float64Array {
  const column = table.columns.find((c) => c.name === name);
  if (column?.type !== 'number') {
    fail(
      'INVALID_PARAMETER',
      `${table.name} has no column '${name}' of numbers, the offset that the model was fitted with.`,
    );
  }
  return kept ? Float64Array.from(kept, (i) => column.values[i]) : column.values;
}

/** The targets in the new data, if present. */
function knownTargets(
  table: Table,
  { y, classes, rows: kept }: ReturnType<typeof applyEncoding>,
  targets: readonly string[] | undefined,
): ArrayLike<number | string>[] {
  if (!targets) return y ? [classes ? Array.from(y, (k) => (Number.isNaN(k) ? Number.NaN : classes[k])) : y] : [];
  const known = targets.map((name) => table.columns.find((c) => c.name === name));
  return known.every((c) => c?.type === 'number')
    ? known.map(({ values }) => (kept ? Float64Array.from(kept, (i) => values[i]) : values))
    : [];
}

function predictions(
  model: AnyModel,
  X: Matrix,
  offset: Float64Array | undefined,
  targets: readonly string[] | undefined,
): Record<string, ArrayLike<number | string>> {
  if (model.classes) {
    const labels = model instanceof LinearModel ? model.predictClass(X, { offset }) : model.predictClass(X);
    return { prediction: labels.map((label) => (typeof label === 'number' ? label : String(label))) };
  }
  if (model instanceof LinearModel) return { prediction: model.predict(X, { offset }) };
  const all = model.predict(X);
  return Object.fromEntries(
    Array.from({ length: all.cols }, (_, t) => [`prediction_${targets?.[t] ?? t}`, all.column(t)]),
  );
}

/** For every class, in the order of the model. */
function probabilities(
  model: AnyModel,
  X: Matrix,
  offset: Float64Array | undefined,
): Record<string, ArrayLike<number>> {
  const name = (k: number) => `probability_${model.classes![k]}`;
  if (model instanceof LinearModel) {
    const second = model.predictProba(X, { offset });
    return { [name(0)]: second.map((v) => 1 - v), [name(1)]: second };
  }
  const all = model.predictProba(X);
  return Object.fromEntries(Array.from({ length: all.cols }, (_, k) => [name(k), all.column(k)]));
}

/** The score: accuracy, or R², averaged over several targets. */
function scoreOf(
  model: AnyModel,
  predicted: ReadonlyArray<ArrayLike<number | string>>,
  targets: ReadonlyArray<ArrayLike<number | string>>,
): Score | undefined {
  if (targets.length === 0 || (model instanceof LinearModel && model.link === 'cox')) return undefined;
  const isKnown = (i: number) => targets.every((y) => !Number.isNaN(y[i]));
  const known = Array.from({ length: targets[0].length }, (_, i) => i).filter(isKnown);
  if (known.length === 0) return undefined;
  if (model.classes) {
    const right = known.filter((i) => String(predicted[0][i]) === String(targets[0][i])).length;
    return { name: 'accuracy', value: right / known.length, rows: known.length };
  }
  const numbers = (values: ArrayLike<number | string>) => values as ArrayLike<number>;
  return r2Score(known, targets.map(numbers), predicted.map(numbers));
}
