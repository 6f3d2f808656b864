import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { fail } from '@southwell/numerics/core';
import { gathered } from './permute.ts';
import { deriveSpec } from './spec.ts';

/** Examples that are evaluated at a time, whose activations are in memory. */
const BATCH = 256;

/** The activations at these operations, as rows of each permuted place. */
function activationsAt(model: nn.Model, x: ad.Tensor, sites: ReturnType<typeof deriveSpec>['sites']): Float64Array[] {
  const found: Float64Array[] = [];
  let operation = 0;
  ad.observe(
    () => nn.apply(model.layer, model.parameters, x, { state: model.state }),
    ({ inputs }) => {
      sites.forEach((site, k) => {
        if (site.operation !== operation) return;
        const { lengths, at } = site;
        const order = [at, ...lengths.map((_, d) => d).filter((d) => d !== at)];
        found[k] = gathered(Float64Array.from(inputs[0].data()), lengths, [], order);
      });
      operation++;
    },
  );
  return found;
}

/**
 * Inner products of the activations of two networks of the same form, by permutation: entry (i, j) of its n × n matrix is that of
 * place i in a with place j in b, over all inputs of products with weights and all examples.
 * @throws NON_FINITE if an input or an activation is not finite; as `apply`.
 */
export function activationOverlaps(a: nn.Model, b: nn.Model, inputs: ad.Tensor): ReadonlyMap<string, Float64Array> {
  const sums = new Map<string, Float64Array>();
  const bad = inputs.data().find((v) => !Number.isFinite(v));
  if (bad !== undefined) fail('NON_FINITE', `The inputs have ${bad}.`);
  if (inputs.shape[0] === 0) fail('EMPTY', 'There are no examples.');
  for (let from = 0; from < inputs.shape[0]; from += BATCH) {
    const x = ad.slice(inputs, [from, Math.min(inputs.shape[0], from + BATCH)]);
    const { sites } = deriveSpec(a, x);
    const [left, right] = [activationsAt(a, x, sites), activationsAt(b, x, sites)];
    sites.forEach(({ permutation, lengths, at }, k) => {
      const n = lengths[at];
      const rows = (values: Float64Array): ad.Tensor => ad.tensorOver(values, [n, values.length / n]);
      const product = ad.matmulTransposed(rows(left[k]), rows(right[k])).data();
      const sum = sums.get(permutation) ?? new Float64Array(n * n);
      for (let i = 0; i < sum.length; i++) sum[i] += product[i];
      sums.set(permutation, sum);
    });
  }
  for (const [name, sum] of sums)
    if (!sum.every(Number.isFinite)) fail('NON_FINITE', `Activations along ${name} are not finite.`);
  return sums;
}
