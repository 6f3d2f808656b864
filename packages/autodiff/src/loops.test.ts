import { describe, expect, test } from 'vitest';
import * as ad from './index.ts';
import { type Case, checkDerivatives, checkMapped, draws } from './testing.ts';

type T = ad.Tensor;
const draw = draws(5);
const { add, mul } = ad;
const here = /\(.*loops\.test\.ts:\d+:\d+\)/;

describe('cond: derivatives, compiled, and over batches', () => {
  const cases: Case[] = [
    {
      name: 'a choice by a value',
      f: (x, a) =>
        ad.cond(
          ad.less(ad.sum(x), 0.3),
          (v) => ad.sin(mul(v, a)),
          (v) => add(ad.square(v), a),
          x,
        ),
      x: [draw([3]), draw([])],
    },
    {
      name: 'captured tensors, one in each function',
      f: (x, a) =>
        ad.cond(
          ad.tensor(0),
          () => ({ y: ad.exp(x) }),
          () => ({ y: mul(x, ad.sum(a)) }),
        ).y,
      x: [draw([2, 2]), draw([3])],
    },
    {
      name: 'a choice in each step of a scan',
      f: (x) =>
        ad.scan(
          (s: T, v: T) => [
            ad.cond(
              ad.less(v, s),
              (t) => mul(t, v),
              (t) => ad.sin(add(t, v)),
              s,
            ),
            s,
          ],
          ad.tensor(0.1),
          x,
        )[1],
      x: [draw([6])],
    },
  ];
  test.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    checkDerivatives(c);
    checkMapped(c);
  });
});

test('cond computes only what it chooses', () => {
  const f = (c: T, x: T, i: T) =>
    ad.cond(
      c,
      () => ad.take(x, i),
      () => mul(ad.slice(x, 0), 2),
    );
  const x = ad.tensor([1, 2, 3]);
  // An index out of range.
  const far = ad.tensor(Int32Array.from([7]), { shape: [] });
  expect(ad.compile(f)(ad.tensor(0), x, far).item()).toBe(2);
  expect(() => ad.compile(f)(ad.tensor(1), x, far)).toThrow(/index 7/);
});

test('cond under vmap chooses for each example, integers too', () => {
  const f = (v: T) =>
    ad.cond(
      ad.less(v, 0),
      (t) => [ad.neg(t), ad.range(2, 'i32')],
      (t) => [t, ad.range(2, 'i32', 5)],
      v,
    );
  const [y, i] = ad.vmap(f)(ad.tensor([-1, 2, -3]));
  expect(y.toArray()).toEqual([1, 2, 3]);
  expect(i.toArray()).toEqual([
    [0, 1],
    [5, 6],
    [0, 1],
  ]);
});

test('functions of cond must return the same', () => {
  const x = ad.full([3], 1);
  const bad = (f: () => unknown, pattern: RegExp) => {
    expect(f).toThrow(pattern);
    expect(f).toThrow(here);
  };
  bad(
    () =>
      ad.cond(
        ad.tensor(1),
        () => x,
        () => ad.sum(x),
      ),
    /f64 of \[3\] and f64 of a scalar/,
  );
  bad(
    () =>
      ad.cond<[], unknown>(
        ad.tensor(1),
        () => x,
        () => [x],
      ),
    /other structures/,
  );
  bad(
    () =>
      ad.cond(
        x,
        () => x,
        () => x,
      ),
    /scalar tensor as its condition, not a tensor of \[3\]/,
  );
});

/** The square root of a by Newton's method, to the limit of the precision. */
const root = (a: T): T =>
  ad.whileLoop(
    ({ x, before }) => ad.less(1e-14, ad.abs(ad.sub(x, before))),
    ({ x }) => ({ x: mul(add(x, ad.div(a, x)), 0.5), before: x }),
    { x: a, before: ad.full([], 0) },
  ).x;

