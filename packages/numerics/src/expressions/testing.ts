/** Shared by the tests of functions with derivatives. */
import { expect } from 'vitest';
import { CscMatrix } from '../arrays/index.ts';
import { functionsOf } from './functionsOf.ts';
import type { Model, SparseFunctions } from './model.ts';
import { ProgramBuilder, type ScalarProgram } from './program.ts';

/** A model whose first output is the objective and whose others are constraints. */
export function modelOf(program: ScalarProgram, parts: Partial<Model> = {}): Model {
  const n = program.variables;
  const m = Math.max(program.outputs.length - 1, 0);
  return {
    name: 'test',
    variables: {
      names: Array.from({ length: n }, (_, j) => `x${j}`),
      lower: new Float64Array(n).fill(-Infinity),
      upper: new Float64Array(n).fill(Infinity),
      integer: new Uint8Array(n),
    },
    rows: {
      names: Array.from({ length: m }, (_, i) => `c${i}`),
      lower: new Float64Array(m),
      upper: new Float64Array(m),
      linear: CscMatrix.create(m, n, 0),
    },
    objective: { name: 'f', sense: 'minimize', constant: 0, linear: new Float64Array(n) },
    nonlinear: { program, rows: Int32Array.from(program.outputs, (_, k) => k - 1) },
    suffixes: [],
    ...parts,
  };
}

export const gradientOf = (f: SparseFunctions, x: Float64Array): Float64Array => {
  const gradient = new Float64Array(f.variables);
  f.gradient(x, gradient);
  return gradient;
};

/** Dense rows of the Jacobian. */
export function jacobianAt(f: SparseFunctions, x: Float64Array): number[][] {
  const dense = Array.from({ length: f.constraints }, () => new Array<number>(f.variables).fill(0));
  const values = new Float64Array(f.jacobian.rowIndices.length);
  f.jacobianValues(x, values);
  for (let j = 0; j < f.variables; j++)
    for (let k = f.jacobian.colPointers[j]; k < f.jacobian.colPointers[j + 1]; k++)
      dense[f.jacobian.rowIndices[k]][j] = values[k];
  return dense;
}

/** The dense symmetric Hessian of the Lagrangian. */
export function hessianAt(f: SparseFunctions, x: Float64Array, sigma: number, multipliers: Float64Array): number[][] {
  const pattern = f.hessian!;
  const dense = Array.from({ length: f.variables }, () => new Array<number>(f.variables).fill(0));
  const values = new Float64Array(pattern.rowIndices.length).fill(7);
  f.hessianValues!(x, sigma, multipliers, values);
  for (let j = 0; j < f.variables; j++)
    for (let k = pattern.colPointers[j]; k < pattern.colPointers[j + 1]; k++) {
      const i = pattern.rowIndices[k];
      expect(i).toBeGreaterThanOrEqual(j);
      dense[i][j] = dense[j][i] = values[k];
    }
  return dense;
}

/**
 * Checks the derivatives of an objective and of a constraint that are each a chain of `length` operations, an even
 * number.
 */
export function expectChains(length: number): void {
  const b = new ProgramBuilder(2);
  let node = b.binary('add', 0, 1);
  for (let k = 0; k < length; k++) node = b.unary(k % 2 === 0 ? 'sin' : 'asin', node);
  b.output(node);
  let sum = 0;
  for (let k = 0; k < length; k++) sum = b.binary('add', sum, k % 2);
  b.output(b.unary('square', sum));
  const f = functionsOf(modelOf(b.program()));
  const x = Float64Array.of(0.25, 0.5);
  expect(f.objective(x)).toBeCloseTo(0.75, 6);
  expect(gradientOf(f, x)[1]).toBeCloseTo(1, 6);
  const H = hessianAt(f, x, 0, Float64Array.of(1));
  expect(H[0][1]).toBe(2 * (length / 2 + 1) * (length / 2));
  expect(jacobianAt(f, x)[0][0]).toBeGreaterThan(0);
}
