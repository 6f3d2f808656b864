/** The first few characters, for a message. */
export const named = (characters: readonly string[]): string =>
  characters.slice(0, 8).map(nameOf).join(' ') + (characters.length > 8 ? ' …' : '');

/** A visible character, or its Unicode code point. */
const nameOf = (character: string): string =>
  /[\p{C}\p{Z}]/u.test(character)
    ? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
    : character;
