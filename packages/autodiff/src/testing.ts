// Shared by the tests of autodiff. Not exported from the package.
import { Random } from '@southwell/numerics/core';
import { expect } from 'vitest';
import * as ad from './index.ts';
import { patternOf } from './transforms/pattern.ts';
import { leavesOf } from './tree.ts';

type T = ad.Tensor;

/** A function under test, which takes only tensors, with arguments for it. */
export interface Case {
  readonly name: string;
  readonly f: (...x: T[]) => T;
  readonly x: readonly T[];
  /** Indices of the arguments to differentiate; by default all floating-point ones. */
  readonly wrt?: readonly number[];
  /** Whether the function is smooth enough for a second derivative (true). */
  readonly second?: boolean;
  /** Step size of the finite differences. */
  readonly step?: number;
  /** False to skip vmap, for functions whose control flow depends on values. */
  readonly mapped?: boolean;
}

/** Normal numbers from a seed, multiplied by `scale` and shifted by `shift`. */
export function draws(seed: number): (shape: readonly number[], scale?: number, shift?: number) => T {
  const random = new Random(seed);
  return (shape, scale = 1, shift = 0) => {
    const n = shape.reduce((a, b) => a * b, 1);
    return ad.tensor(
      Float64Array.from({ length: n }, () => shift + scale * random.normal()),
      { shape },
    );
  };
}

/** A non-contiguous view, with gaps and permuted axes, that has the values of x. */
export function scattered(x: T): T {
  const order = x.shape.map((_, d) => x.rank - 1 - d);
  const turned = ad.permute(ad.tensor(ad.permute(x, order).data(), { shape: order.map((d) => x.shape[d]) }), order);
  if (x.rank === 0) return turned;
  const wide = ad.stack([turned, turned], 0);
  return ad.slice(wide, 1);
}

const maxAbs = (values: ArrayLike<number>): number => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);

/** Σ weights·f, so that every element of the value contributes differently. */
function weighted(f: Case['f'], like: readonly T[]): { scalar: (...x: T[]) => T } {
  const y = f(...like);
  const w = draws(7)(y.shape);
  return { scalar: (...x) => ad.sum(ad.mul(f(...x), w)) };
}

/** The derivative of f along a direction, by fourth-order central differences. */
function difference(f: (x: readonly T[]) => number[], x: readonly T[], d: readonly (T | null)[], h: number): number[] {
  const at = (t: number) => f(x.map((v, i) => (d[i] ? ad.add(v, ad.mul(d[i]!, t)) : v)));
  const [a, b, c, e] = [at(2 * h), at(h), at(-h), at(-2 * h)];
  return a.map((_, i) => (8 * (b[i] - c[i]) - (a[i] - e[i])) / (12 * h));
}

/**
 * Checks the derivatives of a case against finite differences: first order (reverse and forward mode, along random
 * directions) to a relative error of 1e-7, second order to 1e-5; and compiled derivatives bitwise against eager ones.
 */
export function checkDerivatives({ name, f, x, wrt, second = true, step = 1e-3 }: Case): void {
  const at = wrt ?? x.flatMap((v, i) => (v.dtype === 'i32' ? [] : [i]));
  const { scalar } = weighted(f, x);
  const list = [...x];
  const [value, gradients] = ad.valueAndGrad(scalar, { wrt: at })(...list) as [T, T[]];
  const draw = draws(11);
  const directions = x.map((v, i) => (at.includes(i) ? draw(v.shape) : null));
  const inner = (g: readonly T[], d: readonly (T | null)[]) =>
    g.reduce((s, t, k) => s + Array.from(t.data()).reduce((p, v, j) => p + v * d[at[k]]!.data()[j], 0), 0);
  const size = (g: readonly T[]) =>
    1e-3 +
    Math.abs(value.item()) * 1e-2 +
    Math.max(...g.map((t) => maxAbs(t.data()))) * Math.sqrt(Math.max(1, ...g.map((t) => t.size)));

  const along = inner(gradients, directions);
  const [found] = difference((v) => [scalar(...v).item()], x, directions, step);
  expect(Math.abs(along - found), `${name}: gradient ${along}, differences ${found}`).toBeLessThanOrEqual(
    1e-7 * size(gradients),
  );

  const [, forward] = ad.jvp(scalar, list, directions as never) as [T, T];
  expect(Math.abs(along - forward.item()), `${name}: jvp ${forward.item()}, gradient ${along}`).toBeLessThanOrEqual(
    1e-10 * size(gradients),
  );

  const compiled = ad.compile(ad.valueAndGrad(scalar, { wrt: at }) as never) as unknown as (...v: T[]) => [T, T[]];
  const [same, sameGradients] = compiled(...list);
  expect(same.data(), `${name}: compiled`).toEqual(value.data());
  expect(
    sameGradients.map((g) => g.data()),
    `${name}: compiled gradient`,
  ).toEqual(gradients.map((g) => g.data()));

  if (!second) return;
  const gradient = (v: readonly T[]): T[] => ad.grad(scalar, { wrt: at })(...v) as T[];
  const weights = at.map((i) => draw(x[i].shape));
  const projected = (...v: T[]): T =>
    gradient(v)
      .map((g, k) => ad.sum(ad.mul(g, weights[k])))
      .reduce((a, b) => ad.add(a, b));
  const curvature = ad.grad(projected, { wrt: at })(...list) as T[];
  const twice = inner(curvature, directions);
  const [differences] = difference((v) => [projected(...v).item()], x, directions, step);
  expect(Math.abs(twice - differences), `${name}: second ${twice}, differences ${differences}`).toBeLessThanOrEqual(
    1e-5 * (size(gradients) + size(curvature)),
  );
  const compiledSecond = ad.compile(ad.grad(projected, { wrt: at }) as never) as unknown as (...v: T[]) => T[];
  const again = compiledSecond(...list);
  expect(
    again.map((g) => g.data()),
    `${name}: compiled second`,
  ).toEqual(curvature.map((g) => g.data()));
}

