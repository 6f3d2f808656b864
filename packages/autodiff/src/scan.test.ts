import { describe, expect, test } from 'vitest';
import * as ad from './index.ts';
import { type Case, checkDerivatives, checkMapped, draws } from './testing.ts';

type T = ad.Tensor;
const draw = draws(3);
const { add, mul, tanh, matmul } = ad;
const joined = (...parts: T[]): T => ad.concat(parts.map((t) => ad.reshape(t, [-1])));

/** A recurrent network whose weights are captured, and whose states are returned. */
const recurrent = (h: T, xs: T, w: T, reverse = false): [T, T] =>
  ad.scan(
    (state, x) => {
      const next = tanh(add(matmul(state, w), x));
      return [next, mul(next, x)];
    },
    h,
    xs,
    { reverse },
  );
function unrolled(h: T, xs: T, w: T, reverse = false): [T, T] {
  const ys: T[] = [];
  for (let i = 0; i < xs.shape[0]; i++) {
    const k = reverse ? xs.shape[0] - 1 - i : i;
    h = tanh(add(matmul(h, w), ad.slice(xs, k)));
    ys[k] = mul(h, ad.slice(xs, k));
  }
  return [h, ad.stack(ys)];
}
const shapes = [
  [2, 3],
  [5, 2, 3],
  [3, 3],
];
const args = shapes.map((shape) => draw(shape));

const cases: Case[] = [
  { name: 'state and values', f: (h, xs, w) => joined(...recurrent(h, xs, w)), x: args },
  { name: 'values alone', f: (h, xs, w) => recurrent(h, xs, w)[1], x: args },
  { name: 'state alone, backwards', f: (h, xs, w) => recurrent(h, xs, w, true)[0], x: args },
  {
    name: 'a number of steps without a sequence',
    f: (x, a) => ad.scan((s: T) => [add(ad.sin(s), mul(s, a)), null], x, null, { length: 4 })[0],
    x: [draw([3]), draw([])],
  },
  {
    name: 'no state',
    f: (x, a) => ad.scan((_, v) => [[], ad.exp(mul(v, a))], [] as T[], x)[1],
    x: [draw([4, 2]), draw([2])],
  },
  {
    name: 'several states that change places, one of them unused',
    f: (a, b) => {
      const [{ p, q }, y] = ad.scan(
        ({ p, q, unused }, [x]) => [
          { p: mul(q, x), q: add(p, ad.square(q)), unused: mul(unused, 2) },
          { own: mul(p, q) },
        ],
        { p: a, q: mul(a, 2), unused: a },
        [b],
      );
      return joined(p, q, y.own);
    },
    x: [draw([2]), draw([3, 2])],
  },
  {
    name: 'integers carried and gone through',
    f: (table) => {
      const walk = ad.tensor(Int32Array.from([2, 0, 1, 2]));
      const [, ys] = ad.scan(
        ({ at, s }, next) => {
          const row = ad.take(table, at);
          return [{ at: next, s: tanh(add(s, row)) }, mul(s, row)];
        },
        { at: ad.tensor(Int32Array.from([1]), { shape: [] }), s: ad.full([2], 0) },
        walk,
      );
      return ys;
    },
    x: [draw([3, 2])],
  },
  {
    name: 'a scan in a scan',
    f: (xs, w) =>
      ad.scan(
        (s, row) => {
          const [inner] = ad.scan((t: T, x: T) => [ad.sin(add(mul(t, w), x)), null], s, row);
          return [inner, ad.square(inner)];
        },
        ad.full([], 0.5),
        xs,
      )[1],
    x: [draw([3, 4]), draw([])],
  },
  {
    name: 'a gradient in a scan',
    f: (x, a) =>
      ad.scan(
        (s: T) => {
          const slope = ad.grad((v: T) => ad.sum(mul(ad.square(ad.sin(v)), a)))(s);
          return [ad.sub(s, mul(slope, 0.1)), null];
        },
        x,
        null,
        { length: 3 },
      )[0],
    x: [draw([3]), draw([3])],
  },
  {
    name: 'a checkpoint in a scan',
    f: (x, a) =>
      ad.scan(
        ad.checkpoint((s: T) => [ad.exp(ad.sin(mul(s, a))), s]),
        x,
        null,
        { length: 3 },
      )[1],
    x: [draw([2]), draw([2])],
  },
  {
    name: 'a scan in a checkpoint',
    f: ad.checkpoint((h: T, xs: T, w: T) => ad.square(recurrent(h, xs, w)[0])),
    x: args,
  },
  {
    name: 'a fixed point in a scan',
    f: (x, a) =>
      ad.scan(
        (s: T, v: T) => {
          const z = ad.fixedPoint(
            (t: T, [p, q]: readonly [T, T]) => ad.sin(add(mul(t, p), q)),
            ad.tensor(0.1),
            [a, s],
            { tol: 1e-15 },
          );
          return [mul(z, v), z];
        },
        ad.tensor(0.3),
        x,
      )[1],
    x: [draw([3]), ad.tensor(0.2)],
  },
  {
    name: 'no steps',
    f: (x) => ad.scan((s: T) => [ad.exp(s), s], x, null, { length: 0 })[0],
    x: [draw([2])],
  },
];

