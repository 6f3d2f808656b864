import * as ad from '@southwell/autodiff';
import type { Random } from '@southwell/numerics/core';

/** A differentiable map: Φ(x), and J(x)ᵀu. */
export interface Network {
  value(x: Float64Array): Float64Array;
  vjp(x: Float64Array, u: Float64Array): Float64Array;
}

/** The network that computes f, compiled. */
export function networkOf(f: (x: ad.Tensor) => ad.Tensor): Network {
  const forward = ad.compile(f);
  const back = ad.compile((x: ad.Tensor, u: ad.Tensor) => ad.vjp(f, x)[1](u)[0]);
  return {
    value: (x) => forward(ad.tensor(x)).data() as Float64Array,
    vjp: (x, u) => back(ad.tensor(x), ad.tensor(u)).data() as Float64Array,
  };
}

/** A linear layer: `weight` is inputs × outputs. */
export interface LinearLayer {
  readonly weight: ad.Tensor;
  readonly bias: ad.Tensor;
}

/** Linear layers with an activation between them, for rows of inputs. */
export const multilayer =
  (layers: readonly LinearLayer[], activation: 'tanh' | 'relu') =>
  (rows: ad.Tensor): ad.Tensor =>
    layers.reduce((x, { weight, bias }, k) => {
      const y = ad.add(ad.matmul(x, weight), bias);
      return k === layers.length - 1 ? y : activation === 'tanh' ? ad.tanh(y) : ad.relu(y);
    }, rows);

/** Layers of the given widths: weights N(0, 1.5²/inputs), N(0, 1/inputs) in the last layer, and biases 0.3·N(0, 1). */
export function randomLayers(widths: readonly number[], random: Random): LinearLayer[] {
  return widths.slice(1).map((outputs, k) => {
    const inputs = widths[k];
    const scale = (k === widths.length - 2 ? 1 : 1.5) / Math.sqrt(inputs);
    const normals = (count: number, size: number) => Float64Array.from({ length: count }, () => size * random.normal());
    return {
      weight: ad.tensor(normals(inputs * outputs, scale), { shape: [inputs, outputs] }),
      bias: ad.tensor(normals(outputs, 0.3)),
    };
  });
}
