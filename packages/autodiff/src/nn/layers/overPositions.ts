import { mean, slice } from '../../index.ts';
import { choice } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import { reshaped } from './shared.ts';

/** Options of {@link overPositions}. */
export interface OverPositionsOptions {
  /** Take the last position, or the mean over positions. */
  readonly take: 'last' | 'mean';
}

export const overPositionsKind: LayerKind<OverPositionsOptions> = {
  kind: 'overPositions',
  options: { take: choice(['last', 'mean']) },
  apply: ({ take }, c, x) => {
    if (x.rank !== 3 || x.shape[1] === 0) c.misfit(x, 'it takes sequences [n, t, features] with t ≥ 1.');
    return take === 'last' ? slice(x, undefined, x.shape[1] - 1) : mean(x, 1);
  },
  onnx: ({ take }, e, x) => {
    const [n, t, d] = x.shape;
    const one =
      take === 'mean'
        ? e.node('ReduceMean', [x], [n, 1, d], { axes: [1], keepdims: 1 })
        : e.node('Gather', [x, e.integers([t - 1])], [n, 1, d], { axis: 1 });
    return reshaped(e, one, [n, d]);
  },
};

/**
 * Pools a sequence over its positions: [n, t, features] to [n, features]. O(size).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const overPositions = maker(overPositionsKind);
