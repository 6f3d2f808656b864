import { elementary } from '@southwell/numerics/special';
import * as ad from '../../index.ts';
import { placesFrom } from './sequence.ts';

/** Which features of a head form a rotated pair: 2i and 2i + 1, or i and i + width/2. */
export type RotaryPairs = 'neighbours' | 'halves';

/**
 * cos and sin of the angles position·base^(−2i/width) for n positions, [n, width/2]. Computed in double precision and rounded, with the same bits
 * in every engine.
 */
export function rotaryTables(n: number, width: number, base: number, dtype: 'f32' | 'f64'): [ad.Tensor, ad.Tensor] {
  const half = width / 2;
  const pace = Float64Array.from({ length: half }, (_, i) => elementary.power(base, (-2 * i) / width));
  const angle = (k: number): number => Math.floor(k / half) * pace[k % half];
  const table = (f: (x: number) => number) =>
    ad.tensor(
      Float64Array.from({ length: n * half }, (_, k) => f(angle(k))),
      { shape: [n, half], dtype },
    );
  return [table(elementary.cos), table(elementary.sin)];
}

/**
 * Rotary position embedding of [n, t, heads, width] (Su et al. 2021): rotates feature pairs by angles proportional to the position, so that query–key
 * products depend on relative positions. `position`, if given, is that of the first entry; tables then cover `capacity` positions.
 */
export function rotated(
  x: ad.Tensor,
  {
    pairs,
    base,
    position,
    capacity,
  }: {
    readonly pairs: RotaryPairs;
    readonly base: number;
    readonly position: ad.Tensor | undefined;
    readonly capacity: number;
  },
): ad.Tensor {
  const [n, t, heads, width] = x.shape;
  const half = width / 2;
  const all = rotaryTables(position ? capacity : t, width, base, x.dtype === 'f64' ? 'f64' : 'f32');
  const [cos, sin] = all.map((table) =>
    ad.reshape(position ? ad.take(table, placesFrom(position, t, capacity)) : table, [t, 1, half]),
  );
  const near = pairs === 'neighbours';
  const split = ad.reshape(x, near ? [n, t, heads, half, 2] : [n, t, heads, 2, half]);
  const none = undefined;
  const [a, b] = [0, 1].map((i) =>
    near ? ad.slice(split, none, none, none, none, i) : ad.slice(split, none, none, none, i),
  );
  const turned = [ad.sub(ad.mul(a, cos), ad.mul(b, sin)), ad.add(ad.mul(a, sin), ad.mul(b, cos))];
  return ad.reshape(ad.stack(turned, near ? 4 : 3), x.shape);
}
