// Over 400 lines: one class, from the checks of its input to its certificates, together with its options.
import type { ThreadPool } from '@southwell/kernels';
import { type AnyMatrix, checkFinite, type Matrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  type Iterate,
  inOnePlace,
  knownKeys,
  largestOf,
  needsOnePlace,
  type OptionKeys,
  type RunOptions,
  run,
  type Solution,
  type SplitRows,
  type Status,
} from '@southwell/numerics/core';
import type { BoundLoss, Loss } from '../losses/index.ts';
import {
  COARSE_TOL,
  coarseAlpha,
  hasWeight,
  servesCoarsely,
  someEntries,
  startAtPart,
  takenRows,
} from './design/coarse.ts';
import { checkNearZero, extremeScales, maxAbs, powerOfTwo, SAFE, standardDeviations } from './design/columnScales.ts';
import { Design } from './design/design.ts';
import type { HeldOut } from './design/heldOut.ts';
import type { KnownFit, Products } from './design/products.ts';
import { atAlpha, checkPenalty, freeOn, penaltyOf, scaledPenalty, setAlpha } from './penalty.ts';
import { type LinearOptions, problemRecords } from './records.ts';
import { kinkedIterates } from './solvers/kinks.ts';
import { Moments } from './solvers/moments.ts';
import { checkNeeds } from './solvers/needs.ts';
import type { ScaledPenalty } from './solvers/scaledPenalty.ts';
import type { LinearSolver, LossNeed, LossWith, PenaltyNeed, PenaltyWith, StartedSolver } from './solvers/solver.ts';
import { type LinearPoint, LinearState } from './solvers/state.ts';
import { unseen } from './solvers/unseen.ts';
import { workingSets } from './solvers/workingSets/index.ts';
import { checkedOffset, checkedStart, checkedWeights } from './validation.ts';

const NOWHERE: LinearPoint = { coef: new Float64Array(0), intercept: 0 };

/** Per-row and per-column data besides X and y, and controls of the fit. */
export interface FitOptions<P = LinearPoint> {
  readonly sampleWeight?: ArrayLike<number>;
  readonly offset?: ArrayLike<number>;
  readonly featureNames?: readonly string[];
  readonly signal?: AbortSignal;
  readonly timeLimit?: number;
  /**
   * Threads of X's arena for passes over the data and Gram products; results are bit-identical to one thread. Default:
   * none.
   */
  readonly pool?: ThreadPool;
  readonly onIterate?: RunOptions<P>['onIterate'];
  /**
   * How the rows are distributed over ranks. X, the target and everything else with a value per row then cover the rows
   * of this rank, and the model is fitted to the rows of all ranks. Default: all rows are on this rank.
   */
  readonly rows?: SplitRows;
  /**
   * Products of X's columns, shared between fits of squared losses to X; the caller releases them. Default: not shared.
   */
  readonly products?: Products;
  /** Called when the data are released, with the solver that was chosen, the reasons, and the time per phase. */
  readonly onExplain?: (explanation: Explanation) => void;
  /** Initial point, such as that of another fit. Default: zero; with prepared data, the last solution. */
  readonly from?: P;
}

/** How a problem was solved. */
export interface Explanation {
  readonly solver: string;
  /** Sentences without their full stops. */
  readonly why: readonly string[];
  /** Seconds by phase. */
  readonly phases: Readonly<Record<string, number>>;
}

export const fitKeys: OptionKeys<FitOptions> = {
  sampleWeight: true,
  offset: true,
  featureNames: true,
  signal: true,
  timeLimit: true,
  pool: true,
  products: true,
  onExplain: true,
  onIterate: true,
  rows: true,
  from: true,
};

/**
 * A prepared problem: data, loss and penalty are checked and scaled once, and then solved for any number of alphas. The
 * solver (default {@link workingSets}) declares what it needs of loss and penalty; an unsupported pair does not
 * compile, and throws NOT_SUPPORTED at run time.
 */
