/**
 * Whether a number is written like a code: with leading zeros, or as a whole number of more digits than a double keeps,
 * so that different codes would be the same number.
 */
export const isCode = (word: string): boolean =>
  /^\d{2,}$/.test(word) && (word[0] === '0' || (word.length > 15 && String(Number(word)) !== word));

/**
 * Finds the index of a word among others by its value as a number, as 1 and 1.0 are the same level. Codes are what they
 * are written as: 501 is not 00501.
 */
export function placeByValue(words: readonly string[]): (word: string) => number | undefined {
  if (words.some(isCode)) return () => undefined;
  const numberIn = (word: string) => (word.trim() === '' || isCode(word) ? Number.NaN : Number(word));
  const places = new Map(words.map((word, k) => [numberIn(word), k]));
  places.delete(Number.NaN);
  return (word) => places.get(numberIn(word));
}
