import { expect, test } from 'vitest';
import { engines, TestArena, uniform } from '../testing.ts';
import { packedKernels } from './index.ts';

const lanes = Array.from({ length: 1024 }, (_, i) => 0x03020100 + 0x04040404 * (((i >> 2) >> (2 * (i & 3))) & 3));

/** Each kernel of all engines: rows are the same, products the same but for rounding. */
test.each([
  [1, 1],
  [3, 7],
  [8, 16],
  [13, 37],
  [20, 96],
])('%i rows of %i numbers', (out, inner) => {
  const random = uniform(out * 100 + inner);
  const floats = (n: number) => Float32Array.from({ length: n }, () => random() - 0.5);
  const words = (n: number) => Int32Array.from({ length: n }, () => (random() * 2 ** 32) | 0);
  const across = Math.ceil(inner / 16);
  const blocks = Math.ceil(out / 8) * across;
  const [values, places, codes] = [floats(64 * blocks), words(4 * blocks), words(out * Math.ceil(inner / 4))];
  const [books, scales, x] = [floats(2 * 256), floats(out), floats(inner)];
  const perRow = Math.ceil(inner / 32);
  const bits = words(out * perRow).map((w, i) =>
    i % perRow === perRow - 1 && inner % 32 ? w & ((1 << (inner % 32)) - 1) : w,
  );
  const count = (w: number) => w.toString(2).replace(/[^1]/g, '').length;
  const starts = Int32Array.from({ length: out + 1 }, (_, i) =>
    bits.subarray(0, i * perRow).reduce((sum, w) => sum + count(w >>> 0), 0),
  );
  const kept = floats(starts[out]);
  const answers = engines.map((engine) => {
    const t = new TestArena(engine);
    const k = t.arena.use(packedKernels);
    const [v, p, c, b, s, from] = [t.f32(values), t.i32(places), t.i32(codes), t.f32(books), t.f32(scales), t.f32(x)];
    const [w, m, n, o, table] = [
      t.i32(bits),
      t.i32(starts),
      t.f32(kept),
      t.i32([0, Math.max(1, out >> 1)]),
      t.i32(lanes),
    ];
    const work = t.bytes(2048);
    const [y, Y] = [t.f32(new Float32Array(out)), t.f32(new Float32Array(out * inner))];
    const runs = out > 1 ? 2 : 1;
    const rows: number[][] = [];
    const products: number[][] = [];
    const note = (times: () => void, whole: () => void) => {
      times();
      whole();
      products.push([...y.view]);
      rows.push([...Y.view]);
    };
    note(
      () => k.groupsTimes(0, out, inner, v.pointer, p.pointer, table.pointer, from.pointer, y.pointer, work),
      () => k.groupsRows(0, out, inner, v.pointer, p.pointer, Y.pointer),
    );
    note(
      () => k.bitmapTimes(0, out, inner, n.pointer, w.pointer, m.pointer, from.pointer, y.pointer),
      () => k.bitmapRows(0, out, inner, n.pointer, w.pointer, m.pointer, Y.pointer),
    );
    for (let bits = 1; bits <= 8; bits++) {
      const given = [bits, 0, out, inner, c.pointer, b.pointer, o.pointer, runs, bits % 2 ? 0 : s.pointer] as const;
      note(
        () => k.codesTimes(...given, from.pointer, y.pointer, work),
        () => k.codesRows(...given, Y.pointer),
      );
    }
    note(
      () => k.int8Times(0, out, inner, c.pointer, s.pointer, from.pointer, y.pointer),
      () => k.int8Rows(0, out, inner, c.pointer, s.pointer, Y.pointer),
    );
    expect(t.end()).toBeGreaterThanOrEqual(0);
    return { rows, products };
  });
  for (const { rows, products } of answers) {
    expect(rows).toEqual(answers[0].rows);
    products.forEach((y, kernel) => {
      for (const [i, got] of y.entries()) {
        const row = rows[kernel].slice(i * inner, (i + 1) * inner);
        const [sum, size] = row.reduce(([a, b], w, j) => [a + w * x[j], b + Math.abs(w * x[j])], [0, 0]);
        expect(Math.abs(got - sum)).toBeLessThanOrEqual(1e-6 * size);
      }
    });
  }
});

test.each([4, 17, 32])('blocks of %i rows; missing inputs are 0', (b) => {
  const random = uniform(b);
  const blocks = Float32Array.from({ length: 3 * b * b }, random);
  const x = Float32Array.from({ length: 3 * b - 2 }, random);
  for (const engine of engines) {
    const t = new TestArena(engine);
    const [B, from, y] = [t.f32(blocks), t.f32(x), t.f32(new Float32Array(3 * b))];
    t.arena.use(packedKernels).blocksTimes(b, 3, B.pointer, x.length, from.pointer, y.pointer);
    for (const [i, got] of y.view.entries()) {
      const first = i - (i % b);
      let sum = 0;
      for (let j = first; j < Math.min(first + b, x.length); j++) sum += blocks[j * b + (i % b)] * x[j];
      expect(got).toBeCloseTo(sum, 4);
    }
    t.end();
  }
});
