import { fail } from '@southwell/numerics/core';
import type { TaskTools } from '../declaration/task.ts';
import { count } from '../format.ts';
import { MOST } from '../stats.ts';
import type { SavedNetwork } from './model.ts';
import type { TrainRequest } from './options.ts';

/** How the target of a network is interpreted: as classes or numbers. */

interface Where {
  readonly table: string;
  readonly target: string;
  rowOf(i: number): number;
}

/** Maximum number of classes for any number of rows; above this, at most a fifth of the rows. */
const MANY = 10;

/** Up to this number of different whole numbers, they may be meant as classes. */
const FEW = 20;

/**
 * The mean and standard deviation by which numeric targets are standardised: those of the saved network, or their own.
 */
export function unitsOf(
  known: SavedNetwork['target'] | undefined,
  own: { readonly mean: number; readonly sd: number } | undefined,
): { readonly mean: number; readonly deviation: number } {
  if (known?.kind === 'numbers') return known;
  return own ? { mean: own.mean, deviation: own.sd || 1 } : { mean: 0, deviation: 1 };
}

/** Notes on how the target was interpreted. */
export function targetNotes(
  {
    classes,
    values,
  }: { readonly classes?: ReadonlyArray<string | number>; readonly values: ArrayLike<number> & Iterable<number> },
  target: string | undefined,
  spell: TaskTools['spell'],
  known: boolean,
): string[] {
  if (classes?.some(isRounded))
    return [
      `Classes of '${target ?? 'label'}' are whole numbers above 2^53, which are ${takenAsNames(target, spell)}.`,
    ];
  const few = new Set(values);
  if (classes || known || few.size > FEW || ![...few].every(Number.isInteger)) return [];
  return [
    `'${target ?? 'label'}' has ${few.size} different whole numbers, which are treated as a numeric target: ${spell('predicts', 'classes')} treats them as class labels.`,
  ];
}

/** Whether a class is a whole number to which other numbers may have been rounded. */
const isRounded = (label: string | number): boolean =>
  typeof label === 'number' && Number.isInteger(label) && !Number.isSafeInteger(label);

const takenAsNames = (target: string | undefined, spell: TaskTools['spell']): string =>
  `rounded, so that different ones may be merged: ${spell('types')} ${target ?? 'label'}=category keeps them as written`;

/** Classes with the class index of each row, or numbers. */
export function targetOf(
  values: Float64Array,
  words: readonly string[] | undefined,
  { table, target, rowOf }: Where,
  { predicts }: TrainRequest,
  spell: TaskTools['spell'],
): { readonly values: Float64Array; readonly strata: Int32Array; readonly classes?: ReadonlyArray<string | number> } {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const classes = predicts === 'classes' || (predicts === undefined && (words !== undefined || distinct.length === 2));
  if (classes) {
    if (distinct.length < 2) {
      const only = words ? words[distinct[0]] : distinct[0];
      fail(
        'INVALID_TARGET',
        `${table}: the target '${target}' has only one class, ${only}.${isRounded(only) ? ` Whole numbers above 2^53 are ${takenAsNames(target, spell)}.` : ''}`,
      );
    }
    if (distinct.length > Math.max(MANY, values.length / 5)) {
      fail(
        'INVALID_TARGET',
        `${table}: the target has ${distinct.length} different values in ${count(values.length, 'row')}, too many for classes.` +
          (words
            ? ` There may be at most one class per five rows: exclude the rows of rare classes, or merge rare classes.`
            : ` Predict the number with ${spell('predicts', 'numbers')}.`),
      );
    }
    const places = new Map(distinct.map((value, k) => [value, k]));
    const strata = Int32Array.from(values, (value) => places.get(value)!);
    return { values, strata, classes: words ? distinct.map((code) => words[code]) : distinct };
  }
  if (words) {
    fail(
      'INVALID_TARGET',
      `The target '${target}' contains words (${words.slice(0, 4).join(', ')}${words.length > 4 ? ', …' : ''}), which are not numbers: omit ${spell('predicts')}.`,
    );
  }
  const far = values.findIndex((value) => Math.abs(value) > MOST);
  if (far >= 0) {
    fail(
      'INVALID_TARGET',
      `${table}: the target '${target}' is ${values[far]} in row ${rowOf(far) + 1}, and squares of such numbers exceed 1.8e308, the largest double: divide the column by a power of 10.`,
    );
  }
  if (distinct.length === 1) {
    fail(
      'INVALID_TARGET',
      `${table}: the target '${target}' is ${distinct[0]} in every row, so there is nothing to predict.${isRounded(distinct[0]) ? ` Whole numbers above 2^53 are ${takenAsNames(target, spell)}.` : ''}`,
    );
  }
  return { values, strata: new Int32Array(values.length) };
}

/** The target of an existing network: its classes, or numbers. */
export function knownTarget(
  y: Float64Array | undefined,
  words: readonly string[] | undefined,
  { table, target, rowOf }: Where,
  { target: known }: SavedNetwork,
): ReturnType<typeof targetOf> {
  if (!y) fail('INVALID_TARGET', `${table} has no column '${target}' to train on, the target of the saved network.`);
  const labels = known.kind === 'classes' ? known.labels : undefined;
  const places = new Map(labels?.map((label, k) => [String(label), k]));
  const strata = Int32Array.from(y, (value) => {
    if (!labels || Number.isNaN(value)) return Number.isNaN(value) ? -1 : 0;
    return places.get(words ? words[value] : String(value)) ?? -1;
  });
  const bad = strata.indexOf(-1);
  if (bad >= 0) {
    const row = `row ${rowOf(bad) + 1}`;
    fail(
      'INVALID_TARGET',
      labels
        ? `${table}: the target '${target}' in ${row} is not one of the classes of the saved network (${labels.slice(0, 8).join(', ')}${labels.length > 8 ? ', …' : ''}): exclude the row.`
        : `${table}: the target '${target}' has no number in ${row}: exclude the row.`,
    );
  }
  return { values: y, strata, ...(labels && { classes: labels }) };
}
