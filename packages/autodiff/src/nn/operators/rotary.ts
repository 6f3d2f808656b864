import * as ad from '../../index.ts';
import { type Call, float, type Val } from './call.ts';

// Rotary position embeddings (Su et al. 2021).

/** Pairs of numbers of heads [n, heads, t, k] rotated by angles whose cosines and sines are [n or 1, 1, t, pairs]. */
function turnedPairs(heads: ad.Tensor, cos: ad.Tensor, sin: ad.Tensor, between: boolean): ad.Tensor {
  const [n, count, t, size] = heads.shape;
  const half = cos.shape[3];
  const part = (from: number, to: number): ad.Tensor => ad.slice(heads, undefined, undefined, undefined, [from, to]);
  const pairs = ad.reshape(part(0, 2 * half), [n, count, t, ...(between ? [half, 2] : [2, half])]);
  const side = (i: number): ad.Tensor =>
    between
      ? ad.slice(pairs, undefined, undefined, undefined, undefined, i)
      : ad.slice(pairs, undefined, undefined, undefined, i);
  const [a, b] = [side(0), side(1)];
  const both = [ad.sub(ad.mul(a, cos), ad.mul(b, sin)), ad.add(ad.mul(a, sin), ad.mul(b, cos))];
  const y = ad.reshape(ad.stack(both, between ? 4 : 3), [n, count, t, 2 * half]);
  return size > 2 * half ? ad.concat([y, part(2 * half, size)], 3) : y;
}

/** Heads [n, heads, t, k] rotated by the angles of their places [n or 1, t] in tables. */
export function rotatedHere(
  c: Call,
  heads: ad.Tensor,
  places: ad.Tensor,
  cosines: ad.Tensor,
  sines: ad.Tensor,
  between = c.int('interleaved', 0) !== 0,
): ad.Tensor {
  const at = ad.cast(places, 'i32');
  const angles = (of: ad.Tensor): ad.Tensor => ad.reshape(ad.take(of, at, 0), [-1, 1, heads.shape[2], of.shape[1]]);
  return turnedPairs(heads, angles(cosines), angles(sines), between);
}

/** Input 0, heads or heads beside each other, rotated by the tables from input `tables` on, at the places of another input or, without one, as they are. */
export function rotated(c: Call, at: number, tables: number): Val {
  const x = c.float(0);
  const [cosines, sines] = [c.float(tables), c.float(tables + 1)];
  const half = cosines.shape[cosines.rank - 1];
  const given = c.int('num_heads', 0);
  const partial = c.int('rotary_embedding_dim', 0) > 0;
  const count = given > 0 && (partial || at === 3) ? given : x.shape[2] / (2 * half);
  const heads = x.rank === 4 ? x : ad.permute(ad.reshape(x, [x.shape[0], x.shape[1], count, -1]), [0, 2, 1, 3]);
  const t = heads.shape[2];
  const turn = (): ad.Tensor => {
    if (!c.has(at)) {
      const [cos, sin] = [cosines, sines].map((of) => ad.reshape(of, [-1, 1, t, half]));
      return turnedPairs(heads, cos, sin, c.int('interleaved', 0) !== 0);
    }
    const places = ad.cast(c.x(at).t, 'f64');
    const steps = ad.reshape(ad.range(t), [1, t]);
    // One place is that of the first position.
    const all = places.size === 1 ? ad.add(steps, ad.reshape(places, [1, 1])) : places;
    return rotatedHere(c, heads, all, cosines, sines);
  };
  const y = turn();
  return float(x.rank === 4 ? y : ad.reshape(ad.permute(y, [0, 2, 1, 3]), x.shape));
}
