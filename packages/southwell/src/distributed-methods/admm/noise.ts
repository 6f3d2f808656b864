import { checkOptions, numberOption, type OptionsOf, type Random } from '@southwell/numerics/core';

export const linkNoiseRecords = {
  /** Variance of the Gaussian noise added to each number that a client sends, at least 0 and finite. Default 0. */
  up: numberOption({ min: 0, finite: true }),
  /** Variance of the noise added to each number that a client receives, drawn anew for each client. Default 0. */
  down: numberOption({ min: 0, finite: true }),
};

/** Variances of the noise on the links between the server and the clients. */
export type LinkNoise = OptionsOf<typeof linkNoiseRecords>;

/** @throws INVALID_PARAMETER for variances that are negative or not finite. */
export function checkNoise(noise: LinkNoise | undefined): Required<LinkNoise> {
  if (noise !== undefined) checkOptions('noise', linkNoiseRecords, noise);
  return { up: noise?.up ?? 0, down: noise?.down ?? 0 };
}

/** Links of all clients, with a stream for each client, round and direction: lost rounds change no other draw. */
export class Links {
  constructor(
    private readonly noise: Required<LinkNoise>,
    private readonly random: Random,
    /** Numbers at the beginning of a message that are noisy; others are control data. */
    private readonly noisy: number,
  ) {}

  /** A copy of the message as it arrives. */
  pass(message: Float64Array, direction: 'up' | 'down', client: number, round: number): Float64Array {
    const out = message.slice();
    const variance = this.noise[direction];
    if (variance === 0) return out;
    const deviation = Math.sqrt(variance);
    const random = this.random
      .split(direction === 'up' ? 1 : 0)
      .split(client)
      .split(round);
    for (let i = 0; i < this.noisy; i++) out[i] += deviation * random.normal();
    return out;
  }
}
