import {
  checkOptions,
  choiceOption,
  fail,
  keysOf,
  knownKeys,
  type OptionsOf,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { augmentedLagrangianRecords, programLagrangianIterates } from './augmentedLagrangian.ts';
import { boundedLbfgsIterates, boundedLbfgsRecords } from './bounded/boundedLbfgs.ts';
import { type InteriorPointOptions, interiorPointIterates, interiorPointRecords } from './interiorIterates.ts';
import type { NonlinearIterate } from './iterate.ts';
import { checkProgram, type NonlinearProgram } from './program.ts';
import {
  type Multiplied,
  type NonlinearPoint,
  type Residuals,
  residualsAt,
  type Violated,
  violatedAt,
} from './residuals.ts';
import { sqpIterates, sqpRecords } from './sqp/sqp.ts';

const methods = {
  'interior-point': { records: interiorPointRecords, iterates: interiorPointIterates },
  sqp: { records: sqpRecords, iterates: sqpIterates },
  'augmented-lagrangian': { records: augmentedLagrangianRecords, iterates: programLagrangianIterates },
  'bounded-lbfgs': { records: boundedLbfgsRecords, iterates: boundedLbfgsIterates },
} as const;
/** Methods for nonlinear programs. */
export type NonlinearMethod = keyof typeof methods;

const methodRecords = {
  /**
   * Default auto: `bounded-lbfgs` without rows and second derivatives; `sqp` for programs of up to 200 variables and
   * rows with initial multipliers; else `interior-point`.
   */
  method: choiceOption({
    auto: 'Chosen by the program',
    'interior-point': 'Interior points',
    sqp: 'Sequential quadratic programming',
    'augmented-lagrangian': 'Augmented Lagrangian',
    'bounded-lbfgs': 'L-BFGS-B',
  }),
};

/** Variables and rows up to which a program with initial multipliers is solved by quadratic programs. */
const FEW = 200;

export function methodFor({ functions, startMultipliers }: NonlinearProgram): NonlinearMethod {
  const { variables, constraints, hessian } = functions;
  if (constraints === 0 && !hessian) return 'bounded-lbfgs';
  return startMultipliers && variables <= FEW && constraints <= FEW ? 'sqp' : 'interior-point';
}

export interface NonlinearOptions
  extends OptionsOf<typeof methodRecords>,
    InteriorPointOptions,
    Omit<RunOptions<NonlinearPoint>, 'tol'> {}

/**
 * Solves a nonlinear program by {@link interiorPointIterates}, {@link sqpIterates}, {@link programLagrangianIterates}
 * or {@link boundedLbfgsIterates}; options that the method does not have are refused.
 *
 * @example const { point, status } = nonlinearProgram({ functions, lower: [0, 0], rowUpper: [1] });
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, and NOT_SUPPORTED for rows if the method is `bounded-lbfgs`.
 */
export function nonlinearProgram(program: NonlinearProgram, options: NonlinearOptions = {}): Solution<NonlinearPoint> {
  // The method itself decides when the tolerance is reached.
  const { tol: _, ...limits } = runKeys;
  knownKeys('nonlinearProgram', options, { ...keysOf(methodRecords), ...keysOf(interiorPointRecords), ...limits });
  const running = only<Omit<RunOptions<NonlinearPoint>, 'tol'>>(options, limits);
  const { method: asked = 'auto', ...own } = only<OptionsOf<typeof methodRecords> & InteriorPointOptions>(options, {
    ...keysOf(methodRecords),
    ...keysOf(interiorPointRecords),
  });
  checkOptions('nonlinearProgram', { ...methodRecords, ...interiorPointRecords }, { method: asked, ...own });
  checkProgram(program);
  // What only interior points can do is asked of them.
  const special = Object.keys(own).find((key) => !Object.hasOwn(sqpRecords, key));
  const method = asked !== 'auto' ? asked : special ? 'interior-point' : methodFor(program);
  const { records, iterates } = methods[method];
  const foreign = Object.keys(own).find((key) => !Object.hasOwn(records, key));
  if (foreign) fail('INVALID_PARAMETER', `The method '${method}' has no option '${foreign}'.`);
  return run<NonlinearPoint, number>(iterates(program, own) as Generator<NonlinearIterate>, {
    maxIter: 3000,
    ...running,
  });
}

/**
 * How far a point with multipliers is from the optimality conditions of a program as stated, recomputed from its
 * functions.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export const optimalityResiduals = (program: NonlinearProgram, at: Multiplied): Residuals =>
  residualsAt(checkProgram(program), at);

/**
 * Rows and bounds that a point violates by more than `tolerance`, relative to the size of the bound; the worst first.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function violations(program: NonlinearProgram, x: Float64Array, tolerance = 1e-8): readonly Violated[] {
  const values = new Float64Array(program.functions.constraints);
  program.functions.constraintValues(x, values);
  return violatedAmong(program, x, values, tolerance);
}

/**
 * As {@link violations}, with known values of the rows.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export const violatedAmong = (
  program: NonlinearProgram,
  x: Float64Array,
  values: Float64Array,
  tolerance: number,
): readonly Violated[] => violatedAt(checkProgram(program), x, values, tolerance);
