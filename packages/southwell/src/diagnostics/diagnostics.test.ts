import * as ad from '@southwell/autodiff';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, SouthwellError } from '@southwell/numerics/core';
import { eigenSymmetric, qr } from '@southwell/numerics/linalg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clipCoordinates,
  compareDirections,
  compiledModel,
  differencedHessian,
  directionalSharpness,
  extremeEigenvalues,
  gradientNoise,
  hessianTrace,
  type SymmetricProduct,
  spectralDensity,
} from './index.ts';

const sentence = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    if (error instanceof SouthwellError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
};

/** V diag(values) Vᵀ with a random orthogonal V. */
function withSpectrum(values: readonly number[], seed: number): { A: DenseMatrix; product: SymmetricProduct } {
  const n = values.length;
  const random = new Random(seed);
  const V = qr(
    DenseMatrix.fromColumnMajor(
      Float64Array.from({ length: n * n }, () => random.normal()),
      n,
      n,
    ),
  ).thinQ();
  const A = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += V.get(i, k) * values[k] * V.get(j, k);
      A.set(i, j, sum);
    }
  }
  const { data } = A;
  const product: SymmetricProduct = (v, out) => {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += data[j * n + i] * v[j];
      out[i] = sum;
    }
  };
  return { A, product };
}
const falling = (n: number) => Array.from({ length: n }, (_, k) => (k % 7 === 3 ? -1 : 1) * 50 * (k + 1) ** -1.5);
/** How often `value` lies within two errors. */
const coverage = (
  runs: number,
  truth: number,
  estimate: (seed: number) => { value: number; error: number },
): number => {
  let inside = 0;
  for (let seed = 0; seed < runs; seed++) {
    const { value, error } = estimate(seed);
    if (Math.abs(value - truth) <= 2 * error) inside++;
  }
  return inside / runs;
};

describe('extreme eigenvalues', () => {
  test('are those of the dense matrix, within their residuals', () => {
    for (const n of [1, 2, 3, 20, 90]) {
      const { A, product } = withSpectrum(falling(n), n);
      const { values } = eigenSymmetric(A);
      const k = Math.min(3, n);
      const found = extremeEigenvalues(product, n, { largest: k, smallest: k });
      expect(found.converged).toBe(true);
      found.largest.forEach(({ value, residual, vector }, i) => {
        expect(Math.abs(value - values[n - 1 - i])).toBeLessThan(residual + 1e-12 * values[n - 1]);
        expect(residual).toBeLessThanOrEqual(1e-6 * values[n - 1]);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 12);
      });
      found.smallest.forEach(({ value, residual }, i) => {
        expect(Math.abs(value - values[i])).toBeLessThan(residual + 1e-12 * values[n - 1]);
      });
    }
  });
  test('ones that repeat come as often as they are where the products reach the whole space', () => {
    const spectrum = [3, 3, 3, 1, 1, 0, 0, 0, 0, -2, -2];
    const found = extremeEigenvalues(withSpectrum(spectrum, 2).product, 11, { largest: 4, smallest: 3 });
    const near = (pairs: readonly { value: number }[], expected: number[]) =>
      pairs.forEach(({ value }, i) => void expect(value).toBeCloseTo(expected[i], 9));
    near(found.largest, [3, 3, 3, 1]);
    near(found.smallest, [-2, -2, 0]);
    expect(found.converged).toBe(true);
    const zero = extremeEigenvalues((_, out) => out.fill(0), 4, { largest: 2, smallest: 2 });
    expect([...zero.largest, ...zero.smallest].map(({ value }) => value)).toEqual([0, 0, 0, 0]);
  });
  test('too few products are said to be too few, and residuals still bound', () => {
    const { A, product } = withSpectrum(
      Array.from({ length: 80 }, (_, k) => k / 80),
      3,
    );
    const { values } = eigenSymmetric(A);
    const found = extremeEigenvalues(product, 80, { maxProducts: 6 });
    expect(found.converged).toBe(false);
    expect(found.products).toBe(8);
    for (const { value, residual } of [...found.largest, ...found.smallest]) {
      expect(Math.min(...values.map((v) => Math.abs(v - value)))).toBeLessThanOrEqual(residual);
    }
  });
  test('what is not finite is named', () => {
    expect(
      sentence(() => extremeEigenvalues((v, out) => out.set(v.map((x, i) => (i === 2 ? Number.NaN : x))), 5)),
    ).toMatch(/NON_FINITE: Product 1 returned NaN at index 2/);
    expect(sentence(() => extremeEigenvalues(() => {}, 5, { largest: 6 }))).toMatch(/largest must be a whole number/);
  });
});