test('NaN is found within branches and loops', () => {
  const f = (x: T) =>
    ad.cond(
      ad.less(x, 0),
      (v) => ad.log(v),
      (v) => v,
      x,
    );
  expect(() => ad.findNaN(f)(ad.tensor(-1))).toThrow(/^log produced the first NaN \(.*loops\.test\.ts/);
  expect(ad.findNaN(f)(ad.tensor(2)).item()).toBe(2);
  const down = (x: T) =>
    ad.whileLoop(
      (v) => ad.less(-3, v),
      (v) => ad.add(ad.sqrt(v), ad.sub(v, 2)),
      x,
    );
  expect(() => ad.findNaN(down)(ad.tensor(1))).toThrow(/^sqrt produced the first NaN \(.*loops\.test\.ts/);
  expect(ad.findNaN(root)(ad.tensor(2)).item()).toBe(root(ad.tensor(2)).item());
});

describe('whileLoop', () => {
  test('a number of steps that depends on values, eager and compiled', () => {
    for (const a of [0.01, 2, 1e6]) {
      const eager = root(ad.tensor(a)).item();
      expect(eager).toBeCloseTo(Math.sqrt(a), 10);
      expect(ad.compile(root)(ad.tensor(a)).item()).toBe(eager);
    }
  });

  test('derivatives in forward mode, to second order', () => {
    const slope = (a: T): T => ad.jvp(root, [a], [ad.tensor(1)])[1];
    const bend = (a: T): T => ad.jvp(slope, [a], [ad.tensor(1)])[1];
    for (const run of [(f: (a: T) => T) => f, ad.compile]) {
      expect(run(slope)(ad.tensor(2)).item()).toBeCloseTo(0.5 / Math.SQRT2, 12);
      expect(run(bend)(ad.tensor(2)).item()).toBeCloseTo(-0.25 * 2 ** -1.5, 12);
    }
  });

  test('integers and tensors that do not change', () => {
    const power = (x: T, n: T): T =>
      ad.whileLoop(
        ([left]) => ad.cast(left, 'f64'),
        ([left, y, base]) => [ad.cast(ad.sub(ad.cast(left, 'f64'), 1), 'i32'), mul(y, base), base],
        [n, ad.tensor(1), x],
      )[1];
    const four = ad.tensor(Int32Array.from([4]), { shape: [] });
    expect(ad.compile(power)(ad.tensor(3), four).item()).toBe(81);
    expect(ad.jvp((x: T) => power(x, four), [ad.tensor(3)], [ad.tensor(1)])[1].item()).toBe(108);
  });

  test('under vmap each example takes its own number of steps', () => {
    const a = ad.tensor([0.01, 2, 1e6]);
    const each = [0, 1, 2].map((i) => root(ad.slice(a, i)).item());
    expect(ad.vmap(root)(a).toArray()).toEqual(each);
    const slopes = ad
      .vmap((v: T) => ad.jvp(root, [v], [ad.tensor(1)])[1])(a)
      .data();
    for (const [i, r] of each.entries()) expect(slopes[i] * 2 * r).toBeCloseTo(1, 10);
  });

  test('no derivative in reverse mode', () => {
    expect(() => ad.grad(root)(ad.tensor(2))).toThrow(/^whileLoop .* has no derivative in reverse mode/);
    expect(() => ad.grad(root)(ad.tensor(2))).toThrow(here);
    expect(() => ad.compile(ad.grad(root))(ad.tensor(2))).toThrow(/reverse mode/);
    expect(() => ad.grad((v: T) => ad.grad(root)(v))(ad.tensor(2))).toThrow(/reverse mode/);
    expect(() => ad.compile(ad.grad((v: T) => ad.grad(root)(v)))(ad.tensor(2))).toThrow(/reverse mode/);
  });

  test('errors name the tensor and the line', () => {
    const f = () =>
      ad.whileLoop(
        () => ad.tensor(1),
        (x: T) => ad.sum(x),
        ad.full([3], 1),
      );
    expect(f).toThrow(/^whileLoop .*carry is f64 of \[3\] before a step, but f64 of a scalar after it/);
    expect(f).toThrow(here);
    expect(() =>
      ad.whileLoop(
        (x: T) => x,
        (x: T) => x,
        ad.full([3], 1),
      ),
    ).toThrow(/scalar tensor as its condition/);
  });
});
