import { elementary } from '@southwell/numerics/special';

/**
 * The pseudo-random numbers of BBOB 2009, which determine the position of the optimum of an instance, its rotations and
 * its value. They are part of the definition of the benchmark, so that instance 3 is the same everywhere.
 */

const { cos, log } = elementary;

/** Park and Miller's generator (1988) with a shuffle of 32 numbers; n numbers in (0, 1). */
export function uniforms(n: number, seed: number): Float64Array {
  let state = Math.max(1, Math.abs(seed));
  const next = (): number => (state = (16807 * state) % 2147483647);
  const shuffle = new Float64Array(32);
  for (let i = 39; i >= 0; i--) {
    const v = next();
    if (i < 32) shuffle[i] = v;
  }
  let last = shuffle[0];
  return Float64Array.from({ length: n }, () => {
    const k = Math.floor(last / 67108865);
    last = shuffle[k];
    shuffle[k] = next();
    return last / 2147483647 || 1e-99;
  });
}

/** n normal numbers by Box and Muller. */
export function normals(n: number, seed: number): Float64Array {
  const u = uniforms(2 * n, seed);
  return Float64Array.from({ length: n }, (_, i) => Math.sqrt(-2 * log(u[i])) * cos(2 * Math.PI * u[n + i]) || 1e-99);
}

/** An orthogonal n × n matrix by rows: normal columns, orthonormalised by Gram and Schmidt. */
export function rotation(n: number, seed: number): Float64Array {
  const g = normals(n * n, seed);
  // Column i of the result is g[i n … i n + n).
  for (let i = 0; i < n; i++) {
    const a = g.subarray(i * n, i * n + n);
    for (let j = 0; j < i; j++) {
      const b = g.subarray(j * n, j * n + n);
      let dot = 0;
      for (let k = 0; k < n; k++) dot += a[k] * b[k];
      for (let k = 0; k < n; k++) a[k] -= dot * b[k];
    }
    let square = 0;
    for (const v of a) square += v * v;
    const length = Math.sqrt(square);
    for (let k = 0; k < n; k++) a[k] /= length;
  }
  return Float64Array.from({ length: n * n }, (_, at) => g[(at % n) * n + Math.floor(at / n)]);
}

/** Position of the optimum: on a grid of [−4, 4]. */
export function optimumPlace(n: number, seed: number): Float64Array {
  return uniforms(n, seed).map((u) => (8 * Math.floor(1e4 * u)) / 1e4 - 4 || -1e-5);
}

/** Value of the optimum: within ±1000, to two decimals. */
export function optimumValue(seed: number): number {
  const [a] = normals(1, seed);
  const [b] = normals(1, seed + 1);
  return Math.min(1000, Math.max(-1000, Math.floor((1e4 * a) / b + 0.5) / 100));
}
