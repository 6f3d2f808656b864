import { applyEncoding, bundledSets, designMatrix, type Encoding, type Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import type { DenseMatrix } from 'southwell';
import type { Examples, Part } from 'southwell/training';
import { needsTarget, numberColumn } from '../declaration/targets.ts';
import type { TaskTools } from '../declaration/task.ts';
import { denseRows } from '../encoded.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { LABEL } from '../labels.ts';
import { learnedFrom } from '../learned.ts';
import { drawnRows } from '../spread/drawnRows.ts';
import { filledRows } from '../spread/filledRows.ts';
import { moments } from '../stats.ts';
import { greyOf, imageShape } from './images.ts';
import { networkInputs, type SavedNetwork } from './model.ts';
import type { TrainRequest } from './options.ts';
import type { TrainResult } from './result.ts';
import { knownTarget, targetNotes, targetOf, unitsOf } from './target.ts';

/** A table prepared for training a network. */
export interface Trainable {
  readonly train: Examples;
  readonly validation?: Examples;
  /**
   * All rows of the table, in parts, encoded as for the saved network, and their targets; absent if rows were dropped.
   */
  readonly all?: {
    readonly parts: ReadonlyArray<{ readonly rows: readonly number[]; readonly inputs: Part }>;
    readonly y: Float64Array | undefined;
    readonly classes: readonly string[] | undefined;
    readonly rows: number;
  };
  readonly width: number;
  /** Number of outputs of the network. */
  readonly outputs: number;
  readonly encoding: Encoding;
  readonly scaling: SavedNetwork['scaling'];
  readonly image: SavedNetwork['image'];
  /** Name of a row of the table, counted from 0. */
  rowName(row: number): string;
  /** Grey values of a row of the table, if rows are images. */
  grey(row: number): number[];
  readonly target: SavedNetwork['target'];
  /** Rows of the table for validation, counted from 0. */
  readonly heldRows: readonly number[];
  /** Held-out rows, which are used for the score only. */
  readonly unseenRows?: readonly number[];
  readonly about: TrainResult['data'];
}

/**
 * Selects the target and features, encodes them and draws the validation rows. All ranks have the table, and each
 * scales its share of the rows. Throws messages for invalid data.
 */
export function trainable(
  table: Table,
  request: TrainRequest,
  { spell, ranks }: Pick<TaskTools, 'spell' | 'ranks'>,
  from?: SavedNetwork,
): Trainable {
  const { name, target } = namesOf(table, request, spell, from);
  const { weights } = request;
  const designOf = (of: Table) =>
    designMatrix(of, {
      target,
      features: request.features,
      drop: [...(request.drop ?? []), ...(weights !== undefined && !request.drop?.includes(weights) ? [weights] : [])],
      missing: request.missing,
      sparse: false,
      spell,
    });
  const whole = from ? applyEncoding(table, { ...from.encoding, missing: missingOf(from, request) }) : designOf(table);
  const n = whole.X.rows;
  const rowOf = (i: number) => whole.rows?.[i] ?? i;
  const where = { table: name, target: target ?? 'label', rowOf };
  const found = from
    ? knownTarget(whole.y, whole.classes, where, from)
    : targetOf(whole.y!, whole.classes, where, request, spell);
  const unseen = unseenOf(found.strata, request, name, spell);
  const { held, kept } = splitOf(found.strata, unseen, request);
  const design = from ? whole : learnedFrom(table, whole, kept, designOf);
  const X = denseRows(design.X);
  const notes = [...table.notes, ...design.notes];
  if (request.validation > 0 && held.length === 0) notes.push(`${count(n, 'row')} are too few for a validation set.`);
  notes.push(...targetNotes(found, target, spell, from !== undefined));
  const image = from ? from.image : imageShape(request, table, X.cols, spell);
  // Validation rows must not influence the training, so their means are not used either.
  const scaling = from
    ? from.scaling
    : request.standardize
      ? scalingOf(momentsOf(X, kept, ranks), image !== undefined)
      : request.divide === undefined
        ? undefined
        : { means: new Array<number>(X.cols).fill(0), deviations: new Array<number>(X.cols).fill(request.divide) };
  const parts = [kept, held, [...(unseen ?? [])]].map((rows) => ({
    rows,
    values: networkInputs(X, scaling, rows, ranks),
  }));
  checkSingle(parts, X, (i, j) => `${name}: '${design.featureNames[j]}' is ${X.get(i, j)} in row ${rowOf(i) + 1}`);
  const scaled = found.classes ? undefined : moments(pick(found.values, kept));
  const { mean, deviation } = unitsOf(from?.target, request.standardize ? scaled : undefined);
  const w = weights === undefined ? undefined : weightsOf(table, weights, rowOf, n);
  const shape = image ?? [X.cols];
  const examples = ({ rows, values }: (typeof parts)[number]): Examples => ({
    count: rows.length,
    inputs: { values, shape },
    targets: {
      values: found.classes
        ? Int32Array.from(rows, (i) => found.strata[i])
        : Float32Array.from(rows, (i) => (found.values[i] - mean) / deviation),
      shape: [],
    },
    ...(w && { weights: pick(w, rows) }),
  });
  if (w && kept.every((i) => w[i] === 0))
    throw new RequestError(`${name}: all training rows have weight 0 in '${weights}'.`);
  const judges = held.length > 0 && !(w && held.every((i) => w[i] === 0));
  const all = scaled && moments(found.values);
  return {
    train: examples(parts[0]),
    ...(judges && { validation: examples(parts[1]) }),
    ...(!design.rows && {
      all: {
        parts: parts.map(({ rows, values }) => ({ rows, inputs: { values, shape } })),
        ...{ y: design.y, classes: design.classes, rows: n },
      },
    }),
    width: X.cols,
    outputs: found.classes?.length ?? 1,
    encoding: design.encoding,
    scaling,
    image,
    rowName: (row) => nameOfRow(table, row),
    grey: (row) => {
      const i = design.rows ? design.rows.indexOf(row) : row;
      return image ? greyOf((at) => X.get(i, at), image) : [];
    },
    target: found.classes ? { kind: 'classes', labels: [...found.classes] } : { kind: 'numbers', mean, deviation },
    heldRows: held.map(rowOf),
    ...(unseen && { unseenRows: [...unseen].map(rowOf) }),
    about: {
      ...{ name, rows: n, features: X.cols, notes, target: target ?? 'label' },
      ...(found.classes && {
        classes: found.classes.map((label, k) => ({
          label: String(label),
          rows: found.strata.reduce((sum, of) => sum + Number(of === k), 0),
        })),
      }),
      ...(all && { targetMean: all.mean, targetSd: all.sd }),
    },
  };
}

/**
 * Names of the data and the target. Throws messages if there is no target, and for weights that are also the target or
 * a feature.
 */
function namesOf(table: Table, request: TrainRequest, spell: TaskTools['spell'], from: SavedNetwork | undefined) {
  const bundled = bundledSets().find(({ name }) => `bundled:${name}` === request.data);
  const name = bundled ? request.data : table.name;
  const labels = request.labels !== undefined || table.images !== undefined;
  const labelled = labels && table.columns.at(-1)?.name === LABEL ? LABEL : undefined;
  const target = from ? from.encoding.target?.name : (request.target ?? bundled?.target ?? labelled);
  if (!from && table.images && target === undefined) {
    throw new RequestError(
      `${name} contains images without labels: give ${spell('labels')} FILE, or put the images into folders named after the classes.`,
    );
  }
  if (!from) needsTarget(table, target, spell);
  const { weights } = request;
  if (weights !== undefined) {
    if (weights === target) throw new RequestError(`'${weights}' cannot be both the target and weights.`);
    if (request.features?.includes(weights)) throw new RequestError(`'${weights}' cannot also be a feature.`);
    numberColumn(table, weights);
  }
  return { name, target };
}

/** Throws a message for the first row with a number beyond single precision; `where` describes its location. */
function checkSingle(
  parts: ReadonlyArray<{ readonly rows: readonly number[]; readonly values: Float32Array }>,
  X: DenseMatrix,
  where: (i: number, j: number) => string,
): void {
  const far = parts.flatMap(({ rows, values }) => farthest(values, X.cols).map(([k, j]) => [rows[k], j] as const));
  if (far.length === 0) return;
  const [i, j] = far.reduce((first, other) => (other[0] < first[0] ? other : first));
  fail(
    'NON_FINITE',
    `${where(i, j)}, beyond the single precision of a network (3.4e38): divide the column by a power of 10.`,
  );
}

/** Validation rows, which are drawn, and training rows. */
function splitOf(strata: ArrayLike<number>, unseen: ReadonlySet<number> | undefined, request: TrainRequest) {
  const { validation: share, seed } = request;
  const all = Array.from({ length: strata.length }, (_, i) => i);
  const rest = all.filter((i) => !unseen?.has(i));
  const of = Float64Array.from(rest, (i) => strata[i]);
  const drawn = share > 0 && rest.length > 1 ? drawnRows(of, share, seed) : [];
  const held = drawn.map((k) => rest[k]);
  const out = new Set([...held, ...(unseen ?? [])]);
  return { held, kept: all.filter((i) => !out.has(i)) };
}

function pick(values: ArrayLike<number>, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length);
  for (let k = 0; k < rows.length; k++) out[k] = values[rows[k]];
  return out;
}

