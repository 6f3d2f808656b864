import { fail, wholeNumber } from '../core/index.ts';
import { elementary } from '../special/index.ts';

/** Prime factors up to this are butterflies of their own; sizes with larger ones go through a convolution. */
const LARGEST_BUTTERFLY = 31;

/**
 * Discrete Fourier transforms of n complex numbers, X_k = Σ_j x_j e^(−2πi·jk/n), planned once for a size. Complex numbers
 * lie interleaved: real part of x_j at 2j, imaginary part at 2j + 1. Stockham's self-sorting form of the mixed-radix
 * algorithm (Van Loan, Computational Frameworks for the FFT, 1992, section 1.7); sizes with a prime factor above 31 as a
 * convolution (Bluestein 1970). Same bits in every engine. O(n log n); errors of some 1e-16·log n of the norm.
 */
export class Fourier {
  private readonly radices: readonly number[];
  /** e^(−2πi·k/n), interleaved. */
  private readonly roots: Float64Array;
  private readonly work: [Float64Array, Float64Array];
  private readonly chirp: Chirp | undefined;

  /** @throws INVALID_PARAMETER unless n is a whole number of at least 1. */
  constructor(readonly n: number) {
    wholeNumber('The size of a Fourier transform', n, 1, 2 ** 28);
    const radices = factors(n);
    this.chirp = radices.some((r) => r > LARGEST_BUTTERFLY) ? new Chirp(n) : undefined;
    this.radices = radices;
    this.roots = this.chirp ? new Float64Array(0) : roots(n);
    const size = this.chirp ? 0 : 2 * n;
    this.work = [new Float64Array(size), new Float64Array(size)];
  }

  /** out ← the transform of x, both 2n long; they may be the same array. */
  forward(x: Float64Array, out: Float64Array): void {
    this.check(x, out);
    if (this.chirp) this.chirp.transform(x, out);
    else this.stockham(x, out);
  }

  /** out ← (1/n)·Σ_k X_k e^(2πi·jk/n): the inverse of {@link forward}. */
  inverse(X: Float64Array, out: Float64Array): void {
    const { n } = this;
    this.check(X, out);
    // The transform of the conjugate is the conjugate of the inverse transform, n times.
    for (let k = 0; k < n; k++) {
      out[2 * k] = X[2 * k];
      out[2 * k + 1] = -X[2 * k + 1];
    }
    this.forward(out, out);
    for (let j = 0; j < n; j++) {
      out[2 * j] /= n;
      out[2 * j + 1] /= -n;
    }
  }

  private check(x: Float64Array, out: Float64Array): void {
    const { n } = this;
    if (x.length !== 2 * n || out.length !== 2 * n) {
      fail(
        'INVALID_SHAPE',
        `A transform of ${n} complex numbers takes arrays of ${2 * n}, not ${x.length} and ${out.length}.`,
      );
    }
  }

  private stockham(x: Float64Array, out: Float64Array): void {
    let [from, to] = this.work;
    from.set(x);
    let rest = this.n;
    let stride = 1;
    for (const p of this.radices) {
      rest /= p;
      if (p === 4) this.four(rest, stride, from, to);
      else this.pass(p, rest, stride, from, to);
      stride *= p;
      [from, to] = [to, from];
    }
    out.set(from);
  }

  /** {@link pass} of radix 4, whose roots need no multiplications. */
  private four(m: number, s: number, x: Float64Array, y: Float64Array): void {
    const { roots } = this;
    const step = 2 * s * m;
    for (let q = 0; q < m; q++) {
      const w = 2 * q * s;
      const [r1, i1, r2, i2, r3, i3] = [
        roots[w],
        roots[w + 1],
        roots[2 * w],
        roots[2 * w + 1],
        roots[3 * w],
        roots[3 * w + 1],
      ];
      for (let k = 0; k < s; k++) {
        const at = 2 * (k + s * q);
        const [b, c, d] = [at + step, at + 2 * step, at + 3 * step];
        const re02 = x[at] + x[c];
        const im02 = x[at + 1] + x[c + 1];
        const re0m2 = x[at] - x[c];
        const im0m2 = x[at + 1] - x[c + 1];
        const re13 = x[b] + x[d];
        const im13 = x[b + 1] + x[d + 1];
        const re1m3 = x[b] - x[d];
        const im1m3 = x[b + 1] - x[d + 1];
        const to = 2 * (k + 4 * s * q);
        y[to] = re02 + re13;
        y[to + 1] = im02 + im13;
        let re = re0m2 + im1m3;
        let im = im0m2 - re1m3;
        y[to + 2 * s] = re * r1 - im * i1;
        y[to + 2 * s + 1] = re * i1 + im * r1;
        re = re02 - re13;
        im = im02 - im13;
        y[to + 4 * s] = re * r2 - im * i2;
        y[to + 4 * s + 1] = re * i2 + im * r2;
        re = re0m2 - im1m3;
        im = im0m2 + re1m3;
        y[to + 6 * s] = re * r3 - im * i3;
        y[to + 6 * s + 1] = re * i3 + im * r3;
      }
    }
  }

