import { choiceOption, type OptionsOf } from '@southwell/numerics/core';
import type { BlockContext } from '../context.ts';

/** Chooses the block of the current step: sorted, unique indices; for fixed blocks, one of `context.partition`. */
export type Selector = () => Int32Array;

/** A selection rule, for fixed blocks, for variable blocks or for both. Ties go to the lowest index. */
export interface SelectionRule {
  readonly name: string;
  fixed?(context: BlockContext): Selector;
  variable?(context: BlockContext): Selector;
  /** Whether it reads the whole gradient in every step (a certificate in every step is then free). */
  readonly usesGradient: boolean;
  /** Whether blocks are random, so that a pass without progress proves nothing. */
  readonly sampled?: boolean;
  /** Whether its score ignores a penalty, so that it cannot be used with one. */
  readonly smoothOnly?: boolean;
  /** Whether blocks depend on the graph of A and have no fixed size. */
  readonly needsGraph?: boolean;
  /** Whether it ranks coordinates, as `blockSize: 'support+m'` requires. */
  readonly ranks?: boolean;
  /** Reason why there is no variant for the other kind of blocks, and what to use instead. */
  readonly why?: string;
}

export interface FixedSelection extends SelectionRule {
  fixed(context: BlockContext): Selector;
}

export interface VariableSelection extends SelectionRule {
  variable(context: BlockContext): Selector;
}

export const normRecords = {
  /** Norm of the gradient of a block. Default 'l2'. */
  norm: choiceOption({ l2: 'Euclidean', l1: 'sum of absolute values' }),
};

/** Two-norms by default; `l1` gives the sums of absolute values that the authors' code uses for fixed blocks. */
export type BlockNorm = NonNullable<OptionsOf<typeof normRecords>['norm']>;
