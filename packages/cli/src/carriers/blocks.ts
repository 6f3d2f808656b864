import type { ChooseColumns } from '@southwell/data';

/** Chooses columns, except those that are dropped. */
export const choosing =
  (choose: ChooseColumns, drop: readonly string[]): ChooseColumns =>
  (names, file) =>
    choose(
      names.filter((name) => !drop.includes(name)),
      file,
    );
