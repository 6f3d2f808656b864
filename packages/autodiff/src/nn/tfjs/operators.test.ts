import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';
import { Builder, type Peer } from './testing.ts';

// Operators of TensorFlow, each on random numbers, against TensorFlow.js on WebAssembly.

const tf = createRequire(import.meta.url)('@energetic-ai/core') as Peer;
await tf.ready();

let seed = 0;
const draw = (...shape: number[]): ad.Tensor => ad.randomNormal(ad.foldIn(ad.randomKey(5), seed++), shape, 'f32');
const above = (...shape: number[]): ad.Tensor => ad.add(ad.abs(draw(...shape)), 0.3);
const whole = (values: readonly number[], ...shape: number[]): ad.Tensor =>
  ad.tensor(Int32Array.from(values), { shape });

type Build = (b: Builder, x: string, y: string) => string;
interface Case {
  readonly name: string;
  readonly build: Build;
  readonly x: ad.Tensor;
  readonly y?: ad.Tensor;
}
const cases: Case[] = [];
const add = (name: string, x: ad.Tensor, build: Build, y?: ad.Tensor): void =>
  void cases.push({ name, build, x, ...(y ? { y } : {}) });
const real = (b: Builder, shape: number[]): string => b.constant([...draw(...shape).data()], shape, 'float32');

const F = { T: { type: 1 } };
const I = { T: { type: 3 } };
for (const op of [
  'Abs',
  'Neg',
  'Exp',
  'Sin',
  'Cos',
  'Tanh',
  'Sigmoid',
  'Relu',
  'Relu6',
  'Elu',
  'Selu',
  'Softplus',
  'Floor',
  'Ceil',
  'Sign',
  'Square',
  'Expm1',
  'Softmax',
  'Tan',
  'Round',
  'ZerosLike',
  'OnesLike',
  'IsNan',
  'Identity',
])
  add(op, draw(3, 4), (b, x) => b.node(op, [x], F));