/** Mean and standard deviation of each column over the training rows; each rank computes its share of the columns. */
function momentsOf(X: DenseMatrix, kept: readonly number[], ranks: TaskTools['ranks']) {
  const found = new Float64Array(2 * X.cols);
  filledRows(ranks, found, X.cols, (from, to) => {
    const values = new Float64Array(kept.length);
    for (let j = from; j < to; j++) {
      const column = X.column(j);
      for (let k = 0; k < kept.length; k++) values[k] = column[kept[k]];
      const { mean, sd } = moments(values);
      found.set([mean, sd], 2 * j);
    }
  });
  return Array.from({ length: X.cols }, (_, j) => ({ mean: found[2 * j], sd: found[2 * j + 1] }));
}

/** Row and column of the first value beyond single precision, if any. */
function farthest(values: Float32Array, cols: number): Array<readonly [row: number, column: number]> {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += 0 * values[k];
  if (sum === 0) return [];
  const at = values.findIndex((value) => !Number.isFinite(value));
  return [[Math.floor(at / cols), at % cols]];
}

/** Held-out rows, if requested. Throws if none would be left, or none for training. */
function unseenOf(
  strata: Int32Array,
  { holdout, seed }: TrainRequest,
  name: string,
  spell: TaskTools['spell'],
): ReadonlySet<number> | undefined {
  if (holdout === undefined) return undefined;
  const drawn = drawnRows(Float64Array.from(strata), holdout, seed);
  if (drawn.length === 0 || drawn.length === strata.length) {
    throw new RequestError(
      `${spell('holdout')} ${holdout} of ${name}, which has ${count(strata.length, 'row')}, leaves no row ${drawn.length === 0 ? 'to hold out' : 'for training'}.`,
    );
  }
  return new Set(drawn);
}

