import { checkOptions, choiceOption, numberOption, type OptionsOf, type Status } from '@southwell/numerics/core';
import type { SparseFunctions } from '@southwell/numerics/expressions';
import { adaptive, monotone } from './barrierRule.ts';
import { InteriorPoint, type Progress } from './interiorPoint.ts';
import {
  absolute,
  boundMultipliers,
  gradientLeft,
  iterateAt,
  LOCALLY,
  type NonlinearIterate,
  nowhere,
  startWithin,
  stateResiduals,
  UNBOUNDED,
  withoutSteps,
  withResiduals,
} from './iterate.ts';
import type { Point } from './point.ts';
import { type CheckedProgram, checkProgram, type NonlinearProgram } from './program.ts';
import {
  evaluatedAt,
  type Multiplied,
  type NonlinearPoint,
  residualsOf,
  roundingErrors,
  violation,
} from './residuals.ts';
import { beyondSaddles } from './saddles.ts';
import { ScaledProgram } from './scaledProgram.ts';
import { coldPoint, warmPoint } from './startingPoint.ts';
import { StoppedEvaluation } from './stopped.ts';
import type { Ending } from './unscaled.ts';

export const interiorPointRecords = {
  /** Tolerance of the scaled and of the unscaled optimality conditions. Default 1e-8. */
  tol: numberOption({ min: 0, open: true }),
  /** Initial barrier parameter. Default 0.1, or what fits given multipliers. */
  mu: numberOption({ min: 0, open: true }),
  /** How the barrier parameter is reduced. Default monotone. */
  barrier: choiceOption({ monotone: 'monotone', adaptive: 'adaptive' }),
  /** Second derivatives: those of the program, or a limited-memory BFGS matrix. Default exact, if it has them. */
  hessian: choiceOption({ exact: 'exact', 'limited-memory': 'limited-memory' }),
  /** Scaling of objective and rows by their gradients at the initial point, to at most 100. Default gradient. */
  scaling: choiceOption({ gradient: 'gradient', none: 'none' }),
};

export interface InteriorPointOptions extends OptionsOf<typeof interiorPointRecords> {}

/** Errors are those of the scaled program. */
export interface InteriorPointIterate extends NonlinearIterate {
  readonly mu: number;
  /** Perturbation of the Hessian; lengths of the steps. */
  readonly regularisation: number;
  readonly primalLength: number;
  readonly dualLength: number;
  /** How the step was found: f, h by objective or filter; F, H corrected; w watchdog; t tiny; R, r… restoration. */
  readonly mark: string;
}

/**
 * The primal–dual interior-point method with a filter line search, inertia correction, second-order corrections and a
 * restoration phase (Wächter & Biegler 2006). The certificate is the largest error of the optimality conditions.
 *
 * Ends 'converged' if the scaled errors and the unscaled residuals are at most `tol` (the unscaled ones, if they cannot
 * be reduced further, relative to the size of their terms); 'infeasible' at a local minimum of the violation, whose
 * multipliers are then those of the point: rows and bounds in conflict have some; 'unbounded' if the objective falls
 * below −1e20 at feasible points; 'stalled' if no progress is possible, and `next` says so where rounding of the
 * variables alone keeps the gradient above the tolerance.
 * An iteration takes one factorisation of a sparse matrix of order variables + rows, or a few.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, and NON_FINITE for NaN in bounds or functions that are not finite at the
 * initial point.
 */
export function* interiorPointIterates(
  program: NonlinearProgram,
  options: InteriorPointOptions = {},
): Generator<InteriorPointIterate> {
  checkOptions('interiorPointIterates', interiorPointRecords, options);
  const checked = checkProgram(program);
  // Second derivatives that are not to be used are not asked for, either.
  if (options.hessian === 'limited-memory') yield* interior(checked, options);
  else yield* beyondSaddles(checked, (from) => interior(from, options));
}

/** The functions without second derivatives, which may be costly to ask for. */
function firstOrder(f: SparseFunctions): SparseFunctions {
  return {
    ...{ variables: f.variables, constraints: f.constraints, jacobian: f.jacobian },
    objective: (x) => f.objective(x),
    gradient: (x, out) => f.gradient(x, out),
    constraintValues: (x, out) => f.constraintValues(x, out),
    jacobianValues: (x, out) => f.jacobianValues(x, out),
  };
}

