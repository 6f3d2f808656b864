import { fail } from '@southwell/numerics/core';

/** Comparison: −1 for ≤, 0 for =, 1 for ≥. */
export type Token =
  | { readonly kind: 'number'; readonly value: number; readonly line: number }
  | { readonly kind: 'name'; readonly name: string; readonly line: number }
  | { readonly kind: 'comparison'; readonly side: -1 | 0 | 1; readonly line: number }
  | { readonly kind: 'sign'; readonly sign: string; readonly line: number };

const SPACE = /[ \t\r\f\v\uFEFF]+/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
/** Names in brackets (x[1]) are no part of the format, but common. */
const NAME = /[A-Za-z_!"#$%&(),;?@`'{}~\u0080-\uFFFF](?:[\w!"#$%&(),.;?@`'{}~\u0080-\uFFFF]|\[[^\][\s]*\])*/y;
const COMPARISON = /<=|=<|>=|=>|<|>|=/y;
const SIGN = /->|::|[-+*^/[\]:]/y;

/**
 * The tokens of a file, without comments.
 * @throws INVALID_FORMAT for a character that begins none.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const lines = text.split('\n');
  lines.forEach((whole, index) => {
    const comment = whole.indexOf('\\');
    const part = comment < 0 ? whole : whole.slice(0, comment);
    const line = index + 1;
    let at = 0;
    const match = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = at;
      const found = pattern.exec(part)?.[0];
      if (found !== undefined) at += found.length;
      return found;
    };
    while (at < part.length) {
      if (match(SPACE) !== undefined) continue;
      const number = match(NUMBER);
      if (number !== undefined) {
        tokens.push({ kind: 'number', value: Number(number), line });
        continue;
      }
      const name = match(NAME);
      if (name !== undefined) {
        tokens.push({ kind: 'name', name, line });
        continue;
      }
      const arrow = part.startsWith('->', at) || part.startsWith('::', at);
      const comparison = arrow ? undefined : match(COMPARISON);
      if (comparison !== undefined) {
        const side = comparison.includes('<') ? -1 : comparison.includes('>') ? 1 : 0;
        tokens.push({ kind: 'comparison', side, line });
        continue;
      }
      const sign = match(SIGN);
      if (sign === undefined)
        fail('INVALID_FORMAT', `Line ${line}: there is '${part[at]}', which no LP file has there.`);
      else tokens.push({ kind: 'sign', sign, line });
    }
  });
  return tokens;
}
