import { matrixProduct } from '@southwell/numerics/linalg';
import { DenseMatrix, elementary, Random } from 'southwell';
import { polar, spectralNorm } from './rival.ts';

/** Samples of sparse codes in an orthogonal dictionary that may rotate. */
export interface Stream {
  /** Atoms as columns. */
  readonly truth: DenseMatrix;
  /** The next samples, as rows; to be freed by the caller. */
  next(count: number): DenseMatrix;
  /** Rotates the dictionary by a random rotation with this largest angle. */
  turn(angle: number): void;
}

/** Codes are normal with probability `share`, otherwise zero. */
export function stream(n: number, share: number, seed: number): Stream {
  const random = new Random(seed);
  const turns = random.split(1);
  const normals = (from: Random) => Float64Array.from({ length: n * n }, () => from.normal());
  const truth = DenseMatrix.fromColumnMajor(polar(normals(random), n), n, n);
  return {
    truth,
    next(count) {
      const X = DenseMatrix.create(count, n);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < n; j++) if (random.uniform() < share) X.set(i, j, random.normal());
      }
      const Y = DenseMatrix.create(count, n, { fill: false });
      matrixProduct(X, truth, Y, { transB: true });
      X.free();
      return Y;
    },
    turn(angle) {
      const A = normals(turns);
      const skew = A.map((v, k) => v - A[(k % n) * n + Math.floor(k / n)]);
      // The polar factor of I + S, S skew, rotates by the arc tangents of the singular values of S.
      const scale = elementary.sin(angle) / elementary.cos(angle) / spectralNorm(skew, n);
      const R = DenseMatrix.fromColumnMajor(
        polar(
          skew.map((v, k) => scale * v + (k % (n + 1) === 0 ? 1 : 0)),
          n,
        ),
        n,
        n,
      );
      const before = DenseMatrix.fromColumnMajor(truth.data, n, n);
      matrixProduct(R, before, truth);
      R.free();
      before.free();
    },
  };
}

/** Slope of log y over log x, by least squares. */
export function logSlope(x: readonly number[], y: readonly number[]): number {
  const u = x.map(elementary.log);
  const v = y.map(elementary.log);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mu, mv] = [mean(u), mean(v)];
  let [above, below] = [0, 0];
  u.forEach((value, k) => {
    above += (value - mu) * (v[k] - mv);
    below += (value - mu) ** 2;
  });
  return above / below;
}

/** Means over windows of steps that grow geometrically; steps count from 1. */
export class Windows {
  readonly centres: number[] = [];
  readonly means: number[] = [];
  private sum = 0;
  private count = 0;
  private end: number;

  constructor(
    private start: number,
    private readonly factor: number,
  ) {
    this.end = start * factor;
  }

  add(t: number, value: number): void {
    if (t < this.start) return;
    if (t >= this.end) {
      this.centres.push(Math.sqrt(this.start * this.end));
      this.means.push(this.sum / this.count);
      [this.sum, this.count, this.start, this.end] = [0, 0, this.end, this.end * this.factor];
    }
    this.sum += value;
    this.count++;
  }
}

/** Windows of a signal with drifting frequencies and jumps, similar to that of a sensor: `count` rows of length `n`. */
export function sensorWindows(n: number, count: number, seed: number): DenseMatrix {
  const random = new Random(seed);
  const phases = [0, 1, 2].map(() => 6 * random.uniform());
  const speeds = [0.12, 0.35, 0.8];
  const sizes = [1, 0.6, 0.4];
  const out = DenseMatrix.create(count, n);
  let level = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < n; j++) {
      let value = level;
      for (let k = 0; k < 3; k++) {
        speeds[k] *= 1 + 0.002 * random.normal();
        phases[k] = (phases[k] + speeds[k]) % (2 * Math.PI);
        value += sizes[k] * elementary.sin(phases[k]);
      }
      if (random.uniform() < 0.01) level = 2 * random.normal();
      out.set(i, j, value + 0.05 * random.normal());
    }
  }
  return out;
}

/** The orthogonal cosine basis of order n, atoms as columns. */
export function cosineBasis(n: number): DenseMatrix {
  const D = DenseMatrix.create(n, n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      D.set(i, k, Math.sqrt((k === 0 ? 1 : 2) / n) * elementary.cos((Math.PI * (i + 0.5) * k) / n));
    }
  }
  return D;
}
