import { CscMatrix } from '../arrays/index.ts';
import { functionsOf } from './functionsOf.ts';
import type { Model } from './model.ts';
import type { ScalarProgram } from './program.ts';
import {
  ADD,
  CHOICE,
  CONSTANT,
  DIVIDE,
  MULTIPLY,
  NEGATE,
  PIECEWISE,
  POWER,
  SQUARE,
  SUBTRACT,
  SUM,
  VARIABLE,
} from './programOperations.ts';

/** Degree of what is not known to be a polynomial. */
const NO_POLYNOMIAL = Number.POSITIVE_INFINITY;

/** The degree of each node as a polynomial in the variables; terms that cancel count. O(nodes + operands). */
function degreesOf({ codes, left, right, operands, constants }: ScalarProgram): Float64Array {
  const degrees = new Float64Array(codes.length);
  for (let k = 0; k < codes.length; k++) {
    const code = codes[k];
    const a = left[k];
    const b = right[k];
    if (code === VARIABLE) degrees[k] = 1;
    else if (code === CONSTANT) continue;
    else if (code === SUM) for (let i = a; i < a + b; i++) degrees[k] = Math.max(degrees[k], degrees[operands[i]]);
    else if (code === CHOICE || code === PIECEWISE) {
      const constant = [operands[a], ...(code === CHOICE ? [operands[a + 1], operands[a + 2]] : [])];
      degrees[k] = constant.every((node) => degrees[node] === 0) ? 0 : NO_POLYNOMIAL;
    } else if (code === ADD || code === SUBTRACT) degrees[k] = Math.max(degrees[a], degrees[b]);
    else if (code === NEGATE) degrees[k] = degrees[a];
    else if (code === MULTIPLY) degrees[k] = degrees[a] + degrees[b];
    else if (code === SQUARE) degrees[k] = 2 * degrees[a];
    else if (code === DIVIDE && degrees[b] === 0) degrees[k] = degrees[a];
    else if (code === POWER && codes[b] === CONSTANT && Number.isInteger(constants[left[b]]) && constants[left[b]] >= 0)
      degrees[k] = degrees[a] * constants[left[b]];
    else degrees[k] = degrees[a] === 0 && degrees[b] === 0 ? 0 : NO_POLYNOMIAL;
  }
  return degrees;
}

/** The terms of a linear or quadratic program: constant + qᵀx + ½xᵀPx is minimised, or maximised as the model says. */
export interface QuadraticTerms {
  readonly constant: number;
  readonly q: Float64Array;
  /** P with both triangles. */
  readonly P: CscMatrix;
  /** The rows of the constraints, and what their nonlinear parts add to each, which is constant. */
  readonly A: CscMatrix;
  readonly offsets: Float64Array;
  /** Whether P has no entries. */
  readonly linear: boolean;
}

/**
 * The terms of a model whose rows are linear and whose objective is at most quadratic, by its formulas: as they stand,
 * terms of a higher degree must not occur, even if they cancel. Undefined for any other model.
 */
export function quadraticOf(model: Model): QuadraticTerms | undefined {
  if (model.nonlinear) {
    const { program, rows } = model.nonlinear;
    const degrees = degreesOf(program);
    if (rows.some((row, k) => degrees[program.outputs[k]] > (row < 0 ? 2 : 1))) return undefined;
  }
  const n = model.variables.lower.length;
  const m = model.rows.lower.length;
  // As a minimisation, so that the sense does not change signs.
  const f = functionsOf({ ...model, objective: { ...model.objective, sense: 'minimize' } });
  const zero = new Float64Array(n);
  const q = new Float64Array(n);
  f.gradient(zero, q);
  const offsets = new Float64Array(m);
  f.constraintValues(zero, offsets);
  const jacobian = new Float64Array(f.jacobian.rowIndices.length);
  f.jacobianValues(zero, jacobian);
  const A = CscMatrix.fromColumns(m, n, f.jacobian.colPointers, f.jacobian.rowIndices, jacobian);
  const P = hessianWithBothTriangles(n, m, f);
  return P && { constant: f.objective(zero), q, P, A, offsets, linear: P.nnz === 0 };
}

function hessianWithBothTriangles(n: number, m: number, f: ReturnType<typeof functionsOf>): CscMatrix | undefined {
  const { hessian } = f;
  if (!hessian || !f.hessianValues) return undefined;
  const values = new Float64Array(hessian.rowIndices.length);
  f.hessianValues(new Float64Array(n), 1, new Float64Array(m), values);
  const entries: [number[], number[], number[]] = [[], [], []];
  const push = (i: number, j: number, value: number): void => {
    entries[0].push(i);
    entries[1].push(j);
    entries[2].push(value);
  };
  for (let j = 0; j < n; j++)
    for (let k = hessian.colPointers[j]; k < hessian.colPointers[j + 1]; k++) {
      if (values[k] === 0) continue;
      push(hessian.rowIndices[k], j, values[k]);
      if (hessian.rowIndices[k] !== j) push(j, hessian.rowIndices[k], values[k]);
    }
  return CscMatrix.fromTriplets(n, n, ...entries);
}
