import * as ad from '@southwell/autodiff';
import type { Parameters } from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { gramMatrix } from '@southwell/numerics/linalg';
import type { LossNetwork, PrunableLayer } from './state.ts';

/** Numbers of gradients of examples that are computed at a time. */
const NUMBERS = 1 << 22;

/** The gradients of the loss of each example with respect to some weights, n × examples, and their mean. */
export function gradientsOf(
  network: LossNetwork,
  parameters: Parameters,
  { name, original }: PrunableLayer,
  [x, y]: readonly [ad.Tensor, ad.Tensor],
  block: readonly number[],
): { readonly all: DenseMatrix; readonly mean: Float64Array } {
  const count = x.shape[0];
  const one = ad.grad((w: ad.Tensor, p: Parameters, a: ad.Tensor, b: ad.Tensor) =>
    ad.sum(network.losses({ ...p, [name]: w }, ad.expandDims(a, 0), ad.expandDims(b, 0))),
  );
  const { [name]: weight, ...rest } = parameters;
  const each = ad.compile(ad.vmap(one, { axes: [null, null, 0, 0] }));
  const all = DenseMatrix.create(block.length, count);
  const mean = new Float64Array(block.length);
  const size = Math.max(1, Math.min(count, Math.floor(NUMBERS / original.length)));
  for (let from = 0; from < count; from += size) {
    const range = [from, Math.min(count, from + size)] as const;
    const some = each(weight, rest, ad.slice(x, range), ad.slice(y, range)).data();
    for (let s = 0; s < range[1] - from; s++) {
      const column = all.column(from + s);
      block.forEach((i, k) => {
        column[k] = some[s * original.length + i];
        mean[k] += column[k] / count;
      });
    }
  }
  return { all, mean };
}

/** The mean of products of the gradients of two weights, of all pairs or of each with itself. */
export function productsOf(gradients: DenseMatrix, which: 'gradients' | 'diagonal'): DenseMatrix {
  const n = gradients.rows;
  const H = DenseMatrix.create(n, n, { arena: gradients.arena });
  gramMatrix(gradients, H, { transpose: true });
  const { data } = H;
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++)
      data[j * n + i] = which === 'diagonal' && i !== j ? 0 : data[j * n + i] / gradients.cols;
  return H;
}

/** Second derivatives of the mean loss with respect to some weights. */
export function hessianOf(
  network: LossNetwork,
  parameters: Parameters,
  { name }: PrunableLayer,
  batch: readonly [ad.Tensor, ad.Tensor],
  block: readonly number[],
): DenseMatrix {
  const weight = parameters[name];
  const places = ad.tensor(Int32Array.from(block), { shape: [block.length] });
  const flat = ad.reshape(weight, [-1]);
  const of = (z: ad.Tensor): ad.Tensor => {
    const w = ad.reshape(ad.scatterAdd(flat, places, z, 0), weight.shape);
    return ad.mean(network.losses({ ...parameters, [name]: w }, ...batch));
  };
  const second = ad
    .hessian(of)(ad.full([block.length], 0, 'f32'))
    .data();
  return DenseMatrix.fromColumnMajor(Float64Array.from(second), block.length, block.length);
}
