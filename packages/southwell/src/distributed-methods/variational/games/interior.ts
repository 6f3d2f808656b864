import { DenseMatrix } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import { type CholeskyFactor, cholesky, gramMatrix, multiply, multiplyTransposed } from '@southwell/numerics/linalg';
import { type Best, normalise } from './best.ts';
import type { Payoffs } from './payoffs.ts';
import { equalise } from './support.ts';

/** State of the interior-point method between iterations, as plain data, from the view of the player with fewer strategies. */
export interface InteriorState {
  readonly iteration: number;
  /** Subtracted from all payoffs: close to the value, since their size limits the precision of bounds. */
  readonly shift: number;
  /** Strategies, slacks of their bounds, and the bounds (upper, lower). */
  readonly few: Float64Array;
  readonly many: Float64Array;
  readonly slackFew: Float64Array;
  readonly slackMany: Float64Array;
  readonly bounds: Float64Array;
}

type State = { -readonly [K in keyof InteriorState]: InteriorState[K] };

interface Step {
  readonly few: Float64Array;
  readonly many: Float64Array;
  readonly slackFew: Float64Array;
  readonly slackMany: Float64Array;
  readonly bounds: Float64Array;
}

/** Share of the way to the boundary. */
const SHORT_OF_BOUNDARY = 0.995;
/** Steps shorter than this make no progress. */
const SHORTEST = 1e-6;
const MOST = 80;

const copied = ({ iteration, shift, few, many, slackFew, slackMany, bounds }: InteriorState): State => ({
  ...{ iteration, shift },
  ...{ few: few.slice(), many: many.slice(), slackFew: slackFew.slice(), slackMany: slackMany.slice() },
  bounds: bounds.slice(),
});

/**
 * The linear program of a game by a primal-dual interior-point method with Mehrotra's predictor and corrector (Wright
 * 1997, Primal-dual interior-point methods, chapter 10), for the player with fewer strategies: with B the transposed
 * payoffs, long × short,
 *
 *   Bᵀq + s = v·1,  Bp − t = u·1,  Σp = Σq = 1,  p, q, s, t ≥ 0,  p∘s = q∘t = 0,
 *
 * whose Newton steps reduce to one positive definite system of the order of the shorter side. After each iteration its
 * strategies are offered to `best`, and so is the exact solution on their support ({@link equalise}). O(long·short²) an
 * iteration.
 */
export class InteriorPoint {
  private readonly B: DenseMatrix;
  private readonly scaled: DenseMatrix;
  private readonly gram: DenseMatrix;
  private readonly swapped: boolean;
  private readonly state: State;
  private tried = '';

  constructor(
    payoffs: Payoffs,
    private readonly best: Best,
    resume?: InteriorState,
  ) {
    const { matrix } = payoffs;
    // The column player is the row player of the game −Aᵀ.
    this.swapped = matrix.rows > matrix.cols;
    const [long, short] = this.swapped ? [matrix.rows, matrix.cols] : [matrix.cols, matrix.rows];
    this.B = this.swapped
      ? DenseMatrix.fromColumnMajor(matrix.data, long, short)
      : DenseMatrix.fromRowMajor(matrix.data, long, short);
    const shift = resume?.shift ?? (best.lower + best.upper) / 2;
    const { data } = this.B;
    for (let k = 0; k < data.length; k++) data[k] = this.swapped ? shift - data[k] : data[k] - shift;
    this.gram = DenseMatrix.create(short, short, { fill: false });
    this.scaled = DenseMatrix.create(long, short, { fill: false, arena: this.gram.arena });
    this.state = resume ? copied(resume) : this.start(shift);
  }

  /** Equal probabilities, and bounds with slacks of the size of the payoffs. */
  private start(shift: number): State {
    const { rows: long, cols: short } = this.B;
    const few = new Float64Array(short).fill(1 / short);
    const many = new Float64Array(long).fill(1 / long);
    const [slackFew, slackMany] = [new Float64Array(short), new Float64Array(long)];
    multiplyTransposed(this.B, many, slackFew);
    multiply(this.B, few, slackMany);
    const upper = slackFew.reduce((a, b) => Math.max(a, b)) + 1;
    const lower = slackMany.reduce((a, b) => Math.min(a, b)) - 1;
    for (let i = 0; i < short; i++) slackFew[i] = upper - slackFew[i];
    for (let j = 0; j < long; j++) slackMany[j] -= lower;
    return { iteration: 0, shift, few, many, slackFew, slackMany, bounds: Float64Array.of(upper, lower) };
  }

