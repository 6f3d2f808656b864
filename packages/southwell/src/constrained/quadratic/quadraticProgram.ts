import {
  type Certificate,
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  type Status,
} from '@southwell/numerics/core';
import { ActiveSetSolver, sidesAt } from './activeSet.ts';
import { contradiction, type Infeasibility, infeasibility } from './certificates.ts';
import { emptyRowsOf } from './columns.ts';
import { concluded } from './conclude.ts';
import { byCone } from './cones.ts';
import { negativeCurvature } from './convex.ts';
import { changedSides, checkNumbers, checkProgram, type Qp, type QuadraticProgram } from './problem.ts';
import { evaluated, type QpResiduals, worstAbsolute, worstRelative } from './residuals.ts';
import { SplittingSolver } from './splitting.ts';
import { isBetter, type QpState } from './state.ts';

/** A primal and dual point: Px + q − Aᵀrows − bounds − ΣGᵀcones = 0 at a solution. */
export interface QpPoint {
  readonly x: Float64Array;
  /**
   * Multipliers of rows: the rate at which the least objective grows with the active side. At least 0 for lower sides, at
   * most 0 for upper ones.
   */
  readonly rows: Float64Array;
  /** Multipliers of bounds, with the same signs. */
  readonly bounds: Float64Array;
  /** Multipliers of the cones of the program, if it has any, each in its cone. Where t = ‖u‖ > 0, that of (t, u) is a multiple of (t, −u). */
  readonly cones?: readonly Float64Array[];
  /** Active sides: −1 for the lower one, 1 for the upper one, 0 for neither. */
  readonly active: { readonly rows: Int8Array; readonly bounds: Int8Array };
  readonly residuals: QpResiduals;
  /** Whether P is positive semidefinite: if not, other points may be better. */
  readonly convex: boolean;
  /** The proof, if the status is `infeasible` because of several rows. */
  readonly infeasibility?: Infeasibility;
  /** The direction along which the objective falls without end, with slope −1, if the status is `unbounded`. */
  readonly ray?: Float64Array;
}

export const quadraticRecords = {
  /** `auto` (the default): `active-set` for up to about a hundred variables and positive definite P, else `interior-point`. */
  method: choiceOption({
    auto: 'Chosen by the size of the problem',
    'interior-point': 'Interior points',
    'active-set': 'Dual active set',
    splitting: 'Operator splitting',
  }),
  /** Largest relative residual of the optimality conditions (default 1e-8). Methods go beyond it where that is cheap. */
  tol: numberOption({ min: 0, open: true }),
};
export type QpMethodOptions = OptionsOf<typeof quadraticRecords>;
/** Limits of a run, and its observer. */
export type QpLimits = Omit<RunOptions<QpPoint>, 'tol' | 'checkpoint'>;
/** Options of {@link quadraticProgram}. */
export type QpOptions = QpMethodOptions & QpLimits;
const { tol: _, checkpoint: __, ...limitKeys } = runKeys;
const methodKeys: OptionKeys<QpMethodOptions> = keysOf(quadraticRecords);

export type QpStart = Pick<QpPoint, 'x' | 'rows' | 'bounds' | 'active'>;

/** What may change between the solves of a prepared problem, and where the next one starts. */
export interface QpChange {
  readonly q?: ArrayLike<number>;
  readonly rowLower?: ArrayLike<number>;
  readonly rowUpper?: ArrayLike<number>;
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
  /** The solution of a similar problem, or a guess of it: of use to `active-set` and `splitting`. */
  readonly start?: QpStart;
}
const changeKeys: OptionKeys<QpChange> = {
  ...{ q: true, rowLower: true, rowUpper: true, lower: true, upper: true, start: true },
};

