import { networkKernels } from '@southwell/kernels/networks';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { checkOptions, fail, type OptionsOf, otherOption } from '@southwell/numerics/core';
import type { Direction, DirectionRule } from './direction.ts';
import { momentRecords } from './stochastic/adamW.ts';

const adamRecords = {
  ...momentRecords,
  /** Arena for the moments. Default: the shared arena of small matrices. */
  arena: otherOption<DenseMatrix['arena']>('an arena'),
};

export interface AdamOptions extends OptionsOf<typeof adamRecords> {}

/** Adam's state as plain data. */
export interface AdamState {
  readonly m: Float64Array;
  readonly v: Float64Array;
  readonly powers: readonly [number, number];
}

/** Adam (Kingma & Ba, ICLR 2015): moment estimates of the gradient and the resulting update. */
export class Adam implements Direction {
  readonly firstTrial = 'last';
  private readonly gradient: DenseMatrix;
  private readonly m: DenseMatrix;
  private readonly v: DenseMatrix;
  private readonly step: DenseMatrix;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private power1 = 1;
  private power2 = 1;

  /** @throws INVALID_PARAMETER. */
  constructor(size: number, options: AdamOptions = {}) {
    checkOptions('Adam', adamRecords, options);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, arena } = options;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    const make = () => DenseMatrix.create(size, 1, { arena });
    [this.gradient, this.m, this.v, this.step] = [make(), make(), make(), make()];
  }

  /** The last direction: a step is x − rate · direction. */
  get direction(): Float64Array {
    return this.step.data;
  }

  /** Resets the moments. */
  reset(): void {
    this.m.data.fill(0);
    this.v.data.fill(0);
    this.step.data.fill(0);
    this.power1 = 1;
    this.power2 = 1;
  }

  /** A copy of the moments. */
  state(): AdamState {
    return { m: this.m.data.slice(), v: this.v.data.slice(), powers: [this.power1, this.power2] };
  }

  restore({ m, v, powers }: AdamState): void {
    this.m.data.set(m);
    this.v.data.set(v);
    [this.power1, this.power2] = powers;
  }

  /** Updates the moments with a gradient, and {@link direction}. O(size). */
  take(gradient: Float64Array): void {
    const { m, v, step, beta1, beta2, epsilon } = this;
    this.power1 *= beta1;
    this.power2 *= beta2;
    const c1 = 1 / (1 - this.power1);
    const c2 = 1 / (1 - this.power2);
    this.gradient.data.set(gradient);
    // A step of length −1/(1 − β₁ᵗ) with decay 1, which overwrites the output: it is the direction itself.
    m.arena
      .use(networkKernels)
      .adamStep(
        ...([m.rows, beta1, beta2, -c1, c2, epsilon, 0, 0] as const),
        ...([this.gradient.pointer, m.pointer, v.pointer, 0, step.pointer] as const),
      );
  }

  /**
   * W ← W − rate · {@link direction}, for a W of the same size in the same arena. O(size).
   * @throws INVALID_SHAPE.
   */
  descend(W: DenseMatrix, rate: number): void {
    const { step } = this;
    if (W.arena !== step.arena || W.data.length !== step.rows) {
      fail('INVALID_SHAPE', `A step of ${step.rows} values moves as many, in the arena of the moments.`);
    }
    W.arena.kernels.axpy(step.rows, -rate, step.pointer, W.pointer);
  }

  /** Frees the memory now, rather than on garbage collection. */
  free(): void {
    for (const matrix of [this.gradient, this.m, this.v, this.step]) matrix.free();
  }
}

/**
 * {@link Adam} for descent, with a constant step: a line search would defeat the purpose of its moments.
 * @throws INVALID_PARAMETER.
 */
export function adam(options: AdamOptions = {}): DirectionRule {
  checkOptions('adam', adamRecords, options);
  return (size) => new Adam(size, options);
}
