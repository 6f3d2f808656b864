import { fail } from '@southwell/numerics/core';
import { activated, biased, type Translation } from './elementwise.ts';
import type { Attributes, Emitter } from './emitter.ts';
import { attr, nameOf, placeOfTf, type TfNode } from './nodes.ts';

// Products, convolutions and pooling. Images are [n, height, width, channels] unless they are NCHW.

const refuse = (node: TfNode, why: string): never => fail('NOT_SUPPORTED', `${placeOfTf(node)}: ${why}`);

/** The last two axes exchanged. */
function turned(e: Emitter, x: string, rank: number | undefined, node: TfNode): string {
  if (rank === undefined) return refuse(node, 'the number of axes of its operands cannot be seen from the graph.');
  const order = Array.from({ length: rank }, (_, d) => d);
  [order[rank - 1], order[rank - 2]] = [rank - 2, rank - 1];
  return e.node('Transpose', [x], { perm: order });
}

const product =
  (names: readonly [string, string], matrices: boolean): Translation =>
  (e, x, node) => {
    const operands = [0, 1].map((i) => {
      const rank = matrices ? 2 : (e.rank(nameOf(node.inputs[i])) ?? e.rank(nameOf(node.inputs[1 - i])));
      return attr.flag(node, names[i]) ? turned(e, x[i], rank, node) : x[i];
    });
    return fused(e, e.node('MatMul', operands), x, node);
  };

/** The bias and the function that fused operators have. */
function fused(e: Emitter, y: string, x: readonly string[], node: TfNode): string {
  let [out, more] = [y, x.slice(2)];
  for (const name of attr.texts(node, 'fused_ops')) {
    if (name === 'BiasAdd') {
      out = biased(e, out, more[0], attr.text(node, 'data_format', 'NHWC'));
      more = more.slice(1);
    } else out = activated(e, out, name, node, more) ?? refuse(node, `the fused function ${name} is not supported.`);
  }
  return out;
}

const isLast = (node: TfNode): boolean => attr.text(node, 'data_format', 'NHWC') === 'NHWC';
const first = (e: Emitter, x: string): string => e.transposed(x, [0, 3, 1, 2]);
const last = (e: Emitter, x: string): string => e.node('Transpose', [x], { perm: [0, 2, 3, 1] });
/** Applies an operator of ONNX, whose images are NCHW. */
function onImages(e: Emitter, x: string, node: TfNode, f: (image: string) => string): string {
  return isLast(node) ? last(e, f(first(e, x))) : f(x);
}

/** Strides or other numbers of the two axes of images. */
const two = (values: readonly number[], node: TfNode): number[] =>
  values.length === 0 ? [1, 1] : isLast(node) ? values.slice(1, 3) : values.slice(2, 4);

function windows(node: TfNode): Attributes {
  const padding = attr.text(node, 'padding', 'VALID');
  const explicit = attr.ints(node, 'explicit_paddings');
  const pairs = isLast(node) ? explicit.slice(2, 6) : explicit.slice(4, 8);
  const pads: Attributes =
    padding === 'EXPLICIT'
      ? { pads: [pairs[0], pairs[2], pairs[1], pairs[3]] }
      : padding === 'SAME'
        ? { auto_pad: 'SAME_UPPER' }
        : {};
  return { strides: two(attr.ints(node, 'strides'), node), ...pads };
}

const convolution: Translation = (e, x, node) => {
  const filter = e.weights.get(nameOf(node.inputs[1]))?.shape;
  const o = windows(node);
  const plain = [o.strides, two(attr.ints(node, 'dilations'), node)].flat().every((n) => n === 1);
  // Windows of one pixel: a product with the channels.
  if (filter?.[0] === 1 && filter[1] === 1 && plain && isLast(node) && !o.pads)
    return fused(e, e.node('MatMul', [x[0], e.node('Reshape', [x[1], e.integers(filter.slice(2))])]), x, node);
  const w = e.node('Transpose', [x[1]], { perm: [3, 2, 0, 1] });
  const dilations = two(attr.ints(node, 'dilations'), node);
  const y = onImages(e, x[0], node, (image) => e.node('Conv', [image, w], { ...o, dilations }));
  return fused(e, y, x, node);
};

