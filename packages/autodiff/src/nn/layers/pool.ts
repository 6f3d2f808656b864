import { avgPool as average, maxPool as largest, mean, type Tensor } from '../../index.ts';
import { both, type Pair, pair } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Context, Layer } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';
import { channelsFirst, needsImages, reshaped } from './shared.ts';

/** Options of {@link maxPool} and {@link avgPool}. */
export interface PoolOptions {
  /** Height and width of the window. */
  readonly window: Pair;
  /** Stride (0: the window's width). */
  readonly stride?: Pair;
  /** Padding, at most half of the window (0). */
  readonly padding?: Pair;
}
type Filled = Required<PoolOptions>;

const options = { window: pair(1), stride: pair(0, 0), padding: pair(0, 0) };
/** A stride of 0 is the window's width. */
const steps = ({ window, stride }: Filled): readonly [number, number] => {
  const [w, s] = [both(window), both(stride)];
  return [s[0] || w[0], s[1] || w[1]];
};
function check({ window, padding }: Filled): string | undefined {
  const [w, p] = [both(window), both(padding)];
  return p.some((n, d) => 2 * n > w[d]) ? 'the padding must be at most half of the window.' : undefined;
}
function checkImages({ window, padding }: Filled, c: Context, x: Tensor): void {
  needsImages(c, x);
  const [w, p] = [both(window), both(padding)];
  if ([0, 1].some((d) => x.shape[d + 1] + 2 * p[d] < w[d]))
    c.misfit(x, `the ${w[0]} × ${w[1]} window is larger than the padded images; increase the padding.`);
}
function exported(op: string, o: Filled, e: Exporter, x: Value): Value {
  return channelsFirst(e, x, (images) => {
    const [w, s, p] = [both(o.window), steps(o), both(o.padding)];
    const [n, c, ...image] = images.shape;
    const shape = [n, c, ...image.map((m, d) => Math.floor((m + 2 * p[d] - w[d]) / s[d]) + 1)];
    const pads = [p[0], p[1], p[0], p[1]];
    const counts: Readonly<Record<string, number>> = op === 'AveragePool' ? { count_include_pad: 1 } : {};
    return e.node(op, [images], shape, { kernel_shape: w, strides: s, pads, ...counts });
  });
}

export const maxPoolKind: LayerKind<PoolOptions> = {
  ...{ kind: 'maxPool', options, check },
  apply: (o, c, x) => {
    checkImages(o, c, x);
    return largest(x, o.window, { stride: steps(o), padding: o.padding });
  },
  onnx: (o, e, x) => exported('MaxPool', o, e, x),
};

/**
 * Max pooling of images [n, height, width, channels]. O(size·window).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const maxPool = maker(maxPoolKind);

export const avgPoolKind: LayerKind<PoolOptions> = {
  ...{ kind: 'avgPool', options, check },
  apply: (o, c, x) => {
    checkImages(o, c, x);
    return average(x, o.window, { stride: steps(o), padding: o.padding });
  },
  onnx: (o, e, x) => exported('AveragePool', o, e, x),
};

/**
 * Average pooling of images [n, height, width, channels]; padding counts as zeros. O(size·window).
 * @throws INVALID_PARAMETER for invalid options.
 */
export const avgPool = maker(avgPoolKind);

export const globalAvgPoolKind: LayerKind<Record<never, never>> = {
  kind: 'globalAvgPool',
  options: {},
  apply: (_, c, x) => {
    needsImages(c, x);
    return mean(x, [1, 2]);
  },
  onnx: (_, e, x) => {
    const [n, , , c] = x.shape;
    const one = e.node('ReduceMean', [x], [n, 1, 1, c], { axes: [1, 2], keepdims: 1 });
    return reshaped(e, one, [n, c]);
  },
};

const globally = maker(globalAvgPoolKind);
/** Global average pooling of images [n, height, width, channels] to [n, channels]. O(size). */
export const globalAvgPool = (): Layer => globally({});