describe('scan: derivatives, compiled, and over batches', () => {
  test.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    checkDerivatives(c);
    checkMapped(c);
  });
});

describe('scan', () => {
  test('gives the bits of a loop', () => {
    for (const reverse of [false, true]) {
      const loop = ad.compile((h: T, xs: T, w: T) => unrolled(h, xs, w, reverse))(args[0], args[1], args[2]);
      const scanned = ad.compile((h: T, xs: T, w: T) => recurrent(h, xs, w, reverse))(args[0], args[1], args[2]);
      expect(scanned.map((t) => t.data())).toEqual(loop.map((t) => t.data()));
    }
  });

  test('one operation of a program, however long, and only what is needed', () => {
    const long = draw([2000, 2, 3]);
    const slope = ad
      .compile(ad.grad((w: T, h: T, xs: T) => ad.sum(recurrent(h, xs, w)[0])))
      .prepare(args[2], args[0], long);
    expect(slope.steps.filter((s) => s.startsWith('scan'))).toHaveLength(2);
    const last = ad.compile((h: T, xs: T, w: T) => recurrent(h, xs, w)[0]).prepare(args[0], long, args[2]);
    // The sequence, and nothing else of its length.
    expect(last.bytes).toBeLessThan(1.2 * 8 * long.size + 65536);
    // Forward mode keeps no cotangents.
    const along = ad
      .compile((h: T, xs: T, w: T) => ad.jvp((v: T) => recurrent(h, xs, v)[0], [w], [w])[1])
      .prepare(args[0], long, args[2]);
    expect(along.steps.filter((s) => s.startsWith('scan'))).toHaveLength(2);
  });

  test('on two threads, with the same bits', async () => {
    const [h, xs, w] = [
      [128, 64],
      [3, 128, 64],
      [64, 64],
    ].map((shape) => draw(shape, 0.3));
    const slope = () =>
      ad
        .compile(ad.grad((v: T) => ad.sum(recurrent(h, xs, v)[1])))(w)
        .data();
    const alone = slope();
    try {
      await ad.useThreads(2);
      expect(slope()).toEqual(alone);
    } finally {
      await ad.useThreads(1);
    }
  });

  test('in single precision', () => {
    const single = args.map((t) => ad.cast(t, 'f32'));
    const f = (h: T, xs: T, w: T) => ad.grad((v: T) => ad.sum(recurrent(h, xs, v)[1]))(w);
    const [a, b] = [f(single[0], single[1], single[2]).data(), f(args[0], args[1], args[2]).data()];
    for (const [i, v] of a.entries()) expect(v).toBeCloseTo(b[i], 4);
  });

  test('NaN is found within a step', () => {
    const f = ad.findNaN((x: T) => ad.scan((s: T) => [ad.log(ad.sub(s, 1)), null], x, null, { length: 5 })[0]);
    expect(() => f(ad.tensor(2))).toThrow(/^log produced the first NaN \(.*scan\.test\.ts/);
  });

  test('errors name the tensor and the line', () => {
    const here = /\(.*scan\.test\.ts:\d+:\d+\)/;
    const bad = (f: () => unknown, ...patterns: RegExp[]) => {
      for (const pattern of [...patterns, here]) expect(f).toThrow(pattern);
    };
    const state = { h: ad.full([3], 0), c: ad.full([2], 0) };
    bad(
      () => ad.scan(({ h, c }) => [{ h: ad.sum(h), c }, null], state, null, { length: 2 }),
      /^scan/,
      /carry\.h is f64 of \[3\] before a step, but f64 of a scalar after it/,
    );
    bad(
      () => ad.scan((s) => [{ ...s, h: ad.cast(s.h, 'f32') }, null], state, null, { length: 2 }),
      /carry\.h is f64 of \[3\] before a step, but f32 of \[3\] after it/,
    );
    bad(
      () => ad.scan((s) => [[s, s] as never, null], state.h, null, { length: 2 }),
      /2 tensors \(carry\[0\], carry\[1\]\)/,
    );
    bad(() => ad.scan((s) => [s, null], state, null), /nothing to go through/);
    bad(() => ad.scan((s) => [s, null], state, null, { length: 1.5 }), /whole number/);
    bad(() => ad.scan((s) => [s, null], state, { x: ad.tensor(1) }), /xs\.x is a scalar/);
    bad(
      () => ad.scan((s) => [s, null], state, [ad.full([2], 0), ad.full([3], 0)]),
      /xs\[1\] has 3 entries.* 2 in xs\[0\]/,
    );
    bad(() => ad.scan((s) => [s, null], state, ad.full([2], 0), { length: 3 }), /xs has 2 entries.* the length 3/);
    bad(() => ad.scan((s) => s as never, state, ad.full([2], 0)), /pair \[carry, y\]/);
    bad(() => ad.scan((s, x) => [mul(s, x.item()), null], ad.tensor(1), ad.full([2], 0)), /step of a scan/);
  });
});
