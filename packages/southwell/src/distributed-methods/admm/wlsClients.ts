import { fail } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import type { Client } from './engine.ts';
import { localSolution, type WlsMoments } from './wls.ts';

export const wlsForms = {
  robust: 'one global model 2wₙ − wₙ₋₁, no dual variables',
  'robust-simple': 'the global model wₙ alone, which is biased',
  'two-global': 'the last two global models',
  dual: 'dual variables at the clients',
};

export type WlsForm = keyof typeof wlsForms;

interface WlsClientState {
  readonly w: Float64Array;
  readonly z: Float64Array;
  readonly before: Float64Array;
  readonly last: Float64Array | undefined;
}

/** (H + ρI)⁻¹ as a Cholesky factor. */
class Inverse {
  private readonly factor: Float64Array;
  private readonly length: number;

  constructor({ H, length }: WlsMoments, rho: number) {
    this.length = length;
    this.factor = H.slice();
    if (!choleskyInPlace(this.factor, length, rho))
      fail('SINGULAR', `The penalty rho = ${rho} is too small beside the moments of a client: use a larger one.`);
  }

  times(v: Float64Array): Float64Array {
    choleskySolveInPlace(this.factor, this.length, v);
    return v;
  }
}

/**
 * A client of federated weighted least squares. It starts at its own solution, from which alone the forms without duals have the right limit.
 */
export class WlsModel implements Client {
  w: Float64Array;
  /** Dual variable; what makes the first step of the dual form that of the others. */
  private z: Float64Array;
  /** The global model received before, for two-global. */
  private before: Float64Array;
  private last: Float64Array | undefined;
  private readonly inverse: Inverse;

  constructor(
    readonly moments: WlsMoments,
    private readonly form: WlsForm,
    private readonly rho: number,
    start: Float64Array,
    private readonly continual: boolean,
  ) {
    this.inverse = new Inverse(moments, rho);
    this.w = localSolution(moments).w;
    this.z = this.w.map((v, i) => rho * (start[i] - v));
    this.before = start.slice();
  }

  answer(message: Float64Array): Float64Array {
    this.step(message);
    if (this.form !== 'dual') return this.w.slice();
    return this.w.map((v, i) => v + this.z[i] / this.rho);
  }

  idle(): void {
    if (this.continual && this.last) this.step(this.last);
  }

  private step(message: Float64Array): void {
    const { form, rho, w, z, before, moments, inverse } = this;
    this.last = message;
    if (form === 'dual') {
      for (let i = 0; i < z.length; i++) z[i] += rho * (w[i] - message[i]);
      this.w = inverse.times(moments.g.map((g, i) => g - z[i] + rho * message[i]));
      return;
    }
    const target = form === 'two-global' ? message.map((v, i) => 2 * v - before[i]) : message;
    const move = inverse.times(target.map((v, i) => v - w[i]));
    for (let i = 0; i < w.length; i++) w[i] += rho * move[i];
    this.before = message;
  }

  state(): WlsClientState {
    const { w, z, before, last } = this;
    return { w: w.slice(), z: z.slice(), before: before.slice(), last: last?.slice() };
  }

  restore(state: unknown): void {
    const { w, z, before, last } = state as WlsClientState;
    [this.w, this.z, this.before, this.last] = [w.slice(), z.slice(), before.slice(), last?.slice()];
  }
}
