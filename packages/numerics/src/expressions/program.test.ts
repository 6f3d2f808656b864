import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileExpression } from './compile.ts';
import { parseExpression } from './parse.ts';
import { ProgramBuilder } from './program.ts';
import { programOf } from './programOf.ts';
import { compileProgram } from './programValues.ts';

test('a program has the values of the expressions it is made of', () => {
  const texts = [
    '100*(y-x^2)^2+(1-x)^2',
    'sin(x)*cos(y)-tan(x/y)+exp(-x^2)',
    'max(x,y,3)-min(x,2*y)+mod(-7,3)+mod(x,y)+hypot(x,y,2)',
    'pow(abs(x),y)+cbrt(y)+log1p(x^2)+round(10*y)+floor(x)+atan2(y,x)',
    '3+pi',
  ];
  const expressions = texts.map((text) => parseExpression(text));
  const all = compileProgram(programOf(expressions, ['x', 'y']));
  const each = expressions.map((e) => compileExpression(e, ['x', 'y']));
  fc.assert(
    fc.property(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true }), (x, y) => {
      const values = all([x, y]);
      each.forEach((f, k) => {
        expect(values[k] + 0).toBe(f([x, y]) + 0);
      });
    }),
  );
});

test('operations that expressions do not have', () => {
  const b = new ProgramBuilder(2);
  const [x, y] = [b.variable(0), b.variable(1)];
  b.output(b.choice(b.binary('less', x, y), b.unary('sqrt', x), b.sum([x, y, b.constant(1)])));
  b.output(b.piecewise([-1, 1, 3], [1, 2], x));
  b.output(b.binary('excess', x, y));
  b.output(b.binary('remainder', x, y));
  b.output(b.binary('integerQuotient', x, y));
  b.output(b.binary('roundTo', x, b.constant(1)));
  b.output(b.binary('truncateTo', x, b.constant(-1)));
  b.output(b.binary('precision', x, b.constant(3)));
  b.output(b.unary('asinh', x));
  b.output(b.unary('acosh', x));
  b.output(b.unary('atanh', b.binary('divide', y, x)));
  b.output(b.unary('not', b.binary('or', b.binary('and', x, b.constant(0)), b.binary('greater', y, x))));
  b.output(b.min([]));
  const f = compileProgram(b.program());
  const round = (values: Float64Array) => [...values].map((v) => Math.round(v * 1e6) / 1e6);
  const inverse = [Math.asinh(17.36), Math.acosh(17.36), Math.atanh(-3 / 17.36)].map((v) => Math.round(v * 1e6) / 1e6);
  expect(round(f([17.36, -3]))).toEqual(
    [15.36, 46.08, 20.36, 2.36, -5, 17.4, 10, 17.4, ...inverse, 1, Infinity].map((v) => Math.round(v * 1e6) / 1e6),
  );
  expect(f([-2, 1])[1]).toBe(2);
  expect(f([1.5, 1])[1]).toBe(-0.5);
});

test('constants are folded, and a chain of a million operations is no deeper than others', () => {
  const b = new ProgramBuilder(1);
  expect(b.binary('multiply', b.constant(2), b.constant(3))).toBe(b.constant(6));
  let node = b.variable(0);
  for (let k = 0; k < 1e6; k++) node = b.unary('sin', node);
  b.output(node);
  expect(compileProgram(b.program())([1])[0]).toBeCloseTo(Math.sqrt(3 / 1e6), 5);
});

test('what is not a node is refused', () => {
  const b = new ProgramBuilder(1);
  expect(() => b.unary('sin', 7)).toThrow('has no node 7');
  expect(() => b.variable(1)).toThrow('there is no variable 1');
  expect(() => b.binary('plus' as 'add', 0, 0)).toThrow("no operation 'plus'");
  expect(() => b.piecewise([1], [1], 0)).toThrow('one slope more');
  expect(() => new ProgramBuilder(-1)).toThrow('whole number');
  expect(() => compileProgram(b.program())([])).toThrow('1 variables');
});
