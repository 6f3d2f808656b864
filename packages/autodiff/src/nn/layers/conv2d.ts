import { conv2d as convolve } from '../../index.ts';
import { both, type Pair, pair } from '../fields.ts';
import { maker } from '../kind.ts';
import { type ConvolutionOptions, convolutionKind } from './convolution.ts';

/** Options of {@link conv2d}; a single number is used for both height and width. */
export type Conv2dOptions = ConvolutionOptions<Pair>;

export const conv2dKind = convolutionKind<Pair>({
  ...{ kind: 'conv2d', axes: ['height', 'width'], things: 'images', convolve, sizes: pair, each: both },
});

/**
 * 2-D convolution of images [n, height, width, in] to [n, rows, columns, out]; weight [out, in/groups, kernel rows, kernel
 * columns] and bias [out], initially uniform within 1/√(in/groups·kernel). O(n·rows·columns·kernel·in·out/groups).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const conv2d = maker(conv2dKind);