describe('trace', () => {
  test.each(['hutchinson', 'hutch++'] as const)('%s: two errors hold it 19 times in 20', (method) => {
    const spectrum = Array.from({ length: 40 }, (_, k) => 1 + Math.sin(k));
    const truth = spectrum.reduce((a, b) => a + b, 0);
    const { product } = withSpectrum(spectrum, 5);
    const share = coverage(300, truth, (seed) => {
      const { trace, error } = hessianTrace(product, 40, { method, seed, products: 60 });
      return { value: trace, error };
    });
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.985);
  });
  test('where eigenvalues fall off, Hutch++ is much closer; with products for the whole space it is exact', () => {
    const spectrum = falling(60);
    const truth = spectrum.reduce((a, b) => a + b, 0);
    const { product } = withSpectrum(spectrum, 6);
    const errors = (method: 'hutchinson' | 'hutch++') =>
      Math.hypot(
        ...Array.from(
          { length: 20 },
          (_, seed) => hessianTrace(product, 60, { method, seed, products: 45 }).trace - truth,
        ),
      );
    expect(errors('hutch++')).toBeLessThan(errors('hutchinson') / 4);
    const whole = hessianTrace(product, 60, { method: 'hutch++', products: 180 });
    expect(whole.trace).toBeCloseTo(truth, 9);
    expect([whole.error, whole.products]).toEqual([0, 120]);
    // Signs are exact on diagonal matrices.
    const diagonal = hessianTrace((v, out) => out.set(v.map((x, i) => i * x)), 9, { products: 2 });
    expect([diagonal.trace, diagonal.error]).toEqual([36, 0]);
  });
  test('methods that are none are sentences', () => {
    expect(sentence(() => hessianTrace(() => {}, 3, { method: 'x' as never }))).toMatch(
      /method must be one of hutchinson, hutch\+\+, but is x/,
    );
    expect(sentence(() => hessianTrace(() => {}, 3, { products: 1 }))).toMatch(/products must be a whole number/);
  });
});

describe('spectral density', () => {
  const spectrum = [...Array.from({ length: 50 }, (_, k) => Math.sin(3 * k)), 9, 10];
  const n = spectrum.length;
  const { product } = withSpectrum(spectrum, 8);
  test('means of functions: two errors hold them', () => {
    const densities = new Map<number, ReturnType<typeof spectralDensity>>();
    const densityOf = (seed: number) => {
      const density = densities.get(seed) ?? spectralDensity(product, n, { seed, probes: 30, steps: 20 });
      densities.set(seed, density);
      return density;
    };
    for (const f of [(t: number) => t, (t: number) => t ** 4, (t: number) => Math.exp(t / 5)]) {
      const truth = spectrum.reduce((s, t) => s + f(t) / n, 0);
      const share = coverage(100, truth, (seed) => {
        const { mean, error } = densityOf(seed).mean(f);
        return { value: mean, error };
      });
      expect(share).toBeGreaterThan(0.85);
    }
  });
  test('with all steps nodes are eigenvalues, and shares are counted', () => {
    const density = spectralDensity(product, n, { probes: 40, steps: n });
    const { nodes, weights } = density.measure;
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    for (const node of nodes) expect(Math.min(...spectrum.map((t) => Math.abs(t - node)))).toBeLessThan(1e-8);
    const negative = spectrum.filter((t) => t <= 0).length / n;
    const { mean, error } = density.below(0);
    expect(Math.abs(mean - negative)).toBeLessThan(3 * error);
    expect(density.below(20).mean).toBeCloseTo(1, 12);
    // The outliers carry 2 of 52, and the curve holds all.
    const places = Float64Array.from({ length: 2001 }, (_, i) => -5 + i / 100);
    const curve = density.at(places, 0.1);
    expect(curve.reduce((a, b) => a + b / 100, 0)).toBeCloseTo(1, 6);
    expect(sentence(() => density.at([0], 0))).toMatch(/width must be above 0/);
  });
});

