import { checkOptions, numberOption, type OptionsOf, type Status } from '@southwell/numerics/core';
import { largest } from '../vectors.ts';
import { addTransposed } from './barrierProblem.ts';
import { BoundedDescent } from './bounded/descent.ts';
import {
  absolute,
  boundMultipliers,
  gradientLeft,
  guarded,
  iterateAt,
  type NonlinearIterate,
  nowhere,
  type State,
  startWithin,
  stateResiduals,
  UNBOUNDED,
  violationState,
} from './iterate.ts';
import { type CheckedProgram, checkProgram, type NonlinearProgram } from './program.ts';
import { type Evaluated, evaluatedAt, type Residuals, violatedAt } from './residuals.ts';
import { beyondSaddles } from './saddles.ts';

export const augmentedLagrangianRecords = {
  /** Tolerance of the optimality conditions. Default 1e-8. */
  tol: numberOption({ min: 0, open: true }),
};

export interface ProgramLagrangianOptions extends OptionsOf<typeof augmentedLagrangianRecords> {}

/** Updates of the multipliers; range and growth of the penalty parameter; violation that an update must leave at most. */
const [ROUNDS, LEAST, MOST, GROWTH, SHARE] = [60, 1e-4, 1e12, 10, 0.25];
/** Gradients of rows are scaled down to at most this size at the initial point. */
const LARGEST_GRADIENT = 100;
/** Steps of a minimisation. */
const STEPS = 2000;

/**
 * The augmented Lagrangian method for first derivatives: minimises f + ½ρ·dist²(c − y/ρ, [rowLower, rowUpper]) over
 * the bounds by L-BFGS-B, to tolerances that fall, then updates the multipliers y (Hestenes 1969; Powell 1969; bounds
 * and choice of ρ as Andreani, Birgin, Martínez & Schuverdt 2008). An iterate is a step of a minimisation.
 *
 * Ends 'converged' if the residuals are at most `tol`, relative to the size of their terms where the absolute ones fall
 * no further; 'infeasible' at a stationary point of the violation, whose multipliers are then those of the point;
 * 'unbounded' if the objective falls below −1e20 at
 * feasible points; 'stalled' after 60 updates.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, and NON_FINITE for NaN in bounds or functions that are not finite at the
 * initial point.
 */
export function* programLagrangianIterates(
  program: NonlinearProgram,
  options: ProgramLagrangianOptions = {},
): Generator<NonlinearIterate> {
  checkOptions('programLagrangianIterates', augmentedLagrangianRecords, options);
  yield* guarded(checkProgram(program), (checked) =>
    beyondSaddles(checked, (from) => new Penalised(from, options.tol ?? 1e-8).iterates()),
  );
}

const ENDLESS = {
  next: 'The objective falls without end where rows are violated: bounds of the variables would prevent that.',
};

class Penalised {
  private readonly y: Float64Array;
  private readonly scale: Float64Array;
  private rho = 1;
  private readonly start: Float64Array;
  private last: { readonly x: Float64Array; readonly known: Evaluated };

  constructor(
    private readonly program: CheckedProgram,
    private readonly tol: number,
  ) {
    const { functions, startMultipliers } = program;
    this.start = startWithin(program);
    this.last = { x: this.start, known: evaluatedAt(program, this.start) };
    const { J } = this.last.known;
    const { rowIndices } = functions.jacobian;
    const size = new Float64Array(functions.constraints);
    for (let k = 0; k < J.length; k++) size[rowIndices[k]] = Math.max(size[rowIndices[k]], Math.abs(J[k]));
    this.scale = size.map((v) => (v > LARGEST_GRADIENT ? LARGEST_GRADIENT / v : 1));
    this.y = startMultipliers?.rows.map((v, i) => v / this.scale[i]) ?? new Float64Array(functions.constraints);
  }

  *iterates(): Generator<NonlinearIterate> {
    const { program, tol } = this;
    const first = this.last.known;
    if (!Number.isFinite(first.f) || !first.c.every(Number.isFinite)) nowhere(program, this.start);
    const violation = this.violations(first.c);
    const squares = violation.reduce((sum, v) => sum + v * v, 0);
    this.rho = Math.min(Math.max((10 * Math.max(1, Math.abs(first.f))) / Math.max(1, squares / 2), LEAST), 1e8);
    let [x, iteration, calls, reached, inner] = [this.start, 0, 1, Infinity, 1e-2];
    let unbounded = false;
    for (let round = 0; round < ROUNDS; round++) {
      const { lower, upper } = program;
      const descent = new BoundedDescent(this.lagrangian, lower, upper, x);
      let moving = true;
      for (let steps = 0; ; steps++) {
        const state = this.stateAt(descent.x);
        const residuals = stateResiduals(program, state);
        const course = { iteration, work: { oracleCalls: calls + descent.calls, updates: round }, ...lengths(descent) };
        const done = this.ending(state, residuals, moving);
        if (done === 'infeasible') {
          const least = violationState(program, state, this.violationMultipliers(state.known.c));
          yield iterateAt(program, least, stateResiduals(program, least), course, done);
        } else yield iterateAt(program, state, residuals, course, done);
        if (done) return;
        if (!moving || steps === STEPS || descent.steepness <= inner || descent.f < -UNBOUNDED) break;
        moving = descent.step();
        if (moving) iteration++;
      }
      calls += descent.calls;
      const off = this.progressMeasure(descent.x);
      unbounded = descent.f < -UNBOUNDED;
      if (!unbounded) {
        x = descent.x;
        this.updateMultipliers(x);
      }
      if ((unbounded || off > Math.max(SHARE * reached, 0.1 * tol)) && this.rho < MOST) this.rho *= GROWTH;
      reached = Math.min(reached, off);
      inner = Math.max(0.1 * inner, 0.5 * tol);
    }
    const state = this.stateAt(x, this.y);
    const residuals = stateResiduals(program, state);
    const course = {
      iteration,
      work: { oracleCalls: calls, updates: ROUNDS },
      stepSize: 0,
      trials: 0,
      ...(unbounded && ENDLESS),
    };
    yield iterateAt(program, state, residuals, course, residuals.relative <= tol ? 'converged' : 'stalled');
  }

