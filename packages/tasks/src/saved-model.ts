import type { ChooseColumns, EncodingTally, ReadOptions, Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import * as v from 'valibot';
import type { Columns } from './declaration/columns.ts';
import { count } from './format.ts';
import type { Sampling } from './saved-models/sampling.ts';

/** What a saved model says of a table. */
export interface Predictions {
  /** A value for each row of the table, null where it lacks what the model needs. */
  readonly columns: Columns;
  /** Rows that have one. */
  readonly predicted: number;
  /** How well it did, where the table has the target, too. */
  readonly score?: Score;
  readonly notes: readonly string[];
  /** Rows of which there is something to say, which is said of those of all blocks together: `3 rows` and what follows. */
  readonly counted?: Readonly<Record<string, number>>;
}

/** How well predictions agree with the known targets of some rows, and what it takes to join blocks of rows. */
export interface Score {
  /** `accuracy` is a share of rows; `R²` of several targets their mean. */
  readonly name: string;
  /** Not finite where no target varies. */
  readonly value: number;
  readonly rows: number;
  /** What there are so many of, if no rows with a known target. */
  readonly noun?: string;
  /** Of R², for each target: its mean, squares about that, and squares of the residuals. */
  readonly sums?: readonly Sums[];
}

interface Sums {
  readonly mean: number;
  readonly total: number;
  readonly residual: number;
}

export interface SavedModel {
  /**
   * Throws a sentence where there are no probabilities but they are asked for. `tally`: the table is a block of a larger
   * one, whose notes are for the caller to tell.
   */
  predict(
    table: Table,
    options: {
      readonly proba?: boolean;
      /** Of models that have it: survival at these times, a column each. */
      readonly times?: readonly number[];
      readonly tally?: EncodingTally;
    },
  ): Predictions;
  /** Whether it knows survival at times. */
  readonly survives?: boolean;
  /**
   * The model of its path at that alpha, with what there is to say of it. Absent where models of the family have no alpha.
   * Throws a sentence where it cannot be had.
   */
  at?(alpha: number): { readonly model: SavedModel; readonly note?: string };
  /** What it reads of a table; absent where it needs the table whole. */
  readonly reads?: ChooseColumns;
  /** Of models of texts: what they add to a prompt, one character after the other. Throws a sentence for one that they do not know. */
  writes?(how: Sampling): Generator<string, void>;
  /** How files are read for it, where nothing else is asked for. */
  readonly reading?: Pick<ReadOptions, 'format' | 'resize'>;
  /** Columns of its matrix, for the notes of the tally. */
  readonly width?: number;
}

/** Models that a family's tasks save. */
export interface SavedModels {
  /** The `format` of their JSON. */
  readonly formats: readonly string[];
  /** Those of models that write texts. */
  readonly writing?: readonly string[];
  /** Throws a sentence for a text that is no such model. */
  load(text: string): SavedModel;
}

/** A model that says what it knows of a table. */
type Predicting = Pick<SavedModel, 'reads' | 'width'> & {
  predict(table: Table, options: { readonly proba?: boolean; readonly tally?: EncodingTally }): Predictions;
};

/** The text of a model, as its schema has it: numbers keep every bit. */
export const modelText = <T extends { readonly format: string }>(model: T): string => `${JSON.stringify(model)}\n`;

/**
 * Models of one format: JSON that a schema describes.
 * @param open The model, or undefined where its parts do not fit together.
 */
export function savedAs<T>(
  format: string,
  schema: v.GenericSchema<unknown, T>,
  open: (saved: T) => Predicting | undefined,
): SavedModels {
  return {
    formats: [format],
    load(text) {
      const parsed = v.safeParse(schema, JSON.parse(text));
      if (!parsed.success) {
        const at = v.getDotPath(parsed.issues[0]);
        fail('INVALID_FORMAT', `its ${at === null ? 'contents are' : `field ${at} is`} not what ${format} has there.`);
      }
      return open(parsed.output) ?? fail('INVALID_FORMAT', 'the sizes of its parts do not match.');
    },
  };
}

/** Models of several formats, as one family has them. */
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

/** The values of the rows that were kept, each at its place in the table; null at the others. */
export function spread<T>(values: ArrayLike<T>, rows: number, kept: ArrayLike<number> | undefined): Array<T | null> {
  if (!kept) return Array.from(values);
  const out = new Array<T | null>(rows).fill(null);
  for (let i = 0; i < kept.length; i++) out[kept[i]] = values[i];
  return out;
}

/** A sentence for each thing that was counted of rows, if there were any. */
export const countedNotes = (counted: NonNullable<Predictions['counted']>): string[] =>
  Object.entries(counted).flatMap(([what, some]) => (some > 0 ? [`${count(some, 'row')} ${what}`] : []));

/** R² of some rows, of several targets the mean. */
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

/** The score of two blocks of rows from those of each (Chan, Golub & LeVeque 1983); one of none is the other's. */
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

/** The `format` of a saved model. Throws INVALID_FORMAT for a text that is no JSON. */
export function formatIn(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly format?: unknown } | null)?.format);
  } catch (error) {
    return fail('INVALID_FORMAT', `it is not JSON (${(error as Error).message}).`);
  }
}

/** The model that a text is, by its format. Throws INVALID_FORMAT where no family knows it. */
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