describe('directional sharpness', () => {
  test('on quadratics the predicted decrease is that of an exact search', () => {
    const { product } = withSpectrum([5, 2, 1, 0.5, -3], 4);
    const random = new Random(1);
    const normal = () => Float64Array.from({ length: 5 }, () => random.normal());
    for (let k = 0; k < 20; k++) {
      const [g, d, image] = [normal(), normal(), new Float64Array(5)];
      const found = directionalSharpness(g, product, d);
      const f = (step: number) => {
        const x = d.map((v) => (step * v) / found.norm);
        product(x, image);
        return x.reduce((s, v, i) => s + g[i] * v + (v * image[i]) / 2, 0);
      };
      if (found.optimalStep === undefined) {
        expect(found.sharpness).toBeLessThanOrEqual(0);
        continue;
      }
      expect(f(found.optimalStep)).toBeCloseTo(-found.predictedDecrease!, 10);
      expect(f(found.optimalStep * 1.01)).toBeGreaterThan(f(found.optimalStep));
      expect(f(found.optimalStep * 0.99)).toBeGreaterThan(f(found.optimalStep));
    }
    expect(sentence(() => directionalSharpness(new Float64Array(5), product, new Float64Array(5)))).toMatch(
      /norm above 0/,
    );
    expect(sentence(() => directionalSharpness(new Float64Array(5), product, new Float64Array(4)))).toMatch(
      /4 values, not 5/,
    );
  });
  test('one steep coordinate among many: the clipped gradient decreases more than the gradient', () => {
    const h = Float64Array.from({ length: 100 }, (_, i) => (i === 0 ? 1e4 : 1));
    const x = Float64Array.from({ length: 100 }, (_, i) => (i === 0 ? 0.1 : 1));
    const g = x.map((v, i) => v * h[i]);
    const product: SymmetricProduct = (v, out) => out.set(v.map((u, i) => u * h[i]));
    const decrease = (d: Float64Array) => directionalSharpness(g, product, d).predictedDecrease!;
    expect(decrease(clipCoordinates(g, { fraction: 0.1 }))).toBeGreaterThan(1.05 * decrease(g));
  });
  test('clipping: as many reach the bar as are to, twice is once, no sign changes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (signs, fraction) => {
          const n = signs.length;
          const order = new Random(n).permutation(n);
          const u = Float64Array.from(signs, (s, i) => (s % 2 ? 1 : -1) * (1 + order[i]));
          const clipped = clipCoordinates(u, { fraction });
          const bar = Math.max(...clipped.map(Math.abs));
          expect(u.filter((v) => Math.abs(v) >= bar)).toHaveLength(Math.ceil(fraction * n));
          clipped.forEach((v, i) => {
            expect(v * u[i]).toBeGreaterThan(0);
            expect(Math.abs(v)).toBeLessThanOrEqual(Math.abs(u[i]));
          });
          expect(clipCoordinates(clipped, { threshold: bar })).toEqual(clipped);
        },
      ),
      { seed: 3 },
    );
    expect([...clipCoordinates(Float64Array.of(0, 0, 0, 0, 5, -3), { fraction: 0.9 })]).toEqual([0, 0, 0, 0, 3, -3]);
    expect([...clipCoordinates(new Float64Array(2), { fraction: 0.5 })]).toEqual([0, 0]);
    expect(sentence(() => clipCoordinates(new Float64Array(2), {}))).toMatch(/either a fraction or a threshold/);
    expect([...clipCoordinates(Float64Array.of(3, -1, 2), { fraction: 1 })]).toEqual([1, -1, 1]);
    const u = Float64Array.of(1, 2, 30, -40, 5);
    expect(clipCoordinates(u, { fraction: 0 })).toEqual(u);
    const ranges = [
      { from: 0, to: 2 },
      { from: 2, to: 4 },
    ];
    expect([...clipCoordinates(u, { fraction: 1, ranges })]).toEqual([1, 1, 30, -30, 5]);
    expect([...clipCoordinates(u, { threshold: 4, ranges })]).toEqual([1, 2, 4, -4, 5]);
    expect(sentence(() => clipCoordinates(u, { threshold: 4, ranges: [{ from: 3, to: 6 }] }))).toMatch(
      /end of range 1/,
    );
    expect(sentence(() => clipCoordinates(new Float64Array(2), { fraction: 1.1 }))).toMatch(/from 0 to 1/);
  });
});

