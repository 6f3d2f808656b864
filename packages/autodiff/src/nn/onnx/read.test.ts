import { SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ad from '../../index.ts';
import { bytesField, intField, intsField, joinBytes } from '../../protobuf/index.ts';
import * as nn from '../index.ts';
import type { Attribute } from './graph.ts';
import { fileBytes, infoBytes, nodeBytes, tensorBytes } from './messages.ts';

const key = ad.randomKey(5);
const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute | Uint8Array>>;
}
/** A file of these nodes, with an input x and an output y. */
const file = (
  nodes: readonly Node[],
  initialisers: readonly Uint8Array[] = [],
  { opset = 17, shape = ['n', 2] as ReadonlyArray<number | string | null> | null } = {},
): Uint8Array =>
  fileBytes(
    {
      nodes: nodes.map(({ op, inputs, outputs, attributes = {} }) =>
        nodeBytes(op, `${op} 1`, inputs, outputs, attributes),
      ),
      initialisers,
      inputs: [infoBytes('x', 'f32', shape)],
      outputs: [infoBytes('y', 'f32', null)],
    },
    opset,
  );
const relu: Node = { op: 'Relu', inputs: ['x'], outputs: ['y'] };
const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof SouthwellError) return error.message;
    throw error;
  }
  return '';
};

test('a network, with the names and shapes of its inputs and outputs', () => {
  const { model, parameters, inputs, outputs, missing } = nn.read(
    file(
      [
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['z'] },
        { op: 'Relu', inputs: ['z'], outputs: ['y'] },
      ],
      [tensorBytes('w', 'f32', [2, 3], floats([1, 2, 3, 4, 5, -6]))],
    ),
  );
  expect(inputs).toEqual([{ name: 'x', type: 'f32', shape: ['n', 2] }]);
  expect(outputs).toEqual([{ name: 'y', type: 'f32', shape: null }]);
  expect(missing).toEqual([]);
  expect(nn.parameterShapes(model)).toEqual({ w: [2, 3] });
  const x = ad.tensor([[1, 1]], { dtype: 'f32' });
  expect(nn.apply(model, parameters, x).toArray()).toEqual([[5, 7, 0]]);
  expect(nn.applyGraph(model, parameters, { x }).y.toArray()).toEqual([[5, 7, 0]]);
  const inner = nn.applyGraph(model, parameters, { x }, { values: ['z', 'y'] });
  expect([inner.z.toArray(), inner.y.toArray()]).toEqual([[[5, 7, -3]], [[5, 7, 0]]]);
  expect(() => nn.applyGraph(model, parameters, { x }, { values: ['v'] })).toThrow("The network has no value 'v' (");
  expect(() => nn.applyGraph(model, parameters, {})).toThrow("The input 'x' of the network is not given (");
  expect(() => nn.applyGraph(model, parameters, { z: x })).toThrow("The graph has no input 'z'; it has x (");
});

test('numbers in every type and field', () => {
  // Typed fields: packed floats, unpacked and packed integers; halves as bits.
  const typed = (name: string, code: number, shape: readonly number[], ...fields: Uint8Array[]): Uint8Array =>
    joinBytes([intsField(1, shape), intField(2, code), bytesField(8, name), ...fields]);
  const nodes: Node[] = [
    { op: 'Cast', inputs: ['ints'], outputs: ['a'], attributes: { to: 1 } },
    { op: 'Add', inputs: ['x', 'a'], outputs: ['b'] },
    { op: 'Add', inputs: ['b', 'halves'], outputs: ['c'] },
    { op: 'Add', inputs: ['c', 'brains'], outputs: ['y'] },
  ];
  const { model, parameters } = nn.read(
    file(nodes, [
      typed('ints', 7, [2], intField(7, 3), intField(7, 4)),
      typed('halves', 10, [2], intsField(5, [0x3c00, 0xc100])),
      typed('brains', 16, [2], bytesField(9, Uint8Array.of(0x80, 0x3f, 0x00, 0x40))),
    ]),
  );
  expect(nn.apply(model, parameters, ad.tensor([[0, 0]], { dtype: 'f32' })).toArray()).toEqual([[5, 3.5]]);
});

