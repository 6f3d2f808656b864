import {
  checkOptions,
  fail,
  fingerprint,
  integerOption,
  type OptionsOf,
  otherOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import type { PrivacyAccountant } from './accountant.ts';
import { withNoise } from './exactNoise.ts';
import { checkValues, draw, type IntegerNoise, intoBall, intoInterval, norm } from './grids.ts';
import { gaussianMechanism, l2BallMechanism } from './mechanisms.ts';
import { type NoiseSource, secureSource } from './noiseSource.ts';
import type { Design, Moments } from './protocol.ts';

/** The report of one person, as plain data. */
export interface LdpMessage {
  /** Fingerprint of the protocol. */
  readonly protocol: string;
  /** The source of its noise. `seeded` noise gives no protection against anyone who knows the seed. */
  readonly noise: NoiseSource['kind'];
  /** For sequential protocols: the round, from 1. */
  readonly round?: number;
  /** Noisy products of features, the upper triangle in row-major order, in whole units. */
  readonly matrix?: Float64Array;
  /** Noisy products of features and target in whole units, or a noisy gradient. */
  readonly vector: Float64Array;
}

const encodeRecords = {
  /** In sequential mode: the number of the round, from 1. */
  round: integerOption({ min: 1 }),
  /** In sequential mode: the server's estimate for that round. */
  theta: otherOption<ArrayLike<number>>('a number for each feature'),
  /** Identifies the person; for accountants only. */
  person: otherOption<string>('a text'),
};

/** What an encoding needs in addition to the person's data. */
export interface EncodeOptions extends OptionsOf<typeof encodeRecords> {}

const clientRecords = {
  /** Default: {@link secureSource}. */
  source: otherOption<NoiseSource>('a source of random bits'),
  /**
   * Limits each person to a budget over all reports; every encoding must then give a person. Without an accountant,
   * each report must come from a different person.
   */
  accountant: otherOption<PrivacyAccountant>('an accountant'),
};

export interface ClientOptions extends OptionsOf<typeof clientRecords> {}

/** Fingerprint of everything that reports depend on; the same for all parties with the same protocol. */
export const protocolPrint = ({ options, privacy }: Design): string => {
  const { d, mode, clip, sparsity, rounds, thetaBound } = options;
  const steps = mode === 'sequential' ? { sparsity, rounds, thetaBound } : {};
  return fingerprint({ d, mode, clip: { x: clip.x, y: clip.y }, ...privacy, ...steps });
};

/**
 * The values to which one-round protocols add noise: the upper triangle of qqᵀ in row-major order, and qt, as whole
 * numbers that are exact in doubles. Their sensitivities are proven at `momentsOf`.
 */
export function exactProducts(x: ArrayLike<number>, y: number, { step, radius, most }: Moments) {
  const { units: q, clipped: clippedX } = intoBall(x, step.x, radius);
  const { unit: t, clipped: clippedY } = intoInterval(y, step.y, most);
  const triangle = new Float64Array((q.length * (q.length + 1)) / 2);
  for (let i = 0, at = 0; i < q.length; i++) for (let j = i; j < q.length; j++) triangle[at++] = q[i] * q[j];
  return { triangle, vector: q.map((k) => k * t), clippedX, clippedY };
}

/** Makes reports from people's data: the only part of a protocol that has access to the data. */
export class LdpClient {
  private readonly source: NoiseSource;
  private readonly accountant?: PrivacyAccountant;
  private readonly print: string;
  private reports = 0;
  private clippedX = 0;
  private clippedY = 0;

  constructor(
    private readonly design: Design,
    options: ClientOptions = {},
  ) {
    checkOptions('client', clientRecords, options);
    this.source = options.source ?? secureSource();
    this.accountant = options.accountant;
    this.print = protocolPrint(design);
  }

  /** Number of encoded people, and of those whose values were clipped. Not private: it must not be sent. */
  get counts() {
    return { reports: this.reports, clippedX: this.clippedX, clippedY: this.clippedY };
  }

  /**
   * The report of one person, (ε, δ)-private for the data of any two people. Values beyond the bounds are clipped and
   * counted.
   * @param x features of the person, length d. @param y target.
   * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; then no report is made.
   */
  encode(x: ArrayLike<number>, y: number, options: EncodeOptions = {}): LdpMessage {
    checkOptions('encode', encodeRecords, options);
    const { d, mode } = this.design.options;
    if (x.length !== d) fail('INVALID_SHAPE', `The protocol is for ${d} features, but x has ${x.length}.`);
    checkValues(x, 'Feature');
    checkValues([y], 'Target');
    const { round, theta, person } = options;
    if ((round !== undefined || theta !== undefined) && mode !== 'sequential') {
      fail('INVALID_PARAMETER', `round and theta are for mode 'sequential', but the mode is '${mode}'.`);
    }
    if (mode === 'sequential') this.checkRound(round, theta);
    if (this.accountant) {
      if (person === undefined) fail('INVALID_PARAMETER', 'With an accountant, every report needs person.');
      this.accountant.charge(person, this.design.privacy);
    } else if (person !== undefined) {
      fail('INVALID_PARAMETER', 'person is given, but the client has no accountant.');
    }
    this.reports++;
    const { moments } = this.design;
    const shared = { protocol: this.print, noise: this.source.kind };
    return moments
      ? { ...shared, ...this.products(x, y, moments) }
      : { ...shared, round, vector: this.gradient(x, y, theta!) };
  }

  private checkRound(round: number | undefined, theta: ArrayLike<number> | undefined): void {
    const { d, rounds, thetaBound } = this.design.options;
    if (round === undefined || theta === undefined) {
      fail('INVALID_PARAMETER', "In mode 'sequential' every report needs round and theta.");
    }
    wholeNumber('round', round, 1, rounds);
    if (theta.length !== d) fail('INVALID_SHAPE', `theta has ${theta.length} values for ${d} features.`);
    checkValues(theta, 'Coefficient');
    // Depends on the protocol only, not on this person's data; the following computations cannot overflow.
    if (norm(theta) > (thetaBound ?? 1) * (1 + 1e-9)) {
      fail(
        'INVALID_PARAMETER',
        `The norm of theta exceeds the bound ${thetaBound ?? 1} of the protocol: nothing was sent.`,
      );
    }
  }

  private products(x: ArrayLike<number>, y: number, moments: Moments) {
    const { triangle, vector, clippedX, clippedY } = exactProducts(x, y, moments);
    if (clippedX) this.clippedX++;
    if (clippedY) this.clippedY++;
    const noisy = (noise: IntegerNoise) => (k: number) => withNoise(k, draw(noise, this.source));
    return {
      ...(moments.matrix && { matrix: triangle.map(noisy(moments.matrix)) }),
      vector: vector.map(noisy(moments.vector)),
    };
  }

  /**
   * Private for any θ that a server sends, since the mechanisms bound the gradient themselves, however many
   * coefficients θ has.
   */
  private gradient(x: ArrayLike<number>, y: number, theta: ArrayLike<number>): Float64Array {
    const { clip } = this.design.options;
    const { bound, mechanism } = this.design.gradient!;
    const cut = (value: number, most: number) => clamp(value, -most, most);
    const features = Float64Array.from(x, (v) => cut(v, clip.x));
    const target = cut(y, clip.y);
    if (features.some((v, j) => v !== x[j])) this.clippedX++;
    if (target !== y) this.clippedY++;
    const residual = features.reduce((sum, v, j) => sum + v * theta[j], 0) - target;
    const gradient = features.map((v) => v * residual);
    const { source } = this;
    const { epsilon, delta } = this.design.privacy;
    return mechanism === 'ball'
      ? l2BallMechanism(gradient, { epsilon, bound, source }).values
      : gaussianMechanism(gradient, { epsilon, delta, bound, source }).values;
  }
}
