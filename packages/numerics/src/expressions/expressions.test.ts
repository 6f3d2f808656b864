import { SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression } from './compile.ts';
import { type Expression, type Operator, variablesOf } from './expression.ts';
import { functionNames, knownFunctions } from './functions.ts';
import { parseExpression } from './parse.ts';
import { printExpression } from './print.ts';

const valueAt = (text: string, ...x: number[]): number => compileExpression(parseExpression(text))(x);

/** Any expression of x, y and z1, with all kinds of parts. */
const anyExpression = fc.letrec<{ whole: Expression; leaf: Expression; node: Expression }>((tie) => ({
  whole: fc.oneof({ maxDepth: 6, withCrossShrink: true }, tie('leaf'), tie('node')),
  leaf: fc.oneof(
    fc
      .oneof(fc.nat(12), fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }))
      .map((value): Expression => ({ kind: 'number', value: Math.abs(value) })),
    fc.constantFrom('pi', 'e').map((name): Expression => ({ kind: 'constant', name })),
    fc.constantFrom('x', 'y', 'z1').map((name): Expression => ({ kind: 'variable', name })),
  ),
  node: fc.oneof(
    tie('whole').map((of): Expression => ({ kind: 'negative', of })),
    fc
      .tuple(fc.constantFrom<Operator>('+', '-', '*', '/', '^'), tie('whole'), tie('whole'))
      .map(([operator, left, right]): Expression => ({ kind: 'operation', operator, left, right })),
    fc.constantFrom(...functionNames).chain((name) => {
      const { least, most } = knownFunctions.get(name)!;
      const parts = fc.array(tie('whole'), { minLength: least, maxLength: Math.min(most, 4) });
      return parts.map((given): Expression => ({ kind: 'call', name, arguments: given }));
    }),
  ),
})).whole;