/** Checks that vmap over new leading axes equals the stack of single results, also for gradients. */
export function checkMapped({ name, f, x, wrt }: Case, batch = 3): void {
  const draw = draws(13);
  const shifted = (v: T, b: number) => (v.dtype === 'i32' ? v : ad.add(v, ad.mul(draw(v.shape), 0.01 * b)));
  const many = Array.from({ length: batch }, (_, b) => x.map((v) => shifted(v, b)));
  const at = wrt ?? x.flatMap((v, i) => (v.dtype === 'i32' ? [] : [i]));
  const { scalar } = weighted(f, x);
  const slope = (...v: T[]) => ad.grad(scalar, { wrt: at })(...v) as T[];
  const close = (a: T, b: T, what: string) => {
    expect(a.shape, `${name}: ${what}`).toEqual(b.shape);
    const [p, q] = [a.data(), b.data()];
    const scale = 1e-12 * (1e-3 + maxAbs(q));
    expect(
      p.findIndex((v, i) => !(Math.abs(v - q[i]) <= scale)),
      `${name}: ${what} ${p} ${q}`,
    ).toBe(-1);
  };
  // All arguments mapped, then each one alone.
  const axesOf = [x.map(() => 0), ...x.map((_, k) => x.map((__, i) => (i === k ? 0 : null)))];
  for (const axes of x.length > 1 ? axesOf : axesOf.slice(0, 1)) {
    const args = x.map((v, i) => (axes[i] === null ? v : ad.stack(many.map((row) => row[i]))));
    const single = many.map((row) => row.map((v, i) => (axes[i] === null ? x[i] : v)));
    close(ad.vmap(f, { axes })(...args), ad.stack(single.map((row) => f(...row))), `vmap ${axes}`);
    const slopes = single.map((row) => slope(...row));
    const mapped = ad.vmap(slope, { axes })(...args);
    for (const k of at.keys()) close(mapped[k], ad.stack(slopes.map((s) => s[k])), `vmap of grad ${axes}`);
    // The gradient of a sum over the batch.
    const whole = ad.grad((...v: T[]) => ad.sum(ad.vmap(scalar, { axes })(...v)), { wrt: at })(...args) as T[];
    at.forEach((i, k) => {
      const parts = ad.stack(slopes.map((s) => s[k]));
      close(whole[k], axes[i] === null ? ad.sum(parts, 0) : parts, `grad of vmap ${axes}`);
    });
  }
}

export const flat = (tree: unknown): number[] => leavesOf(tree).flatMap((t) => Array.from(t.data()));

/** The largest derivative, in elements, that is computed densely. */
const MOST = 4000;

/** Elements of the dense derivative of f that are not 0 and that its pattern lacks. */
function missing(f: (x: T) => T, x: T): string[] {
  const { colPointers, rowIndices, rows, cols } = patternOf('a test', f as never, [x]);
  const dense = ad.jacobian(f)(x).data();
  const there = new Uint8Array(rows * cols);
  for (let j = 0; j < cols; j++)
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) there[rowIndices[k] * cols + j] = 1;
  return [...dense.keys()].filter((e) => dense[e] !== 0 && !there[e]).map((e) => `${Math.floor(e / cols)},${e % cols}`);
}

/** Checks that the patterns of the Jacobian and of the gradient's Jacobian in each argument have all non-zero entries. */
export function checkPatterns({ name, f, x, wrt, second = true, mapped = true }: Case): void {
  if (!mapped) return;
  const at = wrt ?? x.flatMap((v, i) => (v.dtype === 'i32' ? [] : [i]));
  for (const i of at) {
    const alone = (v: T): T => f(...x.map((other, k) => (k === i ? v : other)));
    const y = alone(x[i]);
    if (y.size * x[i].size <= MOST) expect(missing(alone, x[i]), `${name}, argument ${i}`).toEqual([]);
    if (!second || x[i].size ** 2 > MOST) continue;
    const gradient = ad.grad((v: T) =>
      ad.sum(ad.mul(ad.square(alone(v)), ad.add(ad.reshape(ad.range(y.size), y.shape), 1))),
    );
    expect(missing(gradient, x[i]), `gradient of ${name}, argument ${i}`).toEqual([]);
  }
}
