import type { ChooseColumns } from '@southwell/data';

/** Columns that are chosen, without those that are dropped. */
export const choosing =
  (choose: ChooseColumns, drop: readonly string[]): ChooseColumns =>
  (names, file) =>
    choose(
      names.filter((name) => !drop.includes(name)),
      file,
    );
