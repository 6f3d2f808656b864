import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';
import { fileBytes, infoBytes, nodeBytes, tensorBytes, type Written } from './messages.ts';

// Quantised weights in closed form; other cases are compared with onnxruntime in operators.test.ts.

const bytes = (values: readonly number[]): Uint8Array => Uint8Array.from(values, (v) => v & 255);
const single = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** x times weights [20, 1] of a type, less a zero point of 1, times a scale of 0.5. */
const product = (type: Written, weights: Uint8Array, zero: Uint8Array): Uint8Array =>
  fileBytes(
    {
      nodes: [
        nodeBytes('DequantizeLinear', 'd', ['w', 's', 'z'], ['f'], {}),
        nodeBytes('MatMul', 'm', ['x', 'f'], ['y'], {}),
      ],
      initialisers: [
        tensorBytes('w', type, [20, 1], weights),
        tensorBytes('s', 'f32', [1], single(0.5)),
        tensorBytes('z', type, [1], zero),
      ],
      inputs: [infoBytes('x', 'f32', ['n', 20])],
      outputs: [infoBytes('y', 'f32', null)],
    },
    21,
  );
/** Numbers of 4 bits, two in a byte. */
const packed = (values: readonly number[]): Uint8Array =>
  bytes(Array.from({ length: values.length / 2 }, (_, i) => (values[2 * i] & 15) | ((values[2 * i + 1] & 15) << 4)));

const signed = Array.from({ length: 20 }, (_, i) => (i % 16) - 8);
const unsigned = Array.from({ length: 20 }, (_, i) => i % 16);
test.each([
  ['i8', signed, bytes(signed), bytes([1])],
  ['u8', unsigned, bytes(unsigned), bytes([1])],
  ['i4', signed, packed(signed), bytes([1])],
  ['u4', unsigned, packed(unsigned), bytes([1])],
] as const)('weights of the type %s are state, and are written in their type', (type, values, weights, zero) => {
  const { model, parameters, state } = nn.read(product(type, weights, zero));
  expect(Object.keys(parameters)).toEqual(['s']);
  expect([...state.w.data()]).toEqual(values);
  const x = ad.tensor(
    Float32Array.from({ length: 20 }, (_, i) => i),
    { shape: [1, 20] },
  );
  const sum = values.reduce((total, v, i) => total + i * (v - 1), 0);
  const y = (p: nn.Parameters): ad.Tensor => ad.sum(nn.apply(model, p, x, { state }));
  expect(y(parameters).item()).toBe(sum / 2);
  expect(ad.compile(y)(parameters).item()).toBe(sum / 2);
  expect((ad.grad(y)(parameters) as nn.Parameters).s.toArray()).toEqual([sum]);
  const file = nn.toOnnx(model, parameters, { state });
  const again = nn.read(file);
  expect(nn.architectureJson(again.model)).toBe(nn.architectureJson(model));
  expect([...again.state.w.data()]).toEqual(values);
  expect(nn.inspectOnnx(product(type, weights, zero)).tensors[0]).toMatchObject({ type, bytes: weights.length });
});

test('weights whose bytes do not fit their shape are refused', () => {
  expect(() => nn.read(product('i4', bytes([1, 2]), bytes([1])))).toThrow('should have 20 numbers in 10 bytes');
});

test('quantisation like a zero point whose type is lost is refused', () => {
  const file = fileBytes(
    {
      nodes: [nodeBytes('Neg', 'n', ['z'], ['m'], {}), nodeBytes('QuantizeLinear', 'q', ['x', 's', 'm'], ['y'], {})],
      initialisers: [tensorBytes('s', 'f32', [], single(0.5)), tensorBytes('z', 'i8', [], bytes([1]))],
      inputs: [infoBytes('x', 'f32', [2])],
      outputs: [infoBytes('y', 'i8', null)],
    },
    17,
  );
  const { model, parameters } = nn.read(file);
  expect(() => nn.apply(model, parameters, ad.tensor([1, 2], { dtype: 'f32' }))).toThrow(
    'quantisation to a type that is not given by its zero point is not supported',
  );
});
