import { permute, reshape } from '../../index.ts';
import { flag } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';
import { reshaped } from './shared.ts';

/** Options of {@link flatten}. */
export interface FlattenOptions {
  /** Whether to flatten images in channels-first order, as PyTorch does (false: channels last). */
  readonly channelsFirst?: boolean;
}

export const flattenKind: LayerKind<FlattenOptions> = {
  kind: 'flatten',
  options: { channelsFirst: flag(false) },
  apply: ({ channelsFirst }, c, x) => {
    if (x.rank < 1) c.misfit(x, 'it takes a batch: [n, …].');
    if (channelsFirst && x.rank !== 4) c.misfit(x, 'with channelsFirst it takes images [n, height, width, channels].');
    const size = x.shape.slice(1).reduce((a, b) => a * b, 1);
    return reshape(channelsFirst ? permute(x, [0, 3, 1, 2]) : x, [x.shape[0], size]);
  },
  onnx: ({ channelsFirst }, e, x) => {
    const [n, ...rest] = x.shape;
    const size = rest.reduce((a, b) => a * b, 1);
    const [h, w, c] = rest;
    return reshaped(e, channelsFirst ? e.node('Transpose', [x], [n, c, h, w], { perm: [0, 3, 1, 2] }) : x, [n, size]);
  },
};

const make = maker(flattenKind);
/**
 * Flattens all axes but the batch: [n, …] to [n, size]. O(1), or O(size) with channelsFirst.
 * @throws INVALID_PARAMETER for invalid options.
 */
export const flatten = (options: FlattenOptions = {}): Layer => make(options);
