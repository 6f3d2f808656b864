import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { loadCharacters } from '../material/characters.ts';
import { openLab } from './lab.ts';
import { differencedSharpness, searchedDecrease } from './oracle.ts';

test('products of the transformer are differences of its gradients, and symmetric', async () => {
  const lab = openLab(await loadCharacters(), { size: 'quick', seed: 1 });
  const { size, hessianVector, gradient, point } = lab.model;
  const random = new Random(1);
  const [u, w] = [0, 1].map(() => Float64Array.from({ length: size }, () => random.normal()));
  const [Hu, Hw] = [new Float64Array(size), new Float64Array(size)];
  hessianVector(u, Hu);
  hessianVector(w, Hw);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k], 0);
  const scale = Math.sqrt(dot(Hu, Hu) * dot(w, w));
  expect(Math.abs(dot(w, Hu) - dot(u, Hw)) / scale).toBeLessThan(1e-12);
  const along = dot(u, Hu) / dot(u, u);
  // The error of a central difference falls with the square of its length.
  expect(Math.abs(differencedSharpness(gradient, point(), u) / along - 1)).toBeLessThan(1e-4);
  expect(Math.abs(differencedSharpness(gradient, point(), u, 1e-4) / along - 1)).toBeLessThan(1e-6);
  lab.model.free();
});

test('a search finds how far a function falls', () => {
  for (const [centre, depth] of [
    [0.003, 2],
    [0.7, 0.1],
    [90, 5],
  ]) {
    expect(searchedDecrease((t) => depth * (t / centre - 1) ** 2 * (1 + t / centre / 4))).toBeCloseTo(depth, 3);
  }
  expect(searchedDecrease((t) => t)).toBe(0);
});

test('the text has few symbols, and its letters cost less than an even guess', async () => {
  const { symbols, codes, entropy } = await loadCharacters();
  expect(symbols).toHaveLength(50);
  expect(codes).toHaveLength(231_267);
  expect(entropy).toBeGreaterThan(2.7);
  expect(entropy).toBeLessThan(Math.log(50) - 0.8);
});