  *steps(): Generator<{ readonly iteration: number; state(): InteriorState }> {
    const { state } = this;
    while (state.iteration < MOST) {
      const length = this.advance();
      state.iteration++;
      if (length > 0) this.offer();
      yield { iteration: state.iteration, state: () => copied(state) };
      if (length < SHORTEST) return;
    }
  }

  free(): void {
    for (const matrix of [this.B, this.scaled, this.gram]) matrix.free();
  }

  private offerAs(few: Float64Array, many: Float64Array): void {
    if (this.swapped) this.best.offer(many, few);
    else this.best.offer(few, many);
  }

  /** Offers the present strategies, and those that make all strategies of their supports equally good. */
  private offer(): void {
    const { few, many, slackFew, slackMany, bounds } = this.state;
    const [p, q] = [normalise(few.slice()), normalise(many.slice())];
    this.offerAs(p, q);
    const [I, J] = [supportOf(few, slackFew), supportOf(many, slackMany)];
    // The same guess gives the same solution, unless several strategies are optimal.
    const guess = `${I.join()} ${J.join()}`;
    if (guess === this.tried || I.length === 0 || J.length === 0) return;
    this.tried = guess;
    const [U, V] = [this.part(J, I), this.part(J, I, true)];
    try {
      const pick = (from: Float64Array, at: Int32Array) => Float64Array.from(at, (i) => from[i]);
      const exactFew = equalise(U, pick(p, I), bounds[1]);
      const exactMany = equalise(V, pick(q, J), bounds[0]);
      const spread = (values: Float64Array | undefined, at: Int32Array, otherwise: Float64Array) => {
        if (!values?.every((v) => v > -1e-9)) return otherwise;
        const out = new Float64Array(otherwise.length);
        for (const [k, i] of at.entries()) out[i] = values[k];
        return normalise(out);
      };
      this.offerAs(spread(exactFew, I, p), spread(exactMany, J, q));
    } finally {
      U.free();
      V.free();
    }
  }

  /** The payoffs among the strategies of the supports: those of J (rows) × those of I, or transposed. */
  private part(J: Int32Array, I: Int32Array, transposed = false): DenseMatrix {
    const { B } = this;
    const out = transposed
      ? DenseMatrix.create(I.length, J.length, { fill: false })
      : DenseMatrix.create(J.length, I.length, { fill: false });
    for (let c = 0; c < I.length; c++) {
      const from = B.column(I[c]);
      for (let r = 0; r < J.length; r++) {
        if (transposed) out.set(c, r, from[J[r]]);
        else out.set(r, c, from[J[r]]);
      }
    }
    return out;
  }

  /** One predictor and corrector; returns the length of the step, 0 if there is none. */
  private advance(): number {
    const { state, scaled, gram, B } = this;
    const { few, many, slackFew, slackMany } = state;
    for (let i = 0; i < few.length; i++) {
      const [from, to] = [B.column(i), scaled.column(i)];
      for (let j = 0; j < many.length; j++) to[j] = from[j] * Math.sqrt(many[j] / slackMany[j]);
    }
    let factor: CholeskyFactor | undefined;
    try {
      gramMatrix(scaled, gram);
      for (let i = 0; i < few.length; i++) gram.set(i, i, gram.get(i, i) + slackFew[i] / few[i]);
      factor = cholesky(gram);
      const newton = this.solver(factor);
      const mu = complementarity(state) / (few.length + many.length);
      const predictor = newton(
        few.map((p, i) => -p * slackFew[i]),
        many.map((q, j) => -q * slackMany[j]),
      );
      const reach = Math.min(1, longest(state, predictor));
      const centred = (complementarity(state, predictor, reach) / (few.length + many.length) / mu) ** 3 * mu;
      const corrector = newton(
        few.map((p, i) => centred - p * slackFew[i] - predictor.few[i] * predictor.slackFew[i]),
        many.map((q, j) => centred - q * slackMany[j] - predictor.many[j] * predictor.slackMany[j]),
      );
      const length = Math.min(1, SHORT_OF_BOUNDARY * longest(state, corrector));
      if (!(length > 0)) return 0;
      for (const name of ['few', 'many', 'slackFew', 'slackMany', 'bounds'] as const)
        for (let k = 0; k < state[name].length; k++) state[name][k] += length * corrector[name][k];
      return length;
    } catch (error) {
      // Rounding has made the matrix indefinite: no further digits are to be had this way.
      if (error instanceof SouthwellError) return 0;
      throw error;
    } finally {
      factor?.free();
    }
  }

