import { expect, test } from 'vitest';
import { BITS, bytesFor, bytesOf, type TensorDType, valuesOf } from './dtypes.ts';

test('halves, all of them, there and back', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  for (const dtype of ['F16', 'BF16'] as const) {
    const values = valuesOf(dtype, new Uint8Array(all.buffer));
    const back = new Uint16Array(bytesOf(dtype, values).buffer);
    // What is no number has many forms.
    expect(all.findIndex((bits, i) => bits !== back[i] && !Number.isNaN(values[i]))).toBe(-1);
  }
});

test('round to the nearest, ties to even', () => {
  const halves = (x: number) => valuesOf('F16', bytesOf('F16', [x]))[0];
  expect(
    [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 3 * 2 ** -25, -0, 2047.5, 4095.9].map(halves),
  ).toEqual([...[1, 1 + 2 ** -9, 65504, Number.POSITIVE_INFINITY, 0, 2 ** -23, -0, 2048, 4096]]);
  const brain = (x: number) => valuesOf('BF16', bytesOf('BF16', [x]))[0];
  expect([1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38, Number.NaN].map(brain)).toEqual([
    1,
    1 + 2 ** -6,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
});

test('of eight bits, by the tables of their standards', () => {
  const read = (dtype: TensorDType, ...bits: number[]) => [...valuesOf(dtype, Uint8Array.from(bits))];
  const { NaN: none, POSITIVE_INFINITY: infinite } = Number;
  expect(read('F8_E4M3', 0x38, 0x7e, 0xfe, 0x7f, 1)).toEqual([1, 448, -448, none, 2 ** -9]);
  expect(read('F8_E5M2', 0x3c, 0x7b, 0x7c, 0x7f, 1)).toEqual([1, 57344, infinite, none, 2 ** -16]);
  expect(read('F8_E4M3FNUZ', 0x40, 0x7f, 0xff, 0x80, 1, 0)).toEqual([1, 240, -240, none, 2 ** -10, 0]);
  expect(read('F8_E5M2FNUZ', 0x40, 0x7f, 0xff, 0x80, 1, 0)).toEqual([1, 57344, -57344, none, 2 ** -17, 0]);
  expect(read('F8_E8M0', 127, 128, 0, 254, 255)).toEqual([1, 2, 2 ** -127, 2 ** 127, none]);
  expect(read('BOOL', 0, 1, 2)).toEqual([0, 1, 1]);
});

test('whole ones fit, or are refused', () => {
  expect(() => bytesOf('U8', [3, 256])).toThrow('256, number 2, cannot be written as U8');
  expect(() => bytesOf('I64', [0.5])).toThrow('0.5, number 1, cannot be written as I64');
  expect(() => bytesOf('F8_E4M3', [1])).toThrow('cannot be written as F8_E4M3');
  expect(valuesOf('I64', bytesOf('I64', [-3, 2 ** 53 - 1]))).toEqual(Float64Array.of(-3, 2 ** 53 - 1));
  const beyond = new Uint8Array(BigUint64Array.of(3n, 2n ** 53n + 1n).buffer);
  expect(() => valuesOf('U64', beyond, "'a'")).toThrow("'a' of U64 has 9007199254740993, which is beyond 2^53");
  expect(valuesOf('U64', bytesOf('U64', [2 ** 53 - 1]))).toEqual(Float64Array.of(2 ** 53 - 1));
});

test('whole numbers of up to 32 bits come in arrays of their kind', () => {
  const kinds = { U8: Uint8Array, I8: Int8Array, I16: Int16Array, U16: Uint16Array, I32: Int32Array, U32: Uint32Array };
  for (const [dtype, kind] of Object.entries(kinds)) {
    const bytes = Uint8Array.from({ length: 8 }, (_, i) => 255 - 17 * i);
    // Not at a place that is a multiple of their size.
    const values = valuesOf(dtype as TensorDType, Uint8Array.of(9, ...bytes).subarray(1));
    expect(values).toEqual(new kind(bytes.buffer));
    expect(bytesOf(dtype as TensorDType, [...values])).toEqual(bytes);
  }
});

test('every type has its numbers or a sentence', () => {
  for (const dtype of Object.keys(BITS) as TensorDType[]) {
    const read = () => valuesOf(dtype, new Uint8Array(24));
    if (['F4', 'F6_E2M3', 'F6_E3M2', 'C64'].includes(dtype))
      expect(read).toThrow(/which cannot be converted to numbers/);
    else expect(read().length).toBe(192 / BITS[dtype]);
    expect(bytesFor(dtype, 8)).toBe(BITS[dtype]);
  }
  expect(bytesFor('F4', 3)).toBeUndefined();
  expect(bytesFor('F64', 2 ** 51)).toBeUndefined();
});