describe('directions compared', () => {
  const h = [Float64Array.of(4, 1, 2), Float64Array.of(2, 5, -1)];
  const batches = h.map((diagonal) => ({
    gradient: diagonal.map((v) => v * v),
    product: ((v, out) => out.set(v.map((u, i) => u * diagonal[i]))) as SymmetricProduct,
  }));
  test('means over batches, each on its own gradient, at length 1; the best step is that of the means', () => {
    const fixed = Float64Array.of(0, -3, 0);
    const found = compareDirections(batches, { sgd: (g) => g.map((v) => -v), fixed });
    expect(found.fixed).toMatchObject({ norm: 3, correlation: -13, sharpness: 3, topShare: 1 });
    expect(found.fixed.optimalStep).toBeCloseTo(13 / 3, 12);
    expect(found.fixed.predictedDecrease).toBeCloseTo(169 / 6, 12);
    expect(found.fixed.sharpnessError).toBeCloseTo(2, 12);
    const sharpness = h.map((d) => d.reduce((s, v) => s + v ** 5, 0) / d.reduce((s, v) => s + v ** 4, 0));
    expect(found.sgd.sharpness).toBeCloseTo((sharpness[0] + sharpness[1]) / 2, 12);
    expect(found.sgd.topShare).toBeCloseTo((256 / 273 + 625 / 642) / 2, 12);
    const bent = compareDirections(batches.slice(1), { z: Float64Array.of(0, 0, 1) });
    expect(bent.z).toMatchObject({ sharpness: -1, sharpnessError: Number.NaN });
    expect(bent.z.predictedDecrease).toBeUndefined();
    expect(sentence(() => compareDirections([], { fixed }))).toMatch(/at least one batch/);
  });
  test('the share of the largest hundredth, with ties', () => {
    const u = Float64Array.from({ length: 200 }, (_, i) => (i < 50 ? 2 : 1));
    const product: SymmetricProduct = (v, out) => out.set(v);
    const { all } = compareDirections([{ gradient: u, product }], { all: u });
    expect(all.topShare).toBeCloseTo(8 / 350, 12);
  });
});