function* interior(given: CheckedProgram, options: InteriorPointOptions): Generator<InteriorPointIterate> {
  const { tol = 1e-8, barrier = 'monotone', hessian = 'exact', scaling = 'gradient' } = options;
  const program = hessian === 'exact' ? given : { ...given, functions: firstOrder(given.functions) };
  const none = { mu: Number.NaN, regularisation: 0, primalLength: 0, dualLength: 0, mark: '' };
  const solved = solvedAtStart(program, tol);
  if (solved) {
    yield { ...solved, ...none };
    return;
  }
  const begun =
    program.contradictions.length > 0 ? { stopped: 'infeasible' as const } : beginning(program, scaling === 'gradient');
  if ('stopped' in begun) {
    yield { ...withoutSteps(program, begun.stopped), ...none };
    return;
  }
  const { scaled, at, mu } = begun;
  const errors = (point: Point) => {
    const found = unscaled(program, scaled, point);
    const known = evaluatedAt(program, found.x);
    const residuals = residualsOf(program, found, known);
    const { relative } = residuals;
    const rounded =
      relative <= tol ? relative : residualsOf(program, found, known, roundingErrors(program, found)).relative;
    return { absolute: absolute(residuals), relative, rounded };
  };
  const unbounded = (point: Point): boolean =>
    point.f < -UNBOUNDED * scaled.objectiveScale && point.errors(0).primal <= Math.max(tol, 1e-6);
  const method = new InteriorPoint(scaled.problem, at, {
    ...{ tolerance: tol, mu: options.mu ?? mu, unscaled: errors, exact: scaled.exact, unbounded },
    ...{ barrier: barrier === 'adaptive' ? adaptive() : monotone(), warm: program.startMultipliers !== undefined },
  });
  const steps = method.iterates();
  for (let iteration = 0; ; iteration++) {
    const next = nextOf(steps);
    const iterate = iterateOf(program, scaled, method, next.done ? undefined : next.value, iteration);
    if (!next.done) yield iterate;
    else {
      yield { ...iterate, iteration: iteration - 1, ...next.value };
      return;
    }
  }
}

/** The initial point, if it already is a solution with the multipliers that were given, or with none. */
function solvedAtStart(program: CheckedProgram, tol: number): NonlinearIterate | undefined {
  const { functions, startMultipliers, contradictions, rowLower, rowUpper } = program;
  if (contradictions.length > 0) return undefined;
  const x = startWithin(program);
  const rows = startMultipliers?.rows ?? new Float64Array(functions.constraints);
  const bounds = startMultipliers?.bounds ?? new Float64Array(x.length);
  try {
    // Derivatives are not asked for in vain.
    const c = new Float64Array(functions.constraints);
    functions.constraintValues(x, c);
    if (!c.every((v, i) => violation(v, rowLower[i], rowUpper[i]) <= tol)) return undefined;
    const state = { x, rows, bounds, known: evaluatedAt(program, x) };
    const residuals = stateResiduals(program, state);
    const course = { iteration: 0, work: { factorisations: 0, restorations: 0 }, stepSize: 0, trials: 0 };
    return absolute(residuals) <= tol ? iterateAt(program, state, residuals, course, 'converged') : undefined;
  } catch {
    // Functions may have no values at the bounds: what is to be said of that is said of points between them.
    return undefined;
  }
}

/** The scaled program and its evaluated initial point, or how a stop ended its evaluation. */
function beginning(
  program: CheckedProgram,
  scaling: boolean,
): { scaled: ScaledProgram; at: Point; mu: number } | { stopped: Status } {
  try {
    const scaled = new ScaledProgram(program, scaling);
    const { at, mu } = startOf(program, scaled);
    if (!at.evaluate()) nowhere(program, scaled.expand(at.w));
    at.differentiate();
    return { scaled, at, mu };
  } catch (error) {
    if (!(error instanceof StoppedEvaluation)) throw error;
    return { stopped: error.status };
  }
}

function startOf(program: CheckedProgram, scaled: ScaledProgram): { at: Point; mu: number } {
  const { start, startMultipliers } = program;
  const w = scaled.reduce(start);
  if (!startMultipliers) return { at: coldPoint(scaled.problem, w), mu: 0.1 };
  const { variables, rows, rowScale, objectiveScale } = scaled;
  const y = Float64Array.from(rows, (i, k) => (-startMultipliers.rows[i] * objectiveScale) / rowScale[k]);
  const z = Float64Array.from(variables, (j) => startMultipliers.bounds[j] * objectiveScale);
  return warmPoint(scaled.problem, w, y, z);
}