describe('reading', () => {
  test('what is printed is read as the same', () => {
    fc.assert(
      fc.property(anyExpression, (expression) => {
        expect(parseExpression(printExpression(expression))).toEqual(expression);
      }),
      { numRuns: 700 },
    );
  });

  test.each([
    ['1 + 2*3', 7],
    ['(1 + 2)*3', 9],
    ['2 - 3 - 4', -5],
    ['12/3/2', 2],
    ['2^3^2', 512],
    ['2**3**2', 512],
    ['-2^2', -4],
    ['(-2)^2', 4],
    ['2^-1', 0.5],
    ['2^-2^2', 1 / 16],
    ['-2*-3', 6],
    ['2--3', 5],
    ['- -3', 3],
    ['+3', 3],
    ['2*+3', 6],
    ['1e-3*1E3', 1],
    ['.5 + 1.', 1.5],
    ['cos(pi)', -1],
    ['cos(π)', -1],
    ['log(e)', 1],
    ['max(1, 5, 3) + min(4, 2)', 7],
    ['hypot(2, 3, 6)', 7],
    ['mod(-7, 3)', 2],
    ['mod(7, -3)', -2],
    ['round(2.5) + floor(-0.5) + ceil(0.2)', 3],
    ['sign(-3)*abs(-2)', -2],
    ['log10(1000) + log2(8) + cbrt(27) + sqrt(16)', 13],
    ['pow(2, 10)', 1024],
    ['\t1\n+ 1 ', 2],
  ])('%s is %d', (text, value) => {
    expect(valueAt(text)).toBeCloseTo(value, 13);
  });

  test.each([
    ['', 1, 'the expression is empty'],
    ['2x', 2, 'a product is written with *, such as 2*x'],
    ['2 (x)', 3, 'such as 2*(…)'],
    ['(x)(y)', 4, 'such as (…)*(…)'],
    ['x y', 3, 'such as x*y'],
    ['x(y)', 1, "there is no function 'x'"],
    ['sine(x)', 1, 'did you mean sin?'],
    ['sin x', 1, 'sin is a function: write sin(…)'],
    ['1 + ', 5, 'it ends where a number'],
    ['1 + * 2', 5, "not '*'"],
    ['(1 + 2', 1, 'this ( is not closed'],
    ['1 + 2)', 6, "no ( belongs to this ')'"],
    ['max(1 2)', 7, 'a product is written with *'],
    ['1,5', 2, 'in numbers write a point'],
    ['atan2(1)', 1, 'atan2 takes 2 arguments, not 1'],
    ['sin()', 1, 'sin takes one argument, not 0'],
    ['max(1)', 1, 'max takes 2 arguments or more, not 1'],
    ['1e999', 1, 'too large for a number'],
    ['x = 2', 3, 'without a sign of equality'],
    ['x < 2', 3, 'there are no comparisons'],
    ['|x|', 1, 'write abs(…)'],
    ['x²', 2, 'write ^2'],
    ['2 − x', 3, 'write - for minus'],
    ['x; y', 2, "';' has no meaning here"],
    ['__proto__(1)', 1, "there is no function '__proto__'"],
    ['constructor()', 1, "there is no function 'constructor'"],
  ])('%j is wrong at character %d: %s', (text, place, what) => {
    const told = () => parseExpression(text);
    expect(told).toThrow(SouthwellError);
    expect(told).toThrow(`At character ${place} of the expression: `);
    expect(told).toThrow(what);
    expect(told).toThrow(expect.objectContaining({ code: 'INVALID_FORMAT' }));
  });

  test.each([
    ['parentheses', (n: number) => `${'('.repeat(n)}x${')'.repeat(n)}`],
    ['minuses', (n: number) => `${'-'.repeat(n)}x`],
    ['powers', (n: number) => `${'1^'.repeat(n)}x`],
    ['calls', (n: number) => `${'sin('.repeat(n)}x${')'.repeat(n)}`],
    ['calls within sums', (n: number) => `${'1+sin('.repeat(n)}x${')'.repeat(n)}`],
  ])('nesting is limited: %s', (_, nest) => {
    expect(Number.isFinite(valueAt(nest(200), 1))).toBe(true);
    for (const n of [201, 1400]) expect(() => parseExpression(nest(n))).toThrow(/more than 200/);
  });

  test('sums and lists of arguments may be as long as the text', () => {
    expect(valueAt(Array(5000).fill('x').join('+'), 2)).toBe(10_000);
    expect(valueAt(Array(5000).fill('1').join('-'))).toBe(-4998);
    expect(valueAt(`max(${Array.from({ length: 1000 }, (_, k) => `x+${k}`)})`, 2)).toBe(1001);
    expect(printExpression(parseExpression(Array(5000).fill('x').join('*')))).toHaveLength(19_997);
    expect(() => parseExpression('x+'.repeat(6000))).toThrow(/has 12000 characters; it may have 10000/);
    expect(() => parseExpression(7 as never)).toThrow(/must be a string, not of type number/);
  });

  test('hostile texts throw nothing else', () => {
    const pieces = fc.constantFrom(
      ...['(', ')', '-', '+', '*', '/', '^', '**', ',', ' ', 'x', 'e', '2', '.', '1e', '1e9', 'sin', 'max(', 'mod('],
      ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '${', '`', '\\', '"', '\0', '\u2028', '\ud800'],
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, (hostile) => {
        try {
          const expression = parseExpression(hostile);
          const names = variablesOf(expression);
          expect(typeof compileExpression(expression)(names.map(() => 0.5))).toBe('number');
          expect(parseExpression(printExpression(expression))).toEqual(expression);
        } catch (error) {
          if (!(error instanceof SouthwellError)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  });
});

test('variables by the alphabet and the size of their numbers', () => {
  const names = (text: string) => variablesOf(parseExpression(text));
  expect(names('y + x + y')).toEqual(['x', 'y']);
  expect(names('x10 + x2 + x1 + x')).toEqual(['x', 'x1', 'x2', 'x10']);
  expect(names('x_10 + x_9 + a3b2 + a3b10')).toEqual(['a3b2', 'a3b10', 'x_9', 'x_10']);
  expect(names('x01 + x1 + x001')).toHaveLength(3);
  expect(names('e*pi + π')).toEqual([]);
  expect(names('constructor + __proto__ + toString')).toEqual(['__proto__', 'constructor', 'toString']);
  expect(valueAt('constructor + 10*__proto__ + 100*toString', 1, 2, 3)).toBe(312);
});

/** JavaScript for an expression, to be run: an evaluator of another kind. */
function javaScript(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return `(${node.value})`;
    case 'constant':
      return node.name === 'pi' ? 'Math.PI' : 'Math.E';
    case 'variable':
      return node.name;
    case 'negative':
      return `(-${javaScript(node.of)})`;
    case 'operation': {
      const [l, r] = [javaScript(node.left), javaScript(node.right)];
      return node.operator === '^' ? `Math.pow(${l}, ${r})` : `(${l} ${node.operator} ${r})`;
    }
    case 'call': {
      const given = node.arguments.map(javaScript);
      if (node.name === 'mod') return `((a, b) => a - b * Math.floor(a / b))(${given})`;
      return `Math.${node.name}(${given})`;
    }
  }
}

describe('values', () => {
  test('are those of JavaScript made of the expression', () => {
    let compared = 0;
    // What jumps or oscillates shows every last bit.
    const smooth = anyExpression.filter((e) => !/floor|ceil|round|sign|mod|sin|cos|tan/.test(printExpression(e)));
    const values = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(smooth, values, values, values, (expression, x, y, z1) => {
        const oracle = new Function('x', 'y', 'z1', `return ${javaScript(expression)};`) as (...v: number[]) => number;
        const names = ['x', 'y', 'z1'];
        const found = compileExpression(expression, names)([x, y, z1]);
        const wanted = oracle(x, y, z1);
        // Only where the value depends on the point in a stable manner.
        const moved = [1 + 1e-13, 1 - 1e-13].map((s) => oracle(x * s, y * s, z1 * s));
        if (![wanted, ...moved].every((v) => Number.isFinite(v) && Math.abs(v) < 1e30)) return;
        const spread = Math.max(...moved.map((v) => Math.abs(v - wanted)));
        if (spread > 1e-9 * Math.max(1, Math.abs(wanted))) return;
        compared++;
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-8 * Math.max(1, Math.abs(wanted)));
      }),
      { numRuns: 1200 },
    );
    expect(compared).toBeGreaterThan(300);
  });

  test.each(functionNames.filter((name) => name !== 'mod'))('%s is that of the engine', (name) => {
    const { least, f } = knownFunctions.get(name)!;
    const engine = Math[name as 'sin'] as (...x: number[]) => number;
    const value = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const wanted = least === 1 ? engine(a) : engine(a, b);
        const text = least === 1 ? `${name}(x)` : `${name}(x, y)`;
        const found = least === 1 ? valueAt(text, a) : valueAt(text, a, b);
        expect(found).toBe(f(a, b));
        if (!Number.isFinite(wanted)) expect(found).toBe(wanted);
        else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)) ** 2);
      }),
    );
  });

  test('far out sin and cos are those of the engine; what is not real is NaN', () => {
    expect(valueAt('sin(x) + cos(x)', 1e22)).toBe(Math.sin(1e22) + Math.cos(1e22));
    for (const text of ['sqrt(-1)', 'log(-1)', '(-8)^(1/3)', 'asin(2)', '0/0', 'max(0, sqrt(-1))'])
      expect(valueAt(text)).toBeNaN();
    expect(valueAt('1/x', 0)).toBe(Infinity);
    expect(valueAt('x/-0', 1)).toBe(-Infinity);
    expect(valueAt('0^0')).toBe(1);
  });

  test('variables may be given in any order, and others with them', () => {
    const difference = parseExpression('x - y');
    expect(compileExpression(difference, ['y', 'unused', 'x'])([1, 5, 10])).toBe(9);
    expect(compileExpression(parseExpression('7'), ['x'])([3])).toBe(7);
    expect(() => compileExpression(difference, ['x'])).toThrow(/variable 'y' is not among x/);
    expect(() => compileExpression(difference, ['x', 'y', 'x'])).toThrow(/twice/);
    expect(() => compileExpression(difference)([1])).toThrow(/has 2 variables, but 1 values are given/);
  });

  test('a function may be called within another, and keeps nothing between calls', () => {
    const f = compileExpression(parseExpression('(1 - x)^2 + 100*(y - x^2)^2'));
    expect([f([0, 0]), f([1, 1]), f([0, 0]), f(Float64Array.of(-1.2, 1))]).toEqual([1, 0, 1, expect.closeTo(24.2, 12)]);
  });
});

test('what was made by hand and is no expression', () => {
  const wrong: unknown[] = [
    undefined,
    {},
    { kind: 'code', text: '1' },
    { kind: 'negative' },
    { kind: 'operation', operator: '%', left: { kind: 'number', value: 1 }, right: { kind: 'number', value: 1 } },
    { kind: 'call', name: 'constructor', arguments: [{ kind: 'number', value: 1 }] },
    { kind: 'call', name: 'sin', arguments: [] },
    { kind: 'constant', name: '__proto__' },
  ];
  for (const one of wrong) {
    expect(() => compileExpression(one as Expression)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER' }));
  }
  expect(() => printExpression({ kind: 'number', value: -1 })).toThrow(/at least 0/);
});
