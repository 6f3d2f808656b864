import { readTable, type Table } from '@southwell/data';
import type { Value } from '../../lib/controls.ts';

/** The table of one's own file. */
export async function ownTable(file: Value): Promise<Table> {
  if (!(file instanceof File)) throw new Error('Choose a file first.');
  return readTable(file);
}
