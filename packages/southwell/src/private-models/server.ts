import { asMatrix, checkFinite, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { projectBall } from '@southwell/numerics/projections';
import { elementary } from '@southwell/numerics/special';
import { type LdpMessage, protocolPrint } from './client.ts';
import { LIMIT } from './exactNoise.ts';
import { norm } from './grids.ts';
import { type Design, deviationsOf } from './protocol.ts';
import { hardThreshold, softThreshold, solveFloored } from './solve.ts';

/** What the server makes of all reports. */
export interface LdpFit {
  /** Length d. */
  readonly theta: Float64Array;
  /** Columns of coefficients that are not zero, from 0. */
  readonly support: readonly number[];
  /** Reports. */
  readonly people: number;
  /** Deviation of the noise in an entry of the mean matrix (0 where nobody sent one) and of the mean vector, or of a round's mean gradient. */
  readonly noiseStd: { readonly matrix: number; readonly vector: number };
  /** Eigenvalues of the covariance above the floor; d where there is no covariance. */
  readonly effectiveRank: number;
  /** What coefficients were drawn to zero by; absent in sequential mode. */
  readonly lambda?: number;
  readonly eigenFloor?: number;
  readonly warnings: readonly string[];
}

/** Gathers reports, and never sees data. */
export class LdpServer {
  private readonly matrix: Float64Array;
  private readonly vector: Float64Array;
  private count = 0;
  private total = 0;
  private smallest = Number.POSITIVE_INFINITY;
  private readonly print: string;
  private current: Float64Array;
  private currentRound = 1;
  private publicCovariance?: Float64Array;

  constructor(private readonly design: Design) {
    const { d } = design.options;
    this.matrix = new Float64Array((d * (d + 1)) / 2);
    this.vector = new Float64Array(d);
    this.current = new Float64Array(d);
    this.print = protocolPrint(design);
  }

  /** Of sequential protocols: which round takes reports, from 1; one more than there are when all are over. */
  get round(): number {
    return this.currentRound;
  }

  /** Of sequential protocols: the estimate that clients of this round are to be sent. A copy. */
  get theta(): Float64Array {
    return this.current.slice();
  }

  /**
   * Takes a report. O(d²).
   * @throws INVALID_FORMAT where it is not one of this protocol, or not of this round.
   */
  aggregate(message: LdpMessage): void {
    const { moments, options } = this.design;
    const bad = (why: string): never => fail('INVALID_FORMAT', `This report cannot be counted: ${why}.`);
    if (message?.protocol !== this.print) bad('it was made under another protocol');
    const { matrix, vector, round } = message;
    const check = (values: Float64Array | undefined, length: number) => {
      if (values?.length !== length) bad(`it has ${values?.length ?? 'no'} values where there are to be ${length}`);
      for (const v of values!) {
        if (!(Number.isFinite(v) && (!moments || (Number.isInteger(v) && Math.abs(v) <= LIMIT)))) bad(`it holds ${v}`);
      }
    };
    check(vector, options.d);
    if (moments?.matrix) check(matrix, this.matrix.length);
    if (options.mode === 'sequential') {
      if (this.currentRound > options.rounds!) bad('all rounds are over');
      if (round !== this.currentRound) bad(`it is of round ${round}, and this is round ${this.currentRound}`);
      const { mechanism, deviation } = this.design.gradient!;
      if (mechanism === 'ball' && Math.abs(norm(vector) / (deviation * Math.sqrt(options.d)) - 1) > 1e-9) {
        bad('it does not lie on the sphere');
      }
    }
    this.count++;
    for (let j = 0; j < vector.length; j++) this.vector[j] += vector[j];
    if (moments?.matrix) for (let j = 0; j < matrix!.length; j++) this.matrix[j] += matrix![j];
  }

  /**
   * Public covariates, m × d, clipped as people's are; for mode `public`.
   * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, EMPTY, SINGULAR.
   */
  publicCovariates(X: MatrixLike): void {
    const { mode, d, clip } = this.design.options;
    if (mode !== 'public') fail('INVALID_PARAMETER', `Public covariates are of mode 'public', and this is '${mode}'.`);
    const given = asMatrix(X);
    checkFinite(given);
    const dense = given.kind === 'dense' ? given : given.toDense();
    if (dense.rows === 0) fail('EMPTY', 'There are no public covariates.');
    if (dense.cols !== d)
      fail('INVALID_SHAPE', `The protocol is for ${d} features, but public covariates have ${dense.cols}.`);
    if (dense.rows < d) {
      fail(
        'SINGULAR',
        `${dense.rows} public covariates do not tell the covariance of ${d} features: give at least ${d}.`,
      );
    }
    const row = new Float64Array(d);
    const sum = new Float64Array(d * d);
    for (let i = 0; i < dense.rows; i++) {
      for (let j = 0; j < d; j++) row[j] = dense.get(i, j);
      const clipped = projectBall(row, clip.x);
      for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) sum[j * d + k] += clipped[j] * clipped[k];
    }
    const zero = Array.from({ length: d }, (_, j) => j).filter((j) => sum[j * d + j] === 0);
    if (zero.length > 0) fail('SINGULAR', `Public covariates are 0 throughout in column ${zero[0] + 1}: leave it out.`);
    this.publicCovariance = sum.map((s) => s / dense.rows);
  }

  /**
   * The covariance of the public covariates, d × d. A copy.
   * @throws EMPTY where there are none.
   */
  covariance(): Float64Array {
    if (!this.publicCovariance) fail('EMPTY', 'Mode public needs covariates that are public: give them first.');
    return this.publicCovariance.slice();
  }

  /**
   * Ends a round of a sequential protocol: a step against the mean gradient, of which the largest coefficients are kept, within
   * the bound.
   * @throws INVALID_PARAMETER, EMPTY.
   */
  endRound(): void {
    const { mode, sparsity, stepSize = 1, thetaBound = 1, rounds } = this.design.options;
    if (mode !== 'sequential') fail('INVALID_PARAMETER', `Rounds are of mode 'sequential', and this is '${mode}'.`);
    if (this.currentRound > rounds!) fail('INVALID_PARAMETER', `All ${rounds} rounds are over.`);
    if (this.count === 0) fail('EMPTY', `Nobody reported in round ${this.currentRound}.`);
    this.current = iterativeStep(this.current, this.vector, this.count, { stepSize, sparsity: sparsity!, thetaBound });
    this.smallest = Math.min(this.smallest, this.count);
    this.total += this.count;
    this.count = 0;
    this.vector.fill(0);
    this.currentRound++;
  }

  /**
   * The estimate from all reports until now. O(d³).
   * @throws EMPTY where there are too few, SINGULAR where the covariance says nothing.
   */
  finish(): LdpFit {
    const { design } = this;
    const { d, mode } = design.options;
    if (mode === 'sequential') return this.finishRounds();
    if (this.count < d) {
      fail(
        'EMPTY',
        `${this.count} reports do not tell ${d} coefficients: there must be at least ${d}, and many more for a good fit.`,
      );
    }
    const { step } = design.moments!;
    const n = this.count;
    const covariance = mode === 'public' ? this.covariance() : new Float64Array(d * d);
    if (mode !== 'public') {
      let at = 0;
      for (let i = 0; i < d; i++) {
        for (let j = i; j < d; j++) {
          const mean = (this.matrix[at++] * step.x * step.x) / n;
          covariance[i * d + j] = mean;
          covariance[j * d + i] = mean;
        }
      }
    }
    return estimateFrom(
      design,
      covariance,
      this.vector.map((v) => (v * step.x * step.y) / n),
      n,
    );
  }

  private finishRounds(): LdpFit {
    const { rounds, d } = this.design.options;
    if (this.currentRound <= rounds!) {
      fail(
        'EMPTY',
        `Round ${this.currentRound} of ${rounds} is not over: gather its reports and end it with endRound.`,
      );
    }
    return finishedRounds(this.design, this.current, this.total, this.smallest, d);
  }
}

