import { fail, type Iterate, type Status } from '@southwell/numerics/core';
import { addTransposed } from './barrierProblem.ts';
import type { CheckedProgram } from './program.ts';
import {
  type Evaluated,
  type Multiplied,
  type NonlinearPoint,
  type Residuals,
  residualsAt,
  residualsOf,
} from './residuals.ts';
import { StoppedEvaluation } from './stopped.ts';

/** Sizes from which an objective that still decreases counts as unbounded. */
export const UNBOUNDED = 1e20;

export interface NonlinearIterate extends Iterate<NonlinearPoint> {
  /** The largest violation of a row. */
  readonly primalError: number;
  /** The largest error of the gradient of the Lagrangian. */
  readonly dualError: number;
  /** Largest entry of the step; trials of the line search. */
  readonly stepSize: number;
  readonly trials: number;
  /** Whether a stalled run met the conditions but for rounding of the variables. */
  readonly rounded?: boolean;
}

/** A point with multipliers, and the values there. */
export interface State extends Multiplied {
  readonly known: Evaluated;
}

/** What led to an iterate. */
export interface Course {
  readonly iteration: number;
  readonly work: Readonly<Record<string, number>>;
  readonly stepSize: number;
  readonly trials: number;
  /** Advice, in place of that for the status. */
  readonly next?: string;
}

/** An iterate at a state, which is not changed afterwards. */
export function iterateAt(
  program: CheckedProgram,
  { x, rows, bounds, known }: State,
  residuals: Residuals,
  course: Course,
  done?: Status,
): NonlinearIterate {
  const { dual, primal, relative } = residuals;
  return {
    ...course,
    objective: known.f,
    certificate: { kind: 'kktResidual', value: absolute(residuals), relative },
    ...(done && { done, next: course.next ?? nextOf(program, done) }),
    ...{ primalError: primal, dualError: dual },
    snapshot: () => ({
      ...{ x: x.slice(), rows: rows.slice(), bounds: bounds.slice() },
      ...{ values: known.c.slice(), residuals },
    }),
  };
}

/** What 'infeasible' means for rows that may be curved. */
export const LOCALLY =
  'No point nearby violates the constraints less: relax one of them, or try another initial point, as a point far away may satisfy them.';

function nextOf({ functions }: CheckedProgram, done: Status): string | undefined {
  if (done === 'infeasible') return LOCALLY;
  return done === 'stalled' && functions.constraints > 0
    ? 'The interior point method may get further; so may another initial point.'
    : undefined;
}

export const stateResiduals = (program: CheckedProgram, state: State): Residuals =>
  residualsOf(program, state, state.known);

export const absolute = ({ dual, primal, complementarity }: Residuals): number =>
  Math.max(dual, primal, complementarity);

/** Iterations without progress after which relative residuals within the tolerance are enough. */
const WITHOUT_PROGRESS = 2;

/** Whether residuals are small: the absolute ones, or once these fall no further the relative ones. */
export class Convergence {
  private best = Number.POSITIVE_INFINITY;
  private idle = 0;

  constructor(private readonly tol: number) {}

  reached(residuals: Residuals): boolean {
    const error = absolute(residuals);
    if (error <= this.tol) return true;
    this.idle = error < 0.5 * this.best ? 0 : this.idle + 1;
    this.best = Math.min(this.best, error);
    return this.idle >= WITHOUT_PROGRESS && residuals.relative <= this.tol;
  }
}

/** ∇f − Jᵀy: what the multipliers of bounds must make up for. */
export function gradientLeft({ functions }: CheckedProgram, { gradient, J }: Evaluated, y: Float64Array): Float64Array {
  const left = gradient.map((v) => -v);
  addTransposed(functions.jacobian, J, y, left);
  for (let j = 0; j < left.length; j++) left[j] = -left[j];
  return left;
}

