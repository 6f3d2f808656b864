// What is done to each row of a matrix by rows: softmax, cross-entropy, norms, all with their derivatives.

import { exp, log } from '../common/functions';
import { acrossLanes, lane0, largestOf, productsOf, squaresAround, sumOf } from '../common/sums';

// @ts-ignore: decorator
@inline
function logOf<T>(x: T): T { return lane0<T>(log<T>(v128.splat<T>(x))); }
// @ts-ignore: decorator
@inline
function expOf<T>(x: T): T { return lane0<T>(exp<T>(v128.splat<T>(x))); }

// @ts-ignore: decorator
@inline
function softmaxOf<T>(logs: bool, rows: i32, m: i32, causal: i32, x: usize, y: usize): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  for (let i = 0; i < rows; i++) {
    // Row i of `causal` sees as many fewer columns as rows follow it.
    const n = causal > 0 ? max(0, m - causal + i % causal + 1) : m;
    const vectors = n / lanes, rest = n % lanes;
    if (n > 0) {
      const top = largestOf<T>(n, x);
      const peak = v128.splat<T>(top);
      let a = x, b = y;
      if (logs) {
        const sum = sumOfExp<T>(n, x, top);
        const all = v128.splat<T>(logOf<T>(sum));
        for (let k = vectors; k > 0; k--) {
          v128.store(b, v128.sub<T>(v128.sub<T>(v128.load(a), peak), all));
          a += 16;
          b += 16;
        }
        for (let k = rest; k > 0; k--) {
          store<T>(b, <T>(<T>(load<T>(a) - top) - lane0<T>(all)));
          a += size;
          b += size;
        }
      } else {
        // Where more of the row follows, whole vectors: what they write beyond n becomes 0 below.
        const whole = min((n + lanes - 1) / lanes, m / lanes);
        for (let k = whole; k > 0; k--) {
          v128.store(b, exp<T>(v128.sub<T>(v128.load(a), peak)));
          a += 16;
          b += 16;
        }
        for (let k = n - whole * lanes; k > 0; k--) {
          store<T>(b, expOf<T>(<T>(load<T>(a) - top)));
          a += size;
          b += size;
        }
        const sum = <T>sumOf<T>(n, y);
        const all = v128.splat<T>(sum);
        b = y;
        for (let k = whole; k > 0; k--) {
          v128.store(b, v128.div<T>(v128.load(b), all));
          b += 16;
        }
        for (let k = n - whole * lanes; k > 0; k--) {
          store<T>(b, <T>(load<T>(b) / sum));
          b += size;
        }
      }
    }
    for (let k = n; k < m; k++) store<T>(y + <usize>k * size, logs ? <T>-Infinity : <T>0);
    x += <usize>m * size;
    y += <usize>m * size;
  }
}

/** Σ e^(x − top), in one vector and the rest by itself. */
function sumOfExp<T>(n: i32, x: usize, top: T): T {
  const lanes = 16 / sizeof<T>();
  const peak = v128.splat<T>(top);
  let s = v128.splat<T>(0);
  for (let k = n / lanes; k > 0; k--) {
    s = v128.add<T>(s, exp<T>(v128.sub<T>(v128.load(x), peak)));
    x += 16;
  }
  let sum = acrossLanes<T>(s);
  for (let k = n % lanes; k > 0; k--) {
    sum = <T>(sum + expOf<T>(<T>(load<T>(x) - top)));
    x += sizeof<T>();
  }
  return sum;
}

/**
 * y ← softmax of each of `rows` rows of m, or its logarithm with `logs`; y may be x. With causal > 0, rows come in groups of
 * that many, of which row i sees the first m − causal + i + 1 columns; the others get 0, or −∞.
 */
export function softmaxRows(logs: bool, rows: i32, m: i32, causal: i32, x: usize, y: usize): void {
  if (logs) softmaxOf<f64>(true, rows, m, causal, x, y);
  else softmaxOf<f64>(false, rows, m, causal, x, y);
}

/** As {@link softmaxRows}, of f32. */
export function ssoftmaxRows(logs: bool, rows: i32, m: i32, causal: i32, x: usize, y: usize): void {
  if (logs) softmaxOf<f32>(true, rows, m, causal, x, y);
  else softmaxOf<f32>(false, rows, m, causal, x, y);
}

// @ts-ignore: decorator
@inline
function softmaxBackOf<T>(logs: bool, rows: i32, m: i32, y: usize, g: usize, dx: usize): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  for (let i = 0; i < rows; i++) {
    const sum = <T>(logs ? sumOf<T>(m, g) : productsOf<T>(m, g, y));
    const all = v128.splat<T>(sum);
    for (let k = m / lanes; k > 0; k--) {
      const a = v128.load(y), b = v128.load(g);
      v128.store(
        dx,
        logs ? v128.sub<T>(b, v128.mul<T>(exp<T>(a), all)) : v128.mul<T>(a, v128.sub<T>(b, all)),
      );
      y += 16;
      g += 16;
      dx += 16;
    }
    for (let k = m % lanes; k > 0; k--) {
      const a = load<T>(y), b = load<T>(g);
      store<T>(dx, logs ? <T>(b - <T>(expOf<T>(a) * sum)) : <T>(a * <T>(b - sum)));
      y += size;
      g += size;
      dx += size;
    }
  }
}