/** A quadratic program bound to its P and A, to be solved for several q and sides. */
export interface PreparedQp {
  /** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
  solve(change?: QpChange, options?: QpLimits): Solution<QpPoint>;
}

/** Corrections of a solution by active sets, and absolute residuals that need none. */
const REFINEMENTS = 3;
const FINE = 1e-10;

/** Sizes up to which the dual active set method is chosen, whose cost grows with variables × constraints × exchanges. */
const FEW_VARIABLES = 120;
const FEW_CONSTRAINTS = 600;

/**
 * Solves a quadratic or linear program. If P is not positive semidefinite, the point satisfies the first-order conditions,
 * but need not be the best one (see `convex` of the point). The certificate is the largest residual of the optimality conditions in
 * the units of the problem; statuses `infeasible` and `unbounded` come with a proof in the point.
 *
 * @example const { point, status } = quadraticProgram({ P: [[2, 0], [0, 2]], q: [-2, -5], lower: [0, 0], upper: [1, 2] });
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function quadraticProgram(program: QuadraticProgram, options: QpOptions = {}): Solution<QpPoint> {
  knownKeys('quadraticProgram', options, { ...methodKeys, ...limitKeys });
  return prepareQp(program, only<QpMethodOptions>(options, methodKeys)).solve({}, only<QpLimits>(options, limitKeys));
}

/** The iterates of {@link quadraticProgram}, from an earlier solution if there is one. */
export function quadraticIterates(
  program: QuadraticProgram,
  options: QpMethodOptions = {},
  change: Pick<QpChange, 'start'> = {},
): Generator<Iterate<QpPoint>, void, void> {
  checkOptions('quadraticIterates', quadraticRecords, options);
  knownKeys('quadraticIterates', change, { start: true });
  return new Prepared(program, options).iterates(change);
}

/**
 * Binds P and A, so that solves for other q and sides start from what depends on them alone, and from the active set of
 * an earlier solution.
 *
 * @example const prepared = prepareQp({ P, q, A, rowUpper }); const next = prepared.solve({ q: other, start: point });
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function prepareQp(program: QuadraticProgram, options: QpMethodOptions = {}): PreparedQp {
  checkOptions('prepareQp', quadraticRecords, options);
  return new Prepared(program, options);
}

class Prepared implements PreparedQp {
  private readonly qp: Qp;
  private readonly emptyRows: Uint8Array;
  /** Why P is not positive semidefinite. */
  private readonly curved: string | undefined;
  private readonly activeSet: ActiveSetSolver | undefined;
  private readonly splitting: SplittingSolver | undefined;
  private readonly tol: number;
  private readonly forced: boolean;

  constructor(program: QuadraticProgram, { method = 'auto', tol = 1e-8 }: QpMethodOptions) {
    this.qp = checkProgram(program);
    if (this.qp.cones.length > 1) {
      if (method === 'active-set' || method === 'splitting') {
        fail('NOT_SUPPORTED', `The method ${method} does not take cones; use interior-point or auto.`);
      }
      method = 'interior-point';
    }
    this.emptyRows = emptyRowsOf(this.qp.A);
    this.tol = tol;
    this.forced = method === 'active-set';
    const { n, m, P } = this.qp;
    const small = n > 0 && n <= FEW_VARIABLES && m <= FEW_CONSTRAINTS && P.value.length > 0;
    if (this.forced || (method === 'auto' && small)) {
      const solver = new ActiveSetSolver(this.qp);
      if (this.forced || solver.definite) this.activeSet = solver;
    }
    this.curved = this.activeSet?.definite ? undefined : negativeCurvature(P);
    if (this.curved) this.activeSet = undefined;
    else if (method === 'splitting') this.splitting = new SplittingSolver(this.qp);
  }

  solve(change: QpChange = {}, options: QpLimits = {}): Solution<QpPoint> {
    return run(this.iterates(change), options);
  }

  iterates(change: QpChange): Generator<Iterate<QpPoint>, void, void> {
    knownKeys('solve', change, changeKeys);
    const qp = this.changed(change);
    const found = contradiction(qp, this.emptyRows);
    if (found) return contradictory(qp, found.why, this.curved === undefined);
    if (this.splitting) return this.bySplitting(qp, this.splitting, change.start);
    return this.activeSet ? this.byActiveSet(qp, this.activeSet, change.start) : this.byInteriorPoint(qp);
  }

  private changed({ start: ___, q, ...sides }: QpChange): Qp {
    let { qp } = this;
    if (q !== undefined) {
      if (q.length !== qp.n) fail('INVALID_SHAPE', `q has ${q.length} entries, but must have ${qp.n}.`);
      const linear = new Float64Array(q);
      checkNumbers('q', linear);
      qp = { ...qp, q: linear };
    }
    if (sides.rowLower || sides.rowUpper || sides.lower || sides.upper) {
      qp = { ...qp, ...changedSides(qp, sides) };
    }
    return qp;
  }

  private *byActiveSet(
    qp: Qp,
    solver: ActiveSetSolver,
    start: QpStart | undefined,
  ): Generator<Iterate<QpPoint>, void, void> {
    const before = solver.pivots;
    const iterations = () => solver.pivots - before;
    const solving = solver.solve(qp, start && sidesAt(start.active.bounds, start.active.rows));
    let step = solving.next();
    if (!step.done) {
      const zero = stateAt(qp, new Float64Array(qp.n), new Float64Array(qp.m), new Float64Array(qp.n));
      for (; !step.done; step = solving.next()) yield iterateOf(qp, zero, iterations(), {});
    }
    const { status, x, rows, bounds } = step.value;
    if (status === 'infeasible') {
      const proof = infeasibility(qp, rows);
      if (proof) {
        const state = stateAt(qp, x, new Float64Array(qp.m), new Float64Array(qp.n));
        yield iterateOf(qp, state, iterations(), { done: 'infeasible', infeasibility: proof });
        return;
      }
    }
    let state = stateAt(qp, x, rows, bounds);
    for (let turn = 0; status === 'optimal' && turn < REFINEMENTS && worstAbsolute(state.residuals) > FINE; turn++) {
      const { x: X, rows: Y, bounds: Z } = solver.refined(qp, { status, ...state });
      const next = stateAt(qp, X, Y, Z);
      if (!isBetter(next, state)) break;
      state = next;
    }
    const good = worstRelative(state.residuals) <= this.tol;
    if (good) yield iterateOf(qp, state, iterations(), { done: 'converged' });
    else yield* this.byInteriorPoint(qp, iterations());
  }

