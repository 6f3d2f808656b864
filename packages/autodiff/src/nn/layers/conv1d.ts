import { conv1d as convolve } from '../../index.ts';
import { count, natural } from '../fields.ts';
import { maker } from '../kind.ts';
import { type ConvolutionOptions, convolutionKind } from './convolution.ts';

/** Options of {@link conv1d}. */
export type Conv1dOptions = ConvolutionOptions<number>;

export const conv1dKind = convolutionKind<number>({
  ...{ kind: 'conv1d', axes: ['t'], things: 'sequences', convolve },
  sizes: (least, fallback) => (least === 0 ? natural(fallback) : count(fallback)),
  each: (n) => [n],
});

/**
 * 1-D convolution of sequences [n, t, in] to [n, positions, out]; weight [out, in/groups, kernel] and bias [out], initially
 * uniform within 1/√(in/groups·kernel). O(n·positions·kernel·in·out/groups).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const conv1d = maker(conv1dKind);