for (const op of ['Log', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Log1p']) add(op, above(3, 4), (b, x) => b.node(op, [x]));
add('LeakyRelu', draw(3, 4), (b, x) => b.node('LeakyRelu', [x], { alpha: { f: 0.3 } }));
add('Prelu', draw(3, 4), (b, x) => b.node('Prelu', [x, real(b, [4])]));
for (const op of [
  'Add',
  'AddV2',
  'Sub',
  'Mul',
  'Maximum',
  'Minimum',
  'SquaredDifference',
  'Less',
  'LessEqual',
  'Greater',
  'GreaterEqual',
  'Equal',
  'NotEqual',
])
  add(op, draw(2, 3, 4), (b, x, y) => b.node(op, [x, y]), draw(3, 1));
for (const op of ['RealDiv', 'Div', 'FloorDiv', 'DivNoNan'])
  add(op, draw(3, 4), (b, x, y) => b.node(op, [x, y], F), above(4));
add('Pow', above(3, 4), (b, x, y) => b.node('Pow', [x, y]), draw(4));
add(
  'FloorDiv of integers',
  whole([7, -7, 8, -8], 4),
  (b, x, y) => b.node('FloorDiv', [x, y], I),
  whole([2, 2, -3, -3], 4),
);
add('DivNoNan by 0', draw(3), (b, x) => b.node('DivNoNan', [x, b.constant([0, 1, 0], [3], 'float32')]));
add('AddN', draw(3), (b, x) => b.node('AddN', [x, real(b, [3]), real(b, [3])]));
add('SelectV2', draw(2, 3), (b, x, y) => b.node('SelectV2', [b.node('Greater', [x, y]), x, y]), draw(3));
for (const [op, to] of [
  ['LogicalAnd', 'Less'],
  ['LogicalOr', 'Greater'],
] as const)
  add(
    op,
    draw(9),
    (b, x, y) => b.node(op, [b.node('Less', [x, y]), b.node('LogicalNot', [b.node(to, [y, real(b, [9])])])]),
    draw(9),
  );
add('BiasAdd', draw(2, 3, 4), (b, x) => b.node('BiasAdd', [x, real(b, [4])]));
add('Cast', draw(2, 3), (b, x) => b.node('Cast', [b.node('Cast', [x], { DstT: { type: 3 } })], { DstT: { type: 1 } }));
for (const op of ['Mean', 'Sum', 'Max', 'Min', 'Prod'])
  for (const keep of [false, true])
    add(`${op}, keep_dims ${keep}`, draw(2, 3, 4), (b, x) => b.node(op, [x, b.constant([0, -1])], { keep_dims: keep }));
for (const op of ['All', 'Any'])
  add(op, draw(4, 2), (b, x) => b.node(op, [b.node('Greater', [x, b.constant([0], [], 'float32')]), b.constant([1])]));
for (const op of ['ArgMax', 'ArgMin']) add(op, draw(3, 4), (b, x) => b.node(op, [x, b.constant([1], [])]));
add('Cumsum', draw(3, 4), (b, x) => b.node('Cumsum', [x, b.constant([1], [])], { exclusive: true, reverse: true }));
add('Reshape', draw(2, 6), (b, x) => b.node('Reshape', [x, b.constant([3, -1])]));
add('ExpandDims', draw(2, 3), (b, x) => b.node('ExpandDims', [x, b.constant([-1], [])]));
add('Squeeze', draw(1, 3, 1), (b, x) => b.node('Squeeze', [x], { squeeze_dims: [2] }));
add('Squeeze of all', draw(1, 3, 1), (b, x) => b.node('Squeeze', [x]));
add('Transpose', draw(2, 3, 4), (b, x) => b.node('Transpose', [x, b.constant([2, 0, 1])]));
add('Shape, Prod, Pack', draw(2, 3, 4), (b, x) => {
  const axes = b.node('GatherV2', [b.node('Shape', [x]), b.constant([0, 1]), b.constant([0], [])]);
  const rows = b.node('Prod', [axes, b.constant([0])]);
  return b.node('Reshape', [x, b.node('Pack', [rows, b.constant([4], [])], { axis: 0, ...I })]);
});
add('Pack', draw(2, 3), (b, x, y) => b.node('Pack', [x, y], { axis: 1 }), draw(2, 3));
add('Unpack', draw(2, 3), (b, x) => b.node('Sub', [`${b.node('Unpack', [x], { num: 3, axis: 1 })}:1`, real(b, [2])]));
add('ConcatV2', draw(2, 3), (b, x, y) => b.node('ConcatV2', [x, y, b.constant([-1], [])]), draw(2, 5));
add('Split', draw(2, 6), (b, x) => {
  const parts = b.node('Split', [b.constant([1], []), x], { num_split: 3 });
  return b.node('Sub', [parts, `${parts}:2`]);
});
add('SplitV', draw(2, 6), (b, x) => `${b.node('SplitV', [x, b.constant([1, 3, 2]), b.constant([1], [])])}:1`);
add('Slice', draw(4, 6), (b, x) => b.node('Slice', [x, b.constant([1, 2]), b.constant([2, -1])]));
const strided =
  (masks: Readonly<Record<string, number>>, begin: number[], end: number[], step: number[]): Build =>
  (b, x) =>
    b.node(
      'StridedSlice',
      [x, ...[begin, end, step].map((v) => b.constant(v))],
      Object.fromEntries(Object.entries(masks).map(([k, v]) => [`${k}_mask`, v])),
    );
add('StridedSlice', draw(5, 6), strided({}, [1, 5], [4, 0], [2, -2]));
add(
  'StridedSlice with masks',
  draw(5, 6, 3),
  strided({ begin: 1, end: 2, shrink_axis: 4 }, [9, 1, -1], [4, 9, 9], [1, 1, 1]),
);
add(
  'StridedSlice with an ellipsis',
  draw(2, 3, 4, 5),
  strided({ ellipsis: 2, shrink_axis: 4 }, [1, 0, 2], [2, 0, 3], [1, 1, 1]),
);
add('StridedSlice with a new axis', draw(4, 5), strided({ new_axis: 2, end: 4 }, [1, 0, 1], [3, 0, 0], [1, 1, 1]));
add('StridedSlice of a computed range', draw(4, 5), (b, x) => {
  const at = b.node('Sub', [b.node('Shape', [x]), b.constant([2, 3])]);
  return b.node('StridedSlice', [x, at, b.node('Shape', [x]), b.constant([1, 1])]);
});
add('GatherV2', draw(4, 5, 2), (b, x) => b.node('GatherV2', [x, b.constant([3, 0, 3], [3]), b.constant([1], [])]));
add('GatherNd', draw(4, 5, 2), (b, x) => b.node('GatherNd', [x, b.constant([3, 0, 1, 4], [2, 2])]));
add('ScatterNd', draw(3, 2), (b, x) => b.node('ScatterNd', [b.constant([3, 0, 3], [3, 1]), x, b.constant([5, 2])], F));
add('TensorScatterUpdate', draw(5, 2), (b, x) =>
  b.node('TensorScatterUpdate', [x, b.constant([3, 0], [2, 1]), real(b, [2, 2])]),
);
add('Tile', draw(2, 3), (b, x) => b.node('Tile', [x, b.constant([2, 3])]));
add('BroadcastTo', draw(2, 1), (b, x) => b.node('BroadcastTo', [x, b.constant([3, 2, 4])]));
add('Fill', draw(2, 3), (b, x) =>
  b.node('Mul', [x, b.node('Fill', [b.node('Shape', [x]), b.constant([2.5], [], 'float32')])]),
);
add('Range', draw(1, 5), (b, x) => {
  const n = b.node('GatherV2', [b.node('Shape', [x]), b.constant([1], []), b.constant([0], [])]);
  return b.node('Mul', [
    x,
    b.node('Cast', [b.node('Range', [b.constant([0], []), n, b.constant([1], [])])], { DstT: { type: 1 } }),
  ]);
});
add('OneHot', whole([2, 0, 1], 3), (b, x) =>
  b.node('OneHot', [x, b.constant([4], []), b.constant([3], [], 'float32'), b.constant([-1], [], 'float32')], {
    axis: -1,
  }),
);
add('Pad', draw(2, 3), (b, x) => b.node('Pad', [x, b.constant([1, 0, 2, 1], [2, 2])]));
add('PadV2', draw(2, 3), (b, x) =>
  b.node('PadV2', [x, b.constant([1, 0, 2, 1], [2, 2]), b.constant([7], [], 'float32')]),
);
add('MirrorPad', draw(3, 4), (b, x) => b.node('MirrorPad', [x, b.constant([1, 2, 0, 3], [2, 2])], { mode: 'REFLECT' }));
add('ReverseV2', draw(3, 4), (b, x) => b.node('ReverseV2', [x, b.constant([1])]));
add('TopKV2', draw(3, 6), (b, x) => b.node('TopKV2', [x, b.constant([2], [])], { sorted: true }));
for (const [a, t] of [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])
  add(`MatMul ${a} ${t}`, draw(...(a ? [4, 3] : [3, 4])), (b, x) =>
    b.node('MatMul', [x, real(b, t ? [5, 4] : [4, 5])], { transpose_a: a, transpose_b: t }),
  );
for (const t of [false, true])
  add(
    `BatchMatMulV2 ${t}`,
    draw(2, 3, 4),
    (b, x, y) => b.node('BatchMatMulV2', [x, y], { adj_x: false, adj_y: t }),
    t ? draw(2, 5, 4) : draw(2, 4, 5),
  );
add('_FusedMatMul', draw(3, 4), (b, x) =>
  b.node('_FusedMatMul', [x, real(b, [4, 5]), real(b, [5])], { fused_ops: ['BiasAdd', 'Relu'], num_args: 1 }),
);

const conv =
  (op: string, filter: number[], more: object, fused = 0): Build =>
  (b, x) =>
    b.node(op, [x, real(b, filter), ...Array.from({ length: fused }, () => real(b, [filter[3]]))], {
      data_format: 'NHWC',
      strides: [1, 1, 1, 1],
      dilations: [1, 1, 1, 1],
      padding: 'SAME',
      ...more,
    });
add('Conv2D', draw(2, 6, 7, 3), conv('Conv2D', [3, 3, 3, 4], {}));
add('Conv2D, stride 2', draw(2, 6, 7, 3), conv('Conv2D', [3, 3, 3, 4], { strides: [1, 2, 2, 1] }));
add('Conv2D, VALID', draw(2, 6, 7, 3), conv('Conv2D', [3, 2, 3, 4], { padding: 'VALID' }));
add('Conv2D, dilated', draw(1, 9, 9, 2), conv('Conv2D', [3, 3, 2, 4], { dilations: [1, 2, 2, 1] }));
add('Conv2D of one pixel', draw(2, 6, 7, 3), conv('Conv2D', [1, 1, 3, 4], {}));
add(
  '_FusedConv2D',
  draw(2, 6, 7, 3),
  conv('_FusedConv2D', [3, 3, 3, 4], { fused_ops: ['BiasAdd', 'Relu6'], num_args: 1 }, 1),
);
add('DepthwiseConv2dNative', draw(2, 6, 7, 3), conv('DepthwiseConv2dNative', [3, 3, 3, 1], { strides: [1, 2, 2, 1] }));
add('DepthwiseConv2dNative, 2 for each', draw(2, 6, 7, 3), conv('DepthwiseConv2dNative', [3, 3, 3, 2], {}));
for (const op of ['MaxPool', 'AvgPool'])
  for (const padding of ['SAME', 'VALID'])
    add(`${op}, ${padding}`, draw(2, 7, 6, 3), (b, x) =>
      b.node(op, [x], { ksize: [1, 3, 2, 1], strides: [1, 2, 2, 1], padding }),
    );
add('FusedBatchNormV3', draw(2, 4, 3, 5), (b, x) =>
  b.node(
    'FusedBatchNormV3',
    [x, real(b, [5]), real(b, [5]), real(b, [5]), b.constant([...above(5).data()], [5], 'float32')],
    { epsilon: { f: 0.01 }, is_training: false },
  ),
);
const corners: ReadonlyArray<Readonly<Record<string, boolean>>> = [
  {},
  { align_corners: true },
  { half_pixel_centers: true },
];
for (const flags of corners) {
  add(`ResizeBilinear ${Object.keys(flags)}`, draw(1, 4, 5, 2), (b, x) =>
    b.node('ResizeBilinear', [x, b.constant([7, 8])], flags),
  );
  add(`ResizeNearestNeighbor ${Object.keys(flags)}`, draw(1, 4, 5, 2), (b, x) =>
    b.node('ResizeNearestNeighbor', [x, b.constant([8, 10])], flags),
  );
}
add('DepthToSpace', draw(1, 2, 3, 8), (b, x) => b.node('DepthToSpace', [x], { block_size: 2, data_format: 'NHWC' }));

function near(ours: ad.Tensor, theirs: ad.Tensor): void {
  expect(ours.shape).toEqual(theirs.shape);
  const [a, b] = [ours.data(), theirs.data()];
  const largest = Math.max(1, ...Array.from(b, Math.abs));
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i]), `element ${i}`).toBeLessThanOrEqual(1e-5 * largest);
}

for (const { name, build, x, y } of cases) {
  test(name, async () => {
    const b = new Builder();
    const kind = (t: ad.Tensor) => (t.dtype === 'i32' ? 'int32' : 'float32');
    const given = { [b.input('x', x.shape, kind(x))]: x, ...(y ? { [b.input('y', y.shape, kind(y))]: y } : {}) };
    build(b, 'x', 'y');
    const read = b.read();
    expect(read.missing).toEqual([]);
    const [theirs] = await b.theirs(tf, given);
    const agree = (model: nn.Layer, parameters: nn.Parameters, state: nn.State) =>
      near(Object.values(nn.applyGraph(model, parameters, given, { state }))[0], theirs);
    agree(read.model, read.parameters, read.state);
    const back = nn.read(nn.toOnnx(read.model, read.parameters, { state: read.state }));
    agree(back.model, back.parameters, back.state);
  });
}