export class LinearProblem<L extends LossNeed = never, P extends PenaltyNeed = never> {
  readonly solver: LinearSolver<L, P>;
  readonly state: LinearState;
  readonly bound: BoundLoss;
  readonly weights: Float64Array;
  /** The smallest alpha at which all penalised coefficients are zero; 0 if alpha cannot do that (ridge). */
  readonly alphaMax: number;
  readonly tol: number;
  private readonly maxIter: number;
  private readonly started: StartedSolver;
  /** The penalty at alpha 1. */
  private readonly unit: ScaledPenalty;
  /** The penalty at the alpha being solved for. */
  private readonly present: ScaledPenalty;
  /** Targets are divided by this power of two (at extreme scales only). */
  private readonly targetScale: number;
  private readonly products: Products | undefined;
  /** The target minus the offset, for a squared loss with shared products. */
  private readonly z: Float64Array | undefined;
  /** What the shared products tell about this fit. */
  private known: KnownFit | undefined;
  /** What the shared products tell about held-out rows, and under which weights. */
  private held: { readonly weights: Float64Array; readonly of: HeldOut | undefined } | undefined;
  private readonly onExplain: FitOptions['onExplain'];
  private readonly why: string[];
  /**
   * The problem for a subset of the rows, from whose solution the first solve starts; undefined after that, or if it
   * does not pay off.
   */
  private coarse: ((rows: Matrix) => LinearProblem<L, P>) | undefined;

