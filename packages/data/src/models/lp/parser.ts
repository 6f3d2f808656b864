import { fail } from '@southwell/numerics/core';
import { headerAt, type Section } from './sections.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A sum of terms: constant, coefficients of variables, and of products of two variables. */
export interface Terms {
  constant: number;
  readonly linear: Map<number, number>;
  /** By the indices of the variables, in the order of their appearance. */
  readonly products: Array<readonly [number, number, number]>;
}

export interface Row {
  readonly name: string;
  readonly terms: Terms;
  readonly lower: number;
  readonly upper: number;
}

/** Numbers from which on CPLEX takes a bound as infinite. */
const INFINITE = 1e20;
const isInfinity = (name: string): boolean => /^inf(inity)?$/i.test(name);

/** Reads the sections of an LP file into rows, objective and bounds. */
export class LpParser {
  readonly names: string[] = [];
  readonly lower: number[] = [];
  readonly upper: number[] = [];
  readonly integer: number[] = [];
  readonly rows: Row[] = [];
  sense: 'minimize' | 'maximize' = 'minimize';
  objectiveName = 'objective';
  objective: Terms = { constant: 0, linear: new Map(), products: [] };
  private readonly tokens: readonly Token[];
  private at = 0;
  private readonly places = new Map<string, number>();
  private readonly rowLines = new Map<string, number>();

  constructor(text: string) {
    this.tokens = tokensOf(text);
  }