/** dx ← y·(g − Σ g·y) of each row, or g − eʸ·Σ g for logarithms: the derivative of softmaxRows; dx may be g. */
export function softmaxBackward(logs: bool, rows: i32, m: i32, y: usize, g: usize, dx: usize): void {
  if (logs) softmaxBackOf<f64>(true, rows, m, y, g, dx);
  else softmaxBackOf<f64>(false, rows, m, y, g, dx);
}

/** As {@link softmaxBackward}, of f32. */
export function ssoftmaxBackward(logs: bool, rows: i32, m: i32, y: usize, g: usize, dx: usize): void {
  if (logs) softmaxBackOf<f32>(true, rows, m, y, g, dx);
  else softmaxBackOf<f32>(false, rows, m, y, g, dx);
}

// @ts-ignore: decorator
@inline
function crossEntropyOf<T>(rows: i32, m: i32, x: usize, targets: usize, loss: usize, lse: usize): i32 {
  for (let i = 0; i < rows; i++) {
    const at = <usize>i * sizeof<T>();
    const target = load<i32>(targets + (<usize>i << 2));
    if (target >= m) return i;
    const top = largestOf<T>(m, x);
    const log = logOf<T>(sumOfExp<T>(m, x, top));
    store<T>(lse + at, <T>(top + log));
    store<T>(loss + at, target < 0 ? <T>0 : <T>(<T>(top - load<T>(x + <usize>target * sizeof<T>())) + log));
    x += <usize>m * sizeof<T>();
  }
  return -1;
}

/**
 * loss ← log Σ eˣ − x[target] of each row, and lse its first term; 0 where the target is below 0. Returns the first row
 * whose target is no column, or −1.
 */
export function crossEntropyRows(rows: i32, m: i32, x: usize, targets: usize, loss: usize, lse: usize): i32 {
  return crossEntropyOf<f64>(rows, m, x, targets, loss, lse);
}

/** As {@link crossEntropyRows}, of f32. */
export function scrossEntropyRows(rows: i32, m: i32, x: usize, targets: usize, loss: usize, lse: usize): i32 {
  return crossEntropyOf<f32>(rows, m, x, targets, loss, lse);
}

// @ts-ignore: decorator
@inline
function crossEntropyBackOf<T>(rows: i32, m: i32, x: usize, targets: usize, lse: usize, g: usize, dx: usize): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  for (let i = 0; i < rows; i++) {
    const at = <usize>i * size;
    const target = load<i32>(targets + (<usize>i << 2));
    const weight = target < 0 ? <T>0 : load<T>(g + at), all = load<T>(lse + at);
    const vg = v128.splat<T>(weight), va = v128.splat<T>(all);
    const row = dx;
    for (let k = m / lanes; k > 0; k--) {
      v128.store(dx, v128.mul<T>(exp<T>(v128.sub<T>(v128.load(x), va)), vg));
      x += 16;
      dx += 16;
    }
    for (let k = m % lanes; k > 0; k--) {
      store<T>(dx, <T>(expOf<T>(<T>(load<T>(x) - all)) * weight));
      x += size;
      dx += size;
    }
    if (target >= 0) {
      const one = row + <usize>target * size;
      store<T>(one, <T>(load<T>(one) - weight));
    }
  }
}

/** dx ← g·(softmax x − the target's unit vector) of each row: the derivative of crossEntropyRows. */
export function crossEntropyBackward(rows: i32, m: i32, x: usize, targets: usize, lse: usize, g: usize, dx: usize): void {
  crossEntropyBackOf<f64>(rows, m, x, targets, lse, g, dx);
}

/** As {@link crossEntropyBackward}, of f32. */
export function scrossEntropyBackward(rows: i32, m: i32, x: usize, targets: usize, lse: usize, g: usize, dx: usize): void {
  crossEntropyBackOf<f32>(rows, m, x, targets, lse, g, dx);
}

// @ts-ignore: decorator
@inline
function normOf<T>(
  centred: bool, rows: i32, m: i32, epsilon: f64, x: usize, gamma: usize, beta: usize, y: usize, mean: usize, rstd: usize,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  for (let i = 0; i < rows; i++) {
    const at = <usize>i * size;
    const centre = centred ? <T>(sumOf<T>(m, x) / <f64>m) : <T>0;
    const scale = <T>(1.0 / sqrt(squaresAround<T>(m, x, centre) / <f64>m + epsilon));
    store<T>(mean + at, centre);
    store<T>(rstd + at, scale);
    const vc = v128.splat<T>(centre), vs = v128.splat<T>(scale);
    let pg = gamma, pb = beta;
    for (let k = m / lanes; k > 0; k--) {
      const hat = v128.mul<T>(v128.sub<T>(v128.load(x), vc), vs);
      v128.store(y, v128.add<T>(v128.mul<T>(hat, v128.load(pg)), v128.load(pb)));
      x += 16;
      y += 16;
      pg += 16;
      pb += 16;
    }
    for (let k = m % lanes; k > 0; k--) {
      const hat = <T>(<T>(load<T>(x) - centre) * scale);
      store<T>(y, <T>(<T>(hat * load<T>(pg)) + load<T>(pb)));
      x += size;
      y += size;
      pg += size;
      pb += size;
    }
  }
}

