import type { Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import type { Examples } from 'southwell/training';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count, grouped } from '../../format.ts';
import type { TrainRequest } from '../options.ts';
import { charactersOf, tokensOf } from './model.ts';
import { named } from './named.ts';
import type { TextNetwork } from './network.ts';

/** Default vocabulary size and maximum default context. */
const CHARACTERS = 256;
const CONTEXT = 64;
/** Minimum number of validation characters; with fewer, the score says nothing. */
const JUDGED = 9;

/** A text prepared for training a network. */
export interface TextData {
  readonly train: Examples;
  readonly validation?: Examples;
  readonly characters: readonly string[];
  readonly context: number;
  readonly values: Int32Array;
  /** Number of validation characters, at the end of the text. */
  readonly held: number;
  readonly distinct: number;
  readonly notes: readonly string[];
}

/**
 * Windows of a text, with the last fraction of it for validation. Throws messages for texts that are too short or that
 * consist of a single character.
 */
export function textData(
  table: Table,
  request: TrainRequest,
  spell: TaskTools['spell'],
  from: TextNetwork | undefined,
): TextData {
  const column = charactersOf(table);
  const { name, rows } = table;
  const distinct = column.levels.length;
  if (distinct === 1 && !from) {
    fail(
      'INVALID_TARGET',
      `${name} has only one character, ${named(column.levels)}, ${rows === 1 ? 'once' : `${grouped(rows)} times`}: there is nothing to predict.`,
    );
  }
  const notes = [...table.notes];
  const characters = from?.characters ?? frequent(column, request.characters ?? CHARACTERS);
  const { values, unknown } = tokensOf(table, characters);
  if (unknown.length > 0) {
    const rare = values.reduce((sum, token) => sum + Number(token === characters.length), 0);
    const which = `${grouped(unknown.length)} of ${count(distinct, 'different character')}, ${grouped(rare)} of ${grouped(rows)} in all`;
    notes.push(
      from
        ? `${which}, are unknown to the saved network (${named(unknown)}) and mapped to one token.`
        : `${which}, are rarer than the ${grouped(characters.length)} of the vocabulary and mapped to one token: ${named(unknown)}`,
    );
  }
  let held = Math.round(rows * request.validation);
  if (request.validation > 0 && held < JUDGED) {
    notes.push(`${count(rows, 'character')} are too few for a validation set.`);
    held = 0;
  }
  const own = values.subarray(0, rows - held);
  const context = from?.context ?? contextOf(own.length, held, name, request, spell);
  const shorter = held > 0 ? Math.min(held, own.length) : own.length;
  if (shorter <= context) {
    throw new RequestError(
      `${name} has ${count(own.length, 'character')} to train on${held > 0 ? ` and ${grouped(held)} for ${spell('validation')}` : ''}, but a context of ${context} needs ${context + 1} of each: ${from ? 'the saved network needs a longer text' : `use a shorter ${spell('context')}`}${held > 0 ? `, or another ${spell('validation')}` : ''}.`,
    );
  }
  return {
    train: windowsOf(own, context, Math.ceil(context / 2)),
    ...(held > 0 && { validation: windowsOf(values.subarray(rows - held), context, context) }),
    ...{ characters, context, values, held, distinct, notes },
  };
}

/** The most frequent characters, in the order of their codes. */
function frequent({ codes, levels }: { codes: Int32Array; levels: readonly string[] }, most: number): string[] {
  const counts = new Float64Array(levels.length);
  for (const code of codes) counts[code]++;
  const order = levels.map((_, k) => k).sort((a, b) => counts[b] - counts[a] || a - b);
  const kept = order.slice(0, most).sort((a, b) => a - b);
  return kept.map((k) => levels[k]);
}

/** The requested context, or by default at most a quarter of the text. */
function contextOf(
  own: number,
  held: number,
  name: string,
  { context }: TrainRequest,
  spell: TaskTools['spell'],
): number {
  if (context !== undefined) return context;
  if (own < 2) {
    throw new RequestError(
      `${name} has ${count(own, 'character')} to train on, too few to predict one from another. Use a smaller ${spell('validation')}, or a longer text.`,
    );
  }
  return Math.max(1, Math.min(CONTEXT, Math.floor(own / 4), held > 0 ? held - 1 : CONTEXT));
}

/** Windows of the context length, with the characters shifted by one as targets. */
function windowsOf(values: Int32Array, context: number, stride: number): Examples {
  const part = (from: number) => ({ values: values.subarray(from), shape: [context], stride });
  return {
    count: 1 + Math.floor((values.length - 1 - context) / stride),
    inputs: part(0),
    targets: part(1),
  };
}
