import type { CodesKernels } from '../generated/packed/kernels.ts';
import type { Heap } from '../heap.ts';

export function codes(heap: Heap): CodesKernels {
  /** The place of `bits` bits that begins at bit `at` of the words from `first` on. */
  const placeAt = (first: number, at: number, bits: number): number => {
    const { i32 } = heap;
    const [word, shift] = [first + (at >> 5), at & 31];
    const low = i32[word] >>> shift;
    return (shift + bits > 32 ? low | (i32[word + 1] << (32 - shift)) : low) & (2 ** bits - 1);
  };
  /** The numbers of a row, without its scale. */
  const coded = (
    [bits, inner, packed, books, boundaries, runs]: readonly number[],
    row: number,
  ): ((j: number) => number) => {
    const { f32, i32 } = heap;
    let run = 0;
    while (run + 1 < runs && i32[(boundaries >>> 2) + run + 1] <= row) run++;
    const first = (packed >>> 2) + row * Math.ceil((inner * bits) / 32);
    return (j) => f32[(books >>> 2) + run * 2 ** bits + placeAt(first, j * bits, bits)];
  };
  const whole = (inner: number, packed: number, row: number): ((j: number) => number) => {
    const first = (packed >>> 2) + row * Math.ceil(inner / 4);
    return (j) => (heap.i32[first + (j >> 2)] << (24 - 8 * (j & 3))) >> 24;
  };
  const times = (at: (j: number) => number, inner: number, x: number): number => {
    let sum = 0;
    for (let j = 0; j < inner; j++) sum += at(j) * heap.f32[(x >>> 2) + j];
    return sum;
  };
  const scaleOf = (scales: number, row: number): number => (scales === 0 ? 1 : heap.f32[(scales >>> 2) + row]);
  return {
    codesTimes(bits, from, to, inner, packed, books, boundaries, runs, scales, x, y) {
      for (let row = from; row < to; row++) {
        const sum = times(coded([bits, inner, packed, books, boundaries, runs], row), inner, x);
        heap.f32[(y >>> 2) + row - from] = scaleOf(scales, row) * sum;
      }
    },
    codesRows(bits, from, to, inner, packed, books, boundaries, runs, scales, y) {
      for (let row = from; row < to; row++) {
        const at = coded([bits, inner, packed, books, boundaries, runs], row);
        for (let j = 0; j < inner; j++) heap.f32[(y >>> 2) + (row - from) * inner + j] = scaleOf(scales, row) * at(j);
      }
    },
    int8Times(from, to, inner, packed, scales, x, y) {
      for (let row = from; row < to; row++)
        heap.f32[(y >>> 2) + row - from] = scaleOf(scales, row) * times(whole(inner, packed, row), inner, x);
    },
    int8Rows(from, to, inner, packed, scales, y) {
      for (let row = from; row < to; row++) {
        const at = whole(inner, packed, row);
        for (let j = 0; j < inner; j++) heap.f32[(y >>> 2) + (row - from) * inner + j] = scaleOf(scales, row) * at(j);
      }
    },
  };
}
