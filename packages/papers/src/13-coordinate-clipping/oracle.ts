/** Reference for verdicts: values and gradients only, without products, selections or formulas of the library. */

/** vᵀHv of the unit vector along a direction, by a central difference of gradients. */
export function differencedSharpness(
  gradient: (x: Float64Array, out: Float64Array) => unknown,
  x: Float64Array,
  direction: Float64Array,
  h = 1e-3,
): number {
  const norm = Math.hypot(...chunks(direction));
  const [above, below] = [new Float64Array(x.length), new Float64Array(x.length)];
  gradient(
    x.map((v, k) => v + (h * direction[k]) / norm),
    above,
  );
  gradient(
    x.map((v, k) => v - (h * direction[k]) / norm),
    below,
  );
  return direction.reduce((sum, v, k) => sum + (v / norm) * (above[k] - below[k]), 0) / (2 * h);
}

/** Split into pieces: one argument per number would be too many. */
function chunks(v: Float64Array): number[] {
  const norms: number[] = [];
  for (let at = 0; at < v.length; at += 1000) norms.push(Math.hypot(...v.subarray(at, at + 1000)));
  return norms;
}

/**
 * The maximum decrease of a function of the length from its value at 0: over lengths spaced by a factor of 2 from 2⁻¹²,
 * then golden-section search around the best of them.
 */
export function searchedDecrease(f: (length: number) => number): number {
  const start = f(0);
  let [best, least] = [0, start];
  let worse = 0;
  for (let k = -12; k <= 12 && worse < 3; k++) {
    const value = f(2 ** k);
    if (value < least) [best, least, worse] = [2 ** k, value, 0];
    else if (best > 0) worse++;
  }
  if (best === 0) return 0;
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [best / 2, best * 2];
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
  let [fa, fb] = [f(a), f(b)];
  for (let k = 0; k < 14; k++) {
    least = Math.min(least, fa, fb);
    if (fa < fb) {
      [high, b, fb] = [b, a, fa];
      a = high - golden * (high - low);
      fa = f(a);
    } else {
      [low, a, fa] = [a, b, fb];
      b = low + golden * (high - low);
      fb = f(b);
    }
  }
  return start - Math.min(least, fa, fb);
}
