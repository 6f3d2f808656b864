/** File names and abbreviations of charts. */

/** A file name made of words. */
export const slug = (...words: readonly string[]): string =>
  words
    .join('-')
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '') || 'chart';

/** The terms that occur in any of the names. */
export const termsIn = (
  names: readonly string[],
  terms: Readonly<Record<string, string>> = {},
): Array<[string, string]> =>
  Object.entries(terms).filter(([term]) => names.some((name) => name.split(PARTS).includes(term)));

const PARTS = /[\s,;:()+/=-]+/;

/** Explains the abbreviations in a name: `GS-VB` with terms for GS and VB gives both. */
export function spelt(name: string, terms: Readonly<Record<string, string>> | undefined): string | undefined {
  if (!terms) return undefined;
  if (Object.hasOwn(terms, name)) return `${name}: ${terms[name]}`;
  const words = [...new Set(name.split(PARTS))].filter((word) => Object.hasOwn(terms, word));
  return words.length > 0 ? words.map((word) => `${word}: ${terms[word]}`).join('; ') : undefined;
}
