import type { QpStart } from '../../quadratic/index.ts';
import { dot } from '../../vectors.ts';
import { boundMultipliers, gradientLeft, type State, startWithin, UNCERTAIN, violationState } from '../iterate.ts';
import type { CheckedProgram } from '../program.ts';
import { type Evaluated, evaluatedAt, violatedAt } from '../residuals.ts';
import { type ActiveRow, type Curvature, DampedBfgs, lagrangianHessian, positiveDefinite } from './curvature.ts';
import { denseRows, Subproblem, type SubproblemStep } from './subproblem.ts';

/** Share of the predicted decrease that a step has to achieve; shortest step. */
const [SUFFICIENT, SHORTEST] = [1e-4, 1e-10];
/** Change of the penalty function, relative to its terms, that is taken for rounding. */
const ROUNDING = 1e-14;
/** Penalty weights exceed the multipliers by this factor. */
const MARGIN = 1.1;
/** Largest entry of a step, relative to x. */
const RADIUS = 100;
/** Weights of violations in elastic subproblems: the first, their growth, the last. */
const [ELASTIC, GROWTH, MOST] = [10, 10, 1e9];
/** Share of the violation that an elastic step leaves when a larger weight is tried; and at a minimum of the violation. */
const [TOO_MUCH, ALL] = [0.9, 1 - 1e-6];

/** A step with what it promises: the violation that the linearised rows leave. */
interface Proposal extends SubproblemStep {
  readonly subproblem: Subproblem;
  /** Least weight of every row in the penalty function. */
  readonly weight: number;
  readonly left: Float64Array;
}

/** Steps of sequential quadratic programming. */
export class Sqp {
  state: State;
  stepSize = 0;
  trials = 0;
  subproblems = 0;
  private working: QpStart | undefined;
  private readonly weights: Float64Array;
  private readonly bfgs: DampedBfgs | undefined;
  private elasticWeight = ELASTIC;

  constructor(
    private readonly program: CheckedProgram,
    private readonly tol: number,
  ) {
    const { functions, startMultipliers } = program;
    const x = startWithin(program);
    const known = evaluatedAt(program, x);
    const rows = startMultipliers?.rows.slice() ?? new Float64Array(functions.constraints);
    this.state = this.stateAt(x, rows, known);
    this.weights = rows.map(Math.abs);
    this.bfgs = functions.hessian ? undefined : new DampedBfgs(functions.variables);
    if (startMultipliers) this.working = guessed(program, x, startMultipliers);
  }

  private stateAt(x: Float64Array, rows: Float64Array, known: Evaluated): State {
    return { x, rows, bounds: boundMultipliers(this.program, x, gradientLeft(this.program, known, rows)), known };
  }

  /** Moves to the next point; how the method ends if there is none. */
  step(): 'infeasible' | 'stalled' | undefined {
    this.trials = 0;
    for (const convexify of [true, false]) {
      const curvature = this.curvature(convexify);
      const proposal = this.proposed(curvature);
      if (proposal === 'infeasible') return proposal;
      if (proposal && this.search(proposal)) return undefined;
      if (!curvature.convexified) break;
    }
    if (!this.bfgs || this.bfgs.isFresh) return 'stalled';
    this.bfgs.reset();
    return this.step();
  }

  private curvature(convexify: boolean): Curvature {
    const { state, program, bfgs } = this;
    const n = state.x.length;
    if (bfgs) return { P: bfgs.matrix.slice(), shift: new Float64Array(n), convexified: false };
    const H = lagrangianHessian(program.functions, state.x, state.rows);
    return positiveDefinite(H, n, convexify ? this.activeRows() : undefined);
  }

  /** The linearised constraints that the working set has, and all equations. */
  private activeRows(): ActiveRow[] {
    const { program, working, state } = this;
    const { x, known } = state;
    const n = x.length;
    const found: ActiveRow[] = [];
    const A = denseRows(program, known.J, n);
    const add = (a: Float64Array, b: number) => {
      if (Number.isFinite(b)) found.push({ a, b });
    };
    for (let i = 0; i < known.c.length; i++) {
      const l = program.rowLower[i];
      const u = program.rowUpper[i];
      const side = working?.active.rows[i] ?? 0;
      if (l === u || side !== 0) add(A.subarray(i * n, (i + 1) * n), (side > 0 ? u : l) - known.c[i]);
    }
    for (let j = 0; j < n; j++) {
      const l = program.lower[j];
      const u = program.upper[j];
      const side = working?.active.bounds[j] ?? 0;
      if (l === u || side !== 0) add(unit(n, j), (side > 0 ? u : l) - x[j]);
    }
    return found;
  }

  /** The step of the subproblem, with violations if its rows cannot be satisfied. */
  private proposed(curvature: Curvature): Proposal | 'infeasible' | undefined {
    const { program, state } = this;
    const { x, known } = state;
    const radius = RADIUS * x.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    const subproblem = new Subproblem(program, x, known, curvature, radius);
    this.subproblems++;
    const step = subproblem.solve(this.working);
    if (step) return { ...step, subproblem, weight: 0, left: new Float64Array(known.c.length) };
    const now = sum(this.violations(known.c));
    for (;;) {
      this.subproblems++;
      const weight = this.elasticWeight;
      const elastic = subproblem.elastic(weight);
      if (!elastic) return undefined;
      const left = this.violations(this.linearised(elastic.d));
      const rest = sum(left);
      if (rest <= TOO_MUCH * now) return { ...elastic, subproblem, weight, left };
      if (weight < MOST) {
        this.elasticWeight *= GROWTH;
        continue;
      }
      if (rest < ALL * now) return { ...elastic, subproblem, weight, left };
      if (violatedAt(program, x, known.c, UNCERTAIN * this.tol).length === 0) return undefined;
      this.state = violationState(
        program,
        state,
        elastic.y.map((v) => v / weight),
      );
      return 'infeasible';
    }
  }

