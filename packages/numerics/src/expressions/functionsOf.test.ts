import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CscMatrix } from '../arrays/index.ts';
import { functionsOf } from './functionsOf.ts';
import type { SparseFunctions } from './model.ts';
import { parseExpression } from './parse.ts';
import { ProgramBuilder } from './program.ts';
import { programOf } from './programOf.ts';
import type { UnaryOperation } from './programOperations.ts';
import { expectChains, gradientOf, hessianAt, jacobianAt, modelOf } from './testing.ts';

/** Derivatives of a vector function by central differences of two widths, extrapolated. */
function differences(g: (x: Float64Array) => ArrayLike<number>, x: Float64Array): number[][] {
  const at = (j: number, h: number) => {
    const y = x.slice();
    y[j] += h;
    return Array.from(g(y));
  };
  const columns = Array.from(x, (_, j) => {
    const [h, H] = [1e-3, 2e-3];
    const [a, b, c, d] = [at(j, h), at(j, -h), at(j, H), at(j, -H)];
    return a.map((_v, i) => (8 * (a[i] - b[i]) - (c[i] - d[i])) / (12 * h));
  });
  return columns[0].map((_v, i) => columns.map((column) => column[i]));
}

function expectClose(ours: readonly number[][], theirs: readonly number[][], tolerance: number): void {
  for (const [i, row] of ours.entries())
    for (const [j, value] of row.entries())
      if (!(Math.abs(value - theirs[i][j]) <= tolerance * (1 + Math.abs(theirs[i][j]))))
        expect(value, `entry ${i}, ${j}`).toBe(theirs[i][j]);
}

/** Compares all derivatives with differences of values and of first derivatives. */
function checkDerivatives(f: SparseFunctions, x: Float64Array, tolerance = 1e-7): void {
  const multipliers = Float64Array.from({ length: f.constraints }, (_, i) => 1 + i / 2);
  expectClose(
    [[...gradientOf(f, x)]],
    differences((y) => [f.objective(y)], x),
    tolerance,
  );
  if (f.constraints > 0) {
    const values = new Float64Array(f.constraints);
    const rows = differences((y) => {
      f.constraintValues(y, values);
      return values.slice();
    }, x);
    expectClose(jacobianAt(f, x), rows, tolerance);
  }
  const slope = (y: Float64Array) => {
    const J = jacobianAt(f, y);
    return gradientOf(f, y).map((g, j) => 2 * g + J.reduce((sum, row, i) => sum + multipliers[i] * row[j], 0));
  };
  expectClose(hessianAt(f, x, 2, multipliers), differences(slope, x), tolerance);
}

describe('derivatives of single operations', () => {
  const places: Readonly<Record<string, readonly number[]>> = {
    acosh: [1.5, 3],
    atanh: [-0.5, 0.3],
    asin: [-0.5, 0.3],
    acos: [-0.5, 0.3],
    log: [0.5, 2],
    log2: [0.5, 2],
    log10: [0.5, 2],
    sqrt: [0.5, 2],
  };
  const smooth = 'negate square sqrt exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh log10 log2';
  test.each([...smooth.split(' '), 'log1p', 'expm1', 'cbrt', 'abs'])('%s', (name) => {
    const b = new ProgramBuilder(1);
    b.output(b.unary(name as UnaryOperation, 0));
    const f = functionsOf(modelOf(b.program()));
    for (const x of places[name] ?? [-0.7, 0.4, 1.2]) checkDerivatives(f, Float64Array.of(x));
  });

  test.each(['x*y', 'x/y', 'x^y', '2^x*y', 'x^3+y^-2.5', 'atan2(x,y)', 'hypot(x,y)', 'min(x,y)+max(x,2*y)', 'x/x*y'])(
    '%s',
    (text) => {
      const f = functionsOf(modelOf(programOf([parseExpression(text), parseExpression('x-y')], ['x', 'y'])));
      for (const point of [
        [0.7, 1.3],
        [1.9, 0.4],
      ])
        checkDerivatives(f, Float64Array.from(point));
    },
  );

  test('choices, piecewise linear terms, remainders and steps', () => {
    const b = new ProgramBuilder(2);
    const product = b.binary('multiply', 0, 1);
    b.output(b.choice(b.binary('less', 0, 1), b.unary('square', product), b.unary('sqrt', b.unary('negate', 1))));
    b.output(b.unary('square', b.piecewise([-1, 1, 3], [1, 2], product)));
    b.output(b.binary('multiply', b.binary('remainder', 0, 1), b.binary('modulo', 0, 1)));
    b.output(b.unary('square', b.binary('excess', 0, 1)));
    b.output(b.binary('multiply', b.unary('floor', product), 0));
    b.output(b.binary('power', 0, b.unary('ceil', 1)));
    const f = functionsOf(modelOf(b.program()));
    // The branch that is not taken has no derivative there.
    for (const point of [
      [0.7, 1.3],
      [-1.9, -1.4],
    ])
      checkDerivatives(f, Float64Array.from(point));
    const zero = Float64Array.of(-1, 0);
    expect([...gradientOf(f, zero)]).toEqual([0, 0]);
  });
});

