// Over 400 lines: the twenty-four functions of the suite, in its order, each a few lines.
import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { normals, optimumPlace, optimumValue, rotation, uniforms } from './instance.ts';

const { cos, exp, log, power, sin } = elementary;

/** A function with a known optimum. */
export interface TestFunction {
  readonly name: string;
  readonly dim: number;
  readonly lower: number;
  readonly upper: number;
  /** A minimiser, and the minimum. */
  readonly xopt: Float64Array;
  readonly fopt: number;
  readonly f: (x: Float64Array) => number;
}

/** The core of a function and a minimiser; values are relative to the optimum. */
type Body = { readonly xopt: Float64Array; readonly value: (x: Float64Array) => number };
type Maker = (n: number, seed: number) => Body;

// ---- Transformations of Hansen, Finck, Ros and Auger 2009, section 0.2 ----------------------------------------------

const cosTurn = (t: number): number => cos(2 * Math.PI * (t - Math.round(t)));

/** T_osz of one number: oscillations that preserve the order. */
function oscillate(v: number): number {
  if (v === 0 || !Number.isFinite(v)) return v;
  const l = log(Math.abs(v));
  return v > 0 ? exp(l + 0.049 * (sin(10 * l) + sin(7.9 * l))) : -exp(l + 0.049 * (sin(5.5 * l) + sin(3.1 * l)));
}

/** T_asy^β: breaks the symmetry between positive and negative sides; in place. */
function skew(z: Float64Array, beta: number): Float64Array {
  const n = z.length;
  for (let i = 0; i < n; i++) if (z[i] > 0) z[i] = power(z[i], 1 + ((beta * i) / (n - 1)) * Math.sqrt(z[i]));
  return z;
}

/** base^(i/(n−1)), i = 0 … n−1. */
const ladder = (n: number, base: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => power(base, i / (n - 1)));

function times(M: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += M[i * n + j] * x[j];
    out[i] = sum;
  }
  return out;
}

/** P diag(d) Q. */
function sandwich(P: Float64Array, d: Float64Array, Q: Float64Array): Float64Array {
  const n = d.length;
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const v = P[i * n + k] * d[k];
      for (let j = 0; j < n; j++) out[i * n + j] += v * Q[k * n + j];
    }
  }
  return out;
}

/** Squared distance to the box [−5, 5]ⁿ. */
function outside(x: Float64Array): number {
  let sum = 0;
  for (const v of x) if (Math.abs(v) > 5) sum += (Math.abs(v) - 5) ** 2;
  return sum;
}

const minus = (x: Float64Array, y: Float64Array): Float64Array => x.map((v, i) => v - y[i]);
/** The second of an instance's two rotations; the first is generated from its seed. */
const second = (n: number, seed: number): Float64Array => rotation(n, seed + 1_000_000);
const both = (n: number, seed: number, base: number): Float64Array =>
  sandwich(second(n, seed), ladder(n, base), rotation(n, seed));

// ---- Cores ----------------------------------------------------------------------------------------------------------

function squares(z: Float64Array, weights?: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < z.length; i++) sum += (weights ? weights[i] : 1) * z[i] * z[i];
  return sum;
}

function rastriginOf(z: Float64Array): number {
  let sum = 0;
  for (const v of z) sum += 10 * (1 - cosTurn(v)) + v * v;
  return sum;
}

function rosenbrockOf(z: Float64Array): number {
  let sum = 0;
  for (let i = 0; i + 1 < z.length; i++) sum += 100 * (z[i] * z[i] - z[i + 1]) ** 2 + (z[i] - 1) ** 2;
  return sum;
}

/** A function of x − xopt. */
const shifted =
  (value: (n: number, seed: number, xopt: Float64Array) => (z: Float64Array) => number): Maker =>
  (n, seed) => {
    const xopt = optimumPlace(n, seed);
    const inner = value(n, seed, xopt);
    return { xopt, value: (x) => inner(minus(x, xopt)) };
  };

/** max(1, √n/8). */
const stretch = (n: number): number => Math.max(1, Math.sqrt(n) / 8);

/** z = s R x + ½, whose optimum is at z = 1. */
const turnedAboutHalf =
  (value: (z: Float64Array) => number): Maker =>
  (n, seed) => {
    const R = rotation(n, seed);
    const s = stretch(n);
    const xopt = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) xopt[j] += R[i * n + j] / (2 * s);
    return { xopt, value: (x) => value(times(R, x).map((v) => s * v + 0.5)) };
  };