  /** c + Jd. */
  private linearised(d: Float64Array): Float64Array {
    const { colPointers, rowIndices } = this.program.functions.jacobian;
    const { c, J } = this.state.known;
    const out = c.slice();
    for (let j = 0; j < d.length; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) out[rowIndices[k]] += J[k] * d[j];
    }
    return out;
  }

  private violations(c: Float64Array): Float64Array {
    const { rowLower, rowUpper } = this.program;
    return c.map((v, i) => Math.max(0, rowLower[i] - v, v - rowUpper[i]));
  }

  /** Finds a length at which the penalty function f + Σ weights·violations falls, and moves there. */
  private search(proposal: Proposal): boolean {
    const { weights, state } = this;
    const { x, known } = state;
    const { d, y } = proposal;
    for (let i = 0; i < weights.length; i++) {
      const least = Math.max(MARGIN * Math.abs(y[i]), proposal.weight);
      weights[i] = Math.max(least, (weights[i] + least) / 2);
    }
    const violated = this.violations(known.c);
    const penalty = dot(weights, violated);
    const slope = dot(known.gradient, d) - penalty + dot(weights, proposal.left);
    const noise = ROUNDING * Math.max(Math.abs(known.f), penalty, dot(weights, known.c.map(Math.abs)));
    if (!(slope < noise)) return false;
    const enough = (value: number, length: number) =>
      value <= known.f + penalty + SUFFICIENT * length * Math.min(slope, 0) + noise;
    for (let length = 1; length >= SHORTEST; ) {
      const trial = this.trialAt(x, d, length);
      this.trials++;
      if (enough(trial.value, length)) {
        this.move(trial.x, length, y, proposal.working);
        return true;
      }
      if (length === 1 && this.corrected(proposal, trial.c, enough)) return true;
      const rise = trial.value - known.f - penalty;
      const at = (-slope * length) / (2 * (rise - slope * length));
      length *= Number.isFinite(at) ? Math.min(Math.max(at, 0.1), 0.5) : 0.1;
    }
    return false;
  }

  /** Tries the step of the subproblem with the curvature of the rows along d. */
  private corrected(
    { d, y, subproblem, working }: Proposal,
    c: Float64Array,
    enough: (value: number, length: number) => boolean,
  ): boolean {
    if (c.length === 0 || !c.every(Number.isFinite)) return false;
    const linear = this.linearised(d);
    const curved = this.state.known.c.map((v, i) => v + c[i] - linear[i]);
    this.subproblems++;
    const step = subproblem.solve(working, curved);
    if (!step) return false;
    const trial = this.trialAt(this.state.x, step.d, 1);
    this.trials++;
    if (!enough(trial.value, 1)) return false;
    this.move(trial.x, 1, y, step.working);
    return true;
  }

  /** x + length·d within the bounds, with the values there. */
  private trialAt(x: Float64Array, d: Float64Array, length: number) {
    const { lower, upper, functions } = this.program;
    const next = x.map((v, j) => {
      const to = v + length * d[j];
      const slack = 4 * Number.EPSILON * Math.max(Math.abs(v), Math.abs(to));
      return to <= lower[j] + slack ? lower[j] : to >= upper[j] - slack ? upper[j] : to;
    });
    const c = new Float64Array(functions.constraints);
    functions.constraintValues(next, c);
    return { x: next, c, value: functions.objective(next) + dot(this.weights, this.violations(c)) };
  }

  private move(x: Float64Array, length: number, y: Float64Array, working: QpStart): void {
    const { state, program, bfgs } = this;
    const rows = state.rows.map((v, i) => v + length * (y[i] - v));
    const next = this.stateAt(x, rows, evaluatedAt(program, x));
    const step = x.map((v, j) => v - state.x[j]);
    this.stepSize = step.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    if (bfgs) {
      const before = gradientLeft(program, state.known, rows);
      bfgs.update(
        step,
        gradientLeft(program, next.known, rows).map((v, j) => v - before[j]),
      );
    }
    this.state = next;
    this.working = working;
  }
}

const sum = (values: Float64Array): number => values.reduce((total, v) => total + v, 0);

function unit(n: number, j: number): Float64Array {
  const e = new Float64Array(n);
  e[j] = 1;
  return e;
}

/** Multipliers up to this share of the largest one, at least 1, count as zero. */
const INACTIVE = 1e-7;

/** The working set that multipliers suggest. */
function guessed(
  { lower, upper, rowLower, rowUpper }: CheckedProgram,
  x: Float64Array,
  { rows, bounds }: { readonly rows: Float64Array; readonly bounds: Float64Array },
): QpStart {
  const most = [...rows, ...bounds].reduce((v, w) => Math.max(v, Math.abs(w)), 1);
  const sides = (multipliers: Float64Array, low: Float64Array, up: Float64Array) =>
    Int8Array.from(multipliers, (v, k) => {
      if (low[k] !== up[k] && Math.abs(v) <= INACTIVE * most) return 0;
      const side = v < 0 ? 1 : -1;
      return Number.isFinite(side < 0 ? low[k] : up[k]) ? side : 0;
    });
  const active = { rows: sides(rows, rowLower, rowUpper), bounds: sides(bounds, lower, upper) };
  return { x: new Float64Array(x.length), rows, bounds, active };
}
