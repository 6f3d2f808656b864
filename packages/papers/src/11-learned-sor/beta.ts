import type { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

const { log, exp } = elementary;

/** A gamma variate of shape a, scale 1 (Marsaglia & Tsang 2000; below shape 1 by their boost). */
function gamma(a: number, random: Random): number {
  if (a < 1) return gamma(a + 1, random) * exp(log(1 - random.uniform()) / a);
  const d = a - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
  }
}

/** A beta variate. */
export function beta([a, b]: readonly [number, number], random: Random): number {
  const x = gamma(a, random);
  return x / (x + gamma(b, random));
}
