import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { fail } from '@southwell/numerics/core';

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Tables of places and shapes, which have no average. */
const isWhole = ({ dtype }: ad.Tensor): boolean => dtype !== 'f32' && dtype !== 'f64';

/**
 * @throws INVALID_SHAPE, with the parameter, unless both networks have parameters and states of the same names and shapes, and the same whole numbers;
 * NON_FINITE, with the parameter, for NaN and infinite numbers.
 */
export function checkAlike(a: nn.Model, b: nn.Model): void {
  const [left, right] = [a, b].map(({ parameters, state }) => ({ ...parameters, ...state }));
  for (const [name, t] of Object.entries(left)) {
    const other = right[name] ?? fail('INVALID_SHAPE', `The networks are not alike: only the first has ${name}.`);
    if (shown(other.shape) !== shown(t.shape))
      fail(
        'INVALID_SHAPE',
        `The networks are not alike: ${name} is ${shown(t.shape)} in the first and ${shown(other.shape)} in the second.`,
      );
    if (isWhole(t)) {
      const [mine, theirs] = [t.data(), other.data()];
      if (mine.some((v, i) => v !== theirs[i]))
        fail(
          'INVALID_SHAPE',
          `The networks are not alike: the whole numbers ${name} differ, of which there is no average.`,
        );
    }
  }
  const more = Object.keys(right).find((name) => !(name in left));
  if (more !== undefined) fail('INVALID_SHAPE', `The networks are not alike: only the second has ${more}.`);
  for (const [which, tensors] of [
    ['first', left],
    ['second', right],
  ] as const)
    for (const [name, t] of Object.entries(tensors)) {
      const bad = t.data().find((v) => !Number.isFinite(v));
      if (bad !== undefined) fail('NON_FINITE', `${name} of the ${which} network has ${bad}.`);
    }
}

/** Sums of networks with weights; statistics of norms are averaged likewise. */
export function weighted(models: readonly nn.Model[], weights: readonly number[]): nn.Model {
  const mixed = (of: (model: nn.Model) => Readonly<Record<string, ad.Tensor>>): Record<string, ad.Tensor> =>
    Object.fromEntries(
      Object.entries(of(models[0])).map(([name, t]) => {
        if (isWhole(t)) return [name, t];
        const sum = new Float64Array(t.size);
        models.forEach((model, k) => {
          const values = of(model)[name].data();
          for (let i = 0; i < sum.length; i++) sum[i] += weights[k] * values[i];
        });
        return [name, ad.cast(ad.tensor(sum, { shape: t.shape }), t.dtype)];
      }),
    );
  return {
    layer: models[0].layer,
    parameters: mixed(({ parameters }) => parameters),
    state: mixed(({ state }) => state),
  };
}

/**
 * The network on the straight line from a (λ = 0) to b (λ = 1): (1 − λ)a + λb. Statistics of batch norms are interpolated
 * as well; those of the network itself are what `restateNorms` measures.
 * @throws INVALID_SHAPE, NON_FINITE; INVALID_PARAMETER unless λ is finite.
 */
export function interpolateModels(a: nn.Model, b: nn.Model, lambda: number): nn.Model {
  if (!Number.isFinite(lambda)) fail('INVALID_PARAMETER', `lambda must be a finite number, not ${lambda}.`);
  checkAlike(a, b);
  return weighted([a, b], [1 - lambda, lambda]);
}

const flatOf = ({ parameters }: nn.Model): Float64Array[] =>
  Object.values(parameters).map((t) => Float64Array.from(t.data()));

/**
 * The Euclidean distance of the parameters of two networks. O(parameters).
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function modelDistance(a: nn.Model, b: nn.Model): number {
  checkAlike(a, b);
  const [left, right] = [flatOf(a), flatOf({ ...b, parameters: inOrder(b, a) })];
  let sum = 0;
  left.forEach((x, k) => {
    for (let i = 0; i < x.length; i++) sum += (x[i] - right[k][i]) ** 2;
  });
  return Math.sqrt(sum);
}

const inOrder = (b: nn.Model, a: nn.Model): nn.Parameters =>
  Object.fromEntries(Object.keys(a.parameters).map((name) => [name, b.parameters[name]]));