  /** Throws INVALID_FORMAT with the line of the token that is read. */
  private fail(sentence: string): never {
    const token = this.tokens[Math.min(this.at, this.tokens.length - 1)];
    return fail('INVALID_FORMAT', `Line ${token?.line ?? 1}: ${sentence}`);
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private isSign(sign: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token?.kind === 'sign' && token.sign === sign;
  }

  private shown(): string {
    const token = this.peek();
    if (!token) return 'the file ends';
    if (token.kind === 'name') return `there is '${token.name}'`;
    if (token.kind === 'number') return `there is ${token.value}`;
    return `there is '${token.kind === 'sign' ? token.sign : ['<=', '=', '>='][token.side + 1]}'`;
  }

  /** The header at the current token, which is skipped. */
  private header(): Section | undefined {
    const found = headerAt(this.tokens, this.at);
    if (found) this.at += found.length;
    return found?.section;
  }

  private atHeader(): boolean {
    return this.at >= this.tokens.length || headerAt(this.tokens, this.at) !== undefined;
  }

  parse(): void {
    const first = this.header();
    if (first !== 'minimize' && first !== 'maximize')
      this.fail(`an LP file begins with Minimize or Maximize, but ${this.shown()}.`);
    this.sense = first as 'minimize' | 'maximize';
    this.readObjective();
    for (;;) {
      if (this.at >= this.tokens.length) this.fail("the file ends without 'End'.");
      const section = this.header();
      if (section === 'end') break;
      if (section === undefined) this.fail(`a section is expected, but ${this.shown()}.`);
      else this.readSection(section);
    }
    if (this.at < this.tokens.length) this.fail(`after 'End', ${this.shown()}.`);
  }

  private readSection(section: Section): void {
    if (section === 'constraints') while (!this.atHeader()) this.readRow();
    else if (section === 'bounds') while (!this.atHeader()) this.readBound();
    else if (section === 'general' || section === 'binary') this.readWhole(section === 'binary');
    else {
      this.at--;
      const what = section === 'minimize' || section === 'maximize' ? 'a second objective' : `a section of ${section}`;
      this.fail(`${what} is not supported.`);
    }
  }

  private variable(name: string): number {
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const place = this.names.push(name) - 1;
    this.places.set(name, place);
    this.lower.push(0);
    this.upper.push(Number.POSITIVE_INFINITY);
    this.integer.push(0);
    return place;
  }

  /** A name and a colon, if they come next. */
  private label(): string | undefined {
    const token = this.peek();
    if (token?.kind !== 'name' || !this.isSign(':', 1)) return undefined;
    this.at += 2;
    return token.name;
  }

  private readObjective(): void {
    this.objectiveName = this.label() ?? this.objectiveName;
    if (!this.atHeader()) this.objective = this.terms(2);
  }

  /** One or more signs; 1 or −1. Undefined if there is none. */
  private sign(): number | undefined {
    let sign: number | undefined;
    for (; this.isSign('+') || this.isSign('-'); this.at++) sign = (sign ?? 1) * (this.isSign('-') ? -1 : 1);
    return sign;
  }

  private number(): number | undefined {
    const token = this.peek();
    if (token?.kind !== 'number') return undefined;
    this.at++;
    return token.value;
  }

  private name(): string | undefined {
    const token = this.peek();
    // Before a colon it is the name of the next row.
    if (token?.kind !== 'name' || this.isSign(':', 1) || this.atHeader()) return undefined;
    this.at++;
    return token.name;
  }

  /**
   * @param divisor Of quadratic terms: 2 in an objective, 1 in a row.
   * @param line Whether the terms end with the line: what follows a right-hand side is the next row, which may have no
   * name.
   */
  private terms(divisor: 1 | 2, line = false): Terms {
    const terms: Terms = { constant: 0, linear: new Map(), products: [] };
    const sameLine = (): boolean => !line || this.tokens[this.at - 1].line === this.peek()?.line;
    for (let first = true; ; first = false) {
      if (!first && (this.atHeader() || !sameLine())) break;
      const sign = this.sign();
      if (sign === undefined && !first) break;
      if (this.isSign('[')) {
        this.quadratic(terms, sign ?? 1, divisor);
        continue;
      }
      const coefficient = this.number();
      const name = coefficient === undefined || sameLine() ? this.name() : undefined;
      if (coefficient === undefined && name === undefined) {
        if (first && sign === undefined) this.fail(`a sum of terms is expected, but ${this.shown()}.`);
        this.fail(`a term is expected after the sign, but ${this.shown()}.`);
      }
      const value = (sign ?? 1) * (coefficient ?? 1);
      if (name === undefined) terms.constant += value;
      else if (isInfinity(name)) terms.constant += value * Number.POSITIVE_INFINITY;
      else {
        const j = this.variable(name);
        terms.linear.set(j, (terms.linear.get(j) ?? 0) + value);
      }
    }
    return terms;
  }

  /** [ 2 x^2 + 3 x * y ], followed by / 2 in an objective. */
  private quadratic(terms: Terms, outer: number, divisor: 1 | 2): void {
    this.at++;
    const products: Array<readonly [number, number, number]> = [];
    while (!this.isSign(']')) {
      const sign = this.sign() ?? (products.length === 0 ? 1 : this.fail(`a sign is expected, but ${this.shown()}.`));
      const value = sign * (this.number() ?? 1);
      const name = this.name();
      if (name === undefined) this.fail(`a product of variables is expected, but ${this.shown()}.`);
      const i = this.variable(name as string);
      if (this.isSign('^')) {
        this.at++;
        if (this.number() !== 2) {
          this.at--;
          this.fail('the only power in a quadratic term is 2.');
        }
        products.push([i, i, value]);
      } else if (this.isSign('*')) {
        this.at++;
        const other = this.name();
        if (other === undefined) this.fail(`a variable is expected, but ${this.shown()}.`);
        products.push([i, this.variable(other as string), value]);
      } else this.fail(`'^ 2' or '*' is expected, but ${this.shown()}.`);
    }
    this.at++;
    const halved = this.isSign('/');
    if (halved) {
      this.at++;
      if (this.number() !== 2) this.fail('quadratic terms can be divided by 2 only.');
    }
    if (divisor === 2 && !halved) this.fail("the quadratic terms of an objective end in '] / 2'.");
    for (const [i, j, value] of products) terms.products.push([i, j, (outer * value) / (halved ? 2 : 1)]);
  }

  private comparison(): -1 | 0 | 1 | undefined {
    const token = this.peek();
    if (token?.kind !== 'comparison') return undefined;
    this.at++;
    return token.side;
  }

  private readRow(): void {
    const line = this.peek()!.line;
    const name = this.label() ?? `c${this.rows.length + 1}`;
    const before = this.rowLines.get(name);
    if (before !== undefined) this.fail(`the name '${name}' of a constraint was given before, in line ${before}.`);
    this.rowLines.set(name, line);
    const sides = [this.terms(1)];
    const comparisons: Array<-1 | 0 | 1> = [];
    for (let side = this.comparison(); side !== undefined; side = this.comparison()) {
      comparisons.push(side);
      // After a number there may be an expression, and after an expression only the right-hand side.
      sides.push(this.terms(1, sides.length > 1 || sides[0].linear.size + sides[0].products.length > 0));
    }
    if (this.isSign('->')) this.fail('indicator constraints are not supported.');
    if (comparisons.length === 0) this.fail(`<=, = or >= is expected in the constraint ${name}, but ${this.shown()}.`);
    if (comparisons.length > 2) this.fail(`the constraint ${name} has more than two comparisons.`);
    this.rows.push(
      comparisons.length === 1 ? this.oneSided(name, sides, comparisons[0]) : this.range(name, sides, comparisons),
    );
  }

  private oneSided(name: string, [left, right]: readonly Terms[], side: -1 | 0 | 1): Row {
    const terms: Terms = { constant: 0, linear: new Map(left.linear), products: [...left.products] };
    for (const [j, value] of right.linear) terms.linear.set(j, (terms.linear.get(j) ?? 0) - value);
    for (const [i, j, value] of right.products) terms.products.push([i, j, -value]);
    const bound = infinite(right.constant - left.constant);
    if (Number.isNaN(bound)) this.fail(`the right-hand side of the constraint ${name} is not a number.`);
    return {
      name,
      terms,
      lower: side >= 0 ? bound : Number.NEGATIVE_INFINITY,
      upper: side <= 0 ? bound : Number.POSITIVE_INFINITY,
    };
  }

  private range(name: string, [first, terms, last]: readonly Terms[], sides: readonly number[]): Row {
    const constants = [first, last].every(({ linear, products }) => linear.size === 0 && products.length === 0);
    if (!constants) this.fail(`the outer sides of the constraint ${name} have to be numbers.`);
    if (sides[0] === 0 || sides[0] !== sides[1])
      this.fail(`the two comparisons of the constraint ${name} have to be <= or >= both.`);
    const bounds = [first, last].map(({ constant }) => infinite(constant - terms.constant));
    const [lower, upper] = sides[0] < 0 ? bounds : bounds.reverse();
    return { name, terms: { ...terms, constant: 0 }, lower, upper };
  }

  /** A number or infinity, with its signs. */
  private boundValue(): number | undefined {
    const begun = this.at;
    const sign = this.sign() ?? 1;
    const value = this.number();
    if (value !== undefined) return infinite(sign * value);
    const token = this.peek();
    if (token?.kind === 'name' && isInfinity(token.name)) {
      this.at++;
      return sign * Number.POSITIVE_INFINITY;
    }
    this.at = begun;
    return undefined;
  }

  private readBound(): void {
    const below = this.boundValue();
    const first = below === undefined ? undefined : this.comparison();
    if (below !== undefined && first === undefined)
      this.fail(`<=, = or >= is expected after a number, but ${this.shown()}.`);
    const name = this.name();
    if (name === undefined) this.fail(`a variable is expected, but ${this.shown()}.`);
    const j = this.variable(name as string);
    if (below !== undefined) this.bound(j, -first! as -1 | 0 | 1, below);
    const token = this.peek();
    if (below === undefined && token?.kind === 'name' && token.name.toLowerCase() === 'free') {
      this.at++;
      this.lower[j] = Number.NEGATIVE_INFINITY;
      this.upper[j] = Number.POSITIVE_INFINITY;
      return;
    }
    const second = this.comparison();
    if (second === undefined) {
      if (below === undefined)
        this.fail(`<=, =, >= or free is expected after the variable ${name}, but ${this.shown()}.`);
      return;
    }
    const above = this.boundValue();
    if (above === undefined) this.fail(`a number is expected, but ${this.shown()}.`);
    this.bound(j, second, above as number);
  }

  /** Bounds variable j by a value: from above for −1, from below for 1, on both sides for 0. */
  private bound(j: number, side: -1 | 0 | 1, value: number): void {
    if (side <= 0) this.upper[j] = value;
    if (side >= 0) this.lower[j] = value;
  }

  private readWhole(binary: boolean): void {
    while (!this.atHeader()) {
      const name = this.name();
      if (name === undefined) this.fail(`the name of a variable is expected, but ${this.shown()}.`);
      const j = this.places.get(name as string);
      if (j === undefined) {
        this.at--;
        this.fail(`the variable '${name}' does not occur before.`);
      }
      this.integer[j as number] = 1;
      if (!binary) continue;
      this.lower[j as number] = 0;
      this.upper[j as number] = 1;
    }
  }
}

const infinite = (value: number): number =>
  Math.abs(value) >= INFINITE ? Math.sign(value) * Number.POSITIVE_INFINITY : value;
