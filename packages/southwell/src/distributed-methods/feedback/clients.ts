import { fail, Random, SouthwellError } from '@southwell/numerics/core';
import type { Report } from './exchange.ts';
import type { Feedback } from './methods.ts';
import { clientOf, copied, type FeedbackClient, stepOfClient, wholeMessage } from './steps.ts';

/** One of the functions whose mean is minimised, as its owner sees it. */
export interface Client {
  /**
   * Writes a gradient of f_i at x, exact or a stochastic one, into all of `into`; may return the value of f_i at x. Must not
   * change x. `random` is a stream of this client.
   */
  gradient(x: Float64Array, into: Float64Array, random: Random): number | undefined;
  /** The gradient of f_i at the minimum of the mean, for `ec-ideal` only. */
  readonly atOptimum?: ArrayLike<number>;
}

/** Clients by index, of which each rank asks only for its own; an array is one. */
export interface Clients {
  readonly length: number;
  at(index: number): Client | undefined;
}

/** A client and its random streams as plain data. */
export interface ClientState extends FeedbackClient {
  readonly draws: readonly number[];
  readonly coder: readonly number[];
}

interface Owned {
  readonly index: number;
  readonly client: Client;
  kept: FeedbackClient;
  /** For gradients, and for the compressor. */
  readonly draws: Random;
  readonly coder: Random;
}

export interface ClientSettings {
  readonly feedback: Feedback;
  readonly length: number;
  readonly local: { readonly steps: number; readonly stepSize: number };
  readonly seed: number;
}

/** The clients of one rank: gradients, messages, states. */
export class OwnClients {
  private readonly owned: Owned[];
  private readonly gradient: Float64Array;
  /** The state of none of them, to which the next one is written. */
  private spare: FeedbackClient | undefined;

  /**
   * @param range the indices of the first client and of the one after the last.
   * @throws INVALID_PARAMETER for clients that are missing, or lack what the method needs.
   */
  constructor(
    clients: Clients,
    [from, to]: readonly [number, number],
    private readonly settings: ClientSettings,
  ) {
    const { feedback, length, seed } = settings;
    this.gradient = new Float64Array(length);
    const root = new Random(seed);
    this.owned = Array.from({ length: to - from }, (_, k) => {
      const index = from + k;
      const client = clients.at(index);
      if (typeof client?.gradient !== 'function')
        fail('INVALID_PARAMETER', `Client ${index} of ${clients.length} has no function 'gradient'.`);
      if (feedback.scheme.ideal && client.atOptimum?.length !== length)
        fail(
          'INVALID_PARAMETER',
          `Client ${index} needs 'atOptimum', the ${length} entries of its gradient at the minimum, for ${feedback.method}.`,
        );
      const own = root.split(index);
      return { index, client, kept: clientOf(feedback, this.gradient), draws: own.split(0), coder: own.split(1) };
    });
  }

  /** The reports of the first round of methods with estimates: whole gradients. */
  *first(x: Float64Array): Generator<Report> {
    const { feedback } = this.settings;
    for (const one of this.owned) {
      yield this.reported(one, 0, () => {
        const value = this.evaluate(one, x);
        const message = wholeMessage(this.gradient, one.coder);
        one.kept = clientOf(feedback, this.gradient);
        return { message, value };
      });
    }
  }

  /** The reports of a round at x. */
  *round(x: Float64Array, round: number): Generator<Report> {
    const { feedback } = this.settings;
    for (const one of this.owned) {
      yield this.reported(one, round, () => {
        const value = this.evaluate(one, x);
        this.spare ??= copied(one.kept);
        const message = stepOfClient(feedback, one.kept, this.spare, this.gradient, one.coder);
        [one.kept, this.spare] = [this.spare, one.kept];
        return { message, value };
      });
    }
  }

  /** As plain data. */
  state(): ClientState[] {
    return this.owned.map(({ kept, draws, coder }) => ({
      ...copied(kept),
      draws: draws.state(),
      coder: coder.state(),
    }));
  }

  restore(states: readonly ClientState[]): void {
    for (const [k, one] of this.owned.entries()) {
      const { draws, coder } = states[k];
      one.kept = copied(states[k]);
      one.draws.restore(draws);
      one.coder.restore(coder);
    }
  }

  /** Writes the mean of the gradients of a client's own steps into `gradient`; returns its value at x. */
  private evaluate({ client, draws }: Owned, x: Float64Array): number | undefined {
    const { gradient, settings } = this;
    const { steps, stepSize } = settings.local;
    const value = client.gradient(x, gradient, draws) ?? undefined;
    if (steps > 1) {
      const [y, sum] = [x.slice(), gradient.slice()];
      for (let k = 1; k < steps; k++) {
        for (let i = 0; i < y.length; i++) y[i] -= stepSize * gradient[i];
        client.gradient(y, gradient, draws);
        for (let i = 0; i < y.length; i++) sum[i] += gradient[i];
      }
      for (let i = 0; i < y.length; i++) gradient[i] = sum[i] / steps;
    }
    if (settings.feedback.scheme.ideal) {
      const { atOptimum } = client;
      for (let i = 0; i < gradient.length; i++) gradient[i] -= atOptimum![i];
    }
    return value;
  }

  /** What the client sends, or why it cannot, so that all ranks end by the same error. */
  private reported(
    one: Owned,
    round: number,
    step: () => { readonly message: Uint8Array; readonly value: number | undefined },
  ): Report {
    try {
      const { message, value } = step();
      const { error, estimate } = one.kept;
      const { gradient } = this;
      let [squares, gap] = [0, 0];
      for (let i = 0; i < error.length; i++) squares += error[i] ** 2;
      for (let i = 0; i < estimate.length; i++) gap += (gradient[i] - estimate[i]) ** 2;
      return { message, value, squares, gap };
    } catch (thrown) {
      if (!(thrown instanceof SouthwellError) || thrown.code !== 'NON_FINITE') throw thrown;
      return { failure: `Client ${one.index}, round ${round}: ${thrown.message}` };
    }
  }
}
