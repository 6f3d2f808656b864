import { conv3d as convolve, type Triple } from '../../index.ts';
import { triple } from '../fields.ts';
import { maker } from '../kind.ts';
import { type ConvolutionOptions, convolutionKind } from './convolution.ts';

/** Options of {@link conv3d}; a single number is used for depth, height and width. */
export type Conv3dOptions = ConvolutionOptions<Triple>;

export const conv3dKind = convolutionKind<Triple>({
  ...{ kind: 'conv3d', axes: ['depth', 'height', 'width'], things: 'volumes', convolve, sizes: triple },
  each: (v) => (typeof v === 'number' ? [v, v, v] : v),
});

/**
 * 3-D convolution of volumes [n, depth, height, width, in] to [n, layers, rows, columns, out]; weight [out, in/groups,
 * kernel depth, rows, columns] and bias [out], initially uniform within 1/√(in/groups·kernel).
 * O(n·layers·rows·columns·kernel·in·out/groups).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const conv3d = maker(conv3dKind);
