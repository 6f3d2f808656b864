import type { Tensor } from '@southwell/autodiff';
import type { Layer, Parameters, PlainTensor, State, Stored, Weights } from '@southwell/autodiff/nn';
import type { ChooseColumns, EncodingTally, ReadOptions, Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import * as v from 'valibot';
import type { Columns } from './declaration/columns.ts';
import { count } from './format.ts';
import type { Sampling } from './saved-models/sampling.ts';

/** The predictions of a saved model for a table. */
export interface Predictions {
  /** A value for each row of the table, null if it lacks required values. */
  readonly columns: Columns;
  /** Number of rows with a prediction. */
  readonly predicted: number;
  /** The score, if the table contains the target. */
  readonly score?: Score;
  readonly notes: readonly string[];
  /** Numbers of rows to report, which are summed over all blocks: `3 rows` is followed by the key. */
  readonly counted?: Readonly<Record<string, number>>;
}

/** The agreement of predictions with the known targets of some rows, and the data for merging blocks of rows. */
export interface Score {
  /** `accuracy` is a fraction of rows; `R²` of several targets is their mean. */
  readonly name: string;
  /** Not finite if no target varies. */
  readonly value: number;
  readonly rows: number;
  /** The unit of the count, if it is not rows with a known target. */
  readonly noun?: string;
  /** For R², for each target: its mean, the sum of squares about it, and the residual sum of squares. */
  readonly sums?: readonly Sums[];
}

interface Sums {
  readonly mean: number;
  readonly total: number;
  readonly residual: number;
}

export interface SavedModel {
  /**
   * Throws a sentence if probabilities are requested but not available. With `tally` the table is a block of a larger
   * one, whose notes are left to the caller.
   */
  predict(
    table: Table,
    options: {
      readonly proba?: boolean;
      /** For survival models: survival at these times, one column each. */
      readonly times?: readonly number[];
      /** For networks of others: the columns are divided by this. */
      readonly divide?: number;
      readonly tally?: EncodingTally;
    },
  ): Predictions;
  /** Whether its columns can be divided by a number. */
  readonly divides?: boolean;
  /** For networks: their parameters, which can be exchanged. */
  readonly network?: ModelNetwork;
  /** Whether it predicts survival. */
  readonly survives?: boolean;
  /**
   * The model of its path at that alpha, with a note. Absent if models of the family have no alpha. Throws a sentence
   * if it is not available.
   */
  at?(alpha: number): { readonly model: SavedModel; readonly note?: string };
  /** The columns of a table that it reads; absent if it needs the whole table. */
  readonly reads?: ChooseColumns;
  /**
   * For text models: the continuation of a prompt, character by character or token by token. Throws a sentence for an
   * unknown character.
   */
  writes?(how: Sampling): Generator<string, void>;
  /** What `writes` gives at a time; by default characters. */
  readonly unit?: 'token';
  /** How files are read for it by default. */
  readonly reading?: Pick<ReadOptions, 'format' | 'resize'>;
  /** Number of columns of its matrix, for the notes of the tally. */
  readonly width?: number;
}

/** Examples that go through a network together. */
export interface NetworkBatch {
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** For each row of outputs the class, the token that follows or the number, if known; −1 or NaN if not. */
  readonly labels?: ArrayLike<number>;
}

/** What the outputs of a network are: logits of classes, logits of the token that follows, numbers, or unknown. */
export type Gives = 'classes' | 'tokens' | 'numbers' | 'unknown';

/** The network of a saved model, whose parameters can be exchanged. */
export interface ModelNetwork {
  /** Dense matrices are made of packed ones each time they are asked for. */
  readonly parameters: Parameters;
  readonly gives: Gives;
  readonly layer: Layer;
  /** Statistics of norms, and constants. */
  readonly state: State;
  /** What its inputs and outputs stand for, as plain data: the same in networks that can be averaged. */
  readonly takes: Readonly<Record<string, unknown>>;
  /** The numbers by which inputs and outputs are filled and scaled, as plain data. */
  readonly scales?: unknown;
  /**
   * The outputs for a batch, in rows.
   * @param layer In place of its own, which it may be after `stored` was read again.
   */
  apply(parameters: Weights, inputs: NetworkBatch['inputs'], layer?: Layer): Tensor;
  /** The smallest batch that it takes, of zeros. */
  example(): NetworkBatch;
  /**
   * At most so many examples of a table or a text, evenly spread over it, in batches of which each is spread likewise. Throws a message
   * if they do not fit. For networks of others, columns are divided by `divide`.
   */
  batches(
    table: Table,
    most: number,
    divide?: number,
  ): { readonly batches: readonly NetworkBatch[]; readonly notes: readonly string[] };
  /** The same model with other parameters, and perhaps another state. */
  with(parameters: Weights, state?: State): SavedModel;
  /**
   * The contents of a file from which the model can be read again.
   * @param turned Names of parameters that have the inputs first, but are given as matrices with the outputs first.
   */
  stored(parameters: Weights, turned: ReadonlySet<string>): Stored<PlainTensor>;
  /** The network as ONNX, which takes columns as they are and gives predictions in their units, or probabilities; of texts, codes. */
  onnx(parameters: Parameters): Uint8Array;
}

/** Models that a family's tasks save. */
export interface SavedModels {
  /** The `format` of their JSON. */
  readonly formats: readonly string[];
  /** The formats of models that generate text. */
  readonly writing?: readonly string[];
  /** Throws a sentence for a text that is not such a model. */
  load(text: string): SavedModel;
}

/** The part of a model that makes predictions. */
type Predicting = Pick<SavedModel, 'reads' | 'width'> & {
  predict(table: Table, options: { readonly proba?: boolean; readonly tally?: EncodingTally }): Predictions;
};

/** The text of a model according to its schema; numbers keep every bit. */
export const modelText = <T extends { readonly format: string }>(model: T): string => `${JSON.stringify(model)}\n`;

/**
 * The data of a saved model.
 * @throws INVALID_FORMAT with the first field that does not match, in words that follow the name of the file.
 */
export function savedData<T>(format: string, schema: v.GenericSchema<unknown, T>, data: unknown): T {
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const at = v.getDotPath(issue);
  if (at === null) fail('INVALID_FORMAT', `its contents do not match the format ${format}.`);
  // Only values of options have a sentence of their own.
  fail(
    'INVALID_FORMAT',
    issue.type === 'custom'
      ? `its field ${at} ${issue.message}.`
      : `its field ${at} does not match the format ${format}.`,
  );
}

/**
 * Models of one format: JSON described by a schema.
 * @param open Returns the model, or undefined if its parts are inconsistent.
 */
export function savedAs<T>(
  format: string,
  schema: v.GenericSchema<unknown, T>,
  open: (saved: T) => Predicting | undefined,
): SavedModels {
  return {
    formats: [format],
    load: (text) =>
      open(savedData(format, schema, JSON.parse(text))) ??
      fail('INVALID_FORMAT', 'the sizes of its parts do not match.'),
  };
}

/** Combines the models of several formats of a family. */
export function anyOf(...all: readonly SavedModels[]): SavedModels {
  return {
    formats: all.flatMap(({ formats }) => formats),
    writing: all.flatMap(({ writing = [] }) => writing),
    load: (text) =>
      modelIn(
        text,
        all.map((models) => ({ models })),
      ),
  };
}

/** Scatters the values of the kept rows to their positions in the table; null at the others. */
export function spread<T>(values: ArrayLike<T>, rows: number, kept: ArrayLike<number> | undefined): Array<T | null> {
  if (!kept) return Array.from(values);
  const out = new Array<T | null>(rows).fill(null);
  for (let i = 0; i < kept.length; i++) out[kept[i]] = values[i];
  return out;
}

/** A sentence for each non-zero count of rows. */
export const countedNotes = (counted: NonNullable<Predictions['counted']>): string[] =>
  Object.entries(counted).flatMap(([what, some]) => (some > 0 ? [`${count(some, 'row')} ${what}`] : []));

/** R² over some rows, averaged over several targets. */
export function r2Score(
  rows: readonly number[],
  targets: ReadonlyArray<ArrayLike<number>>,
  predicted: ReadonlyArray<ArrayLike<number>>,
): Score {
  const sums = targets.map((y, t) => {
    const mean = rows.reduce((sum, i) => sum + y[i] / rows.length, 0);
    let [residual, total] = [0, 0];
    for (const i of rows) {
      residual += (y[i] - predicted[t][i]) ** 2;
      total += (y[i] - mean) ** 2;
    }
    return { mean, total, residual };
  });
  return ofSums(sums, rows.length);
}

const ofSums = (sums: readonly Sums[], rows: number): Score => ({
  name: 'R²',
  rows,
  sums,
  value: sums.reduce(
    (sum, { total, residual }) => sum + (total > 0 ? 1 - residual / total : Number.NaN) / sums.length,
    0,
  ),
});

/** Merges the scores of two blocks of rows (Chan, Golub & LeVeque 1983); if one is undefined, the other is returned. */
export function joinedScores(a: Score | undefined, b: Score | undefined): Score | undefined {
  if (!a || !b) return a ?? b;
  const rows = a.rows + b.rows;
  if (!a.sums || !b.sums) return { ...a, rows, value: (a.value * a.rows + b.value * b.rows) / rows };
  const sums = a.sums.map((s, t) => {
    const other = b.sums![t];
    const shift = other.mean - s.mean;
    return {
      mean: s.mean + (shift * b.rows) / rows,
      total: s.total + other.total + shift * shift * ((a.rows * b.rows) / rows),
      residual: s.residual + other.residual,
    };
  });
  return ofSums(sums, rows);
}

/** The `format` of a saved model. Throws INVALID_FORMAT for a text that is not JSON. */
export function formatIn(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly format?: unknown } | null)?.format);
  } catch (error) {
    return fail('INVALID_FORMAT', `it is not JSON (${(error as Error).message}).`);
  }
}

/** The model of a text, by its format. Throws INVALID_FORMAT if no family knows it. */
export function modelIn(text: string, families: ReadonlyArray<{ readonly models?: SavedModels }>): SavedModel {
  const known = families.flatMap(({ models }) => models ?? []);
  const format = formatIn(text);
  const models = known.find(({ formats }) => formats.includes(format));
  if (!models) {
    const formats = known.flatMap((m) => m.formats).join(', ');
    fail('INVALID_FORMAT', `its format field is none of ${formats}.`);
  }
  return models.load(text);
}
