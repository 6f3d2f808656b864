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
 * The categories by increasing coordinate; there are n coordinates.
 * @throws if a coordinate has fewer than two categories, or one twice.
 */
export function categoriesOf(categories: Categories, n: number): Category[] {
  return Object.entries(categories).map(([key, words]) => {
    const coordinate = Number(key);
    if (!(Number.isInteger(coordinate) && coordinate >= 0 && coordinate < n))
      fail('INVALID_PARAMETER', `categories names coordinate ${key}, which does not exist.`);
    const name = counted(coordinate);
    if (!Array.isArray(words) || words.some((word) => typeof word !== 'string' || word === ''))
      fail('INVALID_PARAMETER', `${name} must have a list of non-empty strings as its categories.`);
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

/** The name of a coordinate in messages. */
export const counted = (coordinate: number): string => `Coordinate x${coordinate + 1} (counted from 1)`;

/** A list of at most twelve categories, for messages. */
export const listedWords = (words: readonly string[]): string =>
  words.length <= 12 ? words.join(', ') : `${words.slice(0, 12).join(', ')} and ${words.length - 12} more`;
