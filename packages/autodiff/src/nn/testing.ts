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