describe('gradient noise', () => {
  const d = 30;
  const deviations = Float64Array.from({ length: d }, (_, k) => 1 / (1 + k / 5));
  const truth = deviations.reduce((s, v) => s + v * v, 0);
  const G = Float64Array.from({ length: d }, (_, k) => 0.3 * Math.cos(k));
  const square = G.reduce((s, v) => s + v * v, 0);
  const draws = (seed: number, count: number, batch = 1) => {
    const random = new Random(seed);
    const rows = Array.from({ length: count }, () =>
      Float64Array.from({ length: d }, (_, k) => {
        let sum = 0;
        for (let b = 0; b < batch; b++) sum += G[k] + deviations[k] * random.normal();
        return sum / batch;
      }),
    );
    return gradientNoise(count, d, (i, out) => out.set(rows[i]), { batchSize: batch });
  };
  test.each([1, 4])('trace, norm and scale of normal gradients by batches of %d: two errors hold them', (batch) => {
    for (const [name, value] of [
      ['trace', truth],
      ['squaredNorm', square],
      ['scale', truth / square],
    ] as const) {
      const share = coverage(200, value, (seed) => draws(seed, 150, batch)[name]);
      expect(share, name).toBeGreaterThan(0.89);
      expect(share, name).toBeLessThan(0.99);
    }
  });
  test('the jackknife is that of doing it anew without each', () => {
    const random = new Random(2);
    const rows = Array.from({ length: 7 }, () => Float64Array.from({ length: 3 }, () => random.normal() + 1));
    const of = (list: readonly Float64Array[]) => gradientNoise(list.length, 3, (i, out) => out.set(list[i]));
    const whole = of(rows);
    for (const name of ['trace', 'squaredNorm', 'scale'] as const) {
      const without = rows.map((_, i) => of(rows.filter((__, j) => j !== i))[name].value);
      const centre = without.reduce((a, b) => a + b, 0) / 7;
      const error = Math.sqrt((6 / 7) * without.reduce((s, v) => s + (v - centre) ** 2, 0));
      expect(whole[name].error).toBeCloseTo(error, 10);
    }
  });
  test('no gradient but noise has a scale without end; what is not finite is named', () => {
    const signs = (i: number, out: Float64Array) => out.fill(i % 2 ? 1 : -1);
    expect(gradientNoise(4, 2, signs).scale.value).toBe(Number.POSITIVE_INFINITY);
    expect(sentence(() => gradientNoise(4, 2, (i, out) => out.fill(i === 2 ? Number.NaN : 1)))).toMatch(
      /Gradient 3 has NaN at index 0/,
    );
    expect(sentence(() => gradientNoise(2, 2, signs))).toMatch(/count must be a whole number of at least 3/);
  });
});

