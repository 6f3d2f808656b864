/** Filter factors of ridge regression for each singular value: s²/(s² + ridge). */
export const ridgeFilter = (s: Float64Array, ridge: number): Float64Array =>
  s.map((v) => (v === 0 ? 0 : (v * v) / (v * v + ridge)));
