import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';

const msvrRecords = {
  /** Share of the fresh value, above 0 and at most 1. Default 0.9. */
  alpha: numberOption({ min: 0, max: 1 }),
  /** Factor of the difference between values of the same sample at the present and the previous point. Default 1 − alpha. */
  gamma: numberOption({ min: 0, finite: true }),
};

/** Options of {@link msvr}. */
export interface MsvrOptions extends OptionsOf<typeof msvrRecords> {}

/** An estimator of one vector a block, from samples of some of the blocks. */
export interface Msvr {
  readonly blocks: number;
  readonly size: number;
  /** The estimate of a block, a view. */
  of(block: number): Float64Array;
  /**
   * Takes a sample of a block: its value at the present point, and the value of the same sample at the previous point.
   * The first sample of a block is its estimate. O(size).
   * @throws INVALID_PARAMETER if there is no such block, INVALID_SHAPE for other lengths.
   */
  update(block: number, fresh: ArrayLike<number>, stale: ArrayLike<number>): Float64Array;
  /** A copy of the state, for a checkpoint. */
  state(): MsvrState;
}

/** The state of an estimator: estimates of the blocks in turn, and which blocks have one. */
export interface MsvrState {
  readonly values: Float64Array;
  readonly seen: Uint8Array;
}

/**
 * Multi-block-single-probe variance-reduced estimator (Jiang et al., NeurIPS 2022; as used by Hu et al. 2023,
 * arXiv:2305.18730): q̂ᵢ ← (1 − α) q̂ᵢ + α qᵢ(x; ξ) + γ (qᵢ(x; ξ) − qᵢ(x₋; ξ)) for each sampled block, while the others keep
 * theirs. With γ = 1 − α it is {@link storm} for each block. In theory γ = (m − I) / (I (1 − α)) + 1 − α if I of m blocks
 * are sampled. Memory blocks × size.
 * @throws INVALID_PARAMETER, INVALID_SHAPE for a state of another size.
 */
export function msvr(blocks: number, size: number, options: MsvrOptions = {}, resume?: MsvrState): Msvr {
  checkOptions('msvr', msvrRecords, options);
  const { alpha = 0.9, gamma = 1 - alpha } = options;
  if (!(Number.isSafeInteger(blocks) && blocks > 0)) {
    fail('INVALID_PARAMETER', `msvr: blocks is ${blocks}; it must be a whole number above 0.`);
  }
  if (!(Number.isSafeInteger(size) && size > 0)) {
    fail('INVALID_PARAMETER', `msvr: size is ${size}; it must be a whole number above 0.`);
  }
  const values = new Float64Array(blocks * size);
  const seen = new Uint8Array(blocks);
  if (resume) {
    if (resume.values.length !== values.length || resume.seen.length !== blocks) {
      fail('INVALID_SHAPE', `msvr: the state is not one of ${blocks} blocks with ${size} numbers each.`);
    }
    values.set(resume.values);
    seen.set(resume.seen);
  }
  const of = (block: number): Float64Array => {
    if (!(Number.isSafeInteger(block) && block >= 0 && block < blocks)) {
      fail('INVALID_PARAMETER', `msvr: there is no block ${block}; they are counted from 0 to ${blocks - 1}.`);
    }
    return values.subarray(block * size, (block + 1) * size);
  };
  return {
    blocks,
    size,
    of,
    update(block, fresh, stale) {
      const estimate = of(block);
      if (fresh.length !== size || stale.length !== size) {
        fail('INVALID_SHAPE', `msvr: values with ${fresh.length} and ${stale.length} numbers; estimates have ${size}.`);
      }
      if (seen[block] === 0) {
        seen[block] = 1;
        for (let j = 0; j < size; j++) estimate[j] = fresh[j];
        return estimate;
      }
      for (let j = 0; j < size; j++) {
        estimate[j] = (1 - alpha) * estimate[j] + alpha * fresh[j] + gamma * (fresh[j] - stale[j]);
      }
      return estimate;
    },
    state: () => ({ values: values.slice(), seen: seen.slice() }),
  };
}
