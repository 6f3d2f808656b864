import { type ReadOptions, readPart, type Table } from '@southwell/data/node';
import { rowsOfRank } from '@southwell/distributed';
import { gatherOf, type JobRanks } from '@southwell/tasks';

/** This rank's rows of a file that all ranks read together. */
export const readOnRanks = (path: string, options: ReadOptions, ranks: JobRanks): Promise<Table> =>
  readPart(path, {
    ...options,
    rank: ranks.rank,
    size: ranks.size,
    rowsOf: (all, rank) => rowsOfRank(all, rank, ranks.size),
    gather: gatherOf(ranks),
  });
