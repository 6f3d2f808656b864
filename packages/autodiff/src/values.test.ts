import { erf, normalCdf } from '@southwell/numerics/special';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ad from './index.ts';
import { draws, scattered } from './testing.ts';

// Values against definitions, element by element, on random shapes and views.

type T = ad.Tensor;
const draw = draws(17);
const lengths = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });

/** Every index of a shape, the last axis running fastest. */
function* indices(shape: readonly number[]): Generator<number[]> {
  const size = shape.reduce((a, b) => a * b, 1);
  for (let i = 0; i < size; i++) {
    let rest = i;
    const at = shape.map(() => 0);
    for (let d = shape.length - 1; d >= 0; d--) {
      at[d] = rest % shape[d];
      rest = Math.floor(rest / shape[d]);
    }
    yield at;
  }
}
const flatAt = (shape: readonly number[], at: readonly number[]): number => at.reduce((i, v, d) => i * shape[d] + v, 0);
const get = (x: T, at: readonly number[]): number => x.data()[flatAt(x.shape, at)];

/** A tensor or a view of one with gaps, by chance. */
const tensors = lengths.chain((shape) => fc.boolean().map((gaps) => (gaps ? scattered(draw(shape)) : draw(shape))));

test('slices are those of NumPy', () => {
  const end = fc.option(fc.integer({ min: -6, max: 6 }));
  const range = fc.tuple(end, end, fc.constantFrom(1, 2, 3, -1, -2));
  fc.assert(
    fc.property(tensors, fc.array(range, { minLength: 4, maxLength: 4 }), (x, ranges) => {
      const own = ranges.slice(0, x.rank);
      const kept = own.map(([from, to, step], d) => {
        // By the definition of Python's slice.indices.
        const n = x.shape[d];
        const clamp = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v < 0 ? v + n : v));
        const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
        const start = from === null ? (step > 0 ? low : high) : clamp(from, low, high);
        const stop = to === null ? (step > 0 ? high : low) : clamp(to, low, high);
        const out: number[] = [];
        for (let i = start; step > 0 ? i < stop : i > stop; i += step) out.push(i);
        return out;
      });
      const y = ad.slice(x, ...own);
      expect(y.shape).toEqual(kept.map((k) => k.length));
      const expected = [...indices(y.shape)].map((at) =>
        get(
          x,
          at.map((i, d) => kept[d][i]),
        ),
      );
      expect(Array.from(y.data())).toEqual(expected);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('reductions over any axes', () => {
  fc.assert(
    fc.property(tensors, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean(), (x, chosen, keep) => {
      const axes = x.shape.flatMap((_, d) => (chosen[d] ? [d] : []));
      const y = ad.sum(x, axes, keep);
      const sums = new Map<string, number[]>();
      for (const at of indices(x.shape)) {
        const to = keep ? at.map((i, d) => (axes.includes(d) ? 0 : i)) : at.filter((_, d) => !axes.includes(d));
        const key = to.join();
        sums.set(key, [...(sums.get(key) ?? []), get(x, at)]);
      }
      const largest = x.size > 0 ? ad.max(x, axes, keep) : undefined;
      for (const at of indices(y.shape)) {
        const parts = sums.get(at.join()) ?? [];
        expect(get(y, at)).toBeCloseTo(
          parts.reduce((a, b) => a + b, 0),
          12,
        );
        if (largest) expect(get(largest, at)).toBe(Math.max(...parts));
      }
    }),
    { seed: 4, numRuns: 60 },
  );
});

test('einsum is the sum over letters, products of matrices, diagonals and all', () => {
  const formulas = [
    'ij,jk->ik',
    'bij,bkj->bik',
    'ij,ij->',
    'ii->i',
    'iij->ji',
    'ij,j,jk->ki',
    'a,b,c->cab',
    'ab,bc,cd->da',
    'ij->ji',
    'abc,abd->dc',
    'ij,ij->ij',
    'ab,a->b',
    'aab,bc',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...formulas),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
      (formula, sizes) => {
        const names = [...new Set(formula.replaceAll(/[^a-z]/g, ''))];
        const length = (l: string) => sizes[names.indexOf(l) % 5];
        const [left, right] = formula.split('->');
        const operands = left.split(',').map((letters) => draw([...letters].map(length)));
        const all = [...left].filter((l) => l !== ',');
        const result =
          right === undefined
            ? [...new Set(all)].filter((l) => all.indexOf(l) === all.lastIndexOf(l)).sort()
            : [...right];
        const y = ad.einsum(formula, ...operands);
        expect(y.shape).toEqual(result.map(length));
        const expected = new Array<number>(y.size).fill(0);
        for (const at of indices(names.map(length))) {
          const value = (l: string) => at[names.indexOf(l)];
          const product = left.split(',').reduce((p, letters, i) => p * get(operands[i], [...letters].map(value)), 1);
          expected[flatAt(y.shape, result.map(value))] += product;
        }
        y.data().forEach((v, i) => {
          expect(v).toBeCloseTo(expected[i], 12);
        });
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

test('products of matrices, batched, broadcast and turned', () => {
  const small = fc.integer({ min: 0, max: 3 });
  fc.assert(
    fc.property(
      fc.tuple(small, small, small),
      fc.constantFrom([[], []], [[2], []], [[2], [2]], [[2, 1], [3]], [[1], [2, 2]]),
      fc.boolean(),
      fc.boolean(),
      ([m, k, n], [p, q], ta, tb) => {
        const stored = (batch: readonly number[], rows: number, cols: number, turn: boolean): T =>
          turn ? ad.transpose(draw([...batch, cols, rows])) : draw([...batch, rows, cols]);
        const [a, b] = [stored(p, m, k, ta), stored(q, k, n, tb)];
        const y = ad.matmul(a, b);
        const within = (x: T, batch: readonly number[], i: number, j: number) => {
          const own = x.shape.slice(0, -2);
          const at = batch.slice(batch.length - own.length).map((v, d) => (own[d] === 1 ? 0 : v));
          return get(x, [...at, i, j]);
        };
        for (const at of indices(y.shape)) {
          const [batch, i, j] = [at.slice(0, -2), at[at.length - 2], at[at.length - 1]];
          let sum = 0;
          for (let l = 0; l < k; l++) sum += within(a, batch, i, l) * within(b, batch, l, j);
          expect(get(y, at)).toBeCloseTo(sum, 12);
        }
      },
    ),
    { seed: 6, numRuns: 60 },
  );
});

test('short rows that are the same for many', () => {
  for (const dtype of ['f32', 'f64'] as const) {
    for (const n of [1, 2, 3, 6, 16, 63, 64]) {
      for (const rows of [31, 32, 50, 257]) {
        const [x, b] = [ad.cast(draw([rows, n]), dtype), ad.cast(draw([n]), dtype)];
        const round = dtype === 'f32' ? Math.fround : (v: number) => v;
        const [p, q] = [x.data(), b.data()];
        expect(Array.from(ad.sub(x, b).data())).toEqual(Array.from(p, (v, i) => round(v - q[i % n])));
        expect(Array.from(ad.sub(b, x).data())).toEqual(Array.from(p, (v, i) => round(q[i % n] - v)));
      }
    }
  }
});

test('erf, gelu, powers and circular functions are as exact as they say', () => {
  const x = Float64Array.from({ length: 2001 }, (_, i) => (i - 1000) / 150);
  const erfs = ad.erf(ad.tensor(x)).data();
  const singles = ad.erf(ad.tensor(Float32Array.from(x))).data();
  const gelus = ad.gelu(ad.tensor(Float32Array.from(x))).data();
  x.forEach((v, i) => {
    expect(Math.abs(erfs[i] - erf(v))).toBeLessThanOrEqual(1e-15 * Math.abs(erf(v)));
    const f = Math.fround(v);
    expect(Math.abs(singles[i] - erf(f))).toBeLessThanOrEqual(1.5e-7 * Math.abs(erf(f)));
    expect(Math.abs(gelus[i] - f * normalCdf(f))).toBeLessThanOrEqual(2.5e-7 * Math.max(Math.abs(f), 1e-3));
  });
  const wide = Float64Array.from({ length: 1001 }, (_, i) => (i - 500) * 1999.77);
  ad.sin(ad.tensor(wide))
    .data()
    .forEach((v, i) => {
      expect(Math.abs(v - Math.sin(wide[i]))).toBeLessThanOrEqual(4e-16);
    });
  const powers: Array<[number, number]> = [
    [0, 0],
    [-2, 3],
    [-2, 2],
    [-2, 0.5],
    [0, -1],
    [0, 2],
    [3, 0],
    [2, 10],
    [0.5, -3],
    [-1, 5],
    [7, 1],
  ];
  powers.forEach(([a, b]) => {
    const found = ad.pow(ad.tensor(a), b).item();
    const exact = a ** b;
    if (Number.isFinite(exact) && exact !== 0) expect(Math.abs(found / exact - 1)).toBeLessThanOrEqual(3e-15);
    else expect(found).toBe(exact);
    expect(ad.pow(ad.full([], a, 'f32'), b).item()).toBe(Math.fround(exact));
  });
});

test('sorting, the largest, places', () => {
  const x = ad.tensor([
    [3, Number.NaN, 1, 3],
    [-0, 0, -1, 5],
  ]);
  const { values, places } = ad.sort(x);
  expect(values.toArray()).toEqual([
    [1, 3, 3, Number.NaN],
    [-1, -0, 0, 5],
  ]);
  expect(places.toArray()).toEqual([
    [2, 0, 3, 1],
    [2, 0, 1, 3],
  ]);
  const top = ad.topK(ad.tensor([4, 9, 9, 1]), 3);
  expect([top.values.toArray(), top.places.toArray()]).toEqual([
    [9, 9, 4],
    [1, 2, 0],
  ]);
  expect(
    ad
      .argmax(
        ad.tensor([
          [1, 5],
          [7, 5],
        ]),
        0,
      )
      .toArray(),
  ).toEqual([1, 0]);
});

test('what infinities and empty axes make', () => {
  const inf = Number.POSITIVE_INFINITY;
  expect(
    ad
      .logsumexp(
        ad.tensor([
          [-inf, -inf],
          [inf, 1],
        ]),
        1,
      )
      .toArray(),
  ).toEqual([-inf, inf]);
  expect(ad.softmax(ad.tensor([1000, 1000])).toArray()).toEqual([0.5, 0.5]);
  expect(ad.sum(ad.tensor([[], []]), 1).toArray()).toEqual([0, 0]);
  expect(ad.prod(ad.tensor([[], []])).toArray()).toEqual([1, 1]);
  expect(ad.mean(ad.tensor([])).item()).toBeNaN();
  expect(() => ad.max(ad.tensor([[], []]), 1)).toThrow(/there must be at least one element/);
  expect(ad.grad((t: T) => ad.sum(ad.matmul(t, ad.full([0, 2], 1))))(ad.full([3, 0], 1)).shape).toEqual([3, 0]);
});

test('choices by chance follow their weights', () => {
  const logits = ad.log(ad.tensor([0.1, 0.2, 0.7]));
  const drawn = ad.randomCategorical(ad.randomKey(5), ad.broadcastTo(logits, [6000, 3])).data();
  const counts = [0, 0, 0];
  for (const i of drawn) counts[i]++;
  [0.1, 0.2, 0.7].forEach((p, i) => {
    expect(Math.abs(counts[i] / 6000 - p)).toBeLessThan(0.03);
  });
});

describe('elimination', () => {
  const eye = ad.tensor([
    [2, 1, 0],
    [0, 3, 1],
    [1, 0, 4],
  ]);
  test('what solves, inverts and takes the determinant of a matrix shares it, and so do derivatives', () => {
    const f = (a: ad.Tensor) => ad.add(ad.sum(ad.mul(ad.solve(a, ad.inverse(a)), a)), ad.logDet(a));
    const { steps } = ad.compile(ad.valueAndGrad(f)).prepare(eye);
    expect(steps.filter((step) => step.startsWith('elimination'))).toHaveLength(1);
  });
  test('determinants by their signs, also of singular matrices', () => {
    const swapped = ad.slice(eye, [null, null, -1]);
    const det = (a: ad.Tensor) => ad.slogdet(a).map((t) => t.item());
    expect(det(eye)).toEqual([1, expect.closeTo(Math.log(25), 12)]);
    expect(det(swapped)).toEqual([-1, expect.closeTo(Math.log(25), 12)]);
    expect(det(ad.full([3, 3], 1))).toEqual([0, Number.NEGATIVE_INFINITY]);
    expect(det(ad.full([0, 0], 1))).toEqual([1, 0]);
  });
  test('singular matrices and what is not finite are sentences', () => {
    const ones = ad.full([2, 3, 3], 1);
    expect(() => ad.inverse(ones)).toThrow(
      'solve: matrix 1 is singular: row 2 depends linearly on the preceding ones.',
    );
    expect(() => ad.solve(ad.full([30, 30], 1), ad.full([30], 1))).toThrow(/the matrix is singular: row 2/);
    const bad = ad.tensor([
      [1, 2],
      [Number.NaN, 4],
    ]);
    for (const f of [ad.inverse, ad.slogdet, ad.qr, ad.svd, ad.expm] as Array<(a: ad.Tensor) => unknown>) {
      expect(() => f(bad)).toThrow(/the matrix holds NaN in row 2, column 1/);
    }
    expect(() => ad.cholesky(ad.full([40, 40], 1))).toThrow(/not positive definite: pivot 2 is not above 0/);
    expect(() => ad.svd(ad.tensor([1, 2]))).toThrow(/it takes matrices of f32 or f64/);
    expect(() => ad.expm(ad.full([2, 3], 1))).toThrow(/square matrices/);
  });
  test('no rows, or no columns', () => {
    expect(ad.qr(ad.full([0, 3], 1)).map((t) => t.shape)).toEqual([
      [0, 0],
      [0, 3],
    ]);
    expect(ad.svd(ad.full([3, 0], 1)).map((t) => t.shape)).toEqual([[3, 0], [0], [0, 0]]);
    expect(ad.expm(ad.full([0, 0], 1)).shape).toEqual([0, 0]);
    expect(ad.solve(ad.full([0, 0], 1), ad.full([0, 2], 1)).shape).toEqual([0, 2]);
    expect(ad.cholesky(ad.full([0, 0], 1)).shape).toEqual([0, 0]);
  });
});
