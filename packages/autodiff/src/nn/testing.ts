// Helpers shared by the tests of nn. Not exported from the package.
import { expect } from 'vitest';
import * as ad from '../index.ts';

type Tensors = readonly ad.Tensor[];

/** Standard normal numbers, different at each call. */
export function draws(seed: number): (shape: ad.Shape) => ad.Tensor {
  let part = 0;
  return (shape) => ad.randomNormal(ad.foldIn(ad.randomKey(seed), part++), shape, 'f64');
}

const inner = (a: Tensors, b: Tensors): number => a.reduce((s, t, i) => s + ad.sum(ad.mul(t, b[i])).item(), 0);
const largest = (all: Tensors): number => Math.max(0, ...all.flatMap((t) => Array.from(t.data(), Math.abs)));

/** Directional derivative of f at x along d by fourth-order central differences. */
function difference(f: (x: Tensors) => number, x: Tensors, d: Tensors): number {
  const h = 1e-3;
  const [a, b, c, e] = [2 * h, h, -h, -2 * h].map((t) => f(x.map((v, i) => ad.add(v, ad.mul(d[i], t)))));
  return (8 * (b - c) - (a - e)) / (12 * h);
}

/**
 * Checks derivatives in double precision against finite differences along a direction: first order to a relative error of 1e-7, second
 * order to 1e-5; compiled derivatives must equal uncompiled ones bit for bit.
 */
export function checkDerivatives(name: string, f: (...x: Tensors) => ad.Tensor, x: Tensors): void {
  const draw = draws(11);
  const weights = draw(f(...x).shape);
  const wrt = x.map((_, i) => i);
  const loss = (...v: Tensors) => ad.sum(ad.mul(f(...v), weights));
  const slope = (...v: Tensors) => ad.grad(loss, { wrt })(...v) as Tensors;
  const [along, others] = [x, x].map((all) => all.map((v) => draw(v.shape)));
  const count = x.reduce((n, v) => n + v.size, 1);

  const gradient = slope(...x);
  const once = difference((v) => loss(...v).item(), x, along);
  const size = 1e-3 + largest(gradient) * Math.sqrt(count) + 1e-2 * Math.abs(loss(...x).item());
  const found = inner(gradient, along);
  expect(Math.abs(found - once), `${name}: gradient ${found}, differences ${once}`).toBeLessThanOrEqual(1e-7 * size);
  const compiled = ad.compile(slope)(...x);
  expect(
    compiled.map((t) => t.data()),
    `${name}: compiled`,
  ).toEqual(gradient.map((t) => t.data()));

  const projected = (...v: Tensors) =>
    slope(...v)
      .map((g, i) => ad.sum(ad.mul(g, others[i])))
      .reduce((a, b) => ad.add(a, b));
  const curvature = ad.grad(projected, { wrt })(...x) as Tensors;
  const twice = difference((v) => projected(...v).item(), x, along);
  const second = inner(curvature, along);
  expect(Math.abs(second - twice), `${name}: second ${second}, differences ${twice}`).toBeLessThanOrEqual(
    1e-5 * (size + largest(curvature)),
  );
}

/** Random numbers for packed matrices of every form: reproducible, without dependence on the machine. */
export function numbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
}

/** A random packed matrix of each form. */
export const examples: Readonly<
  Record<string, (shape: readonly number[], next: () => number, bits?: number) => ad.PackedMatrix>
> = {
  groups: (shape, next) => ad.packGroups(sparse(shape[0], inputs(shape), next), shape),
  bitmap: (shape, next) =>
    ad.packBitmap(
      Float32Array.from({ length: shape[0] * inputs(shape) }, () => (next() > 0.2 ? next() : 0)),
      shape,
    ),
  codebooks: (shape, next, bits = 4) => {
    const boundaries = shape[0] > 5 ? [0, 3, 5] : [0];
    const codebooks = Array.from({ length: boundaries.length * 2 ** bits }, next);
    const indices = Array.from({ length: shape[0] * inputs(shape) }, () => Math.floor((next() + 1) * 2 ** (bits - 1)));
    const scales = bits % 2 === 0 ? Array.from({ length: shape[0] }, next) : undefined;
    return ad.packCodes({ indices, bits, codebooks, boundaries, scales }, shape);
  },
  int8: (shape, next) => {
    const codes = Int8Array.from({ length: shape[0] * inputs(shape) }, () => Math.floor(next() * 128));
    return ad.packInt8(codes, Array.from({ length: shape[0] }, next), shape);
  },
  wrapped: (shape, next, block = 4) => {
    const [m, n] = [shape[0], inputs(shape)].map((k) => Math.ceil(k / block) * block);
    const [left, right] = [m, n].map((k) => Array.from({ length: k * block }, next));
    return ad.packWrapped({ block, left, right, core: sparse(m, n, next) }, shape);
  },
};

const inputs = (shape: readonly number[]): number => shape.slice(1).reduce((a, b) => a * b, 1);

/** Two of four in each row. */
export function sparse(out: number, inner: number, next: () => number): Float32Array {
  const weights = new Float32Array(out * inner);
  for (let i = 0; i < out; i++)
    for (let j = 0; j < inner; j += 4) {
      const [a, b] = [Math.floor((next() + 1) * 2), Math.floor((next() + 1) * 2)];
      for (const k of [a, b]) if (j + k < inner) weights[i * inner + j + k] = next();
    }
  return weights;
}