const bueche: Maker = (n, seed) => {
  const xopt = optimumPlace(n, seed).map((v, i) => (i % 2 === 0 ? Math.abs(v) : v));
  const scale = ladder(n, Math.sqrt(10));
  return {
    xopt,
    value: (x) =>
      rastriginOf(
        minus(x, xopt).map((v, i) => {
          const z = oscillate(v);
          return scale[i] * z * (z > 0 && i % 2 === 0 ? 10 : 1);
        }),
      ) +
      100 * outside(x),
  };
};

const linearSlope: Maker = (n, seed) => {
  const xopt = optimumPlace(n, seed).map((v) => (v > 0 ? 5 : -5));
  const slope = ladder(n, 10).map((v, i) => v * Math.sign(xopt[i]));
  return {
    xopt,
    value(x) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += 5 * Math.abs(slope[i]) - slope[i] * (x[i] * xopt[i] < 25 ? x[i] : xopt[i]);
      return sum;
    },
  };
};

const stepEllipsoid: Maker = (n, seed) => {
  const xopt = optimumPlace(n, seed);
  const R = rotation(n, seed);
  const Q = second(n, seed);
  const scale = ladder(n, Math.sqrt(10));
  const weights = ladder(n, 100);
  return {
    xopt,
    value(x) {
      const z = times(R, minus(x, xopt)).map((v, i) => scale[i] * v);
      const first = Math.abs(z[0]);
      const rounded = z.map((v) => (Math.abs(v) > 0.5 ? Math.floor(v + 0.5) : Math.floor(10 * v + 0.5) / 10));
      return 0.1 * Math.max(1e-4 * first, squares(times(Q, rounded), weights)) + outside(x);
    },
  };
};

const bentCigar: Maker = (n, seed) => {
  const xopt = optimumPlace(n, seed + 1_000_000);
  const R = second(n, seed);
  return {
    xopt,
    value(x) {
      const z = times(R, skew(times(R, minus(x, xopt)), 0.5));
      return 1e6 * squares(z) + (1 - 1e6) * z[0] * z[0];
    },
  };
};

const weierstrass: Maker = (n, seed) => {
  const xopt = optimumPlace(n, seed);
  const Q = second(n, seed);
  const M = both(n, seed, 0.1);
  // Σ 2^(−k) cos(2π 3^k (z + ½)), k = 0 … 11; its minimum −Σ 2^(−k) is at z = 0.
  const least = -(2 - 2 ** -11);
  return {
    xopt,
    value(x) {
      const z = times(M, times(Q, minus(x, xopt)).map(oscillate));
      let sum = 0;
      for (const v of z) for (let k = 0, a = 1, b = 1; k < 12; k++, a /= 2, b *= 3) sum += a * cosTurn(b * (v + 0.5));
      const excess = sum / n - least;
      return 10 * excess * excess * excess + (10 / n) * outside(x);
    },
  };
};

const schaffers =
  (condition: number): Maker =>
  (n, seed) => {
    const xopt = optimumPlace(n, seed);
    const R = rotation(n, seed);
    const Q = second(n, seed);
    const scale = ladder(n, Math.sqrt(condition));
    return {
      xopt,
      value(x) {
        const z = times(R, skew(times(Q, minus(x, xopt)), 0.5)).map((v, i) => scale[i] * v);
        let sum = 0;
        for (let i = 0; i + 1 < n; i++) {
          const s = z[i] * z[i] + z[i + 1] * z[i + 1];
          sum += s === 0 ? 0 : Math.sqrt(Math.sqrt(s)) * (1 + sin(50 * power(s, 0.1)) ** 2);
        }
        return (sum / (n - 1)) ** 2 + 10 * outside(x);
      },
    };
  };

function griewankRosenbrockOf(z: Float64Array): number {
  let sum = 0;
  for (let i = 0; i + 1 < z.length; i++) {
    const t = 100 * (z[i] * z[i] - z[i + 1]) ** 2 + (1 - z[i]) ** 2;
    sum += t / 4000 - cosTurn(t / (2 * Math.PI));
  }
  return 10 + (10 * sum) / (z.length - 1);
}

