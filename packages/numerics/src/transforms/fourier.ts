import { arenaFor, type Block } from '@southwell/kernels';
import { transformKernels } from '@southwell/kernels/transforms';
import { fail, wholeNumber } from '../core/index.ts';
import { elementary } from '../special/index.ts';

/** Prime factors up to this have butterflies; sizes with larger ones use a convolution. */
const LARGEST_BUTTERFLY = 31;

/**
 * Discrete Fourier transforms of n complex numbers, X_k = Σ_j x_j e^(−2πi·jk/n), planned once for a size. Complex
 * numbers are interleaved: the real part of x_j at 2j, the imaginary part at 2j + 1. Stockham's self-sorting form of
 * the mixed-radix algorithm (Van Loan, Computational Frameworks for the FFT, 1992, section 1.7); sizes with a prime
 * factor above 31 by convolution (Bluestein 1970). The bits are the same in every engine. O(n log n); errors of about
 * 1e-16·log n relative to the norm.
 */
export class Fourier {
  private readonly memory: Memory | undefined;
  private readonly chirp: Chirp | undefined;

  /** @throws INVALID_PARAMETER unless n is a whole number of at least 1. */
  constructor(readonly n: number) {
    wholeNumber('The size of a Fourier transform', n, 1, 2 ** 28);
    const radices = factors(n);
    this.chirp = radices.some((r) => r > LARGEST_BUTTERFLY) ? new Chirp(n) : undefined;
    this.memory = this.chirp ? undefined : new Memory(n, radices);
  }

  /** out ← the transform of x; both have length 2n and may be the same array. */
  forward(x: Float64Array, out: Float64Array): void {
    this.check(x, out);
    if (this.chirp) this.chirp.transform(x, out);
    else this.passes(x, out);
  }

  /** out ← (1/n)·Σ_k X_k e^(2πi·jk/n): the inverse of {@link forward}. */
  inverse(X: Float64Array, out: Float64Array): void {
    const { n } = this;
    this.check(X, out);
    // The inverse transform is the conjugate of the transform of the conjugate, divided by n.
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

  private passes(x: Float64Array, out: Float64Array): void {
    const { n, radices, roots: turns, from, to } = this.memory!;
    from.view.set(x);
    const kernels = from.arena.use(transformKernels);
    const where = kernels.fourierPasses(n, radices.pointer, radices.length, turns.pointer, from.pointer, to.pointer);
    out.set(where === 0 ? from.view : to.view);
  }
}

/** The kernel memory of a plan, freed when the plan is garbage-collected. */
class Memory {
  readonly roots: Block<Float64Array>;
  readonly from: Block<Float64Array>;
  readonly to: Block<Float64Array>;
  readonly radices: Block<Int32Array>;

  constructor(
    readonly n: number,
    radices: readonly number[],
  ) {
    const arena = arenaFor(48 * n);
    [this.roots, this.from, this.to] = [arena.f64Block(2 * n), arena.f64Block(2 * n), arena.f64Block(2 * n)];
    this.radices = arena.i32Block(radices.length);
    this.radices.view.set(radices);
    this.roots.view.set(roots(n));
    forgotten.register(this, [this.roots, this.from, this.to, this.radices]);
  }
}
const forgotten = new FinalizationRegistry<ReadonlyArray<{ free(): void }>>((blocks) => {
  for (const block of blocks) block.free();
});

/**
 * Bluestein's algorithm: jk = (j² + k² − (k − j)²)/2 turns the transform into a convolution whose size is a power of
 * two.
 */
class Chirp {
  private readonly plan: Fourier;
  /** e^(−πi·j²/n). */
  private readonly weights: Float64Array;
  /** The transform of the conjugate weights, wrapped around cyclically. */
  private readonly kernel: Float64Array;
  private readonly work: Float64Array;

  constructor(private readonly n: number) {
    let size = 1;
    while (size < 2 * n - 1) size *= 2;
    this.plan = new Fourier(size);
    this.weights = new Float64Array(2 * n);
    const all = roots(2 * n);
    for (let j = 0; j < n; j++) {
      // j² mod 2n, computed exactly.
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

/** e^(−2πi·k/n) for k < n, each computed from an angle of at most π/4, so that all are accurate to rounding. */
export function roots(n: number): Float64Array {
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    // Octants of the circle: the angle within an octant is (8k mod n)·π/4n.
    const eighth = Math.floor((8 * k) / n);
    const within = 8 * k - eighth * n;
    // In odd octants the angle is measured backwards from the end, which is an axis.
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

/** Radices in descending order; pairs of twos are combined into fours. */
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