/** Missing values are treated as for the saved network; if that refused them, as requested now. */
const missingOf = ({ encoding }: SavedNetwork, { missing }: TrainRequest) =>
  encoding.missing === 'error' && missing === 'drop-rows' ? missing : encoding.missing;

/** A file of a folder, or a row number from 1. */
const nameOfRow = ({ images, index }: Table, row: number): string =>
  images && index && index.type !== 'number' ? index.levels[index.codes[row]] : `row ${row + 1}`;

/** The mean subtracted from each column and the standard deviation it is divided by; the same for all pixels. */
function scalingOf(columns: ReadonlyArray<ReturnType<typeof moments>>, image: boolean) {
  const all = columns.length;
  const mean = columns.reduce((sum, c) => sum + c.mean / all, 0);
  const sd = Math.sqrt(columns.reduce((sum, c) => sum + (c.sd ** 2 + (c.mean - mean) ** 2) / all, 0));
  const used = image ? columns.map(() => ({ mean, sd })) : columns;
  return {
    means: used.map((c) => c.mean),
    deviations: used.map((c) => (c.sd > 1e-12 * Math.abs(c.mean) ? c.sd : 1)),
  };
}

function weightsOf(table: Table, name: string, rowOf: (i: number) => number, n: number): Float64Array {
  const column = numberColumn(table, name);
  return Float64Array.from({ length: n }, (_, i) => {
    const value = column[rowOf(i)];
    if (!(value >= 0 && Number.isFinite(value))) {
      fail(
        'NON_FINITE',
        `${table.name}: the weight '${name}' is ${Number.isNaN(value) ? 'missing' : value} in row ${rowOf(i) + 1}: weights must be numbers of at least 0.`,
      );
    }
    return value;
  });
}