/** θ − η·mean gradient, of which the largest are kept, drawn in to the bound. */
export function iterativeStep(
  theta: Float64Array,
  gradients: Float64Array,
  people: number,
  { stepSize, sparsity, thetaBound }: { stepSize: number; sparsity: number; thetaBound: number },
): Float64Array {
  const stepped = theta.map((v, j) => v - (stepSize * gradients[j]) / people);
  return projectBall(hardThreshold(stepped, sparsity), thetaBound);
}

/** What a sequential protocol ends with. */
export function finishedRounds(
  { gradient }: Design,
  theta: Float64Array,
  people: number,
  smallest: number,
  d: number,
): LdpFit {
  const vector = gradient!.deviation / Math.sqrt(smallest);
  const length = vector * Math.sqrt(d);
  const warnings =
    length > 1
      ? [
          `The noise of a round's mean gradient is about ${length.toPrecision(2)} long, the estimate at most about 1: take tighter bounds, fewer rounds, or more people.`,
        ]
      : [];
  return { theta, support: supportOf(theta), people, noiseStd: { matrix: 0, vector }, effectiveRank: d, warnings };
}

const supportOf = (theta: Float64Array): number[] => Array.from(theta.keys()).filter((j) => theta[j] !== 0);

/**
 * The one-round estimate from a mean covariance (d × d, with noise or public) and a mean moment with noise, of n people.
 * @throws SINGULAR where no eigenvalue lies above the floor.
 */
export function estimateFrom(design: Design, covariance: Float64Array, moment: Float64Array, n: number): LdpFit {
  const { d, sparsity, thetaBound } = design.options;
  const one = deviationsOf(design.moments!);
  const noiseStd = { matrix: one.matrix / Math.sqrt(n), vector: one.vector / Math.sqrt(n) };
  let trace = 0;
  for (let j = 0; j < d; j++) trace += covariance[j * d + j];
  const eigenFloor = design.options.eigenFloor ?? (0.3 * trace) / d;
  if (!(eigenFloor > 0)) {
    fail(
      'SINGULAR',
      'The noise drowns the covariance, whose trace came out below 0: gather more people, or give an eigenFloor.',
    );
  }
  const { theta: unthresholded, eigenvalues, least } = solveFloored(covariance, moment, eigenFloor);
  const effectiveRank = eigenvalues.filter((v) => v > eigenFloor).length;
  if (effectiveRank === 0) {
    fail(
      'SINGULAR',
      `No eigenvalue of the covariance lies above the floor ${eigenFloor.toPrecision(3)}: gather more people, or give a lower eigenFloor.`,
    );
  }
  const lambda = design.options.lambda ?? (noiseStd.vector * Math.sqrt(2 * elementary.log(Math.max(2, d)))) / least;
  let theta = softThreshold(unthresholded, lambda);
  if (sparsity !== undefined) theta = hardThreshold(theta, sparsity);
  if (thetaBound !== undefined) theta = projectBall(theta, thetaBound);
  const support = supportOf(theta);
  const warnings: string[] = [];
  if (effectiveRank < d) {
    warnings.push(
      `${d - effectiveRank} of ${d} eigenvalues of the covariance came out at most at the floor: noise or dependent features decide those directions.`,
    );
  }
  if (support.length === 0)
    warnings.push('All coefficients are within the threshold of noise: the estimate 0 says no more than no estimate.');
  return { theta, support, people: n, noiseStd, effectiveRank, lambda, eigenFloor, warnings };
}
