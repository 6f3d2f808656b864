import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { CpModel, Tensor } from 'southwell/tensors';
import { describe, expect, test } from 'vitest';
import {
  type Box,
  ChebyshevTucker,
  chebTucker,
  chebTuckerFromCP,
  chebTuckerFromSeparable,
  chebTuckerFromTensor,
  rhosvd,
  type SeparableTerm,
} from '../index.ts';

type F = (x: number, y: number, z: number) => number;
const box: Box = [
  [-1, 1],
  [0, 3],
  [2, 2.5],
];
const places = (domain: Box, n: number, seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: n }, () => domain.map(([low, high]) => low + (high - low) * random.uniform()));
};
const worst = (model: ChebyshevTucker, f: F, at: ReadonlyArray<readonly number[]>) => {
  const found = model.evaluate(at);
  return Math.max(...at.map(([x, y, z], n) => Math.abs(f(x, y, z) - found[n])));
};
/** ‖VᵀV − I‖ at its largest. */
const tilt = (V: DenseMatrix) => {
  let most = 0;
  for (let a = 0; a < V.cols; a++) {
    for (let b = 0; b < V.cols; b++) {
      const dot = V.column(a).reduce((sum, v, i) => sum + v * V.column(b)[i], 0);
      most = Math.max(most, Math.abs(dot - (a === b ? 1 : 0)));
    }
  }
  return most;
};
const runge: F = (x, y, z) => 1 / (1 + 3 * (x * x + y * y + z * z));
const root: F = (x, y, z) => 1 / Math.sqrt(x * x + y * y + z * z + 0.5);

