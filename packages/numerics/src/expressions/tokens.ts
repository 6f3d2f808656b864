import { fail } from '@southwell/numerics/core';

export interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  /** Position of its first character, from 0. */
  readonly at: number;
}

const MOST_CHARACTERS = 10_000;
const BLANKS = /\s*/y;
const KINDS = [
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['name', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['sign', /\*\*|[-+*/^(),]/y],
] as const;

/** Notation of other languages, and its equivalent here. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['−', 'write - for minus'],
  ['–', 'write - for minus'],
  ['·', 'write * for a product'],
  ['×', 'write * for a product'],
  ['÷', 'write / for a quotient'],
  ['²', 'write ^2'],
  ['³', 'write ^3'],
  ['√', 'write sqrt(…)'],
  ['|', 'write abs(…)'],
  ['%', 'write mod(a, b) for a remainder'],
  ['=', 'give the value alone, without a sign of equality'],
  ['<', 'there are no comparisons; max and min may do'],
  ['>', 'there are no comparisons; max and min may do'],
  ['[', 'write ( and ) for brackets'],
  ['{', 'write ( and ) for brackets'],
]);

/** @throws INVALID_FORMAT with the position, counted from 1. */
export const wrongAt = (at: number, what: string): never =>
  fail('INVALID_FORMAT', `At character ${at + 1} of the expression: ${what}.`);

/**
 * @throws INVALID_PARAMETER if the argument is not a string, INVALID_FORMAT if it is too long or has unknown
 * characters.
 */
export function tokensOf(text: string): readonly Token[] {
  if (typeof text !== 'string')
    fail('INVALID_PARAMETER', `An expression must be a string, not of type ${typeof text}.`);
  if (text.length > MOST_CHARACTERS)
    fail('INVALID_FORMAT', `The expression has ${text.length} characters; it may have ${MOST_CHARACTERS}.`);
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += match(BLANKS)!.length;
    if (at === text.length) return [...tokens, { kind: 'end', text: '', at }];
    const found = KINDS.flatMap(([kind, pattern]) => {
      const piece = match(pattern);
      return piece === undefined ? [] : [{ kind, text: piece, at }];
    })[0];
    if (!found) {
      const [character] = text.slice(at);
      wrongAt(at, `'${character}' has no meaning here${MEANT.has(character) ? `; ${MEANT.get(character)}` : ''}`);
    }
    tokens.push(found);
    at += found.text.length;
  }
}
