import { checkOptions, fail, numberOption } from '@southwell/numerics/core';
import { addProduct, addTransposed } from '../nonlinear/barrierProblem.ts';
import { addSymmetric } from '../nonlinear/kkt.ts';
import { type CheckedProgram, checkProgram, type NonlinearProgram } from '../nonlinear/program.ts';
import type { Multiplied } from '../nonlinear/residuals.ts';

/** The Lagrangian L = f + λᵀ(c − r) of a program with equations c = r, at a point. */
export interface LagrangianPoint {
  readonly x: Float64Array;
  readonly lambda: Float64Array;
  readonly f: number;
  /** c − r. */
  readonly c: Float64Array;
  readonly J: Float64Array;
  /** ∇f, and ∇L = ∇f + Jᵀλ. */
  readonly gradient: Float64Array;
  readonly lagrangian: Float64Array;
}

export const penaltyRecords = {
  /** Weights of ‖c‖² and ‖∇L‖² in the merit function; a method adapts them. Default 1 and 0.1. */
  eta1: numberOption({ min: 0, open: true }),
  eta2: numberOption({ min: 0, open: true }),
};

/** Weights of the violation and of the gradient in the exact augmented Lagrangian. */
export interface Penalties {
  readonly eta1: number;
  readonly eta2: number;
}

/**
 * A program of equations alone with second derivatives.
 * @throws INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED.
 */
export function equationsOf(program: NonlinearProgram): CheckedProgram {
  const checked = checkProgram(program);
  const { lower, upper, rowLower, rowUpper, names, rowNames, functions } = checked;
  const bounded = names.findIndex((_, j) => lower[j] > Number.NEGATIVE_INFINITY || upper[j] < Number.POSITIVE_INFINITY);
  if (bounded >= 0) {
    fail('NOT_SUPPORTED', `Variable '${names[bounded]}' has bounds; this method solves programs of equations alone.`);
  }
  const unequal = rowNames.findIndex((_, i) => rowLower[i] !== rowUpper[i]);
  if (unequal >= 0) {
    fail(
      'NOT_SUPPORTED',
      `Row '${rowNames[unequal]}' is an inequality; this method solves programs of equations alone.`,
    );
  }
  if (!functions.hessian) fail('NOT_SUPPORTED', 'The functions have no second derivatives, which this method needs.');
  return checked;
}

export function lagrangianAt(program: CheckedProgram, x: Float64Array, lambda: Float64Array): LagrangianPoint {
  const { functions, rowLower } = program;
  const gradient = new Float64Array(functions.variables);
  functions.gradient(x, gradient);
  const c = new Float64Array(functions.constraints);
  functions.constraintValues(x, c);
  for (let i = 0; i < c.length; i++) c[i] -= rowLower[i];
  const J = new Float64Array(functions.jacobian.rowIndices.length);
  functions.jacobianValues(x, J);
  const lagrangian = gradient.slice();
  addTransposed(functions.jacobian, J, lambda, lagrangian);
  return { x, lambda, f: functions.objective(x), c, J, gradient, lagrangian };
}

const squares = (v: Float64Array): number => {
  let sum = 0;
  for (let k = 0; k < v.length; k++) sum += v[k] * v[k];
  return sum;
};

const product = (u: Float64Array, v: Float64Array): number => {
  let sum = 0;
  for (let k = 0; k < u.length; k++) sum += u[k] * v[k];
  return sum;
};

/** ‖(∇L, c)‖. */
export const kktNorm = ({ lagrangian, c }: LagrangianPoint): number => Math.sqrt(squares(lagrangian) + squares(c));

/** L + ½η₁‖c‖² + ½η₂‖∇L‖². */
export const meritOf = ({ f, lambda, c, lagrangian }: LagrangianPoint, { eta1, eta2 }: Penalties): number =>
  f + product(lambda, c) + 0.5 * eta1 * squares(c) + 0.5 * eta2 * squares(lagrangian);

/**
 * The gradient of {@link meritOf} by x, then by λ.
 * @param W Values of ∇²L in the pattern of the program: the Hessian of the Lagrangian, not that of f alone.
 */
export function meritGradient(
  { functions }: CheckedProgram,
  { lagrangian, c, J }: LagrangianPoint,
  W: Float64Array,
  { eta1, eta2 }: Penalties,
): Float64Array {
  const { variables: n, constraints: m, hessian, jacobian } = functions;
  const out = new Float64Array(n + m);
  const [byX, byLambda] = [out.subarray(0, n), out.subarray(n)];
  addSymmetric(
    hessian!,
    W,
    lagrangian.map((v) => eta2 * v),
    byX,
  );
  for (let j = 0; j < n; j++) byX[j] += lagrangian[j];
  addTransposed(
    jacobian,
    J,
    c.map((v) => eta1 * v),
    byX,
  );
  addProduct(
    jacobian,
    J,
    lagrangian.map((v) => eta2 * v),
    byLambda,
  );
  for (let i = 0; i < m; i++) byLambda[i] += c[i];
  return out;
}

export function hessianAt({ functions }: CheckedProgram, { x, lambda }: LagrangianPoint): Float64Array {
  const W = new Float64Array(functions.hessian!.rowIndices.length);
  functions.hessianValues!(x, 1, lambda, W);
  return W;
}

/** The exact augmented Lagrangian and its gradient. */
export interface ExactAugmentedLagrangian {
  readonly value: number;
  readonly x: Float64Array;
  readonly rows: Float64Array;
}

/**
 * The exact augmented Lagrangian f − yᵀ(c − r) + ½η₁‖c − r‖² + ½η₂‖∇f − Jᵀy‖² of a program of equations c = r, by x and
 * the multipliers y of the rows, with its gradient (Pillo & Grippo 1979; Hong, Na, Mahoney & Kolar 2023, section 2):
 * for large η₁ and small η₂ its minima are those of the program, so that it measures steps of x and y together.
 * O(entries of the derivatives).
 * @throws INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED for bounds, inequalities, or without second derivatives.
 */
export function exactAugmentedLagrangian(
  program: NonlinearProgram,
  { x, rows }: Pick<Multiplied, 'x' | 'rows'>,
  options: Partial<Penalties> = {},
): ExactAugmentedLagrangian {
  checkOptions('exactAugmentedLagrangian', penaltyRecords, options);
  const { eta1 = 1, eta2 = 0.1 } = options;
  const checked = equationsOf(program);
  const { variables: n, constraints: m } = checked.functions;
  if (x.length !== n || rows.length !== m) {
    fail(
      'INVALID_SHAPE',
      `There are ${n} variables and ${m} rows, but ${x.length} values and ${rows.length} multipliers.`,
    );
  }
  const point = lagrangianAt(
    checked,
    Float64Array.from(x),
    Float64Array.from(rows, (v) => -v),
  );
  const gradient = meritGradient(checked, point, hessianAt(checked, point), { eta1, eta2 });
  return {
    value: meritOf(point, { eta1, eta2 }),
    x: gradient.slice(0, n),
    rows: gradient.slice(n).map((v) => -v),
  };
}
