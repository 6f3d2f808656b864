import type { ChooseColumns, Table } from '@southwell/data';
import { type RowBlocks, without } from '@southwell/tasks';

/** Columns that are chosen, without those that are dropped. */
export const choosing =
  (choose: ChooseColumns, drop: readonly string[]): ChooseColumns =>
  (names, file) =>
    choose(
      names.filter((name) => !drop.includes(name)),
      file,
    );

/** Blocks that this process reads alone. */
export function blocksHere(blocks: AsyncIterable<Table>, drop: readonly string[]): RowBlocks {
  let last: Table | undefined;
  return {
    get name() {
      return last?.name ?? '';
    },
    async *rounds(work) {
      for await (const block of blocks) {
        last = block;
        yield [await work(without(block, drop))];
      }
    },
    notes: async () => last?.notes ?? [],
  };
}