describe('models of automatic differentiation', () => {
  const key = ad.randomKey(2);
  const net = (dtype: 'f32' | 'f64') => ({
    a: ad.randomNormal(ad.foldIn(key, 0), [3, 4], dtype),
    b: [ad.randomNormal(ad.foldIn(key, 1), [4], dtype), ad.randomNormal(ad.foldIn(key, 2), [4, 2], dtype)],
  });
  const inputs = ad.randomNormal(ad.foldIn(key, 3), [6, 3], 'f64');
  const x = (dtype: 'f32' | 'f64') => ad.cast(inputs, dtype);
  const classes = ad.tensor(Int32Array.of(0, 1, 1, 0, 1, 0));
  const loss = (p: ReturnType<typeof net>, batch: ad.Tensor, targets: ad.Tensor) =>
    ad.mean(ad.crossEntropy(ad.matmul(ad.linear(batch, p.a, p.b[0], 'tanh'), p.b[1]), targets));
  /** The loss of all parameters in one vector. */
  const flat = (v: ad.Tensor) =>
    loss(
      {
        a: ad.reshape(ad.slice(v, [0, 12]), [3, 4]),
        b: [ad.slice(v, [12, 16]), ad.reshape(ad.slice(v, [16, 24]), [4, 2])],
      },
      x('f64'),
      classes,
    );

  test('other data of the same shapes take the place of what it was compiled with', () => {
    const [first, second] = [x('f64'), ad.mul(x('f64'), 2)];
    const others = ad.tensor(Int32Array.of(1, 0, 1, 0, 0, 1));
    const [moved, made] = [
      compiledModel(loss, net('f64'), first, classes),
      compiledModel(loss, net('f64'), second, others),
    ];
    moved.take(second, others);
    const v = Float64Array.from({ length: 24 }, (_, i) => Math.cos(i));
    for (const of of ['gradient', 'hessianVector'] as const) {
      const [a, b] = [new Float64Array(24), new Float64Array(24)];
      moved[of](v, a);
      made[of](v, b);
      expect(a).toEqual(b);
    }
    expect(sentence(() => moved.take(ad.expandDims(second, 0), others))).toMatch(/Data 1 must have the shapes/);
    moved.free();
    made.free();
  });
  test.each(['f64', 'f32'] as const)(
    '%s: gradients and products are those of the dense Hessian, also after a move',
    (dtype) => {
      const model = compiledModel(loss, net(dtype), x(dtype), classes);
      const bar = dtype === 'f64' ? 1e-12 : 1e-5;
      expect(model.size).toBe(24);
      for (let k = 0; k < 2; k++) {
        const point = ad.tensor(model.point());
        const H = ad.jacobian(ad.grad(flat))(point).data();
        const g = ad.grad(flat)(point).data();
        const [v, out] = [Float64Array.from({ length: 24 }, (_, i) => Math.sin(i + k)), new Float64Array(24)];
        const elsewhere = v.slice();
        model.gradient(elsewhere, out);
        model.hessianVector(v, out);
        for (let i = 0; i < 24; i++) {
          let sum = 0;
          for (let j = 0; j < 24; j++) sum += H[i * 24 + j] * v[j];
          expect(Math.abs(out[i] - sum)).toBeLessThan(bar);
        }
        const value = model.gradient(model.point(), out);
        expect(Math.abs(value - flat(point).item())).toBeLessThan(bar);
        for (let i = 0; i < 24; i++) expect(Math.abs(out[i] - g[i])).toBeLessThan(bar);
        model.move(model.point().map((w, i) => w + 0.1 * Math.cos(i)));
      }
      expect(sentence(() => model.move([1]))).toMatch(/1 values, not 24/);
      model.free();
    },
  );

  test('all diagnostics of a net against its dense Hessian', () => {
    const model = compiledModel(loss, net('f64'), x('f64'), classes);
    const H = ad.jacobian(ad.grad(flat))(ad.tensor(model.point())).data();
    const { values } = eigenSymmetric(DenseMatrix.fromColumnMajor(H as Float64Array, 24, 24));
    const truth = values.reduce((a, b) => a + b, 0);
    const { largest, smallest } = extremeEigenvalues(model.hessianVector, 24, { largest: 2, smallest: 2 });
    expect(largest.map(({ value }) => value)).toEqual([values[23], values[22]].map((v) => expect.closeTo(v, 8)));
    expect(smallest.map(({ value }) => value)).toEqual([values[0], values[1]].map((v) => expect.closeTo(v, 8)));
    expect(hessianTrace(model.hessianVector, 24, { method: 'hutch++', products: 72 }).trace).toBeCloseTo(truth, 9);
    const density = spectralDensity(model.hessianVector, 24, { probes: 200, steps: 24 });
    const { mean, error } = density.mean((t) => t);
    expect(Math.abs(mean - truth / 24)).toBeLessThan(3 * error);
    // Differences of gradients give the same, less exactly.
    const differenced = differencedHessian((p, out) => model.gradient(p, out), model.point());
    const found = extremeEigenvalues(differenced, 24, { tol: 1e-4 });
    expect(found.largest[0].value).toBeCloseTo(values[23], 6);
    const out = new Float64Array(24);
    differenced(out, out);
    expect(out.every((v) => v === 0)).toBe(true);
    expect(sentence(() => differencedHessian(() => 0, out, 0))).toMatch(/step must be above 0/);
  });
});
