import type { Table } from '@southwell/data';
import { fail, nearestName } from '@southwell/numerics/core';
import type { LdpOptions } from 'southwell/private-models';
import * as v from 'valibot';
import { wordsOf } from '../../declaration/targets.ts';
import { RequestError } from '../../errors.ts';

/** The agreement between senders and the server of private reports, as a file. */

const FORMAT = 'southwell-private-protocol';

/** Values are scaled as (value − centre)/spread, where both constants are public. */
const scaled = v.object({
  name: v.string(),
  centre: v.pipe(v.number(), v.finite()),
  spread: v.pipe(v.number(), v.gtValue(0)),
});
export type Scaled = v.InferOutput<typeof scaled>;

const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  mode: v.picklist(['noninteractive', 'public']),
  epsilon: v.number(),
  delta: v.number(),
  clip: v.object({ x: v.number(), y: v.number() }),
  features: v.pipe(v.array(scaled), v.nonEmpty()),
  target: scaled,
  noise: v.picklist(['secure', 'seeded']),
});
export type Agreement = v.InferOutput<typeof schema>;

export const agreementText = (agreed: Omit<Agreement, 'format' | 'version'>): string =>
  `${JSON.stringify({ format: FORMAT, version: 1, ...agreed }, null, 1)}\n`;

/** @throws INVALID_FORMAT. */
export function agreementIn(text: string): Agreement {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    fail('INVALID_FORMAT', `it is not JSON (${(error as Error).message}).`);
  }
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const at = v.getDotPath(parsed.issues[0]);
  fail('INVALID_FORMAT', `its ${at === null ? 'contents do' : `field ${at} does`} not match the format ${FORMAT}.`);
}

export const ldpOptions = ({ mode, epsilon, delta, clip, features }: Agreement): LdpOptions => ({
  ...{ d: features.length, mode, epsilon, delta, clip },
});

/** Names of the columns of reports: products of features if they are sent, and those with the target. */
export function reportColumns({ mode, features, target }: Pick<Agreement, 'mode' | 'features' | 'target'>) {
  const names = features.map(({ name }) => name);
  const matrix = mode === 'public' ? [] : names.flatMap((a, i) => names.slice(i).map((b) => `${a} * ${b}`));
  return { matrix, vector: names.map((name) => `${name} * ${target.name}`) };
}

/** The values of a numeric column, which must be finite. Messages count rows from 1. */
export function finiteColumn(table: Table, name: string): Float64Array {
  const column = table.columns.find((c) => c.name === name);
  const names = table.columns.map((c) => c.name);
  if (!column) {
    const near = nearestName(name, names);
    const some = `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
    throw new RequestError(
      `${table.name} has no column '${name}'; ${near ? `did you mean '${near}'?` : `it has ${some}.`}`,
    );
  }
  if (column.type !== 'number') {
    throw new RequestError(`${table.name}: column '${name}' holds ${wordsOf(column)}, and is to be numbers.`);
  }
  const wrong = column.values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const holds = Number.isNaN(column.values[wrong]) ? 'has no value' : `holds ${column.values[wrong]}`;
    throw new RequestError(
      `${table.name}: column '${name}' ${holds} in row ${wrong + 1}: correct it, or take the row out. Nothing was made of the others.`,
    );
  }
  return column.values;
}
