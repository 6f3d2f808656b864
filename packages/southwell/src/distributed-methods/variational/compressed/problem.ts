import { fail, type Random } from '@southwell/numerics/core';
import { type Operator, type Prox, plus, valueAt } from '../operators.ts';
import type { DeviceState } from './state.ts';

/** An operator that is the mean over samples, of which a batch can be asked for. */
export interface SampledOperator {
  readonly samples: number;
  /** The mean of the operators of these samples, by default of all. */
  at(z: Float64Array, samples?: Int32Array): Float64Array;
}

/** ⟨F(z*), z − z*⟩ ≥ 0 for all z, with F the mean of the operators of all devices. */
export interface VariationalProblem {
  /** The operators of this rank's devices; with one rank, those of all devices. */
  readonly operators: ReadonlyArray<Operator | SampledOperator>;
  /** Starting point, the same on all ranks. */
  readonly z0: ArrayLike<number>;
  /** Projection or proximal operator, applied after each half step. */
  readonly prox?: Prox;
}

/** A device: its operator, and how often it was evaluated. */
export class Device {
  /** Evaluations, of which one on a batch counts as its share of the samples. */
  calls = 0;
  /** Last value at the reference point. */
  reference: Float64Array;

  constructor(
    private readonly operator: Operator | SampledOperator,
    length: number,
    private readonly random: Random,
  ) {
    this.reference = new Float64Array(length);
  }

  state(): DeviceState {
    return { calls: this.calls, reference: this.reference.slice(), random: this.random.state() };
  }

  restore({ calls, reference, random }: DeviceState): void {
    [this.calls, this.reference] = [calls, reference.slice()];
    this.random.restore(random);
  }

  value(z: Float64Array): Float64Array {
    this.calls++;
    const { operator } = this;
    return valueAt(typeof operator === 'function' ? operator : (at) => operator.at(at), z);
  }

  /** F(z) − F(w), on a batch of the same samples if one is asked for. @throws INVALID_PARAMETER for an operator without samples. */
  difference(z: Float64Array, w: Float64Array, batch: number | undefined): Float64Array {
    const { operator } = this;
    if (batch === undefined) return plus(this.value(z), -1, this.reference);
    if (typeof operator === 'function')
      fail('INVALID_PARAMETER', 'batch needs operators with samples: { samples, at }.');
    const samples = this.random.sample(operator.samples, Math.min(batch, operator.samples)).sort();
    this.calls += (2 * samples.length) / operator.samples;
    const [a, b] = [z, w].map((at) => valueAt((point) => operator.at(point, samples), at));
    return plus(a, -1, b);
  }

  /** F(z), on a batch if one is asked for. @throws INVALID_PARAMETER for an operator without samples. */
  sampled(z: Float64Array, batch: number | undefined): Float64Array {
    const { operator } = this;
    if (batch === undefined) return this.value(z);
    if (typeof operator === 'function')
      fail('INVALID_PARAMETER', 'batch needs operators with samples: { samples, at }.');
    const samples = this.random.sample(operator.samples, Math.min(batch, operator.samples)).sort();
    this.calls += samples.length / operator.samples;
    return valueAt((point) => operator.at(point, samples), z);
  }
}
