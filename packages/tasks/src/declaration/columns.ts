/** Columns, by name, of a file that the command and the workbench write. */
export type Columns = Readonly<Record<string, ReadonlyArray<string | number | null>>>;
