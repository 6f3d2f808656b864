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

/** Characters that are told apart, and the longest context, where nothing else is asked for. */
const CHARACTERS = 256;
const CONTEXT = 64;
/** Fewer characters say nothing of how well others are guessed. */
const JUDGED = 9;

/** A text as a network is trained on it. */
export interface TextData {
  readonly train: Examples;
  readonly validation?: Examples;
  readonly characters: readonly string[];
  readonly context: number;
  readonly values: Int32Array;
  /** Characters at its end that are kept for validation. */
  readonly held: number;
  readonly distinct: number;
  readonly notes: readonly string[];
}

/** Windows of a text, the last share of it kept for validation. Throws sentences for texts that are too short or of one character. */
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
      `${name} has one character only, ${named(column.levels)}, ${rows === 1 ? 'once' : `${grouped(rows)} times`}: there is nothing to guess.`,
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
        ? `${which}, are unknown to the saved network (${named(unknown)}) and count as one.`
        : `${which}, are rarer than the ${grouped(characters.length)} that are told apart and count as one: ${named(unknown)}`,
    );
  }
  let held = Math.round(rows * request.validation);
  if (request.validation > 0 && held < JUDGED) {
    notes.push(`${count(rows, 'character')} are too few to keep any for validation.`);
    held = 0;
  }
  const own = values.subarray(0, rows - held);
  const context = from?.context ?? contextOf(own.length, held, name, request, spell);
  const shorter = held > 0 ? Math.min(held, own.length) : own.length;
  if (shorter <= context) {
    throw new RequestError(
      `${name} has ${count(own.length, 'character')} to train on${held > 0 ? ` and ${grouped(held)} for ${spell('validation')}` : ''}, but a context of ${context} takes ${context + 1} of each: ${from ? 'the saved network needs a longer text' : `take a shorter ${spell('context')}`}${held > 0 ? `, or another ${spell('validation')}` : ''}.`,
    );
  }
  return {
    train: windowsOf(own, context, Math.ceil(context / 2)),
    ...(held > 0 && { validation: windowsOf(values.subarray(rows - held), context, context) }),
    ...{ characters, context, values, held, distinct, notes },
  };
}

/** The most frequent characters, in the order of their numbers. */
function frequent({ codes, levels }: { codes: Int32Array; levels: readonly string[] }, most: number): string[] {
  const counts = new Float64Array(levels.length);
  for (const code of codes) counts[code]++;
  const order = levels.map((_, k) => k).sort((a, b) => counts[b] - counts[a] || a - b);
  const kept = order.slice(0, most).sort((a, b) => a - b);
  return kept.map((k) => levels[k]);
}

/** As it was asked for, or a quarter of a short text. */
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
      `${name} has ${count(own, 'character')} to train on: there is none to guess by another. Keep fewer for ${spell('validation')}, or take a longer text.`,
    );
  }
  return Math.max(1, Math.min(CONTEXT, Math.floor(own / 4), held > 0 ? held - 1 : CONTEXT));
}

/** Windows of a context, each with the characters one further on for targets. */
function windowsOf(values: Int32Array, context: number, stride: number): Examples {
  const part = (from: number) => ({ values: values.subarray(from), shape: [context], stride });
  return {
    count: 1 + Math.floor((values.length - 1 - context) / stride),
    inputs: part(0),
    targets: part(1),
  };
}
