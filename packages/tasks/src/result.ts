import type { Status } from '@southwell/numerics/core';
import * as v from 'valibot';

/** The vocabulary in which a task declares its result, from which the schema of `--json` is derived. */

const STATUSES: Readonly<Record<Status, true>> = {
  converged: true,
  completed: true,
  'iteration-limit': true,
  'time-limit': true,
  aborted: true,
  stalled: true,
  diverged: true,
  failed: true,
  infeasible: true,
  unbounded: true,
};
export const status = v.pipe(v.picklist(Object.keys(STATUSES) as Status[]), v.description('How the run ended.'));

/** Adds a description for the schema's readers. */
export const said = <T>(schema: v.GenericSchema<T>, sentence: string): v.GenericSchema<T> =>
  v.pipe(schema, v.description(sentence)) as v.GenericSchema<T>;

export const list = <T>(of: v.GenericSchema<T>): v.GenericSchema<readonly T[]> =>
  v.array(of) as unknown as v.GenericSchema<readonly T[]>;
