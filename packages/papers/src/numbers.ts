/** JSON in which non-finite numbers (such as "iterations to 1e-8" of a run that never reached it) are strings. */

const NOT_FINITE = ['Infinity', '-Infinity', 'NaN'];

export const stringifyNumbers = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v), indent);

/** The inverse of {@link stringifyNumbers}. */
export const parseNumbers = (text: string): unknown =>
  JSON.parse(text, (_, v) => (typeof v === 'string' && NOT_FINITE.includes(v) ? Number(v) : v));