test('at the edges of domains', () => {
  const texts = ['sqrt(x)', 'x^2', 'x^3', 'x^2.5', 'x^1', 'log(x)', 'x^-1', 'x^4', 'x^y'];
  const program = programOf(
    ['x', ...texts].map((text) => parseExpression(text)),
    ['x', 'y'],
  );
  const f = functionsOf(modelOf(program));
  const slopes = (x: number) => jacobianAt(f, Float64Array.of(x, 3)).map((row) => row[0]);
  expect(slopes(0)).toEqual([Infinity, 0, 0, 0, 1, Infinity, -Infinity, 0, 0]);
  expect(slopes(-2)).toEqual([Number.NaN, -4, 12, Number.NaN, 1, Number.NaN, -0.25, -32, 12]);
  const curvature = (k: number, x: number) => {
    const multipliers = new Float64Array(texts.length);
    multipliers[k] = 1;
    return hessianAt(f, Float64Array.of(x, 3), 0, multipliers)[0][0];
  };
  expect(texts.map((_, k) => curvature(k, 0))).toEqual([-Infinity, 2, 0, 0, 0, -Infinity, Infinity, 0, 0]);
  expect([1, 2, 7].map((k) => curvature(k, -2))).toEqual([2, -12, 48]);
});

/** A random program of smooth operations that are defined everywhere, with shared nodes. */
const programs = fc
  .record({
    variables: fc.integer({ min: 1, max: 4 }),
    steps: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 25 }),
    outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
  })
  .map(({ variables, steps, outputs }) => {
    const b = new ProgramBuilder(variables);
    const nodes = Array.from({ length: variables }, (_, j) => j);
    nodes.push(b.constant(0.5));
    for (const [operation, i, j, k] of steps) {
      // Recent nodes are used more often.
      const pick = (at: number) => nodes[nodes.length - 1 - (at % Math.min(nodes.length, 6))];
      const [x, y, z] = [pick(i), nodes[j % nodes.length], pick(k)];
      const choices = [
        () => b.binary('add', x, y),
        () => b.binary('subtract', x, y),
        () => b.unary('sin', b.binary('multiply', x, y)),
        () => b.binary('divide', x, b.binary('add', b.unary('square', y), b.constant(1))),
        () => b.unary('tanh', x),
        () => b.sum([x, y, z, x]),
        () => b.unary('atan', b.sum([x, b.binary('multiply', y, z), b.constant(-2)])),
        () => b.binary('multiply', b.unary('cos', x), b.constant(3)),
        () => b.binary('power', b.binary('hypot', x, b.constant(1)), b.unary('tanh', y)),
        () => b.binary('atan2', x, b.binary('hypot', y, b.constant(1))),
      ];
      nodes.push(choices[operation % choices.length]());
    }
    for (const k of outputs) b.output(nodes[nodes.length - 1 - (k % nodes.length)]);
    return b.program();
  });

