import { nearestName } from '@southwell/numerics/core';
import type { Expression, Operator } from './expression.ts';
import { constants, functionNames, knownFunctions } from './functions.ts';
import { type Token, tokensOf, wrongAt } from './tokens.ts';

const MOST_NESTED = 200;
/** Precedence of operators; unary minus lies between products and powers. */
const BINDS: ReadonlyMap<string, number> = new Map([
  ['+', 1],
  ['-', 1],
  ['*', 2],
  ['/', 2],
  ['^', 4],
  ['**', 4],
]);
const MINUS = 3;
const POWER = 4;

/**
 * Parses an expression: numbers (`2`, `.5`, `1e-3`), variables, `pi` and `e`, + − * / ^ (or **), parentheses, and calls
 * of functions ({@link functionNames}). Powers are right-associative and bind tighter than unary minus, as in Python:
 * −x^2 is −(x^2), and 2^−1 is a half. There is no implicit multiplication. The text is never evaluated as code. At most
 * 10,000 characters, and 200 levels of nested parentheses, signs and powers. O(length), by precedence climbing.
 * @throws INVALID_FORMAT with the position and a suggestion; INVALID_PARAMETER if the argument is not a string.
 * @example parseExpression('(1 - x)^2 + 100*(y - x^2)^2')
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokensOf(text));
  return parser.whole();
}

class Parser {
  private next = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    if (this.token.kind === 'end') wrongAt(0, 'the expression is empty; write, for example, (x - 1)^2');
    const found = this.operand(0);
    if (this.token.kind !== 'end') this.surplus();
    return found;
  }

  private get token(): Token {
    return this.tokens[this.next];
  }

  private is(sign: string): boolean {
    return this.token.kind === 'sign' && this.token.text === sign;
  }

  /** Parses an operand and all following operators of at least the given precedence. */
  private operand(least: number): Expression {
    let left = this.prefixed();
    for (;;) {
      const { kind, text } = this.token;
      const binds = kind === 'sign' ? (BINDS.get(text) ?? -1) : -1;
      if (binds < least || binds < 0) return left;
      this.next++;
      // Operators are left-associative, except for powers.
      const right = binds === POWER ? this.nested(() => this.operand(POWER)) : this.operand(binds + 1);
      const operator = (binds === POWER ? '^' : text) as Operator;
      left = { kind: 'operation', operator, left, right };
    }
  }

  private prefixed(): Expression {
    if (this.is('-') || this.is('+')) {
      const negative = this.is('-');
      this.next++;
      const of = this.nested(() => this.operand(MINUS));
      return negative ? { kind: 'negative', of } : of;
    }
    const { kind, text, at } = this.token;
    if (kind === 'number') {
      this.next++;
      const value = Number(text);
      return Number.isFinite(value) ? { kind, value } : wrongAt(at, `${text} is too large for a number`);
    }
    if (kind === 'name') return this.named();
    if (!this.is('(')) {
      const wanted = 'a number, a variable, a function or ( is expected';
      return wrongAt(at, kind === 'end' ? `it ends where ${wanted}` : `${wanted} here, not '${text}'`);
    }
    this.next++;
    const inner = this.nested(() => this.operand(0));
    this.close(at);
    return inner;
  }

  /** Parses a variable, a constant or a call. */
  private named(): Expression {
    const { text: name, at } = this.token;
    const known = knownFunctions.get(name);
    this.next++;
    if (!this.is('(')) {
      if (known) wrongAt(at, `${name} is a function: write ${name}(…)`);
      return { kind: constants.has(name) ? 'constant' : 'variable', name: name === 'π' ? 'pi' : name };
    }
    if (!known) {
      const near = nearestName(name, functionNames);
      const rest = near ? `did you mean ${near}? Products` : `there are ${functionNames.join(', ')}; products`;
      return wrongAt(at, `there is no function '${name}'; ${rest} are written with *`);
    }
    const { at: opened } = this.token;
    this.next++;
    const given: Expression[] = [];
    if (!this.is(')')) {
      given.push(this.nested(() => this.operand(0)));
      while (this.is(',')) {
        this.next++;
        given.push(this.nested(() => this.operand(0)));
      }
    }
    this.close(opened);
    const { least, most } = known;
    if (given.length < least || given.length > most) {
      const wanted = most > least ? `${least} arguments or more` : least === 1 ? 'one argument' : `${least} arguments`;
      wrongAt(at, `${name} takes ${wanted}, not ${given.length}`);
    }
    return { kind: 'call', name, arguments: given };
  }

  private close(opened: number): void {
    if (!this.is(')')) {
      if (this.token.kind === 'end') wrongAt(opened, 'this ( is not closed');
      this.surplus();
    }
    this.next++;
  }

  private nested(read: () => Expression): Expression {
    if (++this.depth > MOST_NESTED)
      wrongAt(this.token.at, `parentheses, signs and powers are nested more than ${MOST_NESTED} deep`);
    const found = read();
    this.depth--;
    return found;
  }

  /** Throws for a token where an operator, a comma or the end was expected. */
  private surplus(): never {
    const { kind, text, at } = this.token;
    if (kind === 'sign' && text !== '(')
      return wrongAt(
        at,
        text === ','
          ? "',' separates the arguments of a function; in numbers write a point"
          : `no ( belongs to this '${text}'`,
      );
    const last = this.tokens[this.next - 1].text;
    const before = last === ')' ? '(…)' : last;
    return wrongAt(at, `a product is written with *, such as ${before}*${text}${text === '(' ? '…)' : ''}`);
  }
}