const schwefel: Maker = (n, seed) => {
  const place = 4.2096874633;
  const signs = uniforms(n, seed).map((u) => (u < 0.5 ? -1 : 1));
  const scale = ladder(n, Math.sqrt(10));
  return {
    xopt: signs.map((s) => (s * place) / 2),
    value(x) {
      let sum = 0;
      let penalty = 0;
      // 2|xopt| with one more digit than the position has, as in the benchmark.
      const shift = 4.2096874637;
      for (let i = 0; i < n; i++) {
        const hat = 2 * signs[i] * x[i] + (i > 0 ? 0.25 * (2 * signs[i - 1] * x[i - 1] - shift) : 0);
        const z = 100 * (scale[i] * (hat - shift) + shift);
        sum += z * sin(Math.sqrt(Math.abs(z)));
        if (Math.abs(z) > 500) penalty += (Math.abs(z) - 500) ** 2;
      }
      return 0.01 * (penalty + 418.9828872724339 - sum / n);
    },
  };
};

const gallagher =
  (peaks: number, first: number, width: number): Maker =>
  (n, seed) => {
    const R = rotation(n, seed);
    const order = (count: number, from: number) => {
      const u = uniforms(count, from);
      return Array.from(u.keys()).sort((a, b) => u[a] - u[b]);
    };
    const conditions = [first, ...order(peaks - 1, seed).map((rank) => power(1000, rank / (peaks - 2)))];
    const heights = Float64Array.from({ length: peaks }, (_, i) => (i === 0 ? 10 : 1.1 + (8 * (i - 1)) / (peaks - 2)));
    const scales = conditions.map((c, i) =>
      Float64Array.from(order(n, seed + 1000 * i), (rank) => power(c, rank / (n - 1) - 0.5)),
    );
    const u = uniforms(n * peaks, seed);
    const places = Array.from({ length: peaks }, (_, i) =>
      u.slice(i * n, i * n + n).map((v) => (i === 0 ? 0.8 : 1) * (2 * width * v - width)),
    );
    const turned = places.map((p) => times(R, p));
    return {
      xopt: places[0],
      value(x) {
        const z = times(R, x);
        let top = 0;
        for (let i = 0; i < peaks; i++) {
          let sum = 0;
          for (let j = 0; j < n; j++) sum += scales[i][j] * (z[j] - turned[i][j]) ** 2;
          top = Math.max(top, heights[i] * exp((-0.5 / n) * sum));
        }
        return oscillate(10 - top) ** 2 + outside(x);
      },
    };
  };

const katsuura: Maker = (n, seed) => {
  const xopt = optimumPlace(n, seed);
  const M = both(n, seed, 10);
  const exponent = 10 / power(n, 1.2);
  return {
    xopt,
    value(x) {
      const z = times(M, minus(x, xopt));
      let product = 1;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 1, b = 2; j <= 32; j++, b *= 2) sum += Math.abs(b * z[i] - Math.floor(b * z[i] + 0.5)) / b;
        product *= 1 + (i + 1) * sum;
      }
      return (10 / n / n) * (power(product, exponent) - 1) + outside(x);
    },
  };
};

const lunacek: Maker = (n, seed) => {
  const mu = 2.5;
  const s = 1 - 0.5 / (Math.sqrt(n + 20) - 4.1);
  const other = -Math.sqrt((mu * mu - 1) / s);
  const signs = normals(n, seed).map((v) => (v < 0 ? -1 : 1));
  const M = both(n, seed, 10);
  return {
    xopt: signs.map((v) => (v * mu) / 2),
    value(x) {
      const hat = x.map((v, i) => 2 * signs[i] * v);
      let [near, far] = [0, 0];
      for (const v of hat) {
        near += (v - mu) ** 2;
        far += (v - other) ** 2;
      }
      let waves = 0;
      for (const v of times(
        M,
        hat.map((h) => h - mu),
      ))
        waves += 1 - cosTurn(v);
      return Math.min(near, n + s * far) + 10 * waves + 1e4 * outside(x);
    },
  };
};

