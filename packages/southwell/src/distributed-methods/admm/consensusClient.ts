import type { Client } from './engine.ts';
import type { LocalProx } from './lossProx.ts';

interface ConsensusClientState {
  readonly x: Float64Array;
  readonly rho: number;
  readonly results: readonly Float64Array[];
}

/** Numbers after the model in a message of the dual form: ρ, and how many weights of a combination follow. */
export const CONTROL = 2;

/**
 * A client of the dual form, as Douglas–Rachford splitting: its variable is s = w + y with the scaled dual variable y. A message tells w, ρ and how the results of
 * earlier rounds combine to s; the answer is s + relaxation·(x − w) with x = prox(2w − s).
 */
export class DualClient implements Client {
  x: Float64Array;
  private rho = 0;
  private results: Float64Array[] = [];

  constructor(
    private readonly local: LocalProx,
    private readonly start: Float64Array,
    private readonly relaxation: number,
    /** Results that are kept. */
    private readonly kept: number,
  ) {
    this.x = start.slice();
  }

  answer(message: Float64Array): Float64Array {
    const { start, relaxation, local } = this;
    const n = start.length;
    const w = message.subarray(0, n);
    const [rho, count] = message.subarray(n, n + CONTROL);
    let s: Float64Array = start.slice();
    if (this.results.length > 0) {
      this.results = this.results.slice(-count);
      s = combined(this.results, message.subarray(n + CONTROL));
    }
    const ratio = this.rho > 0 ? this.rho / rho : 1;
    if (ratio !== 1) s = w.map((v, i) => v + ratio * (s[i] - v));
    this.rho = rho;
    this.x = local.prox(
      w.map((v, i) => 2 * v - s[i]),
      rho,
      this.x,
    );
    const result = s.map((v, i) => v + relaxation * (this.x[i] - w[i]));
    this.results.push(result);
    if (this.results.length > this.kept) this.results.shift();
    return result.slice();
  }

  state(): ConsensusClientState {
    return { x: this.x.slice(), rho: this.rho, results: this.results.map((one) => one.slice()) };
  }

  restore(state: unknown): void {
    const { x, rho, results } = state as ConsensusClientState;
    [this.x, this.rho, this.results] = [x.slice(), rho, results.map((one) => one.slice())];
  }
}

/** Σ weights·vectors, in their order; a single vector with weight 1 keeps its bits. */
export function combined(vectors: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const [first] = vectors;
  const out = first.map((v) => weights[0] * v);
  for (let j = 1; j < vectors.length; j++) for (let i = 0; i < out.length; i++) out[i] += weights[j] * vectors[j][i];
  return out;
}

interface TwoGlobalState {
  readonly x: Float64Array;
  readonly before: Float64Array;
  readonly pull: Float64Array;
}

/** A client without a dual variable: ∇f(x) = ρ(v − x) is known from its last step, and the dual variable from that and the last two models. */
export class TwoGlobalClient implements Client {
  x: Float64Array;
  private before: Float64Array;
  /** v − x of the last step. */
  private pull: Float64Array;

  constructor(
    private readonly local: LocalProx,
    start: Float64Array,
    private readonly rho: number,
  ) {
    this.x = start.slice();
    this.before = start.slice();
    this.pull = new Float64Array(start.length);
  }

  answer(message: Float64Array): Float64Array {
    const { before, pull, local, rho } = this;
    const v = message.map((a, i) => 2 * a - before[i] + pull[i]);
    this.x = local.prox(v, rho, this.x);
    this.pull = v.map((a, i) => a - this.x[i]);
    this.before = message;
    return this.x.slice();
  }

  state(): TwoGlobalState {
    return { x: this.x.slice(), before: this.before.slice(), pull: this.pull.slice() };
  }

  restore(state: unknown): void {
    const { x, before, pull } = state as TwoGlobalState;
    [this.x, this.before, this.pull] = [x.slice(), before.slice(), pull.slice()];
  }
}