describe('functions', () => {
  test('polynomials of the degree are exact, products have rank one, x + y + z rank two', () => {
    const cubic: F = (x, y, z) => x ** 3 * y - 2 * y ** 2 * z ** 3 + 1;
    const model = chebTucker(cubic, { domain: box, degree: 3, tol: 1e-13 });
    expect(worst(model, cubic, places(box, 300, 1))).toBeLessThan(1e-11);
    expect(model.resolved).toBe(true);
    expect(chebTucker((x, y, z) => Math.exp(x) * Math.cos(y) * z).ranks).toEqual([1, 1, 1]);
    expect(chebTucker((x, y, z) => x + y + z).ranks).toEqual([2, 2, 2]);
  });

  test('the degree grows until it is enough, an axis at a time; what is not resolved says so', () => {
    const f: F = (x, y, z) => Math.sin(20 * x) * y + z;
    const model = chebTucker(f);
    expect(model.degrees).toEqual([64, 16, 16]);
    expect(model.resolved).toBe(true);
    expect(worst(model, f, places(box.map(() => [-1, 1] as const) as unknown as Box, 200, 2))).toBeLessThan(1e-7);
    // Zero at all points of degree 16, and not between them.
    const hidden: F = (x, y, z) => Math.sin(16 * Math.acos(x)) * (1 + y + z);
    expect(chebTucker(hidden, { maxDegree: 32 }).degrees[0]).toBeGreaterThan(16);
    const kink = chebTucker((x, y, z) => Math.abs(x) + y * z, { maxDegree: 32 });
    expect([kink.resolved, kink.resolution?.resolved]).toEqual([false, [false, true, true]]);
    expect(kink.errorEstimate!.sampled!).toBeGreaterThan(1e-3);
    expect(chebTucker(runge, { degree: 8 }).resolved).toBe(false);
  });

  test('functions are orthonormal, errors as they are told, and sweeps never raise them', () => {
    const at = places([[-1, 1], [-1, 1], [-1, 1]], 2000, 3); // biome-ignore format: a box
    const model = chebTucker(runge, { tol: 1e-7 });
    for (const V of model.coefficients) expect(tilt(V)).toBeLessThan(1e-12);
    const off = worst(model, runge, at);
    expect(off).toBeLessThan(1e-6);
    const { truncation, compression, sampled } = model.errorEstimate!;
    expect(off).toBeLessThan(20 * (truncation + compression));
    expect(sampled!).toBeLessThanOrEqual(off * 1.5);
    const plain = chebTucker(runge, { degree: 32, ranks: [3, 3, 3] });
    const swept = chebTucker(runge, { degree: 32, ranks: [3, 3, 3], als: 5 });
    expect(swept.errorEstimate!.compression).toBeLessThanOrEqual(plain.errorEstimate!.compression);
    expect(swept.errorEstimate!.compression).toBeGreaterThan(0.5 * plain.errorEstimate!.compression);
  });

  test('grids, integrals by Gauss, derivatives by differences', () => {
    const model = chebTucker(root, { domain: box, tol: 1e-11 });
    const [xs, ys, zs] = [[-0.3, 1], [0, 0.5, 3], [2.2]];
    const grid = model.evaluateGrid(xs, ys, zs);
    expect(grid.shape).toEqual([2, 3, 1]);
    expect(grid.at([1, 1, 0])).toBeCloseTo(root(1, 0.5, 2.2), 9);
    // Gauss's rule of five points on 12 pieces of each axis.
    const nodes = [0, 0.5384693101056831, -0.5384693101056831, 0.906179845938664, -0.906179845938664];
    const shares = [
      0.5688888888888889, 0.47862867049936647, 0.47862867049936647, 0.23692688505618908, 0.23692688505618908,
    ];
    const rule = box.map(([low, high]) =>
      Array.from({ length: 60 }, (_, i) => {
        const half = (high - low) / 24;
        return [low + half * (2 * Math.floor(i / 5) + 1 + nodes[i % 5]), half * shares[i % 5]];
      }),
    );
    let sum = 0;
    for (const [x, a] of rule[0])
      for (const [y, b] of rule[1]) for (const [z, c] of rule[2]) sum += a * b * c * root(x, y, z);
    expect(model.integral()).toBeCloseTo(sum, 9);
    const h = 1e-5;
    for (const [x, y, z] of places(
      [
        [-0.9, 0.9],
        [0.1, 2.9],
        [2.1, 2.4],
      ],
      20,
      4,
    )) {
      // biome-ignore format: a box
      expect(model.derivative(0).at(x, y, z)).toBeCloseTo((root(x + h, y, z) - root(x - h, y, z)) / (2 * h), 7);
      expect(model.derivative(2).at(x, y, z)).toBeCloseTo((root(x, y, z + h) - root(x, y, z - h)) / (2 * h), 7);
      expect(model.derivative(1).derivative(1).at(x, y, z)).toBeCloseTo(
        (root(x, y + 1e-3, z) - 2 * root(x, y, z) + root(x, y - 1e-3, z)) / 1e-6,
        5,
      );
    }
  });

  test('constants, zero, and one point or two', () => {
    const constant = chebTucker(() => 3, { degree: 0 });
    expect([constant.at(0.3, 1, -1), constant.integral(), constant.derivative(1).at(0, 0, 0)]).toEqual([3, 24, 0]);
    expect(chebTucker(() => 3).ranks).toEqual([1, 1, 1]);
    const zero = chebTucker(() => 0);
    expect([zero.ranks, zero.at(0.1, 0.2, 0.3), zero.resolved, zero.recompress().ranks]).toEqual([
      [0, 0, 0],
      0,
      true,
      [0, 0, 0],
    ]);
    const plane: F = (x, y, z) => 1 + 2 * x - y + x * z;
    expect(worst(chebTucker(plane, { degree: 1, domain: box }), plane, places(box, 50, 5))).toBeLessThan(1e-12);
    expect(chebTucker(runge, { degree: 1 }).resolved).toBe(false);
    for (const size of [1e-200, 1e200]) {
      const found = chebTucker((x, y, z) => size * (2 + x * y + z), { degree: 4 });
      expect(found.at(0.5, 0.5, 0) / size).toBeCloseTo(2.25, 10);
    }
  });

  test('what cannot be done is a sentence', () => {
    const flat: Box = [[-1, 1], [2, 2], [0, 1]]; // biome-ignore format: a box
    expect(() => chebTucker(runge, { domain: flat })).toThrow('The domain has no width along y, where it is 2 to 2.');
    expect(() => chebTucker((x) => 1 / x, { degree: 2 })).toThrow('The function is Infinity at (0, -1, -1)');
    expect(() => chebTucker(runge, { degree: -1 })).toThrow('degree must be a whole number from 0');
    expect(() => chebTucker(runge, { degree: [1, 2.5, 3] })).toThrow('degree along y must be');
    expect(() => chebTucker(runge, { tol: -1 })).toThrow('tol must be finite and at least 0');
    expect(() => chebTucker(runge, { degree: 2, ranks: [4, 1, 1] })).toThrow('from 1 to 3');
    expect(() => chebTucker(runge, { degree: 1000 })).toThrow('use lower degrees');
    const model = chebTucker(runge, { degree: 4 });
    expect(() => model.evaluate([[0, 0, 0], [0, 1.5, 0]])).toThrow('y is 1.5 in row 2, outside of -1 to 1'); // biome-ignore format: rows
    expect(() => model.evaluate([[0, 0]])).toThrow('has 2 numbers, where 3 are expected');
    expect(() => model.evaluate([[0, Number.NaN, 0]])).toThrow('Index 2 of row 1 is NaN');
    expect(() => model.evaluateGrid([0], [], [0])).toThrow('at least one y');
    expect(() => model.derivative(3)).toThrow('axis must be 0, 1 or 2');
    expect(model.evaluate([])).toHaveLength(0);
  });

  test('JSON keeps every bit', () => {
    const model = chebTucker(runge, { degree: 12 });
    const again = ChebyshevTucker.fromJSON(JSON.parse(JSON.stringify(model)));
    const at = places([[-1, 1], [-1, 1], [-1, 1]], 40, 6); // biome-ignore format: a box
    expect(again.evaluate(at)).toEqual(model.evaluate(at));
    expect(again.resolution).toEqual(model.resolution);
  });
});

