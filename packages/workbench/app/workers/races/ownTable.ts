import { readTable, type Table } from '@southwell/data';

/** The table of one's own file. */
export async function ownTable(file: File | undefined): Promise<Table> {
  if (!file) throw new Error('Choose a file first.');
  return readTable(file);
}