test('numbers in another file are asked for by ranges', () => {
  const entry = (name: string, value: string) => bytesField(13, joinBytes([bytesField(1, name), bytesField(2, value)]));
  const outside = joinBytes([
    ...[intsField(1, [2]), intField(2, 1), bytesField(8, 'w'), intField(14, 1)],
    ...[entry('location', 'weights.bin'), entry('offset', '4'), entry('length', '8')],
  ]);
  const bytes = file([{ op: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }], [outside]);
  expect(() => nn.read(bytes)).toThrow(
    "The numbers of 'w' of [2], f32, are in another file, 'weights.bin', which must be given with the model (",
  );
  const asked: unknown[] = [];
  const data = floats([9, 2, 3]);
  const external = (location: string, offset: number, length: number | undefined) => {
    asked.push([location, offset, length]);
    return data.subarray(offset, offset + (length ?? 0));
  };
  const { parameters } = nn.read(bytes, { external });
  expect(parameters.w.toArray()).toEqual([2, 3]);
  expect(asked).toEqual([['weights.bin', 4, 8]]);
  expect(() => nn.read(bytes, { external: () => new Uint8Array(3) })).toThrow(
    "should have 2 numbers in 8 bytes, but 'weights.bin' has 3 from byte 4 (",
  );
});

test('a file is read by ranges', () => {
  const values = Float32Array.from({ length: 200_000 }, (_, i) => i);
  const bytes = file(
    [{ op: 'Gather', inputs: ['w', 'x'], outputs: ['y'] }],
    [tensorBytes('w', 'f32', [200_000], new Uint8Array(values.buffer))],
  );
  let largest = 0;
  const source = {
    size: bytes.length,
    read: (from: number, length: number) => {
      largest = Math.max(largest, length);
      return bytes.subarray(from, from + length);
    },
  };
  expect(nn.read(source).parameters.w.data()).toEqual(values);
  expect(largest).toBe(800_000);
});

describe('what cannot be run is named', () => {
  test('operators, with the nodes that need them', () => {
    const read = nn.read(
      file([
        { op: 'DeformConv', inputs: ['x'], outputs: ['a'] },
        { op: 'Relu', inputs: ['a'], outputs: ['y'] },
      ]),
    );
    expect(read.missing).toEqual([{ op: 'DeformConv', nodes: ['DeformConv 1'] }]);
    const run = () => nn.apply(read.model, read.parameters, ad.tensor([[1, 2]]));
    expect(run).toThrow(
      "The operator DeformConv is not supported; node 'DeformConv 1' (DeformConv) needs it, so that the network cannot be run (",
    );
    expect(() => nn.toOnnx(read.model, read.parameters)).toThrow('its operator is not supported');
  });

  test('cycles, values that nothing gives, and values given twice', () => {
    const cycle: Node[] = [
      { op: 'Add', inputs: ['x', 'b'], outputs: ['a'] },
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
      { op: 'Tanh', inputs: ['b'], outputs: ['y'] },
    ];
    expect(() => nn.read(file(cycle))).toThrow(
      "The graph has a cycle: node 'Relu 1' (Relu) takes 'a', which depends on its own result (",
    );
    expect(() => nn.read(file([{ ...relu, inputs: ['z'] }]))).toThrow(
      "In the graph, node 'Relu 1' (Relu) takes 'z', which no node, input or initialiser gives (",
    );
    expect(() => nn.read(file([relu, relu]))).toThrow("The graph gives the value 'y' twice");
    expect(() => nn.read(file([{ ...relu, outputs: ['z'] }]))).toThrow(
      "The output 'y' of the graph is given by no node (",
    );
  });

  test('nodes in any order', () => {
    const { model, parameters } = nn.read(
      file([
        { op: 'Neg', inputs: ['a'], outputs: ['y'] },
        { op: 'Relu', inputs: ['x'], outputs: ['a'] },
      ]),
    );
    expect(nn.apply(model, parameters, ad.tensor([[1, -2]])).toArray()).toEqual([[-1, -0]]);
  });

  test('other opsets', () => {
    expect(() => nn.read(file([relu], [], { opset: 24 }))).toThrow(
      'The network is of opset 24; opsets 7 to 23 can be read.',
    );
    expect(() => nn.read(file([relu], [], { opset: 6 }))).toThrow('of opset 6');
  });

  test('shapes that are known only at run time, in a compiled program', () => {
    const { model, parameters } = nn.read(
      file(
        [
          { op: 'Cast', inputs: ['x'], outputs: ['s'], attributes: { to: 7 } },
          { op: 'ConstantOfShape', inputs: ['s'], outputs: ['y'] },
        ],
        [],
        { shape: [2] },
      ),
    );
    const run = (x: ad.Tensor) => nn.apply(model, parameters, x);
    expect(run(ad.tensor([2, 3])).shape).toEqual([2, 3]);
    expect(() => ad.compile(run)(ad.tensor([2, 3]))).toThrow(
      "node 'ConstantOfShape 1' (ConstantOfShape): input 0 determines a shape but depends on the data, so that it is not known before the network runs (",
    );
    expect(() => run(ad.tensor([1e6, 1e6]))).toThrow('is not the shape of a tensor that could be made');
  });

  test('inputs that do not fit', () => {
    const w = tensorBytes('w', 'f32', [3, 2], floats([1, 2, 3, 4, 5, 6]));
    const { model, parameters } = nn.read(file([{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }], [w]));
    expect(() => nn.apply(model, parameters, ad.tensor([[1, 2]], { dtype: 'f32' }))).toThrow(
      /^graph: node 'MatMul 1' \(MatMul\): matmul of \[1, 2\] and \[3, 2\]/,
    );
  });
});