  private *bySplitting(
    qp: Qp,
    solver: SplittingSolver,
    start: QpStart | undefined,
  ): Generator<Iterate<QpPoint>, void, void> {
    for (const { iteration, best, done, infeasibility, ray } of solver.solve(qp, this.tol, start)) {
      if (done === 'stalled') yield* this.byInteriorPoint(qp, iteration);
      else yield iterateOf(qp, best, iteration, { done, infeasibility, ray });
    }
  }

  private *byInteriorPoint(qp: Qp, before = 0): Generator<Iterate<QpPoint>, void, void> {
    const convex = this.curved === undefined;
    const next = convex ? undefined : notConvex(this.curved!);
    for (const { iteration, best, done, infeasibility, ray } of concluded(qp, this.tol, convex)) {
      yield iterateOf(qp, best, before + iteration, { done, infeasibility, ray, next, convex });
    }
  }
}

function stateAt(qp: Qp, x: Float64Array, rows: Float64Array, bounds: Float64Array): QpState {
  const { residuals, Ax } = evaluated(qp, x, { rows, bounds });
  return { x, rows, bounds, residuals, Ax };
}

function* contradictory(qp: Qp, why: string, convex: boolean): Generator<Iterate<QpPoint>, void, void> {
  const zero = stateAt(qp, new Float64Array(qp.n), new Float64Array(qp.m), new Float64Array(qp.n));
  yield iterateOf(qp, zero, 0, { done: 'infeasible', next: `No point is feasible: ${why}.`, convex });
}

const notConvex = (why: string): string =>
  `P is not positive semidefinite: ${why}. A program that is not convex may have several local solutions or none; the ` +
  'nonlinear interior point method finds one.';

interface Ending {
  readonly done?: Status;
  readonly infeasibility?: Infeasibility;
  readonly ray?: Float64Array;
  readonly next?: string;
  /** Default true. */
  readonly convex?: boolean;
}

/** Rows named in the advice after an infeasible problem. */
const NAMED = 5;

function iterateOf(qp: Qp, state: QpState, iteration: number, ending: Ending): Iterate<QpPoint> {
  const { residuals } = state;
  const { done, infeasibility, next } = ending;
  const certificate: Certificate = {
    kind: 'kktResidual',
    value: worstAbsolute(residuals),
    relative: worstRelative(residuals),
  };
  const rows = infeasibility && [...infeasibility.worst.subarray(0, NAMED)].map((i) => i + 1);
  const more = infeasibility && infeasibility.worst.length > NAMED ? ', …' : '';
  const { primal, dual, gap, objective } = residuals;
  return {
    iteration,
    objective,
    certificate,
    done,
    work: NO_WORK,
    metrics: { primal, dual, gap },
    next: next ?? (rows && conflict(rows, more, infeasibility.cones !== undefined)),
    snapshot: () => pointAt(qp, state, ending),
  };
}

function conflict(rows: readonly number[], more: string, cones: boolean): string {
  const of = `No point satisfies all rows${cones ? ', cones' : ''} and bounds`;
  return rows.length === 0 ? `${of}.` : `${of}; of the rows, those in conflict are ${rows.join(', ')}${more}.`;
}

const NO_WORK = {};

/** States are made anew for every iterate, so that the point need not be copied. */
function pointAt(
  qp: Qp,
  { x, rows, bounds, residuals, Ax }: QpState,
  { infeasibility, ray, convex = true }: Ending,
): QpPoint {
  const linear = (v: Float64Array) => (qp.cones.length > 1 ? v.slice(0, qp.cones[0]) : v);
  const active = {
    rows: activeSides(linear(Ax), qp.rowLower, qp.rowUpper, rows),
    bounds: activeSides(x, qp.lower, qp.upper, bounds),
  };
  const cones = qp.cones.length > 1 ? { cones: byCone(qp.cones, rows) } : undefined;
  const point = { x, rows: linear(rows), bounds, ...cones, active, residuals, convex };
  if (infeasibility) return { ...point, infeasibility };
  return ray ? { ...point, ray } : point;
}

/** A side is active if its multiplier is larger than its slack. */
function activeSides(v: Float64Array, low: Float64Array, up: Float64Array, multipliers: Float64Array): Int8Array {
  const sides = new Int8Array(v.length);
  for (let i = 0; i < v.length; i++) {
    const m = multipliers[i];
    if (low[i] === up[i]) sides[i] = m < 0 ? 1 : -1;
    else if (m > 0) sides[i] = v[i] - low[i] <= m ? -1 : 0;
    else if (m < 0) sides[i] = up[i] - v[i] <= -m ? 1 : 0;
  }
  return sides;
}