  /** One pass of radix p: y[k + s(p·q + u)] = w^(q·u) Σ_t x[k + s(q + m·t)] ω_p^(t·u), w a root of order p·m. */
  private pass(p: number, m: number, s: number, x: Float64Array, y: Float64Array): void {
    const { roots, n } = this;
    const a = new Float64Array(2 * p);
    for (let q = 0; q < m; q++) {
      for (let k = 0; k < s; k++) {
        for (let t = 0; t < p; t++) {
          const at = 2 * (k + s * (q + m * t));
          a[2 * t] = x[at];
          a[2 * t + 1] = x[at + 1];
        }
        for (let u = 0; u < p; u++) {
          let re = a[0];
          let im = a[1];
          for (let t = 1; t < p; t++) {
            const w = 2 * (((t * u) % p) * (n / p));
            re += a[2 * t] * roots[w] - a[2 * t + 1] * roots[w + 1];
            im += a[2 * t] * roots[w + 1] + a[2 * t + 1] * roots[w];
          }
          const w = 2 * (q * u * s);
          const at = 2 * (k + s * (p * q + u));
          y[at] = re * roots[w] - im * roots[w + 1];
          y[at + 1] = re * roots[w + 1] + im * roots[w];
        }
      }
    }
  }
}

/** Bluestein's form: jk = (j² + k² − (k − j)²)/2 makes the transform a convolution, of a size that is a power of two. */
class Chirp {
  private readonly plan: Fourier;
  /** e^(−πi·j²/n). */
  private readonly weights: Float64Array;
  /** The transform of the conjugate weights, wrapped around. */
  private readonly kernel: Float64Array;
  private readonly work: Float64Array;

  constructor(private readonly n: number) {
    let size = 1;
    while (size < 2 * n - 1) size *= 2;
    this.plan = new Fourier(size);
    this.weights = new Float64Array(2 * n);
    const all = roots(2 * n);
    for (let j = 0; j < n; j++) {
      // j² mod 2n without losing digits.
      const at = 2 * Number((BigInt(j) * BigInt(j)) % BigInt(2 * n));
      this.weights[2 * j] = all[at];
      this.weights[2 * j + 1] = all[at + 1];
    }
    this.kernel = new Float64Array(2 * size);
    for (let j = 0; j < n; j++) {
      for (const at of j === 0 ? [0] : [j, size - j]) {
        this.kernel[2 * at] = this.weights[2 * j];
        this.kernel[2 * at + 1] = -this.weights[2 * j + 1];
      }
    }
    this.plan.forward(this.kernel, this.kernel);
    this.work = new Float64Array(2 * size);
  }

  transform(x: Float64Array, out: Float64Array): void {
    const { n, plan, weights, kernel, work } = this;
    work.fill(0);
    multiply(x, weights, work, n);
    plan.forward(work, work);
    multiply(work, kernel, work, plan.n);
    plan.inverse(work, work);
    multiply(work, weights, out, n);
  }
}

/** out_j ← a_j·b_j for n complex numbers. */
function multiply(a: Float64Array, b: Float64Array, out: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    const [re, im] = [a[2 * j], a[2 * j + 1]];
    out[2 * j] = re * b[2 * j] - im * b[2 * j + 1];
    out[2 * j + 1] = re * b[2 * j + 1] + im * b[2 * j];
  }
}

/** e^(−2πi·k/n) for k < n, each from an angle of at most π/4, so that all are exact to rounding. */
function roots(n: number): Float64Array {
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    // Eighths of the circle: the angle within is (8k mod n)·π/4n, from its beginning.
    const eighth = Math.floor((8 * k) / n);
    const within = 8 * k - eighth * n;
    // Odd eighths count down from their end, so that the angle is measured from an axis.
    const angle = (Math.PI / 4) * ((eighth % 2 === 0 ? within : n - within) / n);
    const [c, s] = [elementary.cos(angle), elementary.sin(angle)];
    const quarter = Math.floor((eighth + 1) / 2) % 4;
    const [x, y] = [c, eighth % 2 === 0 ? s : -s];
    const turned = [
      [x, y],
      [-y, x],
      [-x, -y],
      [y, -x],
    ][quarter];
    out[2 * k] = turned[0];
    out[2 * k + 1] = -turned[1];
  }
  return out;
}

/** Radices, largest first but for pairs of twos, which make fours. */
function factors(n: number): number[] {
  const out: number[] = [];
  let rest = n;
  for (let p = 2; p * p <= rest; p++) {
    while (rest % p === 0) {
      out.push(p);
      rest /= p;
    }
  }
  if (rest > 1) out.push(rest);
  const twos = out.filter((p) => p === 2).length;
  return [
    ...Array<number>(Math.floor(twos / 2)).fill(4),
    ...Array<number>(twos % 2).fill(2),
    ...out.filter((p) => p > 2),
  ];
}
