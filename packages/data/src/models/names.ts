import { fail } from '@southwell/numerics/core';

/**
 * The names of `count` items: the first lines of a text, one name each, or letter and number (x1, x2 …) without one.
 * @throws INVALID_FORMAT if there are too few names, or if one appears twice.
 */
export function namesOf(text: string | undefined, count: number, letter: string, file: string): string[] {
  if (text === undefined) return Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  const names = text.split('\n').map((line) => line.trimEnd());
  if (names.at(-1) === '') names.pop();
  if (names.length < count)
    fail('INVALID_FORMAT', `The ${file} file has ${names.length} names, but the model needs ${count}.`);
  const lines = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const first = lines.get(names[i]);
    if (first !== undefined)
      fail('INVALID_FORMAT', `The name '${names[i]}' stands in lines ${first} and ${i + 1} of the ${file} file.`);
    if (names[i] === '') fail('INVALID_FORMAT', `Line ${i + 1} of the ${file} file is empty instead of a name.`);
    lines.set(names[i], i + 1);
  }
  return names;
}
