/** Columns of a file that the command and the workbench write, by name. */
export type Columns = Readonly<Record<string, ReadonlyArray<string | number | null>>>;
