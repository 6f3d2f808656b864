/** Step of central differences, relative to max(1, |x|): the cube root of the rounding error. */
const STEP = Number.EPSILON ** (1 / 3);

/**
 * Central differences by variable j: f writes its values at the two moved points to `above` and `below`; the difference
 * is then left in `above`. Moves x[j], and restores it. Accurate to about ten digits.
 * @returns The distance of x[j] from either point.
 */
export function differenceBy(
  f: (x: Float64Array, out: Float64Array) => void,
  x: Float64Array,
  j: number,
  above: Float64Array,
  below: Float64Array,
): number {
  const at = x[j];
  const step = STEP * Math.max(1, Math.abs(at));
  // The width as it is after rounding.
  const [up, down] = [at + step, at - step];
  x[j] = up;
  f(x, above);
  x[j] = down;
  f(x, below);
  x[j] = at;
  for (let i = 0; i < above.length; i++) above[i] = (above[i] - below[i]) / (up - down);
  return step;
}
