// The inverse tangent of vectors, by additions, multiplications and divisions alone, with its twin in src/common/angles.ts;
// the polynomials are those of Moshier's Cephes.

import { choose, num } from './functions';

const SINGLE: usize = memory.data<f32>([
  2.414213562373095, 0.41421356237309503, 1.5707963267948966, 0.7853981633974483, -4.371139000186241e-8,
  -2.1855695000931206e-8, 8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1, 0, 0, 0, 0, 0, 0,
]);
const DOUBLE: usize = memory.data<f64>([
  2.414213562373095, 0.66, 1.5707963267948966, 0.7853981633974483, 6.123233995736766e-17, 3.061616997868383e-17,
  -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.500855792314704667340e1, -1.228866684490136173410e2,
  -6.485021904942025371773e1, 2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2,
  4.853903996359136964868e2, 1.945506571482613964425e2,
]);
const FAR: i32 = 0;
const MIDDLE: i32 = 1;
const RIGHT: i32 = 2;
const EIGHTH: i32 = 3;
const RIGHT_LOW: i32 = 4;
const EIGHTH_LOW: i32 = 5;
const P: i32 = 6;
const Q: i32 = 11;

// @ts-ignore: decorator
@inline
function k<T>(at: i32): v128 { return v128.load_splat<T>((sizeof<T>() == 4 ? SINGLE : DOUBLE) + <usize>at * sizeof<T>()); }

// @ts-ignore: decorator
@inline
function step<T>(p: v128, x: v128, at: i32): v128 { return v128.add<T>(v128.mul<T>(p, x), k<T>(at)); }

/** The angle in [−π/2, π/2]: beyond tan(3π/8) by −1/|x|, in the middle by (|x| − 1)/(|x| + 1). */
// @ts-ignore: decorator
@inline
export function atan<T>(x: v128): v128 {
  const a = v128.abs<T>(x), one = num<T>(1), zero = num<T>(0);
  const far = v128.gt<T>(a, k<T>(FAR)), middle = v128.gt<T>(a, k<T>(MIDDLE));
  const over = choose(far, num<T>(-1), choose(middle, v128.sub<T>(a, one), a));
  const under = choose(far, a, choose(middle, v128.add<T>(a, one), one));
  const t = v128.div<T>(over, under), z = v128.mul<T>(t, t);
  let p = step<T>(k<T>(P), z, P + 1);
  p = step<T>(p, z, P + 2);
  p = step<T>(p, z, P + 3);
  if (sizeof<T>() == 8) {
    p = step<T>(p, z, P + 4);
    let q = v128.add<T>(z, k<T>(Q));
    q = step<T>(q, z, Q + 1);
    q = step<T>(q, z, Q + 2);
    q = step<T>(q, z, Q + 3);
    q = step<T>(q, z, Q + 4);
    p = v128.div<T>(p, q);
  }
  const small = v128.add<T>(v128.mul<T>(v128.mul<T>(p, z), t), t);
  const low = choose(far, k<T>(RIGHT_LOW), choose(middle, k<T>(EIGHTH_LOW), zero));
  const base = choose(far, k<T>(RIGHT), choose(middle, k<T>(EIGHTH), zero));
  return v128.or(v128.add<T>(base, v128.add<T>(small, low)), v128.and(x, num<T>(-0.0)));
}
