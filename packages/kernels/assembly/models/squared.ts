// The squared loss of a linear model. Terms are added one after the other: sums have the bits of a loop in JavaScript.

/**
 * v ← w(y − η) and d ← w; sums ← Σ v, Σ |v| and Σ d. Returns ½ Σ w(y − η)². O(n).
 */
export function squaredDerivatives(n: i32, y: usize, w: usize, eta: usize, v: usize, d: usize, sums: usize): f64 {
  let sum: f64 = 0, sumV: f64 = 0, size: f64 = 0, sumD: f64 = 0;
  const end = <usize>n << 3;
  for (let o: usize = 0; o != end; o += 8) {
    const r = load<f64>(y + o) - load<f64>(eta + o), wi = load<f64>(w + o), wr = wi * r;
    store<f64>(v + o, wr);
    store<f64>(d + o, wi);
    sum += wr * r;
    sumV += wr;
    size += abs(wr);
    sumD += wi;
  }
  store<f64>(sums, sumV);
  store<f64>(sums, size, 8);
  store<f64>(sums, sumD, 16);
  return 0.5 * sum;
}

/** Σ ½u²/w − yu at u = s·v, rows without weight left out. O(n). */
export function squaredConjugate(n: i32, y: usize, w: usize, v: usize, s: f64): f64 {
  let sum: f64 = 0;
  const end = <usize>n << 3;
  for (let o: usize = 0; o != end; o += 8) {
    const u = s * load<f64>(v + o), wi = load<f64>(w + o);
    if (wi > 0) sum += (0.5 * u * u) / wi - load<f64>(y + o) * u;
  }
  return sum;
}
