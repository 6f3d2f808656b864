import {
  type ChooseColumns,
  partBlocks,
  type ReadOptions,
  readPart,
  readTable,
  type Table,
  undivided,
} from '@southwell/data/node';
import { rowsOfRank } from '@southwell/distributed';
import { decodePlain, encodePlain } from '@southwell/numerics/core';
import { gatheredTable, gatherOf, type JobRanks, type RowBlocks, without } from '@southwell/tasks';

/** This rank's rows of a file that all ranks read together. */
export const readOnRanks = (path: string, options: ReadOptions, ranks: JobRanks): Promise<Table> =>
  readPart(path, {
    ...options,
    rank: ranks.rank,
    size: ranks.size,
    rowsOf: (all, rank) => rowsOfRank(all, rank, ranks.size),
    gather: gatherOf(ranks),
  });

/**
 * All rows of a file, or of each rank's own files, on every rank: if possible each rank reads a part, which is then
 * sent to all.
 */
export async function readTogether(path: string, options: ReadOptions, ranks: JobRanks): Promise<Table> {
  const own = path.includes('{rank}');
  if (!own && (await undivided(path, options)) !== undefined) return readTable(path, options);
  return gatheredTable(ranks, await readOnRanks(path, options, ranks));
}

/** A file that all ranks read together, block b by rank b modulo their number; each keeps one block in memory. */
export async function blocksOnRanks(
  path: string,
  options: ReadOptions & { readonly choose: ChooseColumns },
  ranks: JobRanks,
  drop: readonly string[],
): Promise<RowBlocks> {
  const file = await partBlocks(path, {
    ...options,
    ...{ rank: ranks.rank, size: ranks.size, gather: gatherOf(ranks) },
  });
  return {
    name: file.name,
    async *rounds<T>(work: (block: Table) => Promise<T>) {
      // Encoded so that values that JSON lacks are preserved bit for bit.
      const rounds = file.rounds(async (block) => encodePlain(await work(without(block, drop))));
      for await (const round of rounds) yield round.map((text) => decodePlain(text) as T);
    },
    notes: () => file.notes(),
  };
}
