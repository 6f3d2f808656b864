import type { Parameters } from '@southwell/autodiff/nn';
import { elementary } from '@southwell/numerics/special';
import type { PermutationSpec, Permutations } from '../../merging/index.ts';
import type { LayerWeights } from '../networks/layers.ts';

/** The axis of a parameter along which its outputs lie. */
const axisOf = ({ turned, outputs }: LayerWeights, shape: readonly number[]): number =>
  turned ? shape.length - 1 : shape.indexOf(outputs);

/**
 * The order of neurons by the root mean square of their weights, as far as their order is free: then runs of neurons have similar
 * weights. Where the outputs of several layers have one order, by the product of theirs. O(size).
 */
export function orderBySpread(
  parameters: Parameters,
  spec: PermutationSpec,
  layers: readonly LayerWeights[],
): Permutations {
  const spreads = new Map<string, Float64Array>();
  for (const layer of layers) {
    const { name, outputs, inputs, turned, use } = layer;
    const { shape } = parameters[name];
    if (use === 'table') continue;
    const data = parameters[name].data();
    const factors = spec.axes[name]?.[axisOf(layer, shape)] ?? [];
    let inner = outputs;
    for (const { size, permutation } of factors) {
      inner /= size;
      if (permutation === undefined) continue;
      const squares = new Float64Array(size);
      for (let at = 0; at < data.length; at++) {
        const row = turned ? at % outputs : Math.floor(at / inputs);
        squares[Math.floor(row / inner) % size] += data[at] ** 2;
      }
      const sum = spreads.get(permutation) ?? new Float64Array(size);
      // Neurons without weights come first.
      for (let i = 0; i < size; i++) sum[i] += elementary.log(Math.max(squares[i], Number.MIN_VALUE));
      spreads.set(permutation, sum);
    }
  }
  return Object.fromEntries(
    [...spreads].map(([name, spread]) => [
      name,
      Int32Array.from(spread.keys()).sort((a, b) => spread[a] - spread[b] || a - b),
    ]),
  );
}
