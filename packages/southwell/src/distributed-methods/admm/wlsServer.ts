import type { Residual, Server } from './engine.ts';
import { serverMean } from './serverMean.ts';
import { meanOf, norm, squaredDistance } from './vectors.ts';
import type { WlsForm } from './wlsClients.ts';

interface WlsServerState {
  readonly point: Float64Array;
  readonly before: Float64Array;
  readonly distances: Float64Array;
  readonly answers: readonly Float64Array[];
}

/** The server of federated weighted least squares: the last two global models, and how far each client was from what it was sent. */
export class WlsServer implements Server {
  point: Float64Array;
  /** wₙ₋₁. */
  before: Float64Array;
  /** Squared distances of answers from messages, NaN for clients that have not answered yet. */
  private distances: Float64Array;
  /** Of the dual form: the last answer of each client. An answer contains the dual variable, so it is compared with the one before. */
  private answers: Float64Array[];

  constructor(
    private readonly form: WlsForm,
    private readonly perRound: number,
    clients: number,
    start: Float64Array,
  ) {
    this.point = start.slice();
    this.before = start.slice();
    this.distances = new Float64Array(clients).fill(Number.NaN);
    this.answers = form === 'dual' ? Array.from({ length: clients }, () => start.map(() => Number.NaN)) : [];
  }

  message(): Float64Array {
    const { point, before } = this;
    return this.form === 'robust' ? point.map((v, i) => 2 * v - before[i]) : point.slice();
  }

  take(clients: readonly number[], answers: readonly Float64Array[]): Residual | undefined {
    // Both models are kept if nobody answers: it is as if the round had not been.
    if (answers.length === 0) return undefined;
    const sent = this.message();
    clients.forEach((client, i) => {
      this.distances[client] = squaredDistance(answers[i], this.answers[client] ?? sent);
      if (this.form === 'dual') this.answers[client] = answers[i];
    });
    const { form, point, before, perRound } = this;
    const u = form === 'two-global' ? point.map((v, i) => 2 * v - before[i]) : sent;
    this.before = point;
    this.point = form === 'dual' ? meanOf(answers, u.length) : serverMean(answers, u, perRound);
    // The mean over all clients of the last distance of each: 0 if and only if all agree.
    const value = Math.sqrt(this.distances.reduce((a, b) => a + b, 0) / this.distances.length);
    if (Number.isNaN(value)) return undefined;
    const size = norm(this.point);
    return { value, relative: value === 0 ? 0 : value / (size > 0 ? size : 1) };
  }

  state(): WlsServerState {
    return {
      point: this.point.slice(),
      before: this.before.slice(),
      distances: this.distances.slice(),
      answers: [...this.answers],
    };
  }

  restore(state: unknown): void {
    const { point, before, distances, answers } = state as WlsServerState;
    [this.point, this.before, this.distances, this.answers] = [
      point.slice(),
      before.slice(),
      distances.slice(),
      [...answers],
    ];
  }
}
