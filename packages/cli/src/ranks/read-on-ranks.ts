import { type ReadOptions, readPart, readTable, type Table, undivided } from '@southwell/data/node';
import { rowsOfRank } from '@southwell/distributed';
import { gatheredTable, gatherOf, type JobRanks } from '@southwell/tasks';

/** This rank's rows of a file that all ranks read together. */
export const readOnRanks = (path: string, options: ReadOptions, ranks: JobRanks): Promise<Table> =>
  readPart(path, {
    ...options,
    rank: ranks.rank,
    size: ranks.size,
    rowsOf: (all, rank) => rowsOfRank(all, rank, ranks.size),
    gather: gatherOf(ranks),
  });

/** All rows of a file, or of files of each rank's own, on every rank: where they can be read in parts each rank reads its own, and these are sent to all. */
export async function readTogether(path: string, options: ReadOptions, ranks: JobRanks): Promise<Table> {
  const own = path.includes('{rank}');
  if (!own && (await undivided(path, options)) !== undefined) return readTable(path, options);
  return gatheredTable(ranks, await readOnRanks(path, options, ranks));
}
