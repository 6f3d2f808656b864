import { fail } from '@southwell/numerics/core';

/** Categories of each categorical coordinate, by its index: `{ 0: ['linear', 'rbf', 'poly'] }`. */
export type Categories = Readonly<Record<number, readonly string[]>>;

/** A point with category names at categorical coordinates. */
export type MixedPoint = ReadonlyArray<number | string>;

export interface Category {
  readonly coordinate: number;
  readonly words: readonly string[];
}

/**
 * The categories by increasing coordinate of n.
 * @throws a sentence where a coordinate has too few words, or one twice.
 */
export function categoriesOf(categories: Categories, n: number): Category[] {
  return Object.entries(categories).map(([key, words]) => {
    const coordinate = Number(key);
    if (!(Number.isInteger(coordinate) && coordinate >= 0 && coordinate < n))
      fail('INVALID_PARAMETER', `There is no coordinate ${key} to have categories.`);
    const name = counted(coordinate);
    if (!Array.isArray(words) || words.some((word) => typeof word !== 'string' || word === ''))
      fail('INVALID_PARAMETER', `${name} must have a list of words as its categories, none of them empty.`);
    if (words.length < 2)
      fail(
        'INVALID_PARAMETER',
        `${name} has ${words.length === 0 ? 'no category' : 'one category'}: give two or more.`,
      );
    const seen = new Set<string>();
    const twice = words.find((word) => seen.size === seen.add(word).size);
    if (twice !== undefined) fail('INVALID_PARAMETER', `${name} has the category '${twice}' twice.`);
    return { coordinate, words: [...words] };
  });
}

/** As sentences name a coordinate. */
export const counted = (coordinate: number): string => `Coordinate x${coordinate + 1} (counted from 1)`;

/** Some of the words, for a sentence. */
export const listedWords = (words: readonly string[]): string =>
  words.length <= 12 ? words.join(', ') : `${words.slice(0, 12).join(', ')} and ${words.length - 12} more`;