/** Gaussians about random places with charges of either sign. */
function charges(count: number, seed: number): { terms: SeparableTerm[]; f: F } {
  const random = new Random(seed);
  const list = Array.from({ length: count }, () => ({
    q: 2 * random.uniform() - 1,
    rate: 0.5 + 2 * random.uniform(),
    at: [0, 1, 2].map(() => random.uniform() - 0.5),
  }));
  const bell = (rate: number, centre: number) => (x: number) => Math.exp(-rate * (x - centre) ** 2);
  return {
    terms: list.map(({ q, rate, at: [a, b, c] }) => ({
      weight: q,
      factors: [bell(rate, a), bell(rate, b), bell(rate, c)],
    })),
    f: (x, y, z) =>
      list.reduce(
        (sum, { q, rate, at: [a, b, c] }) => sum + q * bell(rate, a)(x) * bell(rate, b)(y) * bell(rate, c)(z),
        0,
      ),
  };
}

describe('sums of products', () => {
  const whole: Box = [[-1, 1], [-1, 1], [-1, 1]]; // biome-ignore format: a box
  const at = places(whole, 500, 7);

  test('a separable sum is its terms, at few ranks that recompression lowers', () => {
    const { terms, f } = charges(60, 8);
    const model = chebTuckerFromSeparable(terms, { tol: 1e-8 });
    expect(worst(model, f, at)).toBeLessThan(1e-7);
    expect(model.resolved).toBe(true);
    const less = model.recompress(1e-4);
    expect(less.ranks[0]).toBeLessThan(model.ranks[0]);
    const off = worst(less, f, at);
    expect(off).toBeLessThan(1e-2);
    expect(less.errorEstimate!.compression).toBeGreaterThan(model.errorEstimate!.compression);
    for (const V of less.coefficients) expect(tilt(V)).toBeLessThan(1e-12);
    expect(model.recompress(1e-4, { absolute: true }).ranks[0]).toBeGreaterThanOrEqual(less.ranks[0]);
  });

  test('neither weights nor units of columns matter, and terms may cancel', () => {
    const { terms, f } = charges(20, 9);
    const scaled = terms.map(({ weight = 1, factors: [u, v, w] }, k): SeparableTerm => {
      const s = 10 ** (20 * ((k % 3) - 1));
      return { weight: 1e9 * weight * s, factors: [(x) => u(x) / s, v, w] };
    });
    const one = chebTuckerFromSeparable(terms, { degree: 32 });
    const other = chebTuckerFromSeparable(scaled, { degree: 32 });
    expect(other.ranks).toEqual(one.ranks);
    expect(worst(other, (x, y, z) => 1e9 * f(x, y, z), at)).toBeLessThan(1e9 * 1e-6);
    const big = (sign: number): SeparableTerm => ({ weight: sign * 1e6, factors: [Math.exp, Math.cos, Math.sin] });
    const cancelled = chebTuckerFromSeparable([big(1), ...terms, big(-1)], { degree: 32 });
    expect(worst(cancelled, f, at)).toBeLessThan(1e-6);
    expect(
      chebTuckerFromSeparable([big(1), big(-1)])
        .evaluate(at)
        .every((v) => Math.abs(v) < 1e-8),
    ).toBe(true);
  });

  test('routes agree: values on grids, never formed, formed at Chebyshev points, formed on the grid', () => {
    const { terms, f } = charges(12, 10);
    const n = 48;
    const grid = Array.from({ length: n }, (_, j) => -1 + (2 * (j + 0.5)) / n);
    const factors = [0, 1, 2].map((k) => DenseMatrix.fromRows(grid.map((x) => terms.map((t) => t.factors[k](x)))));
    const [x, y, z] = factors;
    const weights = terms.map(({ weight }) => weight!);
    const sum = { weights, factors: [x, y, z], grids: [grid, grid, grid] } as const;
    const options = { domain: whole, degree: 32, tol: 1e-9 };
    const reduced = chebTuckerFromCP(sum, options);
    const full = chebTuckerFromCP(sum, { ...options, reduced: false });
    const values = new CpModel({ weights: Float64Array.from(weights), factors }).reconstruct();
    const dense = chebTuckerFromTensor(values, sum.grids, options);
    for (const other of [full, dense]) {
      expect(worst(other, (a, b, c) => reduced.at(a, b, c), at.slice(0, 100))).toBeLessThan(1e-8);
    }
    expect(worst(reduced, f, at)).toBeLessThan(2e-5);
    // A spline is no polynomial: they differ by as much as the spline is wrong.
    expect(dense.errorEstimate!.sampled!).toBeLessThan(2e-6);
    expect(chebTuckerFromTensor(values, sum.grids).domain[0]).toEqual([grid[0], grid[n - 1]]);
  });

  test('the reduced decomposition stays below its bound', () => {
    const random = new Random(11);
    const factors = [7, 9, 6].map((n) =>
      DenseMatrix.fromRows(Array.from({ length: n }, () => Array.from({ length: 5 }, () => random.normal()))),
    );
    const weights = [5, -0.1, 3e-3, 1e-5, 1e-9];
    const truth = new CpModel({ weights: Float64Array.from(weights), factors }).reconstruct();
    const found = rhosvd({ weights, factors }, { tol: 1e-4 });
    const off = Math.hypot(...found.reconstruct().data.map((v, e) => v - truth.data[e]));
    expect(found.ranks).toEqual([3, 3, 3]);
    expect(off).toBeLessThanOrEqual(found.bound * (1 + 1e-9));
    expect(found.lost).toBeGreaterThan(off / 3);
    expect(rhosvd({ weights, factors }, { ranks: [2, 5, 1] }).ranks).toEqual([2, 5, 1]);
    expect(() => rhosvd({ weights, factors }, { ranks: [6, 1, 1] })).toThrow('from 1 to 5');
    expect(() => rhosvd({ weights: [1], factors })).toThrow('There are 1 weights for 5 terms');
  });

  test('sums and grids that cannot be taken are sentences', () => {
    expect(() => chebTuckerFromSeparable([])).toThrow('at least one term');
    const pole: SeparableTerm = { factors: [Math.exp, (y) => 1 / y, Math.exp] };
    expect(() => chebTuckerFromSeparable([pole])).toThrow('Term 1 is Infinity at y = 0');
    const values = Tensor.from([2, 2, 1], [1, 2, 3, 4]);
    const grids = [[0, 1], [0, 1], [0]] as const;
    expect(() => chebTuckerFromTensor(values, grids)).toThrow('There is only one grid point along z, 0: give a domain');
    expect(() => chebTuckerFromTensor(values, [[0, 1], [1, 0], [0]])).toThrow('along y must be ascending');
    expect(() => chebTuckerFromTensor(values, [[0, 1, 2], [0, 1], [0]])).toThrow(
      'There are 2 values along x, but 3 grid points',
    );
    const wide: Box = [[0, 5], [0, 1], [0, 1]]; // biome-ignore format: a box
    expect(() => chebTuckerFromTensor(values, grids, { domain: wide })).toThrow('more than one step beyond');
    const found = chebTuckerFromTensor(values, grids, { domain: [[0, 1], [0, 1], [-1, 1]] }); // biome-ignore format: a box
    expect([found.at(0, 0, 0), found.at(0.5, 1, 0.7)].map((v) => v.toFixed(9))).toEqual(['1.000000000', '3.000000000']);
    values.data[2] = Number.NaN;
    expect(() => chebTuckerFromTensor(values, grids)).toThrow('The tensor has NaN at (2, 1, 1)');
  });
});
