/** A word of a line of an MPS file. */
export type MpsField = string;

/** The words of a line, separated by blanks. */
export function freeFields(line: string): MpsField[] {
  const text = line.trim();
  return text === '' ? [] : text.split(/\s+/);
}

/** Where the fields of the fixed format begin and end: a type, two names, a number, a name, a number. */
const PLACES = [
  [1, 3],
  [4, 12],
  [14, 22],
  [24, 36],
  [39, 47],
  [49, 61],
] as const;

/** The fields of a line by their columns; empty ones are left out. Names may contain spaces. */
export function fixedFields(line: string): MpsField[] {
  return PLACES.map(([from, to]) => line.slice(from, to).trim()).filter((field) => field !== '');
}

/** A number, also with the exponent letter of Fortran; undefined if it is none. */
export function numberIn(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$/.test(text)) return Number(text.replace(/[dD]/, 'e'));
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (!infinite) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Whether a line of BOUNDS names a vector, which may be left out, before the column. */
export function namedAfter(
  fields: readonly MpsField[],
  without: boolean,
  isColumn: (name: string) => boolean,
): boolean {
  if (!without) return fields.length >= 4;
  if (fields.length >= 4) return true;
  return fields.length === 3 && isColumn(fields[2]);
}
