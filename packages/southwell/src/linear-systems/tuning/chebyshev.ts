/** The first Chebyshev polynomials T₀(x) … by their recurrence. */
export function chebyshev(x: number, terms: number): Float64Array {
  const out = new Float64Array(terms);
  out[0] = 1;
  if (terms > 1) out[1] = x;
  for (let j = 2; j < terms; j++) out[j] = 2 * x * out[j - 1] - out[j - 2];
  return out;
}
