import type { Rounding } from './functions.ts';

// The sums of assembly/common/sums.ts in the same order: blocks of 1024, each summed in four vectors of partial sums.
const BLOCK = 1024;

/** The sum of four vectors of partial sums: (first + second) + (third + fourth), then pairs of lanes. */
function across(r: Rounding, s: Float64Array, lanes: number): number {
  const v = (l: number): number => r(r(s[l] + s[lanes + l]) + r(s[2 * lanes + l] + s[3 * lanes + l]));
  return lanes === 2 ? v(0) + v(1) : r(r(v(0) + v(1)) + r(v(2) + v(3)));
}

/** Σ of n terms, each rounded. */
export function sumOf(r: Rounding, lanes: number, n: number, term: (i: number) => number): number {
  let sum = 0;
  const s = new Float64Array(4 * lanes);
  for (let at = 0; at < n; at += BLOCK) {
    const count = Math.min(BLOCK, n - at);
    const whole = count - (count % (4 * lanes));
    s.fill(0);
    for (let i = 0; i < whole; i++) s[i % (4 * lanes)] = r(s[i % (4 * lanes)] + term(at + i));
    let part = across(r, s, lanes);
    for (let i = whole; i < count; i++) part = r(part + term(at + i));
    sum += part;
  }
  return sum;
}

/** Σ of n terms in one vector, with the remainder summed separately. */
export function shortSumOf(r: Rounding, lanes: number, n: number, term: (i: number) => number): number {
  const s = new Float64Array(lanes);
  const whole = n - (n % lanes);
  for (let i = 0; i < whole; i++) s[i % lanes] = r(s[i % lanes] + term(i));
  let sum = lanes === 2 ? s[0] + s[1] : r(r(s[0] + s[1]) + r(s[2] + s[3]));
  for (let i = whole; i < n; i++) sum = r(sum + term(i));
  return sum;
}

/** The maximum or minimum of n ≥ 1 terms; NaN if a term is. */
export function extremeOf(least: boolean, n: number, term: (i: number) => number): number {
  let best = term(0);
  for (let i = 1; i < n; i++) best = least ? Math.min(best, term(i)) : Math.max(best, term(i));
  return best;
}
