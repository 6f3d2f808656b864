import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Engine } from './index.ts';

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
        arena.kernels.pairProducts(
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