const depthwise: Translation = (e, x, node) => {
  const filter =
    e.weights.get(nameOf(node.inputs[1]))?.shape ?? refuse(node, 'its filter is computed, which is not supported.');
  const [rows, columns, channels, many] = filter;
  const apart = e.node('Transpose', [x[1]], { perm: [2, 3, 0, 1] });
  const w = e.node('Reshape', [apart, e.integers([channels * many, 1, rows, columns])]);
  const dilations = two(attr.ints(node, 'dilations'), node);
  const y = onImages(e, x[0], node, (image) =>
    e.node('Conv', [image, w], { ...windows(node), dilations, group: channels }),
  );
  return fused(e, y, x, node);
};

const pool =
  (op: string): Translation =>
  (e, [x], node) =>
    onImages(e, x, node, (image) =>
      e.node(op, [image], { ...windows(node), kernel_shape: two(attr.ints(node, 'ksize'), node) }),
    );

const batchNorm: Translation = (e, [x, ...four], node) => {
  if (attr.flag(node, 'is_training')) return refuse(node, 'it is in training mode, which is not supported.');
  const epsilon = { float: attr.real(node, 'epsilon', 1e-3) };
  return onImages(e, x, node, (image) => e.node('BatchNormalization', [image, ...four], { epsilon }));
};

const resize =
  (mode: 'linear' | 'nearest'): Translation =>
  (e, [x], node) => {
    const [rows, columns] = e.numbers(node, 1, 'size');
    const corners = attr.flag(node, 'align_corners');
    const centres = attr.flag(node, 'half_pixel_centers');
    const map = corners ? 'align_corners' : centres ? 'half_pixel' : 'asymmetric';
    const rounding: Attributes =
      mode === 'nearest' ? { nearest_mode: corners || centres ? 'round_prefer_ceil' : 'floor' } : {};
    return onImages(e, x, node, (image) => {
      const shape = e.node('Slice', [e.node('Shape', [image]), e.integers([0]), e.integers([2])]);
      const sizes = e.node('Concat', [shape, e.integers([rows, columns])], { axis: 0 });
      const options = { mode, coordinate_transformation_mode: map, ...rounding };
      return e.node('Resize', [image, '', '', sizes], options);
    });
  };

/** Products and operators on images of TensorFlow by name. */
export const images: Readonly<Record<string, Translation>> = {
  ...{
    MatMul: product(['transpose_a', 'transpose_b'], true),
    _FusedMatMul: product(['transpose_a', 'transpose_b'], true),
  },
  ...{ BatchMatMul: product(['adj_x', 'adj_y'], false), BatchMatMulV2: product(['adj_x', 'adj_y'], false) },
  Einsum: (e, x, node) => e.node('Einsum', x, { equation: attr.text(node, 'equation', '') }),
  ...{ Conv2D: convolution, _FusedConv2D: convolution },
  ...{ DepthwiseConv2dNative: depthwise, FusedDepthwiseConv2dNative: depthwise },
  ...{ MaxPool: pool('MaxPool'), AvgPool: pool('AveragePool') },
  ...{ FusedBatchNorm: batchNorm, FusedBatchNormV2: batchNorm, FusedBatchNormV3: batchNorm },
  ...{ ResizeBilinear: resize('linear'), ResizeNearestNeighbor: resize('nearest') },
  SpaceToDepth: (e, [x], node) =>
    onImages(e, x, node, (image) => e.node('SpaceToDepth', [image], { blocksize: attr.int(node, 'block_size') })),
  DepthToSpace: (e, [x], node) =>
    onImages(e, x, node, (image) => e.node('DepthToSpace', [image], { blocksize: attr.int(node, 'block_size') })),
};
