/** The largest power of two that is at most v, but at least 2^−1000. */
export function powerOfTwo(v: number): number {
  let unit = 1;
  while (unit > v && unit > 2 ** -1000) unit /= 2;
  while (2 * unit <= v && unit < 2 ** 1000) unit *= 2;
  return unit;
}
