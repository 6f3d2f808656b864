import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDerivatives } from './checkDerivatives.ts';
import { functionsFrom, type GivenFunctions } from './given.ts';

const given = {
  variables: 3,
  objective: ([x, y, z]) => x * x * y + Math.exp(z) + 1e6,
  gradient: ([x, y, z]) => [2 * x * y, x * x, Math.exp(z)],
  constraints: 2,
  constraintValues: ([x, y, z]) => [x + Math.sin(y), x * z * z],
  jacobian: ([x, y, z]) => [
    [1, Math.cos(y), 0],
    [z * z, 0, 2 * x * z],
  ],
  hessian: ([x, y, z], sigma, [a, b]) => [
    [2 * sigma * y, 2 * sigma * x, 2 * b * z],
    [2 * sigma * x, -a * Math.sin(y), 0],
    [2 * b * z, 0, sigma * Math.exp(z) + 2 * b * x],
  ],
} satisfies GivenFunctions;

const point = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 });

describe('plain functions', () => {
  test('derivatives by differences are those by hand', () => {
    const { variables, objective, constraints, constraintValues } = given;
    const byDifferences = functionsFrom({ variables, objective, constraints, constraintValues });
    const byHand = functionsFrom(given);
    expect(byDifferences.hessian).toBeUndefined();
    fc.assert(
      fc.property(point, (at) => {
        const x = Float64Array.from(at);
        const [g, h] = [new Float64Array(3), new Float64Array(3)];
        byDifferences.gradient(x, g);
        byHand.gradient(x, h);
        // The constant of the objective costs six digits.
        for (let j = 0; j < 3; j++) expect(Math.abs(g[j] - h[j])).toBeLessThan(1e-4);
        const [J, K] = [new Float64Array(6), new Float64Array(6)];
        byDifferences.jacobianValues(x, J);
        byHand.jacobianValues(x, K);
        for (let k = 0; k < 6; k++) expect(Math.abs(J[k] - K[k])).toBeLessThan(1e-8);
        expect(Array.from(x)).toEqual(at);
      }),
    );
  });

  test('what is missing or of the wrong size is named', () => {
    const objective = () => 0;
    expect(() => functionsFrom({ variables: -1, objective })).toThrow(/variables must be a whole number/);
    expect(() => functionsFrom({ variables: 1, constraints: 1, objective })).toThrow(/no function constraintValues/);
    const x = Float64Array.of(1);
    const text = functionsFrom({ variables: 1, objective: () => 'one' as unknown as number });
    expect(() => text.objective(x)).toThrow('objective must return a number, not 3.');
    const short = functionsFrom({ variables: 1, objective, gradient: () => [] });
    expect(() => short.gradient(x, new Float64Array(1))).toThrow('gradient must return 1 values, but returned 0.');
  });
});

describe('derivatives beside differences', () => {
  test('right ones agree', () => {
    fc.assert(
      fc.property(point, (at) => {
        expect(checkDerivatives(functionsFrom(given), at)).toEqual([]);
      }),
    );
  });

  const at = [0.5, 0.7, 0.9];
  test('a wrong first derivative is found, the worst first; second ones are not blamed for it', () => {
    const wrong = functionsFrom({
      ...given,
      gradient: (x) => given.gradient(x).with(1, x[0]),
      jacobian: (x) => [given.jacobian(x)[0], [x[2] * x[2], 3, 2 * x[0] * x[2]]],
    });
    const [worst, next, ...others] = checkDerivatives(wrong, at);
    expect(worst).toEqual({ of: 'constraint', row: 1, variables: [1], given: 3, byDifferences: expect.closeTo(0, 8) });
    expect(next).toEqual({ of: 'objective', variables: [1], given: 0.5, byDifferences: expect.closeTo(0.25, 4) });
    expect(others).toEqual([]);
  });

  test('a wrong second derivative is found, with its function', () => {
    const wrong = functionsFrom({
      ...given,
      hessian: (x, sigma, [a, b]) => {
        const H = given.hessian(x, sigma, Float64Array.of(a, b));
        H[2][1] = b;
        return H;
      },
    });
    expect(checkDerivatives(wrong, at)).toEqual([
      { of: 'constraint', row: 1, variables: [1, 2], given: 1, byDifferences: expect.closeTo(0, 8) },
    ]);
  });

  test('what a pattern lacks counts as zero, and what is not finite is wrong', () => {
    const right = functionsFrom(given);
    const sparse = {
      ...right,
      jacobian: { rows: 2, cols: 3, colPointers: Int32Array.of(0, 1, 1, 1), rowIndices: Int32Array.of(0) },
      jacobianValues: (_: Float64Array, out: Float64Array) => void out.fill(1),
    };
    const missing = checkDerivatives(sparse, at).map(({ row, variables, given: g }) => [row, ...variables, g]);
    expect(missing).toEqual([
      [1, 2, 0],
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const nan = functionsFrom({ ...given, gradient: (x) => given.gradient(x).with(0, Number.NaN) });
    expect(checkDerivatives(nan, at)).toMatchObject([{ of: 'objective', variables: [0], given: Number.NaN }]);
  });
});
