// Grouped convolutions: depthwise ones (one channel per group) by their own kernels, others group by group.
import { apply, arithmetic, misfit, refuse } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import type { Tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import { backGeometry, convolved, convolvedBack, forwardGeometry } from './convolution.ts';
import { slice } from './views.ts';
import {
  type ConvolutionOptions,
  directCall,
  type Geometry,
  geometryMeta,
  overBatch,
  windowed,
  windows,
} from './windows.ts';

/** Nanoseconds per element of a window. */
const TIME = 0.4;

// Image x [n, h, w, c], filter f [kh, kw, c], result y [n, oh, ow, c]; as in convolution.ts, the three products are
// each other's derivatives.
const forwardOp: Op<Geometry> = defineOp<Geometry>({
  name: 'depthwise conv2d',
  depends: windowed(false),
  infer: ([x], attrs) => [{ shape: [x.shape[0], ...windows(attrs), x.shape[3]], dtype: x.dtype }],
  bind: (binding) => {
    const {
      kernels,
      x: [x, f],
      y: [y],
    } = binding;
    const part = directCall('convolveDepthwise', 0, geometryMeta(binding, x.shape, y.shape), [x, f, y]);
    const [n, time] = [x.shape[0], y.size * f.shape[0] * f.shape[1] * TIME];
    return shared(binding, n, time, part) ?? inTurn(kernels, part(0, n));
  },
  vjp: ({ x: [x, f], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(transposeOp, [g, f], attrs)[0] : undefined,
          needs[1] ? apply(filterOp, [x, g], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, true),
});

const transposeOp: Op<Geometry> = defineOp<Geometry>({
  name: 'depthwise conv2d’s transpose',
  depends: windowed(true),
  infer: ([y], { image }) => [{ shape: [y.shape[0], ...image, y.shape[3]], dtype: y.dtype }],
  bind: (binding) => {
    const {
      kernels,
      x: [y, f],
      y: [x],
    } = binding;
    const part = directCall('convolveDepthwise', 1, geometryMeta(binding, x.shape, y.shape), [x, f, y]);
    const [n, time] = [x.shape[0], y.size * f.shape[0] * f.shape[1] * TIME];
    return shared(binding, n, time, part) ?? inTurn(kernels, part(0, n));
  },
  vjp: ({ x: [y, f], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(forwardOp, [g, f], attrs)[0] : undefined,
          needs[1] ? apply(filterOp, [g, y], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, true),
});

const filterOp: Op<Geometry> = defineOp<Geometry>({
  name: 'depthwise conv2d’s filter',
  infer: ([x], { window }) => [{ shape: [...window, x.shape[3]], dtype: x.dtype }],
  bind: (binding) => {
    const {
      kernels,
      x: [x, y],
      y: [f],
    } = binding;
    const part = directCall('convolveDepthwise', 2, geometryMeta(binding, x.shape, y.shape), [x, f, y]);
    const taps = f.shape[0] * f.shape[1];
    return shared(binding, taps, y.size * taps * TIME, part) ?? inTurn(kernels, part(0, taps));
  },
  vjp: ({ x: [x, y], g: [g], attrs, needs }) =>
    g
      ? [
          needs[0] ? apply(transposeOp, [y, g], attrs)[0] : undefined,
          needs[1] ? apply(forwardOp, [x, g], attrs)[0] : undefined,
        ]
      : [],
  batch: (b) => overBatch(b, false),
});

/** Numbers of input and output channels per group. */
function channelsOf(name: string, tensors: readonly Tensor[], groups: number, channels: number, out: number) {
  if (!Number.isInteger(groups) || groups < 1) refuse(name, 'groups must be a whole number of at least 1.');
  if (channels % groups !== 0 || out % groups !== 0) {
    misfit(
      name,
      tensors,
      `${channels} input and ${out} output channels cannot be divided into ${groups} equal groups.`,
    );
  }
  return { own: channels / groups, made: out / groups };
}

const every = undefined;
const part = (x: Tensor, g: number, n: number): Tensor => slice(x, every, every, every, [g * n, (g + 1) * n]);

/** @internal See conv2d in images.ts. */
export function convolvedInGroups(o: Calculus, x: Tensor, f: Tensor, options: ConvolutionOptions): Tensor {
  const { groups = 1 } = options;
  [x, f] = arithmetic([x, f]);
  if (groups === 1) return convolved(x, f, options);
  if (x.rank !== 4 || f.rank !== 4) return convolved(x, f, options); // throws an explanation
  const { own, made } = channelsOf('conv2d', [x, f], groups, x.shape[3], f.shape[3]);
  const attrs = forwardGeometry(x, f, options, groups);
  if (own > 1) {
    const each = Array.from({ length: groups }, (_, g) => convolved(part(x, g, own), part(f, g, made), options));
    return concat(each, -1);
  }
  const [n, h, w, c] = x.shape;
  const many =
    made === 1 ? x : o.reshape(o.broadcastTo(o.reshape(x, [n, h, w, c, 1]), [n, h, w, c, made]), [n, h, w, c * made]);
  return apply(forwardOp, [many, o.reshape(f, [...attrs.window, c * made])], attrs)[0];
}

/** @internal See conv2dTranspose in images.ts. */
export function convolvedBackInGroups(
  o: Calculus,
  y: Tensor,
  f: Tensor,
  options: ConvolutionOptions,
  size?: readonly [number, number],
): Tensor {
  const { groups = 1 } = options;
  [y, f] = arithmetic([y, f]);
  if (groups === 1 || y.rank !== 4 || f.rank !== 4) return convolvedBack(y, f, options, size);
  const { own, made } = channelsOf('conv2dTranspose', [y, f], groups, f.shape[2] * groups, f.shape[3]);
  const attrs = backGeometry(y, f, options, size);
  if (own > 1) {
    const each = Array.from({ length: groups }, (_, g) =>
      convolvedBack(part(y, g, made), part(f, g, made), options, size),
    );
    return concat(each, -1);
  }
  const x = apply(transposeOp, [y, o.reshape(f, [...attrs.window, groups * made])], attrs)[0];
  return made === 1 ? x : o.sum(o.reshape(x, [...x.shape.slice(0, 3), groups, made]), [-1]);
}