  /** @throws INVALID_PARAMETER, INVALID_SHAPE. */
  constructor(
    readonly X: AnyMatrix,
    y: unknown,
    loss: LossWith<NoInfer<L>>,
    spec: PenaltyWith<NoInfer<P>>,
    options: LinearOptions & { readonly solver?: LinearSolver<L, P> },
    fit: FitOptions = {},
  ) {
    checkOptions('LinearProblem', problemRecords, options);
    knownKeys('LinearProblem', fit, fitKeys);
    const p = X.cols;
    const penalty = penaltyOf(spec);
    const parameters = checkPenalty(penalty, spec, options, p);
    this.solver = options.solver ?? (workingSets as LinearSolver<L, P>);
    checkNeeds(this.solver, loss, penalty);
    this.tol = options.tol ?? 1e-6;
    this.maxIter = options.maxIter ?? this.solver.maxIter;
    const { rows = inOnePlace(X.rows) } = fit;
    if (!this.solver.splitsRows) {
      needsOnePlace(rows, `The solver ${this.solver.name} needs`, 'run it on one rank, or take working-sets');
    }
    if (X.kind === 'parts' && !this.solver.splitsColumns) {
      fail(
        'NOT_SUPPORTED',
        `The solver ${this.solver.name} needs all columns on one rank: run it on one rank, or use working-sets.`,
      );
    }
    this.weights = checkedWeights(rows, fit.sampleWeight);
    const offset = checkedOffset(rows, fit.offset);
    if (fit.featureNames && fit.featureNames.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but there are ${fit.featureNames.length} feature names.`);
    }
    let target = y;
    this.targetScale = 1;
    if (loss.followsTarget && penalty.followsTarget && !offset) {
      const scale = powerOfTwo(largestOf(rows, maxAbs(y as Float64Array)));
      if (scale !== 1) {
        this.targetScale = scale;
        target = (y as Float64Array).map((v) => v / scale);
      }
    }
    this.bound = (loss as Loss<unknown>).bind(target, this.weights, rows);
    const standardize = options.standardize ?? false;
    const deviations = standardize ? standardDeviations(X, this.weights, rows) : undefined;
    this.products = fit.products;
    const intercept = options.fitIntercept ?? true;
    if (intercept) checkNearZero(X, this.weights, fit.featureNames, rows);
    if (this.products && this.bound.quadratic && target instanceof Float64Array) {
      this.z = offset ? target.map((v, i) => v - offset[i]) : target;
    }
    const open = (scale: Float64Array | undefined) => {
      const design = new Design(X, rows, scale, fit.pool);
      this.known = this.z && this.products?.knownOf(design, this.weights, intercept, this.z);
      const { bound, z, products, known } = this;
      // Only if the coming plan will use the products.
      const found: ConstructorParameters<typeof LinearState>[3]['found'] = (v, d, centred) =>
        z && this.solver.readsMoments ? products?.firstPass(design, d, centred, v, z) : undefined;
      return new LinearState(design, bound, this.weights, { intercept, offset, known, found });
    };
    let state = open(deviations);
    // The first pass has computed the norm of every column, which reveals extreme scales and non-finite values.
    const { norms } = state.design;
    if (!norms.every((v) => v < SAFE && (v > 1 / SAFE || v === 0)) || norms.some((v) => v === 0)) {
      checkFinite(X, 'X', rows.first);
      const rescue = standardize || !penalty.rescalable ? undefined : extremeScales(X, rows);
      if (rescue) {
        // If the products came from the first pass, they have overflowed too.
        this.products?.forgetFirstPass();
        state.release();
        state = open(rescue);
      }
    }
    this.state = state;
    this.onExplain = fit.onExplain;
    this.why = [`${this.solver.name} ${options.solver ? 'was asked for' : 'is the default'}: ${this.solver.summary}`];
    this.unit = scaledPenalty(penalty, parameters, options, state.design.scale.view, deviations, this.targetScale);
    this.present = atAlpha(this.unit);
    state.penalty = this.present;
    this.alphaMax = this.criticalAlpha();
    const { bound } = this;
    const newton = !bound.quadratic && !bound.kinks && bound.interceptMakesSense && penalty.convex;
    // Other solvers start as they are documented to.
    if (newton && this.solver === workingSets && target instanceof Float64Array && servesCoarsely(state.design)) {
      const part = {
        sampleWeight: someEntries(this.weights, rows.first),
        offset: offset && someEntries(offset, rows.first),
        rows: takenRows(rows),
      };
      if (hasWeight(part.sampleWeight, rows)) {
        this.coarse = (taken) => new LinearProblem(taken, someEntries(target, rows.first), loss, spec, options, part);
      }
    }
    this.started = this.solver.start(state, loss);
  }

  /**
   * Announces the number of alphas: for many of them, all products of columns may be computed at once, which costs
   * O(np²).
   */
  plan(points: number): void {
    const { state, bound, solver } = this;
    if (!bound.quadratic || !solver.readsMoments || state.moments || !Moments.pays(state.design, points)) return;
    const { design, d, centred, phases } = state;
    this.why.push(
      `${points} alphas are to come, for which reading ${design.all} rows each time would cost more than the products of all ${design.p} columns, which a squared loss needs instead`,
    );
    state.takeMoments(
      phases.during(
        'products of columns',
        () =>
          this.known?.moments() ??
          this.products?.of(design, d, centred, this.firstPass) ??
          Moments.of(design, d, centred),
      ),
    );
  }

  /** For other fits that share these products; a copy. */
  private get firstPass() {
    const { z, state } = this;
    return z && { z: z.slice(), gradient: state.nullGradient.slice(), norms: state.design.norms.slice() };
  }

  private criticalAlpha(): number {
    const { lower, upper, threshold } = this.unit;
    const g = this.state.nullGradient;
    const { norms } = this.state.design;
    let largest = 0;
    for (let j = 0; j < g.length; j++) {
      const pull =
        lower[j] === 0 && upper[j] === 0 ? 0 : lower[j] === 0 ? g[j] : upper[j] === 0 ? -g[j] : Math.abs(g[j]);
      if (!(threshold[j] > 0 && threshold[j] < Number.POSITIVE_INFINITY) || !(norms[j] > 0)) continue;
      largest = Math.max(largest, pull / threshold[j]);
    }
    return largest * this.targetScale;
  }

  /**
   * The solver's iterates at one alpha, starting from its current point, for callers that drive it themselves. They end
   * only when rounding allows no further progress; objectives and certificates refer to the target divided by
   * `targetScale`.
   */
  *iterates(alpha: number): Generator<Iterate<LinearPoint>> {
    setAlpha(this.present, this.unit, alpha, this.targetScale);
    for (const it of this.solverIterates(this.tol)) {
      yield { ...it, snapshot: () => this.inUnits(it.snapshot()) };
    }
  }

  private solverIterates(tol: number): Generator<Iterate<LinearPoint>> {
    return this.bound.kinks ? kinkedIterates(this.state, this.started, tol) : this.started.iterates(tol);
  }

  /** The loss at the last solution, for the target divided by `targetScale`. */
  get lossValue(): number {
    return this.bound.kinks ? this.bound.value(this.state.eta.view) : this.state.value;
  }

  private inUnits({ coef, intercept }: LinearPoint): LinearPoint {
    const { targetScale } = this;
    return targetScale === 1
      ? { coef, intercept }
      : { coef: coef.map((b) => b * targetScale), intercept: intercept * targetScale };
  }

  /**
   * Solves at one alpha, starting from the solver's current point.
   * @throws INVALID_PARAMETER.
   */
  solve(alpha: number, run_: FitOptions = {}, tol = this.tol): Solution<LinearPoint> {
    knownKeys('solve', run_, fitKeys);
    return this.solveAt(alpha, run_, tol, true);
  }

  /** As {@link solve}, for callers that do not need the point. */
  advance(alpha: number, run_: FitOptions = {}): Status {
    return this.solveAt(alpha, run_, this.tol, run_.onIterate !== undefined).status;
  }

  /** Without `shown` the point of the solution is left empty. */
  private solveAt(alpha: number, run_: FitOptions, tol: number, shown: boolean): Solution<LinearPoint> {
    if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
    }
    setAlpha(this.present, this.unit, alpha, this.targetScale);
    if (this.coarse && !run_.from && run_.timeLimit === undefined) this.startCoarsely(alpha, run_.signal);
    return this.solvePresent(run_, tol, shown);
  }

  /**
   * Solves without a penalty on the listed columns, within the bounds. All other coefficients are zero, and must be
   * zero at the initial point.
   */
  solveOn(columns: ArrayLike<number>, run_: FitOptions = {}, tol = this.tol): Solution<LinearPoint> {
    knownKeys('solveOn', run_, fitKeys);
    freeOn(this.present, columns);
    return this.solvePresent(run_, tol);
  }

  private solvePresent(run_: FitOptions, tol: number, shown = true): Solution<LinearPoint> {
    const { targetScale } = this;
    if (run_.from) this.startAt(run_.from);
    this.coarse = undefined;
    const iterates = this.solverIterates(tol);
    const solution = run(shown ? iterates : unseen(iterates, NOWHERE), {
      tol,
      maxIter: this.maxIter,
      signal: run_.signal,
      timeLimit: run_.timeLimit,
      onIterate: run_.onIterate,
    });
    if (targetScale === 1) return solution;
    return {
      ...solution,
      objective: solution.objective * targetScale * targetScale,
      point: this.inUnits(solution.point),
    };
  }

  /** Starts from the solution for a subset of the rows, if that improves on the null model. */
  private startCoarsely(of: number, signal: AbortSignal | undefined): void {
    const { state, unit } = this;
    const alpha = coarseAlpha(of, state.design, unit.threshold, state.v.view);
    // Nothing has entered yet.
    if (!(alpha < 0.5 * this.alphaMax)) return;
    const solve = (rows: Matrix) => {
      const part = this.coarse!(rows);
      const solution = part.solve(alpha, { signal }, COARSE_TOL);
      part.release();
      return solution;
    };
    state.phases.during('a part of the rows', () => startAtPart(state, solve));
  }

  /** Makes the next solve start at a point, in the units of the data. */
  private startAt({ coef, intercept }: LinearPoint): void {
    const { targetScale } = this;
    checkedStart(coef, this.X.cols);
    checkedStart([intercept], 1);
    this.state.moveTo({ coef: coef.map((b) => b / targetScale), intercept: intercept / targetScale });
  }

  /** The loss at a linear predictor in the units of the target, in the units of {@link lossValue}. */
  lossAt(eta: Float64Array): number {
    return this.bound.value(this.targetScale === 1 ? eta : eta.map((v) => v / this.targetScale));
  }

  /** Linear predictor at the last solution, in the units of the target: of the listed rows, or of all. A copy. */
  linearPredictor(rows?: ArrayLike<number>): Float64Array {
    const eta = this.state.predictor(rows);
    return this.targetScale === 1 ? eta : eta.map((v) => v * this.targetScale);
  }

  /**
   * Σ w(y − η)² at the last solution, in the units of the target, on held-out rows whose products are known: those with
   * weight. Weights sum to 1. Undefined if they are not known or rounding would matter; use predictions then. O(p ·
   * non-zeros).
   */
  meanSquareOn(weights: Float64Array): number | undefined {
    const { state, products, z, targetScale } = this;
    if (!products || !z || !state.moments) return undefined;
    if (this.held?.weights !== weights) {
      this.held = { weights, of: products.heldOut(state.design, weights, state.centred, z) };
    }
    const square = this.held.of?.meanSquare(state.beta, state.intercept);
    return square === undefined ? undefined : square * targetScale * targetScale;
  }

  release(): void {
    const { solver, why, state } = this;
    state.phases.begin();
    this.onExplain?.({ solver: solver.name, why, phases: state.phases.all });
    this.started.release();
    this.state.release();
  }
}