/** The 24 functions by number − 1. */
const makers: ReadonlyArray<readonly [name: string, maker: Maker, seedOf?: number]> = [
  ['sphere', shifted(() => squares)],
  [
    'separable ellipsoid',
    shifted((n) => {
      const weights = ladder(n, 1e6);
      return (z) => squares(z.map(oscillate), weights);
    }),
  ],
  [
    'separable Rastrigin',
    shifted((n) => {
      const scale = ladder(n, Math.sqrt(10));
      return (z) => rastriginOf(skew(z.map(oscillate), 0.2).map((v, i) => scale[i] * v));
    }),
  ],
  ['Büche-Rastrigin', bueche, 3],
  ['linear slope', linearSlope],
  [
    'attractive sector',
    shifted((n, seed, xopt) => {
      const M = both(n, seed, Math.sqrt(10));
      return (z) => power(oscillate(squares(times(M, z).map((v, i) => (v * xopt[i] > 0 ? 100 * v : v)))), 0.9);
    }),
  ],
  ['step ellipsoid', stepEllipsoid],
  [
    'Rosenbrock',
    (n, seed) => {
      const xopt = optimumPlace(n, seed).map((v) => 0.75 * v);
      const s = stretch(n);
      return { xopt, value: (x) => rosenbrockOf(minus(x, xopt).map((v) => s * v + 1)) };
    },
  ],
  ['rotated Rosenbrock', turnedAboutHalf(rosenbrockOf)],
  [
    'ellipsoid',
    shifted((n, seed) => {
      const R = second(n, seed);
      const weights = ladder(n, 1e6);
      return (z) => squares(times(R, z).map(oscillate), weights);
    }),
  ],
  [
    'discus',
    shifted((n, seed) => {
      const R = second(n, seed);
      const weights = new Float64Array(n).fill(1);
      weights[0] = 1e6;
      return (z) => squares(times(R, z).map(oscillate), weights);
    }),
  ],
  ['bent cigar', bentCigar],
  [
    'sharp ridge',
    shifted((n, seed) => {
      const M = both(n, seed, Math.sqrt(10));
      return (z) => {
        const y = times(M, z);
        return y[0] * y[0] + 100 * Math.sqrt(squares(y.subarray(1)));
      };
    }),
  ],
  [
    'different powers',
    shifted((n, seed) => {
      const R = second(n, seed);
      return (z) => {
        let sum = 0;
        times(R, z).forEach((v, i) => void (sum += power(Math.abs(v), 2 + (4 * i) / (n - 1))));
        return Math.sqrt(sum);
      };
    }),
  ],
  [
    'Rastrigin',
    shifted((n, seed) => {
      const Q = second(n, seed);
      const M = both(n, seed, Math.sqrt(10));
      return (z) => rastriginOf(times(M, skew(times(Q, z).map(oscillate), 0.2)));
    }),
  ],
  ['Weierstrass', weierstrass],
  ["Schaffer's F7", schaffers(10)],
  ["ill-conditioned Schaffer's F7", schaffers(1000), 17],
  ['Griewank-Rosenbrock', turnedAboutHalf(griewankRosenbrockOf)],
  ['Schwefel', schwefel],
  ['Gallagher, 101 peaks', gallagher(101, Math.sqrt(1000), 5)],
  ['Gallagher, 21 peaks', gallagher(21, 1000, 4.9)],
  ['Katsuura', katsuura],
  ['Lunacek bi-Rastrigin', lunacek],
];

/** Names of the 24 functions; function k is `bbobNames[k − 1]`. */
export const bbobNames: readonly string[] = makers.map(([name]) => name);

/**
 * One of the 24 noiseless functions of BBOB (Hansen, Finck, Ros and Auger 2009) on [−5, 5]ⁿ, n ≥ 2, with the instances
 * of COCO: the same number gives the same optimum and the same rotations. O(n³) to construct; O(n²) an evaluation if
 * rotated.
 * @throws `INVALID_PARAMETER` for other numbers.
 */
export function bbob(number: number, dim: number, instance = 1): TestFunction {
  if (!(Number.isInteger(number) && number >= 1 && number <= 24)) {
    fail('INVALID_PARAMETER', `The functions of BBOB are numbered from 1 to 24; there is no ${number}.`);
  }
  if (!(Number.isInteger(dim) && dim >= 2))
    fail('INVALID_PARAMETER', `BBOB functions need at least 2 coordinates, not ${dim}.`);
  if (!(Number.isInteger(instance) && instance >= 1)) {
    fail('INVALID_PARAMETER', `Instances are numbered from 1; there is no ${instance}.`);
  }
  const [name, maker, seedOf = number] = makers[number - 1];
  const seed = seedOf + 10_000 * instance;
  const { xopt, value } = maker(dim, seed);
  const offset = optimumValue(seed);
  return {
    name: `f${number} ${name}`,
    dim,
    lower: -5,
    upper: 5,
    xopt,
    // Schwefel's constant is only accurate to about 1e-10.
    fopt: offset + value(xopt),
    f: (x) => offset + value(x),
  };
}
