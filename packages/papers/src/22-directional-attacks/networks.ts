import * as ad from '@southwell/autodiff';
import type { Random } from '@southwell/numerics/core';
import type { Network } from 'southwell/black-box';

/** A function of n numbers as a network, its values and products compiled. */
export function networkOf(n: number, f: (x: ad.Tensor) => ad.Tensor): Network {
  const forward = ad.compile(f).prepare(ad.full([n], 0));
  const cotangent = ad.full(forward.result.shape, 0);
  const pull = (x: ad.Tensor, u: ad.Tensor) => ad.vjp(f, x)[1](u)[0];
  const backward = ad.compile(pull).prepare(ad.full([n], 0), cotangent);
  return {
    value(x) {
      forward.inputs[0].numbers.set(x);
      forward.run();
      return Float64Array.from(forward.outputs[0].data);
    },
    vjp(x, u) {
      backward.inputs[0].numbers.set(x);
      backward.inputs[1].numbers.set(u);
      backward.run();
      return Float64Array.from(backward.outputs[0].data);
    },
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
