import type { Table } from '@southwell/data';
import type { Box, Interval } from 'southwell/functional-tensors';
import { Tensor } from 'southwell/tensors';
import { RequestError } from '../../errors.ts';
import { noNumber } from '../completion/entries.ts';
import type { ChebyshevRequest } from './options.ts';

export const AXES = ['x', 'y', 'z'] as const;
type Three<T> = readonly [T, T, T];

/** Values on a grid, and the coordinates of its points. */
export interface GridOfValues {
  readonly values: Tensor;
  readonly grids: Three<Float64Array>;
  readonly domain: Box;
}

/**
 * Throws a sentence if the table is not an array of three axes, contains values that are not numbers, or the domain is
 * invalid.
 */
export function gridOf(table: Table, request: ChebyshevRequest, spell: (option: string) => string): GridOfValues {
  const { shape } = table;
  if (table.sparse || shape?.length !== 3) {
    const what = shape && shape.length !== 2 ? `has ${shape.length} axes` : 'is a table of rows and columns';
    throw new RequestError(
      `${table.name} ${what}, but values on a grid of x, y and z are an array of three axes, such as NumPy saves in .npy.`,
    );
  }
  const n = table.columns.length;
  const data = new Float64Array(table.rows * n);
  for (const [j, column] of table.columns.entries()) {
    if (column.type !== 'number') throw noNumber(table, column);
    for (let i = 0; i < table.rows; i++) data[i * n + j] = column.values[i];
  }
  const values = new Tensor(shape, data);
  const strange = data.findIndex((v) => !Number.isFinite(v));
  if (strange >= 0) {
    const at = shape.map((size, k) => (Math.floor(strange / values.strides[k]) % size) + 1).join(', ');
    throw new RequestError(
      Number.isNaN(data[strange])
        ? `${table.name} has no number at (${at}), counted from 1: fill it in.`
        : `${table.name} holds ${data[strange]} at (${at}), counted from 1: correct it.`,
    );
  }
  const domain = domainOf(request, spell);
  const grid = (axis: number): Float64Array => placesOf(shape[axis], domain[axis], request.cells ?? false);
  return { values, grids: [grid(0), grid(1), grid(2)], domain };
}

/** Points from end to end, or centres of cells; a single point is in the middle. */
function placesOf(n: number, [low, high]: Interval, cells: boolean): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    const share = cells || n === 1 ? (i + 0.5) / n : i / (n - 1);
    return share === 1 ? high : low + (high - low) * share;
  });
}

function domainOf({ domain = [] }: ChebyshevRequest, spell: (option: string) => string): Box {
  const out: [Interval, Interval, Interval] = [
    [-1, 1],
    [-1, 1],
    [-1, 1],
  ];
  for (const given of domain) {
    const at = given.indexOf('=');
    const name = given.slice(0, at).trim();
    const bounds = given.slice(at + 1).split(':');
    const [low, high] = bounds.map((bound) => (bound.trim() === '' ? Number.NaN : Number(bound)));
    const axis = (AXES as readonly string[]).indexOf(name);
    if (at > 0 && axis < 0) {
      throw new RequestError(`${spell('domain')} names '${name}', but the axes of an array are x, y and z.`);
    }
    if (at <= 0 || bounds.length !== 2 || !(low < high) || !Number.isFinite(high - low)) {
      throw new RequestError(
        `${spell('domain')} must be of the form x=0:1, the smaller number first, but is '${given}'.`,
      );
    }
    out[axis] = [low, high];
  }
  return out;
}

/** One number for all axes, or one for each. Throws a sentence otherwise. */
export function eachAxis(given: readonly number[] | undefined, flag: string): Three<number> | undefined {
  if (given === undefined) return undefined;
  if (given.length !== 1 && given.length !== 3) {
    throw new RequestError(`${flag} must be one number, or three for x, y and z, not ${given.length}.`);
  }
  const strange = given.find((v) => !Number.isInteger(v));
  if (strange !== undefined) throw new RequestError(`${flag} must be whole numbers, not ${strange}.`);
  const [x, y = x, z = x] = given;
  return [x, y, z];
}