test('infinities of constants are kept in JSON', () => {
  const below = { value: tensorBytes('', 'f32', [1], floats([Number.NEGATIVE_INFINITY])) };
  const { model, parameters } = nn.read(
    file([
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'ConstantOfShape', inputs: ['s'], outputs: ['low'], attributes: below },
      {
        op: 'Constant',
        inputs: [],
        outputs: ['high'],
        attributes: { value: tensorBytes('', 'f32', [], floats([Infinity])) },
      },
      { op: 'Max', inputs: ['x', 'low'], outputs: ['m'] },
      { op: 'Min', inputs: ['m', 'high'], outputs: ['y'] },
    ]),
  );
  const again = nn.checkArchitecture(JSON.parse(nn.architectureJson(model)));
  const back = nn.read(nn.toOnnx(model, parameters)).model;
  for (const each of [model, again, back])
    expect(nn.apply(each, parameters, ad.tensor([[1, -2]], { dtype: 'f32' })).toArray()).toEqual([[1, -2]]);
});

test('weights that are not numbers are kept', () => {
  const { model, parameters } = nn.read(
    file([{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }], [tensorBytes('w', 'f32', [2], floats([Number.NaN, 1]))]),
  );
  expect(nn.apply(model, parameters, ad.tensor([[1, 1]], { dtype: 'f32' })).toArray()).toEqual([[Number.NaN, 2]]);
});

const small = nn.toOnnx(
  nn.sequential([nn.conv2d({ in: 1, out: 2, kernel: 2 }), nn.relu(), nn.flatten(), nn.linear({ in: 8, out: 2 })]),
  nn.init(
    nn.sequential([nn.conv2d({ in: 1, out: 2, kernel: 2 }), nn.relu(), nn.flatten(), nn.linear({ in: 8, out: 2 })]),
    key,
  ),
  { input: [null, 3, 3, 1] },
);

test('a file that is cut short is refused with its place, at every byte', () => {
  for (let length = 0; length < small.length; length++) {
    const cut = small.subarray(0, length);
    expect(message(() => nn.read(cut))).toMatch(
      /^The ONNX file is damaged, cut short, or not an ONNX file: .*(byte \d+: |it has no graph|it does not say)/,
    );
  }
});

test('bytes that are changed give an error, or a network', () => {
  const x = ad.full([1, 3, 3, 1], 0.5, 'f32');
  const change = fc.record({ at: fc.nat(small.length - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = Uint8Array.from(small);
      for (const { at, to } of changes) bytes[at] = to;
      message(() => {
        const { model, parameters, state } = nn.read(bytes);
        nn.apply(model, parameters, x, { state });
      });
      message(() => nn.inspectOnnx(bytes));
    }),
    { numRuns: 500 },
  );
});

test('any bytes give an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(message(() => nn.read(bytes))).not.toBe('');
    }),
  );
});
