import type { NumberColumn, Table } from '@southwell/data';
import { type Pose, rotateVectors, transformPoints } from 'southwell/geometry';
import { RequestError } from '../errors.ts';

/** Names of columns of points and of vectors that rotate with them, in any letter case. */
const POINT = [['x', 'y', 'z']];
const VECTORS = [
  ['nx', 'ny', 'nz'],
  ['normal_x', 'normal_y', 'normal_z'],
];

export interface CloudTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly NumberColumn[];
  /** The columns x, y, z. */
  readonly at: readonly [number, number, number];
  /** x, y, z of each row consecutively, unchanged. */
  readonly points: Float64Array;
}

function tripleOf(columns: readonly NumberColumn[], triples: readonly (readonly string[])[]) {
  for (const names of triples) {
    const at = names.map((name) => columns.findIndex((column) => column.name.toLowerCase() === name));
    if (at.every((j) => j >= 0)) return at as unknown as readonly [number, number, number];
  }
  return undefined;
}

const joined = (columns: readonly NumberColumn[], at: readonly number[], rows: number): Float64Array => {
  const out = new Float64Array(3 * rows);
  for (const [k, j] of at.entries()) {
    const { values } = columns[j];
    for (let i = 0; i < rows; i++) out[3 * i + k] = values[i];
  }
  return out;
};

/** The points of a table: columns x, y, z, or its three numeric columns if it has no others. */
export function cloudOf(table: Table): CloudTable {
  const { name, rows } = table;
  if (table.sparse) throw new RequestError(`${name} holds a sparse matrix, and no points.`);
  const columns = table.columns.flatMap((column) => (column.type === 'number' ? [column] : []));
  const only = columns.length === 3 ? ([0, 1, 2] as const) : undefined;
  const at = tripleOf(columns, POINT) ?? only;
  if (!at) {
    const names = table.columns.slice(0, 8).map((column) => column.name);
    const rest = table.columns.length > 8 ? ', …' : '';
    throw new RequestError(
      `${name} has no columns x, y and z of numbers, nor three columns in all: it has ${names.join(', ') || 'none'}${rest}.`,
    );
  }
  return { name, rows, columns, at, points: joined(columns, at, rows) };
}

/** Values of each column: typed arrays for many points, which need half the memory. */
type Columns = Record<string, ArrayLike<number>>;

const parted = (values: Float64Array, k: number, rows: number): Float64Array => {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) out[i] = values[3 * i + k];
  return out;
};

/** All numeric columns of a moved cloud: points, and normals if it has any. */
export function movedColumns({ columns, at, points, rows }: CloudTable, pose: Pose): Columns {
  const out = new Map(columns.map((column, j) => [j, column.values as ArrayLike<number>]));
  const set = (places: readonly number[], values: Float64Array) => {
    for (const [k, j] of places.entries()) out.set(j, parted(values, k, rows));
  };
  set(at, transformPoints(pose, points));
  const normals = tripleOf(columns, VECTORS);
  if (normals) set(normals, rotateVectors(pose, joined(columns, normals, rows)));
  return Object.fromEntries([...out].map(([j, values]) => [columns[j].name, values]));
}

/**
 * Numeric columns of all clouds that have a pose, concatenated, with x, y and z first and `scan` last: the cloud,
 * counted from 1. Missing columns are NaN.
 */
export function mergedColumns(clouds: readonly CloudTable[], poses: ReadonlyArray<Pose | undefined>): Columns {
  const parts = clouds.flatMap((cloud, k) => {
    const pose = poses[k];
    if (!pose) return [];
    const own = movedColumns(cloud, pose);
    const { columns, at } = cloud;
    const named = at.map((j, axis) => ['xyz'[axis], own[columns[j].name]] as const);
    const rest = Object.entries(own).filter(([name]) => !at.some((j) => columns[j].name === name));
    return [{ scan: k + 1, rows: cloud.rows, columns: new Map<string, ArrayLike<number>>([...named, ...rest]) }];
  });
  const names = new Set(parts.flatMap(({ columns }) => [...columns.keys()]));
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const together = (fill: (part: (typeof parts)[number]) => ArrayLike<number> | number): Float64Array => {
    const out = new Float64Array(total);
    let from = 0;
    for (const part of parts) {
      const values = fill(part);
      if (typeof values === 'number') out.fill(values, from, from + part.rows);
      else out.set(values, from);
      from += part.rows;
    }
    return out;
  };
  const out = Object.fromEntries(
    [...names].map((name) => [name, together(({ columns }) => columns.get(name) ?? Number.NaN)]),
  );
  let which = 'scan';
  while (names.has(which)) which += '_';
  return { ...out, [which]: together(({ scan }) => scan) };
}
