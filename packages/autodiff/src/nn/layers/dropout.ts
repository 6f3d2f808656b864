import { dropout as drop } from '../../index.ts';
import { real } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /** Probability of zeroing each element (0.5). */
  readonly rate?: number;
}

export const dropoutKind: LayerKind<DropoutOptions> = {
  kind: 'dropout',
  options: { rate: real(0.5, 0, 1) },
  apply: ({ rate }, c, x) => (c.train && rate > 0 ? drop(x, rate, c.key()) : x),
  onnx: (_, __, x) => x,
};

const make = maker(dropoutKind);
/**
 * Dropout: in training, zeroes elements at random, using the key passed to `apply`, and divides the others by 1 − rate (Srivastava et al. 2014);
 * otherwise the identity. O(size).
 * @throws INVALID_PARAMETER unless 0 ≤ rate < 1.
 */
export const dropout = (options: DropoutOptions = {}): Layer => make(options);
