import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Engine } from '../index.ts';
import { allKernels, TestArena, uniform } from '../testing.ts';

const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];

test.each(engines)('pairProducts agrees with sums of whole numbers (%s)', (engine) => {
  const arena = new Arena({ engine });
  const value = fc.integer({ min: -32767, max: 32767 });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(8, 16, 24),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      (values, m, count, pairs) => {
        const n = 7;
        // Sums must fit 32 bits.
        const at = (k: number) => Math.trunc(values[k % values.length] / Math.sqrt(2 * pairs));
        const rowA = (c: number, j: number) => at(c * 2 * pairs + j);
        const rowB = (p: number, j: number) => at(17 + 3 * p * pairs + j);
        const A = arena.i32Block(m * pairs);
        const B = arena.i32Block(n * pairs);
        const both = (lo: number, hi: number) => (lo & 0xffff) | (hi << 16);
        for (let t = 0; t < pairs; t++) {
          for (let c = 0; c < m; c++) {
            A.view[(c >> 3) * 8 * pairs + 8 * t + (c & 7)] = both(rowA(c, 2 * t), rowA(c, 2 * t + 1));
          }
          for (let p = 0; p < n; p++) B.view[p * pairs + t] = both(rowB(p, 2 * t), rowB(p, 2 * t + 1));
        }
        const [a, b, list] = [arena.f32Block(m), arena.f32Block(n), arena.i32Block(count)];
        for (let c = 0; c < m; c++) a.view[c] = 1 / (c + 3);
        for (let p = 0; p < n; p++) b.view[p] = p / 7 - 0.3;
        for (let i = 0; i < count; i++) list.view[i] = (3 * i) % n;
        const C = arena.f32Block(m * count);
        allKernels(arena).pairProducts(
          m,
          count,
          pairs,
          A.pointer,
          a.pointer,
          list.pointer,
          B.pointer,
          b.pointer,
          C.pointer,
          m,
        );
        for (let i = 0; i < count; i++) {
          const p = list.view[i];
          for (let c = 0; c < m; c++) {
            let sum = 0;
            for (let j = 0; j < 2 * pairs; j++) sum += rowA(c, j) * rowB(p, j);
            expect(C.view[i * m + c]).toBe(Math.fround(Math.fround(Math.fround(sum) * a.view[c]) * b.view[p]));
          }
        }
        for (const block of [A, B, a, b, list, C]) block.free();
      },
    ),
  );
  expect(arena.allocatedBytes).toBe(0);
});

test.each(engines)('whole numbers, their errors and their squares (%s)', (engine) => {
  const arena = new TestArena(engine);
  for (const d of [1, 2, 7, 8, 33]) {
    const random = uniform(d);
    const x = Array.from({ length: d }, (_, j) => (j === 0 ? 2.5 : 20 * random() - 10));
    const [from, out] = [arena.f64(x), arena.i32(new Array(3 * ((d + 1) >> 1)).fill(-7))];
    const error = arena.kernels.wholeNumbers(d, from.pointer, 100, out.pointer, 3);
    const packed = Array.from({ length: (d + 1) >> 1 }, (_, t) => out.view[3 * t]);
    const whole = packed.flatMap((v) => [(v << 16) >> 16, v >> 16]);
    let expected = 0;
    x.forEach((v, j) => {
      expect(Math.abs(whole[j] - 100 * v)).toBeLessThanOrEqual(0.5);
      expected += (whole[j] - 100 * v) ** 2;
    });
    expect(whole[d] ?? 0).toBe(0);
    expect(error).toBeCloseTo(expected, 9);
    expect([...out.view].filter((_, t) => t % 3 !== 0).every((v) => v === -7)).toBe(true);
    expect(arena.kernels.largestMagnitude(d, from.pointer)).toBe(Math.max(...x.map(Math.abs)));
    const words = arena.i32(packed);
    expect(arena.kernels.wholeSquare(packed.length, words.pointer)).toBe(whole.reduce((s, v) => s + v * v, 0));
  }
  // Halves go to the even number.
  const [from, out] = [arena.f64([0.5, 1.5, -2.5]), arena.i32([0, 0])];
  expect(arena.kernels.wholeNumbers(3, from.pointer, 1, out.pointer, 1)).toBe(0.75);
  expect([...out.view]).toEqual([2 << 16, -2 & 0xffff]);
  expect(arena.end()).toBe(0);
});
