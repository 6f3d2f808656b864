import type { Random } from '@southwell/numerics/core';
import type { Learner } from './learner.ts';
import { TsallisInf, type TsallisInfState } from './tsallisInf.ts';

/** Equal bins of the range of contexts, each with its own {@link TsallisInf}. */
export class BinnedTsallisInf implements Learner {
  private readonly bins: readonly TsallisInf[];

  constructor(
    arms: number,
    private readonly range: readonly [number, number],
    bins: number,
    state?: readonly TsallisInfState[],
  ) {
    this.bins = Array.from({ length: bins }, (_, b) => new TsallisInf(arms, state?.[b]));
  }

  choose(random: Random, context: number): { readonly index: number; readonly probability: number } {
    return this.binOf(context).choose(random);
  }

  report(index: number, probability: number, loss: number, context: number): void {
    this.binOf(context).report(index, probability, loss);
  }

  state(): readonly TsallisInfState[] {
    return this.bins.map((bin) => bin.state());
  }

  private binOf(context: number): TsallisInf {
    const [a, b] = this.range;
    const at = Math.floor(((context - a) / (b - a)) * this.bins.length);
    return this.bins[Math.min(at, this.bins.length - 1)];
  }
}