/** The next step, or how the method ended; a stop during an evaluation ends it, too. */
function nextOf(
  steps: Generator<Progress, Ending>,
): { readonly done?: false; readonly value: Progress } | { readonly done: true; readonly value: End } {
  try {
    const next = steps.next();
    return next.done ? { done: true, value: endOf(next.value) } : next;
  } catch (error) {
    if (!(error instanceof StoppedEvaluation)) throw error;
    return { done: true, value: { done: error.status } };
  }
}

/** How a run ended, with advice. */
type End = { readonly done: Status } & Pick<NonlinearIterate, 'next' | 'rounded'>;

const ADVICE: Partial<Record<Ending, string>> = {
  infeasible: LOCALLY,
  stalled:
    'Another initial point may get further. Where multipliers are very large, the active constraints depend on each ' +
    'other: the point may be an optimum that has no multipliers.',
  rounding:
    'Rounding errors of the variables keep the gradient of the Lagrangian above the tolerance: the point is as ' +
    'accurate as double precision allows. Other units of the variables may allow more.',
};

function endOf(ending: Ending): End {
  const next = ADVICE[ending];
  if (ending === 'enough') return { done: 'converged' };
  return ending === 'rounding' ? { done: 'stalled', rounded: true, next } : { done: ending, next };
}

function iterateOf(
  program: CheckedProgram,
  scaled: ScaledProgram,
  method: InteriorPoint,
  progress: Progress | undefined,
  iteration: number,
): InteriorPointIterate {
  const at = progress?.at ?? method.at;
  const errors = at.errors(0);
  const snapshot = () => pointAt(program, scaled, at);
  return {
    iteration,
    objective: at.f / scaled.objectiveScale,
    certificate: { kind: 'kktResidual', value: errors.total, relative: errors.total },
    work: { factorisations: method.factorisations, restorations: method.restorations },
    primalError: errors.primal,
    dualError: errors.dual,
    mu: method.mu,
    stepSize: progress?.stepSize ?? 0,
    regularisation: progress?.delta ?? 0,
    primalLength: progress?.primalLength ?? 0,
    dualLength: progress?.dualLength ?? 0,
    trials: progress?.trials ?? 0,
    mark: progress?.mark ?? '',
    snapshot,
  };
}

/** The point of the program as it was stated, within its bounds. */
function unscaled(program: CheckedProgram, scaled: ScaledProgram, at: Point): Multiplied {
  const found = multiplied(program, scaled, at);
  const { x, rows, bounds } = found;
  const { lower, upper } = program;
  if (!x.some((v, j) => v === lower[j] || v === upper[j])) return found;
  const left = gradientLeft(program, evaluatedAt(program, x), rows);
  const exact = boundMultipliers(program, x, left);
  return { x, rows, bounds: bounds.map((v, j) => (x[j] === lower[j] || x[j] === upper[j] ? exact[j] : v)) };
}

/** As {@link unscaled}, with the multipliers of the relaxed bounds. */
function multiplied(program: CheckedProgram, scaled: ScaledProgram, at: Point): Multiplied {
  const { functions, lower, upper } = program;
  const { variables, rows: kept, rowScale, objectiveScale } = scaled;
  const x = scaled.expand(at.w).map((v, j) => Math.min(Math.max(v, lower[j]), upper[j]));
  const rows = new Float64Array(functions.constraints);
  for (let k = 0; k < kept.length; k++) rows[kept[k]] = (-at.y[k] * rowScale[k]) / objectiveScale;
  const bounds = new Float64Array(x.length);
  for (let k = 0; k < variables.length; k++) bounds[variables[k]] = (at.zL[k] - at.zU[k]) / objectiveScale;
  return { x, rows, bounds };
}

/** A point with its rows and residuals; those of the last evaluations if no further ones are possible. */
function pointAt(program: CheckedProgram, scaled: ScaledProgram, at: Point): NonlinearPoint {
  try {
    return withResiduals(program, unscaled(program, scaled, at));
  } catch (error) {
    if (!(error instanceof StoppedEvaluation)) throw error;
    const { dual, primal, complementarity, total } = at.errors(0);
    const { objectiveScale } = scaled;
    return {
      ...multiplied(program, scaled, at),
      values: scaled.rowValues(at),
      residuals: {
        ...{ primal, relative: total },
        ...{ dual: dual / objectiveScale, complementarity: complementarity / objectiveScale },
      },
    };
  }
}