  /** @param moving Whether the last step found a smaller value. */
  private ending(state: State, residuals: Residuals, moving: boolean): Status | undefined {
    const { program, tol } = this;
    if (absolute(residuals) <= tol || (!moving && residuals.relative <= tol)) return 'converged';
    const { x, known } = state;
    if (known.f < -UNBOUNDED && residuals.primal <= Math.max(tol, 1e-6)) return 'unbounded';
    if (this.rho < 1e6 || violatedAt(program, x, known.c, Math.sqrt(tol)).length === 0) return undefined;
    return this.violationIsStationary(x, known) ? 'infeasible' : undefined;
  }

  /** Scaled violations: c minus the nearest value that the sides allow. */
  private violations(c: Float64Array): Float64Array {
    const { rowLower, rowUpper } = this.program;
    return c.map((v, i) => this.scale[i] * (v - Math.min(Math.max(v, rowLower[i]), rowUpper[i])));
  }

  /** Whether ½‖violations‖² has a projected gradient of 0, relative to its terms. */
  private violationIsStationary(x: Float64Array, known: Evaluated): boolean {
    const { program } = this;
    const rows = this.violationMultipliers(known.c);
    const zero = { ...known, gradient: new Float64Array(x.length) };
    const left = gradientLeft(program, zero, rows);
    const bounds = boundMultipliers(program, x, left);
    const sizes = gradientLeft(program, { ...zero, J: known.J.map(Math.abs) }, rows.map(Math.abs));
    return largest(left.map((v, j) => v - bounds[j])) <= 1e-6 * largest(sizes);
  }

  /** Multipliers of the least ½‖violations‖². */
  private violationMultipliers(c: Float64Array): Float64Array {
    return this.violations(c).map((v, i) => -v * this.scale[i]);
  }

  /** Multipliers that the minimum of the augmented Lagrangian would have, of the scaled rows. */
  private multipliers(c: Float64Array): Float64Array {
    const { y, rho, scale, program } = this;
    const { rowLower, rowUpper } = program;
    return c.map((v, i) => {
      const shifted = v * scale[i] - y[i] / rho;
      return rho * (Math.min(Math.max(shifted, scale[i] * rowLower[i]), scale[i] * rowUpper[i]) - shifted);
    });
  }

  private readonly lagrangian = (x: Float64Array, g: Float64Array): number => {
    const { program, rho, scale } = this;
    const known = evaluatedAt(program, x);
    this.last = { x, known };
    const next = this.multipliers(known.c);
    let value = known.f;
    for (let i = 0; i < next.length; i++) value += (next[i] * next[i]) / (2 * rho);
    g.set(known.gradient);
    addTransposed(
      program.functions.jacobian,
      known.J,
      next.map((v, i) => -v * scale[i]),
      g,
    );
    return value;
  };

  private stateAt(x: Float64Array, scaled?: Float64Array): State {
    const known = this.knownAt(x);
    const rows = (scaled ?? this.multipliers(known.c)).map((v, i) => v * this.scale[i]);
    return { x, rows, bounds: boundMultipliers(this.program, x, gradientLeft(this.program, known, rows)), known };
  }

  /** Values at a point, which is usually the last one that a minimisation evaluated. */
  private knownAt(x: Float64Array): Evaluated {
    return this.last.x === x ? this.last.known : evaluatedAt(this.program, x);
  }

  /** The largest violation of a row or of the complementarity with its multiplier: its change, divided by ρ. */
  private progressMeasure(x: Float64Array): number {
    return largest(this.multipliers(this.knownAt(x).c).map((v, i) => (v - this.y[i]) / this.rho));
  }

  private updateMultipliers(x: Float64Array): void {
    this.y.set(this.multipliers(this.knownAt(x).c));
  }
}

const lengths = ({ stepSize, trials }: BoundedDescent) => ({ stepSize, trials });
