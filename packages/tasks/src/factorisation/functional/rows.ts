import type { Table } from '@southwell/data';
import { numbersFor } from '../../declaration/targets.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import type { FunctionalRequest } from './options.ts';

/** Rows of a table to fit or to predict. Rows count from 1 in sentences. */
export interface Rows {
  /** Indices in the table of rows with coordinates; of those, the rows that have a value. */
  readonly kept: readonly number[];
  readonly indices: ReadonlyArray<readonly number[]>;
  /** NaN for rows without a value. */
  readonly values: Float64Array;
  readonly noise?: Float64Array;
  readonly ranges: ReadonlyArray<readonly [number, number] | undefined>;
  readonly notes: readonly string[];
}

/** Throws a sentence if columns are missing, contain words or values that are not finite, or no rows are left. */
export function rowsOf(table: Table, request: FunctionalRequest, { spell }: TaskTools): Rows {
  if (table.sparse) throw new RequestError(`${table.name} has no column names for ${spell('axes')}: give a table.`);
  const { axes, target, noise, missing } = request;
  if (axes.length === 0) throw new RequestError(`Give the coordinate columns by ${spell('axes')}.`);
  const twice = axes.find((name, k) => axes.indexOf(name) !== k);
  if (twice !== undefined) throw new RequestError(`${spell('axes')} names '${twice}' twice.`);
  for (const [name, role] of [
    [target, 'target'],
    [noise, 'noise'],
  ] as const) {
    if (name !== undefined && axes.includes(name)) {
      throw new RequestError(`'${name}' cannot be both ${spell(role)} and one of ${spell('axes')}.`);
    }
  }
  if (noise === target) throw new RequestError(`'${target}' cannot be both ${spell('target')} and ${spell('noise')}.`);
  const columns = axes.map((name) => numbersFor(table, name, spell('axes')));
  const y = numbersFor(table, target, spell('target'));
  const sd = noise === undefined ? undefined : numbersFor(table, noise, spell('noise'));
  const ranges = rangesOf(request, spell);
  const kept: number[] = [];
  let measured = 0;
  for (let i = 0; i < table.rows; i++) {
    const wrong = (name: string, value: number) =>
      new RequestError(`${table.name}: column '${name}' holds ${value} in row ${i + 1}: correct it.`);
    const k = columns.findIndex((column) => !Number.isFinite(column[i]));
    if (k >= 0) {
      if (!Number.isNaN(columns[k][i])) throw wrong(axes[k], columns[k][i]);
      if (missing === 'drop-rows') continue;
      throw new RequestError(
        `${table.name}: column '${axes[k]}' has no value in row ${i + 1}: leave such rows out with ${spell('missing', 'drop-rows')}.`,
      );
    }
    if (!Number.isFinite(y[i]) && !Number.isNaN(y[i])) throw wrong(target, y[i]);
    if (sd && !Number.isNaN(y[i]) && !(sd[i] > 0 && sd[i] < Number.POSITIVE_INFINITY)) {
      throw new RequestError(
        `${table.name}: the noise '${noise}' is ${Number.isNaN(sd[i]) ? 'missing' : sd[i]} in row ${i + 1}, but must be above 0.`,
      );
    }
    ranges.forEach((range, a) => {
      const value = columns[a][i];
      if (range && !(value >= range[0] && value <= range[1])) {
        throw new RequestError(
          `${table.name}: ${axes[a]} is ${value} in row ${i + 1}, outside of its ${spell('range')}, ${range[0]} to ${range[1]}.`,
        );
      }
    });
    kept.push(i);
    if (!Number.isNaN(y[i])) measured++;
  }
  if (measured === 0) {
    throw new RequestError(
      `${table.name} has no row with all coordinates and a value of ${target}: there is nothing to fit.`,
    );
  }
  const left = table.rows - kept.length;
  return {
    kept,
    indices: kept.map((i) => columns.map((column) => column[i])),
    values: Float64Array.from(kept, (i) => y[i]),
    ...(sd && { noise: Float64Array.from(kept, (i) => sd[i]) }),
    ranges,
    notes: left > 0 ? [`${left} of ${count(table.rows, 'row')} have a missing coordinate and were left out.`] : [],
  };
}

/** The given ranges of the axes. Throws a sentence for invalid ones. */
function rangesOf({ axes, range = [] }: FunctionalRequest, spell: TaskTools['spell']): Rows['ranges'] {
  const out = axes.map((): readonly [number, number] | undefined => undefined);
  for (const given of range) {
    const at = given.lastIndexOf('=');
    const bounds = given.slice(at + 1).split(':');
    const [low, high] = bounds.map((bound) => (bound.trim() === '' ? Number.NaN : Number(bound)));
    const k = axes.indexOf(given.slice(0, at));
    if (at > 0 && k < 0) {
      throw new RequestError(
        `${spell('range')} names '${given.slice(0, at)}', which is not one of ${axes.join(', ')}.`,
      );
    }
    if (at <= 0 || bounds.length !== 2 || !(low < high) || !Number.isFinite(high - low)) {
      throw new RequestError(
        `${spell('range')} must be of the form ${axes[0]}=0:1, the smaller number first, but is '${given}'.`,
      );
    }
    out[k] = [low, high];
  }
  return out;
}
