import type { Table } from '@southwell/data';
import { fail, nearestName } from '@southwell/numerics/core';
import { clipRecords, type LdpOptions, oneRoundRecords, privacyRecords } from 'southwell/private-models';
import * as v from 'valibot';
import { savedFields } from '../../declaration/records.ts';
import { wordsOf } from '../../declaration/targets.ts';
import { RequestError } from '../../errors.ts';
import { savedData } from '../../saved-model.ts';

/** The agreed protocol of senders and server, as a file. */

const FORMAT = 'southwell-private-protocol';

/** Values are transformed to (value − centre)/spread, where both are public. */
const scaled = v.object({
  name: v.string(),
  centre: v.pipe(v.number(), v.finite()),
  spread: v.pipe(v.number(), v.gtValue(0)),
});
export type Scaled = v.InferOutput<typeof scaled>;

const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  ...savedFields({ ...oneRoundRecords, ...privacyRecords }),
  clip: v.object(savedFields(clipRecords)),
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
  return savedData(FORMAT, schema, data);
}

export const ldpOptions = ({ mode, epsilon, delta, clip, features }: Agreement): LdpOptions => ({
  ...{ d: features.length, mode, epsilon, delta, clip },
});

/** Names of the columns of reports: products of features, if they are sent, and products with the target. */
export function reportColumns({ mode, features, target }: Pick<Agreement, 'mode' | 'features' | 'target'>) {
  const names = features.map(({ name }) => name);
  const matrix = mode === 'public' ? [] : names.flatMap((a, i) => names.slice(i).map((b) => `${a} * ${b}`));
  return { matrix, vector: names.map((name) => `${name} * ${target.name}`) };
}

/** The values of a numeric column, which must be finite. Rows are counted from 1 in messages. */
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
    throw new RequestError(`${table.name}: column '${name}' contains ${wordsOf(column)}, but must be numeric.`);
  }
  const wrong = column.values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const holds = Number.isNaN(column.values[wrong]) ? 'has no value' : `is ${column.values[wrong]}`;
    throw new RequestError(
      `${table.name}: column '${name}' ${holds} in row ${wrong + 1}: correct or exclude the row. No rows were processed.`,
    );
  }
  return column.values;
}
