import { asMatrix, checkFinite, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { projectBall } from '@southwell/numerics/projections';
import { elementary } from '@southwell/numerics/special';
import { type LdpMessage, protocolPrint } from './client.ts';
import { LIMIT } from './exactNoise.ts';
import { norm } from './grids.ts';
import { type Design, deviationsOf } from './protocol.ts';
import { hardThreshold, softThreshold, solveFloored } from './solve.ts';

/** The server's estimate from all reports. */
export interface LdpFit {
  /** Length d. */
  readonly theta: Float64Array;
  /** Indices of nonzero coefficients, from 0. */
  readonly support: readonly number[];
  /** Number of reports. */
  readonly people: number;
  /**
   * Standard deviation of the noise in an entry of the mean matrix (0 if no matrices were sent) and of the mean vector,
   * or of a round's mean gradient.
   */
  readonly noiseStd: { readonly matrix: number; readonly vector: number };
  /** Number of eigenvalues of the covariance above the floor; d if there is no covariance. */
  readonly effectiveRank: number;
  /** Soft threshold of the coefficients; absent in sequential mode. */
  readonly lambda?: number;
  readonly eigenFloor?: number;
  readonly warnings: readonly string[];
}

/** Aggregates reports; it has no access to the data. */
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

  /** For sequential protocols: the current round, from 1; one more than the number of rounds after the last. */
  get round(): number {
    return this.currentRound;
  }

  /** For sequential protocols: the estimate to send to the clients of this round. A copy. */
  get theta(): Float64Array {
    return this.current.slice();
  }

  /**
   * Adds a report. O(d²).
   * @throws INVALID_FORMAT if it does not belong to this protocol, or to this round.
   */
  aggregate(message: LdpMessage): void {
    const { moments, options } = this.design;
    const bad = (why: string): never => fail('INVALID_FORMAT', `Invalid report: ${why}.`);
    if (message?.protocol !== this.print) bad('it was made with another protocol');
    const { matrix, vector, round } = message;
    const check = (values: Float64Array | undefined, length: number) => {
      if (values?.length !== length) bad(`it has ${values?.length ?? 'no'} values instead of ${length}`);
      for (const v of values!) {
        if (!(Number.isFinite(v) && (!moments || (Number.isInteger(v) && Math.abs(v) <= LIMIT))))
          bad(`it contains ${v}`);
      }
    };
    check(vector, options.d);
    if (moments?.matrix) check(matrix, this.matrix.length);
    if (options.mode === 'sequential') {
      if (this.currentRound > options.rounds!) bad('all rounds have ended');
      if (round !== this.currentRound) bad(`it is for round ${round}, but the current round is ${this.currentRound}`);
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
   * Sets public covariates, m × d, which are clipped as people's features are; for mode `public`.
   * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, EMPTY, SINGULAR.
   */
  publicCovariates(X: MatrixLike): void {
    const { mode, d, clip } = this.design.options;
    if (mode !== 'public')
      fail('INVALID_PARAMETER', `Public covariates are for mode 'public', but the mode is '${mode}'.`);
    const given = asMatrix(X);
    checkFinite(given);
    const dense = given.kind === 'dense' ? given : given.toDense();
    if (dense.rows === 0) fail('EMPTY', 'There are no public covariates.');
    if (dense.cols !== d)
      fail('INVALID_SHAPE', `The protocol is for ${d} features, but public covariates have ${dense.cols}.`);
    if (dense.rows < d) {
      fail(
        'SINGULAR',
        `${dense.rows} public covariates do not determine the covariance of ${d} features: give at least ${d}.`,
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
    if (zero.length > 0)
      fail('SINGULAR', `Column ${zero[0] + 1} of the public covariates is 0 everywhere: exclude it.`);
    this.publicCovariance = sum.map((s) => s / dense.rows);
  }

  /**
   * The covariance of the public covariates, d × d. A copy.
   * @throws EMPTY if there are none.
   */
  covariance(): Float64Array {
    if (!this.publicCovariance)
      fail('EMPTY', "Mode 'public' needs public covariates: give them first with publicCovariates.");
    return this.publicCovariance.slice();
  }

  /**
   * Ends a round of a sequential protocol: takes a step along the negative mean gradient, keeps the largest
   * coefficients and projects onto the bound.
   * @throws INVALID_PARAMETER, EMPTY.
   */
  endRound(): void {
    const { mode, sparsity, stepSize = 1, thetaBound = 1, rounds } = this.design.options;
    if (mode !== 'sequential')
      fail('INVALID_PARAMETER', `Rounds are for mode 'sequential', but the mode is '${mode}'.`);
    if (this.currentRound > rounds!) fail('INVALID_PARAMETER', `All ${rounds} rounds have ended.`);
    if (this.count === 0) fail('EMPTY', `Round ${this.currentRound} has no reports.`);
    this.current = iterativeStep(this.current, this.vector, this.count, { stepSize, sparsity: sparsity!, thetaBound });
    this.smallest = Math.min(this.smallest, this.count);
    this.total += this.count;
    this.count = 0;
    this.vector.fill(0);
    this.currentRound++;
  }

  /**
   * The estimate from all reports so far. O(d³).
   * @throws EMPTY if there are too few, SINGULAR if the covariance has no usable eigenvalues.
   */
  finish(): LdpFit {
    const { design } = this;
    const { d, mode } = design.options;
    if (mode === 'sequential') return this.finishRounds();
    if (this.count < d) {
      fail(
        'EMPTY',
        `${this.count} reports do not determine ${d} coefficients: at least ${d} are needed, and many more for a good fit.`,
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
        `Round ${this.currentRound} of ${rounds} has not ended: collect its reports and end it with endRound.`,
      );
    }
    return finishedRounds(this.design, this.current, this.total, this.smallest, d);
  }
}

/** θ − η·mean gradient, hard-thresholded and projected onto the bound. */
export function iterativeStep(
  theta: Float64Array,
  gradients: Float64Array,
  people: number,
  { stepSize, sparsity, thetaBound }: { stepSize: number; sparsity: number; thetaBound: number },
): Float64Array {
  const stepped = theta.map((v, j) => v - (stepSize * gradients[j]) / people);
  return projectBall(hardThreshold(stepped, sparsity), thetaBound);
}

/** The result of a sequential protocol. */
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
          `The noise of a round's mean gradient has a norm of about ${length.toPrecision(2)}, the estimate of at most about 1: use tighter bounds, fewer rounds, or more people.`,
        ]
      : [];
  return { theta, support: supportOf(theta), people, noiseStd: { matrix: 0, vector }, effectiveRank: d, warnings };
}

const supportOf = (theta: Float64Array): number[] => Array.from(theta.keys()).filter((j) => theta[j] !== 0);

/**
 * The one-round estimate from a mean covariance (d × d, noisy or public) and a noisy mean moment vector of n people.
 * @throws SINGULAR if no eigenvalue is above the floor.
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
      'The noise exceeds the covariance, whose trace is not positive: use more people, or give an eigenFloor.',
    );
  }
  const { theta: unthresholded, eigenvalues, least } = solveFloored(covariance, moment, eigenFloor);
  const effectiveRank = eigenvalues.filter((v) => v > eigenFloor).length;
  if (effectiveRank === 0) {
    fail(
      'SINGULAR',
      `No eigenvalue of the covariance is above the floor ${eigenFloor.toPrecision(3)}: use more people, or give a lower eigenFloor.`,
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
      `${d - effectiveRank} of ${d} eigenvalues of the covariance are at or below the floor: those directions are dominated by noise or by dependent features.`,
    );
  }
  if (support.length === 0)
    warnings.push('All coefficients are within the noise threshold: the estimate of 0 contains no information.');
  return { theta, support, people: n, noiseStd, effectiveRank, lambda, eigenFloor, warnings };
}
