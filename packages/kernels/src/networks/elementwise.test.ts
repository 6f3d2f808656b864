import { expect, test } from 'vitest';
import { Arena } from '../index.ts';
import { allKernels, engines, uniform } from '../testing.ts';
import { type MapCode, mapCodes } from './index.ts';

const specials = [
  ...[
    0, -0, 1, -1, 0.5, -0.5, 2, -2, 1e-8, -1e-8, 1e-30, 1e-39, -1e-39, 5e-324, 1e-310, 20, 20.5, 40, 41, -40, 87, 88.5,
  ],
  ...[-87.5, -103, -104, 100, 709, 710, -708, -745, -746, 800, -800, 1e5, 1e30, -1e30, Infinity, -Infinity, NaN, 3, -3],
];

/** y of f over operands a, b, c, in one engine. */
function mapped(
  engine: (typeof engines)[number],
  single: boolean,
  code: MapCode,
  n: number,
  operands: readonly (readonly number[])[],
) {
  const arena = new Arena({ engine });
  const block = (length: number) => (single ? arena.f32Block(length) : arena.f64Block(length));
  const y = block(n + 1);
  const inputs = operands.map((values) => {
    const b = block(values.length);
    b.view.set(values);
    return b;
  });
  y.view[n] = 12345;
  const meta = arena.i32Block(6);
  meta.view.set([1, n, 1, ...operands.map((v) => (v.length === 1 ? 0 : 1)), 0, 0, 0].slice(0, 6));
  const work = arena.alloc(8192);
  const pointer = (i: number) => (inputs[i] ?? inputs[0]).pointer;
  const kernel = allKernels(arena)[single ? 'smapElements' : 'mapElements'];
  kernel(mapCodes[code], meta.pointer, y.pointer, pointer(0), pointer(1), pointer(2), work);
  expect(y.view[n]).toBe(12345);
  return Array.from(y.view.subarray(0, n));
}

const random = uniform(5);
const values = (n: number, round: (x: number) => number) =>
  Array.from({ length: n }, (_, i) =>
    round(i < specials.length ? specials[i] : (random() - 0.5) * 10 ** Math.floor(random() * 5 - 2)),
  );

test.each(['f32', 'f64'])('every function has the bits of its twin at any length (%s)', (kind) => {
  const single = kind === 'f32';
  const round = single ? Math.fround : (x: number) => x;
  for (const [name, op] of Object.entries(mapCodes)) {
    const code = name as MapCode;
    const arity = op < 32 ? 1 : op < 64 ? 2 : 3;
    for (const n of [1, 3, 4, 5, 203]) {
      const first = values(n, round);
      const operands = [first, values(n, round).reverse(), values(n, round)].slice(0, arity);
      if (n === 5 && arity > 1) operands[1] = [operands[1][0]];
      const twin = mapped('typescript', single, code, n, operands);
      const found = mapped('wasm', single, code, n, operands);
      const wrong = twin.findIndex((v, i) => !Object.is(v, found[i]));
      expect(
        wrong < 0 ? '' : `${code} of ${operands.map((o) => o[wrong] ?? o[0])} is ${found[wrong]}, twin ${twin[wrong]}`,
      ).toBe('');
    }
  }
});

test.each(engines)('functions are near those of the engine (%s)', (engine) => {
  const near: Array<[MapCode, (x: number) => number, (x: number) => boolean]> = [
    ['exp', Math.exp, (x) => Math.abs(x) < 700],
    ['expm1', Math.expm1, (x) => Math.abs(x) < 700],
    ['log', Math.log, (x) => x >= 0],
    ['log1p', Math.log1p, (x) => x > -1],
    ['tanh', Math.tanh, () => true],
    ['sigmoid', (x) => 1 / (1 + Math.exp(-x)), (x) => Math.abs(x) < 700],
    ['softplus', (x) => Math.log1p(Math.exp(x)), (x) => x < 30],
    ['sin', Math.sin, (x) => Math.abs(x) < 1e5],
    ['cos', Math.cos, (x) => Math.abs(x) < 1e5],
  ];
  for (const single of [false, true]) {
    const round = single ? Math.fround : (x: number) => x;
    const unit = single ? 2 ** -23 : 2 ** -52;
    for (const [code, f, fits] of near) {
      const x = values(400, round).filter((v) => fits(v) && (!single || Math.abs(v) < 80 || code !== 'exp'));
      const y = mapped(engine, single, code, x.length, [x]);
      x.forEach((v, i) => {
        const exact = f(v);
        if (!Number.isFinite(exact) || Math.abs(exact) > 3e38) return;
        const absolute = code === 'sin' || code === 'cos' ? 1 : 0;
        const bound = 3 * unit * Math.max(Math.abs(exact), absolute, single ? 1e-38 : 1e-308);
        expect(Math.abs(y[i] - exact), `${code}(${v}) = ${y[i]}, not ${exact}`).toBeLessThanOrEqual(bound);
      });
    }
  }
});