/** Multipliers of the bounds that x is at: what is left of the gradient, as far as its sign allows. */
export function boundMultipliers({ lower, upper }: CheckedProgram, x: Float64Array, left: Float64Array): Float64Array {
  return left.map((v, j) => {
    if (lower[j] === upper[j]) return v;
    if (x[j] === lower[j]) return Math.max(v, 0);
    return x[j] === upper[j] ? Math.min(v, 0) : 0;
  });
}

/** The initial point, moved within the bounds. */
export const startWithin = ({ start, lower, upper }: CheckedProgram): Float64Array =>
  start.map((v, j) => Math.min(Math.max(v, lower[j]), upper[j]));

/**
 * The iterates of a method; ends with the last one if an evaluation is stopped, and at once if bounds contradict.
 * @throws What an evaluation throws that is no stop.
 */
export function* guarded(
  program: CheckedProgram,
  iterates: (program: CheckedProgram) => Generator<NonlinearIterate>,
): Generator<NonlinearIterate> {
  let last: NonlinearIterate | undefined;
  if (program.contradictions.length > 0) {
    yield withoutSteps(program, 'infeasible');
    return;
  }
  try {
    for (const iterate of iterates(program)) {
      last = iterate;
      yield iterate;
    }
  } catch (error) {
    if (!(error instanceof StoppedEvaluation)) throw error;
    yield last ? { ...last, done: error.status } : withoutSteps(program, error.status);
  }
}

/** A point with multipliers of its least violation: rows and bounds in conflict have some. */
export function violationState(program: CheckedProgram, { x, known }: State, rows: Float64Array): State {
  const left = gradientLeft(program, { ...known, gradient: new Float64Array(x.length) }, rows);
  return { x, rows, bounds: boundMultipliers(program, x, left), known };
}

/** Violations of up to this multiple of the tolerance may be rounding errors, and prove nothing. */
export const UNCERTAIN = 100;

/** The only iterate of a program that is not evaluated: its bounds contradict each other, or it was stopped before. */
export function withoutSteps(program: CheckedProgram, done: Status): NonlinearIterate {
  const { start, lower, upper, contradictions, functions } = program;
  const x = start.map((v, j) => Math.max(lower[j], Math.min(v, upper[j])));
  const stopped = contradictions.length === 0;
  const [rows, bounds] = [new Float64Array(functions.constraints), new Float64Array(x.length)];
  const none = Number.NaN;
  return {
    ...{ iteration: 0, objective: stopped ? none : functions.objective(x), done, work: {} },
    ...(!stopped && {
      next: `Correct the bounds of ${contradictions.slice(0, 3).join(', ')}: the lower one is above the upper one.`,
    }),
    ...{ primalError: none, dualError: none, stepSize: 0, trials: 0 },
    snapshot: () => {
      if (!stopped) return withResiduals(program, { x, rows, bounds });
      const values = rows.map(() => none);
      const residuals = { dual: none, primal: none, complementarity: none, relative: none };
      return { ...{ x, rows, bounds, values, residuals } };
    },
  };
}

export function withResiduals(program: CheckedProgram, at: Multiplied): NonlinearPoint {
  const values = new Float64Array(program.functions.constraints);
  program.functions.constraintValues(at.x, values);
  return { ...at, values, residuals: residualsAt(program, at) };
}

/** @throws NON_FINITE naming what has no value at the initial point. */
export function nowhere({ functions, rowNames }: CheckedProgram, x: Float64Array): never {
  const f = functions.objective(x);
  if (!Number.isFinite(f)) {
    return fail(
      'NON_FINITE',
      `The objective is ${f} at the initial point: choose another one, or bounds that exclude it.`,
    );
  }
  const c = new Float64Array(functions.constraints);
  functions.constraintValues(x, c);
  const i = c.findIndex((v) => !Number.isFinite(v));
  return fail(
    'NON_FINITE',
    `Row '${rowNames[i]}' is ${c[i]} at the initial point: choose another one, or bounds that exclude it.`,
  );
}
