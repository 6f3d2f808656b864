import * as ad from '@southwell/autodiff';
import type { Parameters } from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { gramMatrix } from '@southwell/numerics/linalg';
import type { LossNetwork, PrunableLayer } from './state.ts';

/** Numbers of gradients of examples that are computed at a time. */
const NUMBERS = 1 << 22;

type EachGradient = (w: ad.Tensor, rest: Parameters, places: ad.Tensor, x: ad.Tensor, y: ad.Tensor) => ad.Tensor;
const compiled = new WeakMap<LossNetwork, Map<string, EachGradient>>();

/** Gradients of the loss of each example at some places of a parameter, compiled once. */
function eachGradient(network: LossNetwork, name: string): EachGradient {
  const own = compiled.get(network) ?? new Map<string, EachGradient>();
  compiled.set(network, own);
  const known = own.get(name);
  if (known) return known;
  const slope = ad.grad((w: ad.Tensor, p: Parameters, a: ad.Tensor, b: ad.Tensor) =>
    ad.sum(network.losses({ ...p, [name]: w }, ad.expandDims(a, 0), ad.expandDims(b, 0))),
  );
  const one: EachGradient = (w, p, places, a, b) => ad.take(ad.reshape(slope(w, p, a, b), [-1]), places, 0);
  const each = ad.compile(ad.vmap(one, { axes: [null, null, null, 0, 0] }));
  own.set(name, each);
  return each;
}

/** The gradients of the loss of each example with respect to some weights, n × examples, and their mean. */
export function gradientsOf(
  network: LossNetwork,
  parameters: Parameters,
  { name, original }: PrunableLayer,
  [x, y]: readonly [ad.Tensor, ad.Tensor],
  block: readonly number[],
): { readonly all: DenseMatrix; readonly mean: Float64Array } {
  const count = x.shape[0];
  const each = eachGradient(network, name);
  const { [name]: weight, ...rest } = parameters;
  const places = ad.tensor(Int32Array.from(block));
  const all = DenseMatrix.create(block.length, count);
  const mean = new Float64Array(block.length);
  const size = Math.max(1, Math.min(count, Math.floor(NUMBERS / original.length)));
  for (let from = 0; from < count; from += size) {
    const range = [from, Math.min(count, from + size)] as const;
    const some = each(weight, rest, places, ad.slice(x, range), ad.slice(y, range)).data();
    all.data.set(some, from * block.length);
    for (let at = 0; at < some.length; ) for (let k = 0; k < block.length; k++, at++) mean[k] += some[at] / count;
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
