import {
  checkOptions,
  countOption,
  fail,
  fingerprint,
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

/** What one person sends: plain data. */
export interface LdpMessage {
  /** Of the protocol that made it. */
  readonly protocol: string;
  /** Where its noise comes from: `seeded` noise protects nobody from who knows the seed. */
  readonly noise: NoiseSource['kind'];
  /** Of sequential protocols, from 1. */
  readonly round?: number;
  /** Products of features with noise, the upper triangle row by row, in whole units. */
  readonly matrix?: Float64Array;
  /** Products of features and target in whole units, or a gradient, with noise. */
  readonly vector: Float64Array;
}

const encodeRecords = {
  /** In sequential mode: the number of the round, from 1. */
  round: countOption({ min: 1 }),
  /** In sequential mode: the server's estimate in that round. */
  theta: otherOption<ArrayLike<number>>('a number for each feature'),
  /** Identifies the person, if there is an accountant. */
  person: otherOption<string>('a text'),
};

/** What an encoding needs besides the person's own data. */
export interface EncodeOptions extends OptionsOf<typeof encodeRecords> {}

const clientRecords = {
  /** Default: {@link secureSource}. */
  source: otherOption<NoiseSource>('a source of random bits'),
  /**
   * Limits each person to a budget over all reports; every encoding then names a person. Without it, each report must come from a
   * different person.
   */
  accountant: otherOption<PrivacyAccountant>('an accountant'),
};

export interface ClientOptions extends OptionsOf<typeof clientRecords> {}

/** The same for all who agreed on the same protocol: of all that reports depend on. */
export const protocolPrint = ({ options, privacy }: Design): string => {
  const { d, mode, clip, sparsity, rounds, thetaBound } = options;
  const steps = mode === 'sequential' ? { sparsity, rounds, thetaBound } : {};
  return fingerprint({ d, mode, clip: { x: clip.x, y: clip.y }, ...privacy, ...steps });
};

/**
 * What gets the noise of one-round protocols: the upper triangle of qqᵀ row by row, and qt, whole numbers that are exact in
 * doubles. How far two people's can lie apart is proven beside {@link Moments}.
 */
export function exactProducts(x: ArrayLike<number>, y: number, { step, radius, most }: Moments) {
  const { units: q, clipped: clippedX } = intoBall(x, step.x, radius);
  const { unit: t, clipped: clippedY } = intoInterval(y, step.y, most);
  const triangle = new Float64Array((q.length * (q.length + 1)) / 2);
  for (let i = 0, at = 0; i < q.length; i++) for (let j = i; j < q.length; j++) triangle[at++] = q[i] * q[j];
  return { triangle, vector: q.map((k) => k * t), clippedX, clippedY };
}

/** Makes reports of people's own data: the only part of a protocol that ever sees them. */
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

  /** How many were encoded, and how many of them lay outside of the bounds. Not private: it is to stay with the sender. */
  get counts() {
    return { reports: this.reports, clippedX: this.clippedX, clippedY: this.clippedY };
  }

  /**
   * The report of one person, (ε, δ)-private for any two people's data. What lies outside of the bounds is drawn in and counted.
   * @param x the person's features, length d. @param y their target.
   * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER: then nothing was made of the data.
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
      if (person === undefined)
        fail('INVALID_PARAMETER', 'With an accountant every report needs a person: give person.');
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
      fail('INVALID_PARAMETER', "In mode 'sequential' every report needs round and theta: give round and theta.");
    }
    wholeNumber('round', round, 1, rounds);
    if (theta.length !== d) fail('INVALID_SHAPE', `theta has ${theta.length} values for ${d} features.`);
    checkValues(theta, 'Coefficient');
    // By the protocol, and not by this person's data: what follows cannot overflow.
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

  /** Private whatever θ a server sends: the mechanisms bound the gradient themselves, however many coefficients θ has. */
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
