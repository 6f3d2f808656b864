import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Engine } from '../index.ts';
import { allKernels } from '../testing.ts';

const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];

test.each(engines)('dot and axpy agree with plain sums (%s)', (engine) => {
  const arena = new Arena({ engine });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 40 }), fc.integer(), (values, a) => {
      const n = values.length;
      const x = arena.f64Block(n);
      const y = arena.f64Block(n);
      x.view.set(values);
      y.view.set(values.map((v, i) => v * 2 + i));
      const expected = values.reduce((s, v, i) => s + v * (v * 2 + i), 0);
      expect(allKernels(arena).dot(n, x.pointer, y.pointer)).toBe(expected); // integers: exact in any order
      allKernels(arena).axpy(n, a, x.pointer, y.pointer);
      expect(Array.from(y.view)).toEqual(values.map((v, i) => v * 2 + i + a * v));
      x.free();
      y.free();
    }),
  );
  expect(arena.allocatedBytes).toBe(0);
});