/**
 * y ← (x − mean)·rstd·gamma + beta of each row of m, with rstd = 1/√(variance + epsilon); without `centred` the mean
 * counts as 0 (root mean square).
 */
export function normRows(
  centred: bool, rows: i32, m: i32, epsilon: f64, x: usize, gamma: usize, beta: usize, y: usize, mean: usize, rstd: usize,
): void {
  normOf<f64>(centred, rows, m, epsilon, x, gamma, beta, y, mean, rstd);
}

/** As {@link normRows}, of f32. */
export function snormRows(
  centred: bool, rows: i32, m: i32, epsilon: f64, x: usize, gamma: usize, beta: usize, y: usize, mean: usize, rstd: usize,
): void {
  normOf<f32>(centred, rows, m, epsilon, x, gamma, beta, y, mean, rstd);
}

// @ts-ignore: decorator
@inline
function normBackOf<T>(
  centred: bool, rows: i32, m: i32, x: usize, gamma: usize, mean: usize, rstd: usize, g: usize, dx: usize, dgamma: usize,
  dbeta: usize,
): void {
  const size = <usize>sizeof<T>(), lanes = 16 / sizeof<T>();
  const row = <usize>m * size;
  memory.fill(dgamma, 0, row);
  memory.fill(dbeta, 0, row);
  const vectors = m / lanes, rest = m % lanes;
  for (let i = 0; i < rows; i++) {
    const centre = load<T>(mean + <usize>i * size), scale = load<T>(rstd + <usize>i * size);
    const vc = v128.splat<T>(centre), vs = v128.splat<T>(scale);
    let s = v128.splat<T>(0), p = s;
    let at: usize = 0;
    for (let k = vectors; k > 0; k--) {
      const vg = v128.load(g + at);
      const hat = v128.mul<T>(v128.sub<T>(v128.load(x + at), vc), vs);
      const weighted = v128.mul<T>(vg, v128.load(gamma + at));
      s = v128.add<T>(s, weighted);
      p = v128.add<T>(p, v128.mul<T>(weighted, hat));
      v128.store(dgamma + at, v128.add<T>(v128.load(dgamma + at), v128.mul<T>(vg, hat)));
      v128.store(dbeta + at, v128.add<T>(v128.load(dbeta + at), vg));
      at += 16;
    }
    let sum = acrossLanes<T>(s), product = acrossLanes<T>(p);
    for (let k = rest; k > 0; k--) {
      const vg = load<T>(g + at);
      const hat = <T>(<T>(load<T>(x + at) - centre) * scale);
      const weighted = <T>(vg * load<T>(gamma + at));
      sum = <T>(sum + weighted);
      product = <T>(product + <T>(weighted * hat));
      store<T>(dgamma + at, <T>(load<T>(dgamma + at) + <T>(vg * hat)));
      store<T>(dbeta + at, <T>(load<T>(dbeta + at) + vg));
      at += size;
    }
    const a = centred ? <T>(sum / <T>m) : <T>0, b = <T>(product / <T>m);
    const va = v128.splat<T>(a), vb = v128.splat<T>(b);
    at = 0;
    for (let k = vectors; k > 0; k--) {
      const hat = v128.mul<T>(v128.sub<T>(v128.load(x + at), vc), vs);
      const weighted = v128.mul<T>(v128.load(g + at), v128.load(gamma + at));
      v128.store(dx + at, v128.mul<T>(vs, v128.sub<T>(v128.sub<T>(weighted, va), v128.mul<T>(hat, vb))));
      at += 16;
    }
    for (let k = rest; k > 0; k--) {
      const hat = <T>(<T>(load<T>(x + at) - centre) * scale);
      const weighted = <T>(load<T>(g + at) * load<T>(gamma + at));
      store<T>(dx + at, <T>(scale * <T>(<T>(weighted - a) - <T>(hat * b))));
      at += size;
    }
    x += row;
    g += row;
    dx += row;
  }
}

/** The derivatives of normRows in x, gamma and beta; dx may be g. */
export function normBackward(
  centred: bool, rows: i32, m: i32, x: usize, gamma: usize, mean: usize, rstd: usize, g: usize, dx: usize, dgamma: usize,
  dbeta: usize,
): void {
  normBackOf<f64>(centred, rows, m, x, gamma, mean, rstd, g, dx, dgamma, dbeta);
}

/** As {@link normBackward}, of f32. */
export function snormBackward(
  centred: bool, rows: i32, m: i32, x: usize, gamma: usize, mean: usize, rstd: usize, g: usize, dx: usize, dgamma: usize,
  dbeta: usize,
): void {
  normBackOf<f32>(centred, rows, m, x, gamma, mean, rstd, g, dx, dgamma, dbeta);
}