test.each(engines)(
  'sines of large numbers are right to the last digits, also next to multiples of π/2 (%s)',
  (engine) => {
    // The last is of all doubles the nearest to one of them (Muller, "Elementary Functions", 2016, 11.3).
    const hard = [1e6, 1000001, 1e22, 2 ** 53, 2 ** 1000, Number.MAX_VALUE, 6381956970095103 * 2 ** 797];
    const near = Array.from({ length: 40 }, (_, i) => Math.round(1e6 * 1.7 ** i) * (Math.PI / 2));
    const some = Array.from({ length: 600 }, () => (random() - 0.5) * 10 ** (6 + random() * 300));
    for (const single of [false, true]) {
      const round = single ? Math.fround : (v: number) => v;
      const x = [...hard, ...near, ...some].flatMap((v) => [round(v), -round(v)]).filter((v) => Number.isFinite(v));
      for (const code of ['sin', 'cos'] as const) {
        const y = mapped(engine, single, code, x.length, [x]);
        x.forEach((v, i) => {
          const exact = Math[code](v);
          const bound = 2.5 * (single ? 2 ** -24 : 2 ** -52) * Math.abs(exact);
          expect(Math.abs(y[i] - exact), `${code}(${v}) = ${y[i]}, not ${exact}`).toBeLessThanOrEqual(bound);
        });
        const twin = mapped('typescript', single, code, x.length, [x]);
        expect(y.every((v, i) => Object.is(v, twin[i]))).toBe(true);
      }
    }
  },
);

test.each(engines)('powers keep their digits where exponents are large (%s)', (engine) => {
  // Whole powers of whole numbers beside exact ones, others beside the engine's.
  const bases = Array.from({ length: 60 }, (_, i) => i + 2);
  const exponents = bases.map((b, i) => Math.floor((700 / Math.log(b)) * ((i % 7) + 1) * 0.14));
  const y = mapped(engine, false, 'pow', bases.length, [bases, exponents]);
  bases.forEach((b, i) => {
    const exact = BigInt(b) ** BigInt(exponents[i]);
    const error = Number(((BigInt(y[i]) - exact) * 2n ** 60n) / exact) / 2 ** 60;
    expect(Math.abs(error), `${b}^${exponents[i]}`).toBeLessThan(8 * 2 ** -52);
  });
  const x = Array.from({ length: 300 }, () => (0.5 + random()) * 10 ** ((random() - 0.5) * 200));
  const by = x.map((v) => (600 * (random() - 0.5)) / Math.max(1, Math.abs(Math.log(v))));
  const powers = mapped(engine, false, 'pow', x.length, [x, by]);
  x.forEach((v, i) => {
    const exact = v ** by[i];
    expect(Math.abs(powers[i] - exact), `${v}^${by[i]}`).toBeLessThanOrEqual(10 * 2 ** -52 * exact);
  });
});

test.each(engines)('strides of any kind, broadcasting, views turned over (%s)', (engine) => {
  const arena = new Arena({ engine });
  for (const single of [false, true]) {
    const block = (length: number) => (single ? arena.f32Block(length) : arena.f64Block(length));
    const [rows, cols] = [3, 300];
    const a = block(rows * cols);
    a.view.set(Array.from({ length: rows * cols }, (_, i) => i));
    const b = block(cols);
    b.view.set(Array.from({ length: cols }, (_, i) => 1000 * i));
    const y = block(2 * rows * cols);
    const work = arena.alloc(8192);
    const meta = arena.i32Block(11);
    const kernel = allKernels(arena)[single ? 'smapElements' : 'mapElements'];
    // y[i, 2j] = a[rows-1-i, j] (a turned: stored cols × rows) + b[cols-1-j]
    meta.view.set([2, rows, 2 * cols, -1, 0, 0, cols, 2, rows, -1, 0]);
    const size = single ? 4 : 8;
    kernel(
      mapCodes.add,
      meta.pointer,
      y.pointer,
      a.pointer + (rows - 1) * size,
      b.pointer + (cols - 1) * size,
      a.pointer,
      work,
    );
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++)
        expect(y.view[i * 2 * cols + 2 * j]).toBe(j * rows + rows - 1 - i + 1000 * (cols - 1 - j));
    }
  }
});
