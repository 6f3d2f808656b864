import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Engine } from '../index.ts';
import { allKernels } from '../testing.ts';

const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];

test.each(engines)('twoSmallest agrees with a sort, ties and padding included (%s)', (engine) => {
  const arena = new Arena({ engine });
  const value = fc.integer({ min: -6, max: 6 }); // few values, so that many are equal
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 70 }),
      fc.constantFrom(4, 8, 12),
      fc.integer({ min: 0, max: 3 }),
      (values, k, spare) => {
        const count = Math.max(1, Math.floor(values.length / k));
        const ldd = k + 1;
        const at = (i: number, c: number) => values[(i * k + c) % values.length];
        const D = arena.f32Block(ldd * count);
        D.view.fill(Number.NaN);
        for (let i = 0; i < count; i++) for (let c = 0; c < k; c++) D.view[i * ldd + c] = at(i, c);
        const shift = arena.f32Block(k);
        for (let c = 0; c < k; c++) shift.view[c] = c < k - spare ? c % 3 : Number.POSITIVE_INFINITY;
        const [index, first, second] = [arena.i32Block(count), arena.f32Block(count), arena.f32Block(count)];
        allKernels(arena).twoSmallest(
          k,
          count,
          D.pointer,
          ldd,
          shift.pointer,
          index.pointer,
          first.pointer,
          second.pointer,
        );
        for (let i = 0; i < count; i++) {
          const sorted = Array.from({ length: k - spare }, (_, c) => ({ c, v: at(i, c) + (c % 3) })).sort(
            (a, b) => a.v - b.v || a.c - b.c,
          );
          expect(index.view[i]).toBe(sorted[0].c);
          expect(first.view[i]).toBe(sorted[0].v);
          expect(second.view[i]).toBe(sorted[1]?.v ?? Number.POSITIVE_INFINITY);
        }
        for (const block of [D, shift, index, first, second]) block.free();
      },
    ),
  );
  expect(arena.allocatedBytes).toBe(0);
});