  /** Newton steps for given right-hand sides of the two complementarity conditions. */
  private solver(factor: CholeskyFactor): (forFew: Float64Array, forMany: Float64Array) => Step {
    const { few, many, slackFew, slackMany, bounds } = this.state;
    const { B } = this;
    const weight = many.map((q, j) => q / slackMany[j]);
    const toFew = new Float64Array(few.length);
    const toMany = new Float64Array(many.length);
    const transposedTimes = (q: Float64Array) => {
      multiplyTransposed(B, q, toFew);
      return toFew;
    };
    // Residuals of the equations, which rounding lets grow.
    const residualFew = transposedTimes(many).map((v, i) => bounds[0] - v - slackFew[i]);
    multiply(B, few, toMany);
    const residualMany = toMany.map((v, j) => bounds[1] - v + slackMany[j]);
    const [lackFew, lackMany] = [1 - sum(few), 1 - sum(many)];
    const ofUpper = factor.solve(new Float64Array(few.length).fill(1));
    const weighted = transposedTimes(weight).slice();
    const ofLower = factor.solve(weighted);
    return (forFew, forMany) => {
      const right = many.map((_, j) => residualMany[j] + forMany[j] / many[j]);
      const constant = transposedTimes(right.map((v, j) => weight[j] * v)).map(
        (v, i) => v - residualFew[i] + forFew[i] / few[i],
      );
      const base = factor.solve(constant);
      // base + δu·ofLower − δv·ofUpper has sum lackFew; the change of the other strategy has sum lackMany.
      const manyOf = (change: Float64Array, direct: (j: number) => number) => {
        multiply(B, change, toMany);
        return toMany.map((v, j) => weight[j] * (direct(j) - v));
      };
      const manyBase = manyOf(base, (j) => right[j]);
      const manyLower = manyOf(ofLower, () => 1);
      const manyUpper = manyOf(ofUpper, () => 0);
      const [a, b, c, d] = [sum(ofLower), -sum(ofUpper), sum(manyLower), -sum(manyUpper)];
      const [e, f] = [lackFew - sum(base), lackMany - sum(manyBase)];
      const determinant = a * d - b * c;
      const lower = (e * d - b * f) / determinant;
      const upper = (a * f - e * c) / determinant;
      const stepFew = base.map((v, i) => v + lower * ofLower[i] - upper * ofUpper[i]);
      const stepMany = manyBase.map((v, j) => v + lower * manyLower[j] - upper * manyUpper[j]);
      return {
        few: stepFew,
        many: stepMany,
        slackFew: stepFew.map((v, i) => (forFew[i] - slackFew[i] * v) / few[i]),
        slackMany: stepMany.map((v, j) => (forMany[j] - slackMany[j] * v) / many[j]),
        bounds: Float64Array.of(upper, lower),
      };
    };
  }
}

/** Strategies that are likelier than they are bad. */
function supportOf(p: Float64Array, slack: Float64Array): Int32Array {
  return Int32Array.from([...p.keys()].filter((i) => p[i] > slack[i]));
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const v of values) total += v;
  return total;
}

/** p·s + q·t, after a step of some length. */
function complementarity({ few, many, slackFew, slackMany }: InteriorState, step?: Step, length = 0): number {
  let total = 0;
  for (let i = 0; i < few.length; i++)
    total += (few[i] + length * (step?.few[i] ?? 0)) * (slackFew[i] + length * (step?.slackFew[i] ?? 0));
  for (let j = 0; j < many.length; j++)
    total += (many[j] + length * (step?.many[j] ?? 0)) * (slackMany[j] + length * (step?.slackMany[j] ?? 0));
  return total;
}

/** The length of a step at which a coordinate becomes 0; NaN makes it 0. */
function longest(state: InteriorState, step: Step): number {
  let length = Number.POSITIVE_INFINITY;
  for (const name of ['few', 'many', 'slackFew', 'slackMany'] as const) {
    for (let k = 0; k < state[name].length; k++) {
      const change = step[name][k];
      if (Number.isNaN(change)) return 0;
      if (change < 0) length = Math.min(length, -state[name][k] / change);
    }
  }
  return length;
}