test('derivatives of random programs with shared nodes', () => {
  fc.assert(
    fc.property(
      programs,
      fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 4, maxLength: 4 }),
      (program, point) => {
        checkDerivatives(functionsOf(modelOf(program)), Float64Array.from(point.slice(0, program.variables)), 2e-5);
      },
    ),
    { numRuns: 300 },
  );
});

test('linear and quadratic parts, several outputs of one row, and a maximum', () => {
  const program = programOf(['sin(x*y)', 'x*z', 'exp(y)', 'z^2'].map(parseExpression), ['x', 'y', 'z']);
  const P = CscMatrix.fromTriplets(3, 3, [0, 0, 1, 2], [0, 1, 0, 2], [2, -1, -1, 4]);
  const linear = CscMatrix.fromTriplets(2, 3, [0, 0, 1], [0, 2, 1], [3, 5, -7]);
  const base = modelOf(program);
  const f = functionsOf({
    ...base,
    rows: { ...base.rows, names: ['a', 'b'], lower: new Float64Array(2), upper: new Float64Array(2), linear },
    objective: { name: 'f', sense: 'maximize', constant: 9, linear: Float64Array.of(1, 2, 3), quadratic: P },
    nonlinear: { program, rows: Int32Array.of(-1, 0, 0, -1) },
  });
  const x = Float64Array.of(0.3, -0.8, 1.1);
  checkDerivatives(f, x);
  expect(f.objective(x)).toBeCloseTo(-(9 + 0.3 - 1.6 + 3.3 + 0.09 + 0.24 + 2.42 + Math.sin(-0.24) + 1.21), 12);
  expect([...f.jacobian.rowIndices]).toEqual([0, 0, 1, 0]);
});

test('a model without nonlinear parts, and one without variables', () => {
  const empty = new ProgramBuilder(0).program();
  const none = functionsOf({ ...modelOf(empty), nonlinear: undefined });
  expect(none.objective(new Float64Array(0))).toBe(0);
  expect(none.hessian!.colPointers).toEqual(Int32Array.of(0));
});

test('a function of a long sum costs as much as its Hessian has entries, and a product is sparse', () => {
  const n = 300;
  const b = new ProgramBuilder(n);
  const all = Array.from({ length: n }, (_, j) => j);
  b.output(b.unary('square', b.sum(all)));
  b.output(all.reduce((product, j) => b.binary('multiply', product, j)));
  const f = functionsOf(modelOf(b.program()));
  expect(f.hessian!.rowIndices.length).toBe((n * (n + 1)) / 2);
  const x = new Float64Array(n).fill(1);
  const values = new Float64Array(f.hessian!.rowIndices.length);
  f.hessianValues!(x, 1, Float64Array.of(5), values);
  expect(values.filter((v) => v === 7).length).toBe((n * (n - 1)) / 2);
  expect(values.filter((v) => v === 2).length).toBe(n);
});

test('a Hessian that is too large for memory is absent', () => {
  const b = new ProgramBuilder(20000);
  b.output(b.unary('exp', b.sum(Array.from({ length: 20000 }, (_, j) => j))));
  const f = functionsOf(modelOf(b.program()));
  expect(f.hessian).toBeUndefined();
  expect(gradientOf(f, new Float64Array(20000))[7]).toBe(1);
});

// A million are in the long suite.
test('chains of a hundred thousand operations', () => expectChains(1e5));

test('what is asked at another point is not answered from the last', () => {
  const f = functionsOf(modelOf(programOf([parseExpression('x^3'), parseExpression('x^2')], ['x'])));
  const x = Float64Array.of(2);
  expect(f.objective(x)).toBe(8);
  x[0] = 3;
  expect(jacobianAt(f, x)).toEqual([[6]]);
  expect([...gradientOf(f, Float64Array.of(Number.NaN))]).toEqual([Number.NaN]);
  expect([...gradientOf(f, x)]).toEqual([27]);
});
