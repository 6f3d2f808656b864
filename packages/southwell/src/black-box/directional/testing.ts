import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { Network } from './attack.ts';

const tanh = (v: number): number => 1 - 2 / (elementary.exp(2 * v) + 1);

interface CountedNetwork extends Network {
  /** Points at which value was called. */
  readonly points: Float64Array[];
  readonly products: () => number;
}

/** A network that remembers its calls, as a user would count them. */
export function counted(network: Network): CountedNetwork {
  const points: Float64Array[] = [];
  let products = 0;
  return {
    points,
    products: () => products,
    value: (x) => {
      points.push(x.slice());
      return network.value(x);
    },
    vjp: (x, u) => {
      products++;
      return network.vjp(x, u);
    },
  };
}

/** A random network of dense layers, with its derivative. */
export function denseNetwork(sizes: readonly number[], activation: 'tanh' | 'relu', seed: number): Network {
  const random = new Random(seed);
  const layers = sizes.slice(1).map((out, l) => {
    const inputs = sizes[l];
    const scale = (l === sizes.length - 2 ? 1 : 1.5) / Math.sqrt(inputs);
    const weights = Array.from({ length: out }, () =>
      Float64Array.from({ length: inputs }, () => scale * random.normal()),
    );
    return { weights, bias: Float64Array.from({ length: out }, () => 0.3 * random.normal()) };
  });
  const act = (v: number) => (activation === 'tanh' ? tanh(v) : Math.max(v, 0));
  const slope = (a: number) => (activation === 'tanh' ? 1 - a * a : a > 0 ? 1 : 0);
  const forward = (x: Float64Array): Float64Array[] => {
    const all = [x];
    layers.forEach(({ weights, bias }, l) => {
      const sums = bias.map((b, i) => weights[i].reduce((s, w, j) => s + w * all[l][j], b));
      all.push(l === layers.length - 1 ? sums : sums.map(act));
    });
    return all;
  };
  return {
    value: (x) => forward(x)[layers.length],
    vjp(x, u) {
      const all = forward(x);
      let g = u;
      for (let l = layers.length - 1; l >= 0; l--) {
        const back = l === layers.length - 1 ? g : g.map((v, i) => v * slope(all[l + 1][i]));
        g = all[l].map((_, j) => layers[l].weights.reduce((s, row, i) => s + row[j] * back[i], 0));
      }
      return g;
    },
  };
}

/** The affine map Ax + b. */
export const affine = (rows: readonly (readonly number[])[], b: readonly number[]): Network => ({
  value: (x) => rows.map((row, k) => row.reduce((s, a, i) => s + a * x[i], b[k])),
  vjp: (x, u) => x.map((_, i) => rows.reduce((s, row, k) => s + row[i] * u[k], 0)),
});

/** The squared distance to a target. */
export const distanceTo = (target: ArrayLike<number>) => ({
  value: (y: Float64Array) => y.reduce((s, v, k) => s + (v - target[k]) ** 2, 0),
  gradient: (y: Float64Array) => y.map((v, k) => 2 * (v - target[k])),
});
