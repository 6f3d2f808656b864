// Over 400 lines: what every method of the room finds, by other means, and the audit of their statuses.
import { readFileSync } from 'node:fs';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  Random,
  type RunOptions,
  type Solution,
} from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argsort } from './data.ts';
import * as room from './index.ts';
import {
  type Direction,
  IsotonicModel,
  isotonicIterates,
  isotonicRegression,
  MonotoneModel,
  type MonotoneState,
  monotoneIterates,
  monotoneRegression,
  type OutOfBounds,
  partialOrderIterates,
  partialOrderRegression,
} from './index.ts';
import { chainsOf, orderOfColumns } from './orders.ts';

/**
 * scikit-learn 1.4.2 on data of its own: of each case `IsotonicRegression(**options).fit(x, y, weights)`, with X_thresholds_,
 * y_thresholds_, increasing_ and predict(queries); x and e are 24 normal numbers, y is 2x + e, −2x + e or e, ties come from
 * rounded x, weights from rounded exponential or whole numbers, zeros among them. NaN is written as null.
 */
const oracle = JSON.parse(readFileSync(new URL('./oracle.json', import.meta.url), 'utf8')) as {
  readonly cases: ReadonlyArray<{
    readonly name: string;
    readonly x: number[];
    readonly y: number[];
    readonly weights: number[] | null;
    readonly options: { increasing?: boolean | 'auto'; y_min?: number; y_max?: number; out_of_bounds: OutOfBounds };
    readonly increasing: boolean;
    readonly thresholds: [number[], number[]];
    readonly queries: number[];
    readonly predictions: Array<number | null>;
  }>;
};

function close(found: ArrayLike<number>, wanted: ArrayLike<number | null>, tolerance = 1e-12): void {
  const size = Array.from(wanted).reduce<number>((most, v) => Math.max(most, Math.abs(v ?? 0)), 1);
  expect(found.length).toBe(wanted.length);
  Array.from(wanted).forEach((v, i) => {
    if (v === null) expect(found[i]).toBeNaN();
    else if (!(Math.abs(found[i] - v) <= tolerance * size)) throw new Error(`${i}: ${found[i]}, wanted ${v}.`);
  });
}

const squares = (w: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(w, (v, i) => v * (a[i] - b[i]) ** 2).reduce((s, v) => s + v, 0);

describe('isotonic regression', () => {
  test.each(oracle.cases.map((c) => [c.name, c] as const))('agrees with scikit-learn: %s', (_, c) => {
    const { increasing = true, y_min: yMin, y_max: yMax, out_of_bounds: outOfBounds } = c.options;
    const direction: Direction = increasing === 'auto' ? 'auto' : increasing ? 'increasing' : 'decreasing';
    const weights = c.weights ?? undefined;
    const s = isotonicRegression(c.x, c.y, { weights, direction, yMin, yMax, outOfBounds });
    expect(s.status).toBe('converged');
    const { model, fitted } = s.point;
    // Of one value of x scikit-learn calls the correlation, which there is not, negative.
    if (model.x.length > 1) expect(model.increasing).toBe(c.increasing);
    close(model.x, c.thresholds[0], 0);
    close(model.y, c.thresholds[1]);
    close(model.predict(c.queries), c.predictions);
    close(fitted, model.predict(c.x, 'clip'));
    const w = weights ?? c.x.map(() => 1);
    expect(s.objective / squares(w, c.y, fitted) || 1).toBeCloseTo(1, 9);
  });

  const points = fc.array(
    fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 3 })),
    { minLength: 1, maxLength: 12 },
  );

  test('is the min-max formula', () => {
    fc.assert(
      fc.property(points, (rows) => {
        const [x, y, w] = [0, 1, 2].map((k) => rows.map((r) => r[k]));
        const mean = (a: number, b: number) => {
          const inside = rows.filter((r) => r[0] >= a && r[0] <= b);
          return inside.reduce((s, r) => s + r[1] * r[2], 0) / inside.reduce((s, r) => s + r[2], 0);
        };
        const wanted = x.map((at) =>
          Math.max(
            ...x.filter((a) => a <= at).map((a) => Math.min(...x.filter((b) => b >= at).map((b) => mean(a, b)))),
          ),
        );
        const { point, certificate } = isotonicRegression(x, y, { weights: w });
        close(point.fitted, wanted);
        expect(certificate!.relative || 0).toBeLessThan(1e-12);
        // Means are kept, and a fit is its own fit, to the bit.
        close([point.fitted.reduce((s, v, i) => s + v * w[i], 0)], [y.reduce((s, v, i) => s + v * w[i], 0)], 1e-9);
        expect(isotonicRegression(x, point.fitted, { weights: w }).point.fitted).toEqual(point.fitted);
      }),
    );
  });

  test('is equivariant, a mirror image where it falls, and never takes points apart', () => {
    fc.assert(
      fc.property(
        points,
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 12, maxLength: 12 }),
        (rows, other) => {
          const [x, y, w] = [0, 1, 2].map((k) => rows.map((r) => r[k]));
          const f = isotonicRegression(x, y, { weights: w }).point.fitted;
          close(
            isotonicRegression(
              x,
              y.map((v) => 8 * v - 3),
              { weights: w },
            ).point.fitted,
            f.map((v) => 8 * v - 3),
            1e-12,
          );
          const down = isotonicRegression(
            x.map((v) => -v),
            y,
            { weights: w, direction: 'decreasing' },
          ).point.fitted;
          close(down, f);
          const clipped = isotonicRegression(x, y, { weights: w, yMin: -1, yMax: 2 }).point.fitted;
          close(
            clipped,
            f.map((v) => Math.max(-1, Math.min(2, v))),
          );
          const g = isotonicRegression(x, other.slice(0, x.length), { weights: w }).point.fitted;
          expect(squares(w, f, g)).toBeLessThanOrEqual(squares(w, y, other) * (1 + 1e-12) + 1e-12);
        },
      ),
    );
  });

  test('sorts as a comparison sort does', () => {
    const random = new Random(3);
    const kinds: Array<() => number> = [
      () => random.normal(),
      () => random.integer(50) - 20,
      () => 1e9 + 1e-6 * random.uniform(),
      () => (random.uniform() < 0.5 ? -1 : 1) * 10 ** (300 * (random.uniform() - random.uniform())),
      () => (random.uniform() < 0.3 ? -0 : 5e-324 * random.integer(9)),
    ];
    for (const kind of kinds) {
      const x = Float64Array.from({ length: 3000 }, kind);
      const wanted = Array.from(x.keys()).sort((a, b) => x[a] - x[b] || a - b);
      expect(Array.from(argsort(x).order)).toEqual(wanted);
      expect(argsort(x).values).toEqual(Float64Array.from(wanted, (i) => x[i] + 0));
    }
  });

  test('chooses its direction by Spearman’s correlation', () => {
    const { point } = isotonicRegression([1, 2, 3, 4, 5, 6], [3, 1, 4, 2.5, 6, 2], { direction: 'auto' });
    // Ranks 4, 1, 5, 3, 6, 2: Σd² = 9 + 1 + 4 + 1 + 1 + 16.
    const rho = 1 - (6 * 32) / (6 * 35);
    expect(point.model.increasing).toBe(true);
    expect(point.spearman!.rho).toBeCloseTo(rho, 14);
    expect(point.spearman!.low).toBeCloseTo(Math.tanh(Math.atanh(rho) - 1.96 / Math.sqrt(3)), 14);
    expect(point.spearman!.high).toBeCloseTo(Math.tanh(Math.atanh(rho) + 1.96 / Math.sqrt(3)), 14);
    expect(isotonicRegression([1, 1], [2, 5], { direction: 'auto' }).point.spearman).toEqual({
      rho: 0,
      low: -1,
      high: 1,
    });
  });

  test.each([1e-150, 1e150])('takes values of size %s', (size) => {
    const random = new Random(5);
    const x = Array.from({ length: 50 }, () => random.normal());
    const y = x.map((v) => v + random.normal());
    const plain = isotonicRegression(x, y).point.fitted;
    const s = isotonicRegression(
      x.map((v) => v * size),
      y.map((v) => v * size),
      { weights: y.map(() => size) },
    );
    expect(s.status).toBe('converged');
    close(
      Array.from(s.point.fitted, (v) => v / size),
      plain,
    );
    const rows = x.map((v) => [v * size, 0]);
    const m = monotoneRegression(
      rows,
      y.map((v) => v * size),
      { weights: y.map(() => size) },
    );
    expect(m.status).toBe('converged');
    close(
      Array.from(m.point.fitted, (v) => v / size),
      plain,
    );
  });

  test('a million rows against the order', () => {
    const n = 1_000_000;
    const x = Float64Array.from({ length: n }, (_, i) => n - i);
    const s = isotonicRegression(
      x,
      Float64Array.from({ length: n }, (_, i) => i),
    );
    expect(s.status).toBe('converged');
    expect(s.point.model.x).toEqual(Float64Array.of(1, n));
    expect(s.point.model.y[0]).toBeCloseTo((n - 1) / 2, 6);
  });

  test('refuses what it cannot fit', () => {
    expect(() => isotonicRegression([], [])).toThrow('There is nothing to fit: x has no rows.');
    expect(() => isotonicRegression([1, Number.NaN], [1, 2])).toThrow('x has NaN in row 2.');
    expect(() => isotonicRegression([1, 2], [1, Number.POSITIVE_INFINITY])).toThrow('y has Infinity in row 2.');
    expect(() => isotonicRegression([1, 2], [1])).toThrow('y has 1 values, but there are 2 rows.');
    expect(() => isotonicRegression([1, 2], [1, 2], { weights: [1, -1] })).toThrow('The weight of row 2 is -1');
    expect(() => isotonicRegression([1, 2], [1, 2], { weights: [0, 0] })).toThrow('All weights are zero');
    expect(() => isotonicRegression([1, 2], [1, 2], { yMin: 2, yMax: 1 })).toThrow('yMin must be at most yMax');
    expect(() => isotonicRegression([1, 2], [1, 2], { direction: 'up' as 'auto' })).toThrow('but is up');
    expect(() => isotonicRegression([1, 2], [1, 2], { outOfBounds: 'no' as 'nan' })).toThrow('but is no');
    const { model } = isotonicRegression([1, 2], [1, 2], { outOfBounds: 'error' }).point;
    expect(() => model.predict([1.5, 3])).toThrow('x is 3 in row 2, outside 1 … 2');
  });
});

/** max over upper sets U with i, min over lower sets L with i, of the mean over L ∩ U (Robertson, Wright, Dykstra 1988). */
function setsFormula(y: number[], w: number[], below: (i: number, j: number) => boolean): number[] {
  const n = y.length;
  const all = Array.from({ length: 2 ** n }, (_, s) => s);
  const has = (s: number, i: number) => (s >> i) & 1;
  const closed = (s: number, up: boolean) =>
    y.every((_, i) => !has(s, i) || y.every((_, j) => !(up ? below(i, j) : below(j, i)) || has(s, j)));
  const [uppers, lowers] = [all.filter((s) => closed(s, true)), all.filter((s) => closed(s, false))];
  const mean = (s: number) => {
    let [a, b] = [0, 0];
    for (let i = 0; i < n; i++) if (has(s, i)) [a, b] = [a + w[i] * y[i], b + w[i]];
    return a / b;
  };
  return y.map((_, i) =>
    Math.max(
      ...uppers
        .filter((u) => has(u, i))
        .map((u) => Math.min(...lowers.filter((l) => has(l, i)).map((l) => mean(u & l)))),
    ),
  );
}

describe('monotone regression', () => {
  const few = fc.array(
    fc.record({
      y: fc.integer({ min: -9, max: 9 }),
      w: fc.integer({ min: 1, max: 3 }),
      x: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  );

  test.each([1, 2, 3])('of %i columns is the formula over upper and lower sets', (d) => {
    fc.assert(
      fc.property(few, (rows) => {
        const [X, y, weights] = [rows.map((r) => r.x.slice(0, d)), rows.map((r) => r.y), rows.map((r) => r.w)];
        const s = monotoneRegression(X, y, { weights });
        expect(s.status).toBe('converged');
        const wanted = setsFormula(y, weights, (i, j) => X[i].every((v, k) => v <= X[j][k]));
        close(s.point.fitted, wanted, 1e-12);
        const bounded = monotoneRegression(X, y, { weights, yMin: -2, yMax: 3 });
        close(
          bounded.point.fitted,
          wanted.map((v) => Math.max(-2, Math.min(3, v))),
          1e-12,
        );
        const down = monotoneRegression(
          X.map((r) => r.map((v) => -v)),
          y,
          { weights, direction: 'decreasing' },
        );
        close(down.point.fitted, wanted, 1e-12);
        expect(s.objective).toBeCloseTo(squares(weights, y, s.point.fitted), 9);
        expect(s.point.model.predict(X)).toEqual(s.point.fitted);
      }),
      { numRuns: 60 },
    );
  });

  test('on relations, cycles among them, is the formula over upper and lower sets', () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(few, fc.array(pair, { maxLength: 9 }), (rows, drawn) => {
        const n = rows.length;
        const pairs = drawn.filter(([i, j]) => i < n && j < n);
        const reach = rows.map((_, i) => rows.map((_, j) => i === j || pairs.some((p) => p[0] === i && p[1] === j)));
        for (let k = 0; k < n; k++)
          for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) reach[i][j] ||= reach[i][k] && reach[k][j];
        const [y, weights] = [rows.map((r) => r.y), rows.map((r) => r.w)];
        const s = partialOrderRegression(y, pairs, { weights });
        expect(s.status).toBe('converged');
        close(
          s.point.fitted,
          setsFormula(y, weights, (i, j) => reach[i][j]),
          1e-12,
        );
        for (const [i, j] of pairs) expect(s.point.fitted[i]).toBeLessThanOrEqual(s.point.fitted[j]);
      }),
      { numRuns: 150 },
    );
  });

  test('finds the covering pairs, on the fewest paths', () => {
    const random = new Random(2);
    for (const d of [1, 2, 3, 4]) {
      const columns = Array.from({ length: d }, () =>
        Float64Array.from({ length: 40 }, () => random.integer(d === 1 ? 60 : 8)),
      );
      const order = orderOfColumns(columns);
      const { nodes, pointers, to, rows } = order;
      const below = (a: number, b: number) => a !== b && columns.every((c) => c[rows[a]] <= c[rows[b]]);
      const all = Array.from({ length: nodes }, (_, v) => v);
      for (const v of all) {
        const wanted = all.filter((u) => below(v, u) && !all.some((t) => below(v, t) && below(t, u)));
        expect(Array.from(to.subarray(pointers[v], pointers[v + 1])).sort((a, b) => a - b)).toEqual(wanted);
      }
      const chains = chainsOf(order);
      const found: string[] = [];
      for (let c = 0; c < chains.count; c++)
        for (let p = chains.starts[c] + 1; p < chains.starts[c + 1]; p++)
          found.push(`${chains.nodes[p - 1]},${chains.nodes[p]}`);
      expect(found.sort()).toEqual(
        all.flatMap((v) => Array.from(to.subarray(pointers[v], pointers[v + 1]), (u) => `${v},${u}`)).sort(),
      );
      const inside = new Int32Array(nodes);
      for (const u of to) inside[u]++;
      expect(chains.count).toBe(all.reduce((s, v) => s + Math.max(0, pointers[v + 1] - pointers[v] - inside[v]), 0));
    }
  });

  const random = new Random(11);
  const X = Array.from({ length: 300 }, () => [random.uniform(), -random.uniform()]);
  const y = X.map((r) => r[0] - r[1] + 0.5 * random.normal());

  test('is feasible, keeps means, is its own fit, and never takes points apart', () => {
    const direction: Direction[] = ['increasing', 'decreasing'];
    const s = monotoneRegression(X, y, { direction });
    expect(s.status).toBe('converged');
    const f = s.point.fitted;
    for (const [i, a] of X.entries())
      for (const [j, b] of X.entries()) if (a[0] <= b[0] && a[1] >= b[1]) expect(f[i]).toBeLessThanOrEqual(f[j]);
    expect(f.reduce((a, v) => a + v, 0)).toBeCloseTo(
      y.reduce((a, v) => a + v, 0),
      9,
    );
    // Optimal: y − f is at right angles to f, and nowhere sharper to any other monotone values.
    expect(f.reduce((a, v, i) => a + v * (y[i] - v), 0)).toBeCloseTo(0, 9);
    const again = monotoneRegression(X, f, { direction });
    expect(again.iterations).toBe(0);
    close(again.point.fitted, f, 1e-15);
    const other = y.map((v) => v + random.normal());
    const g = monotoneRegression(X, other, { direction }).point.fitted;
    const ones = y.map(() => 1);
    expect(squares(ones, f, g)).toBeLessThan(squares(ones, y, other));
    expect(monotoneRegression(X, y, { direction: 'auto' }).point.fitted).toEqual(f);
  });

  test('predicts monotone values at new rows, also when read back', () => {
    const { model, fitted } = monotoneRegression(X, y, { direction: ['increasing', 'decreasing'] }).point;
    const back = MonotoneModel.from(JSON.parse(JSON.stringify(model.toPlain())));
    expect(back).toEqual(model);
    expect(model.values.length).toBeLessThan(300);
    expect(back.predict(X)).toEqual(fitted);
    const rows = Array.from({ length: 200 }, () => [2 * random.uniform() - 0.5, 0.5 - 2 * random.uniform()]);
    const p = back.predict(rows);
    for (const [i, a] of rows.entries())
      for (const [j, b] of rows.entries()) if (a[0] <= b[0] && a[1] >= b[1]) expect(p[i]).toBeLessThanOrEqual(p[j]);
    // Below all there is the smallest value, above all the largest.
    expect(
      Array.from(
        back.predict([
          [-9, 9],
          [9, -9],
        ]),
      ),
    ).toEqual([Math.min(...fitted), Math.max(...fitted)]);
  });

  test('rows of weight 0 take no part', () => {
    const weights = y.map((_, i) => (i % 5 === 0 ? 0 : 1));
    const direction: Direction[] = ['increasing', 'decreasing'];
    const s = monotoneRegression(X, y, { direction, weights });
    const kept = X.map((_, i) => i).filter((i) => weights[i] > 0);
    const without = monotoneRegression(
      kept.map((i) => X[i]),
      kept.map((i) => y[i]),
      { direction },
    );
    expect(kept.map((i) => s.point.fitted[i])).toEqual(Array.from(without.point.fitted));
    expect(s.point.fitted).toEqual(without.point.model.predict(X));
  });

  test('refuses what it cannot fit', () => {
    expect(() => monotoneRegression([], [])).toThrow();
    expect(() => monotoneRegression([[1, Number.NaN]], [1])).toThrow('Column 2 of X has NaN in row 1.');
    expect(() => monotoneRegression([[1, 2]], [1, 2])).toThrow('y has 2 values, but there are 1 rows.');
    expect(() => monotoneRegression([[1, 2]], [1], { direction: ['auto'] })).toThrow(
      'There are 1 directions for 2 columns',
    );
    expect(() => monotoneRegression([[1, 2]], [1]).point.model.predict([[1]])).toThrow(
      'fitted on 2 columns but X has 1',
    );
    expect(() => partialOrderRegression([], [])).toThrow('y has no rows');
    expect(() =>
      partialOrderRegression(
        [1, 2],
        [
          [0, 1],
          [0, 2],
        ],
      ),
    ).toThrow('Relation 2 names row index 2');
    expect(() => partialOrderRegression([1, 2], [], { weights: [1, 0] })).toThrow('The weight of row 2 is 0');
  });

  test('small tables', () => {
    expect(Array.from(monotoneRegression([[1, 2]], [3]).point.fitted)).toEqual([3]);
    expect(
      Array.from(
        monotoneRegression(
          [
            [1, 2],
            [1, 2],
          ],
          [3, 5],
        ).point.fitted,
      ),
    ).toEqual([4, 4]);
    expect(
      Array.from(
        monotoneRegression(
          [
            [1, 2],
            [2, 1],
          ],
          [5, 3],
        ).point.fitted,
      ),
    ).toEqual([5, 3]);
    const circle = partialOrderRegression(
      [1, 2, 6],
      [
        [0, 1],
        [1, 2],
        [2, 0],
      ],
    );
    expect([circle.status, ...circle.point.fitted]).toEqual(['converged', 3, 3, 3]);
  });
});

test('models are read back to the bit, and nothing else is read', () => {
  const { model } = isotonicRegression([1, 2, 3.3], [0.1, 0.3, 0.2], { outOfBounds: 'nan' }).point;
  const plain = JSON.parse(JSON.stringify(model.toPlain()));
  expect(IsotonicModel.from(plain)).toEqual(model);
  const wrong: Array<[object | null, string]> = [
    [null, 'it is no object'],
    [{}, 'its format field is not "southwell-isotonic-model"'],
    [{ ...plain, version: 2 }, 'it has version 2 where this southwell reads version 1'],
    [{ ...plain, x: [1, 1, 2] }, 'x must rise'],
    [{ ...plain, y: [1] }, 'y must have 3 numbers'],
    [{ ...plain, y: [3, 2, 1] }, 'y must be monotone'],
    [{ ...plain, y: 'no' }, 'y must be a list of numbers'],
    [{ ...plain, increasing: 1 }, 'increasing must be true or false'],
    [{ ...plain, outOfBounds: 'x' }, 'there is no outOfBounds x'],
  ];
  for (const [value, message] of wrong) expect(() => IsotonicModel.from(value)).toThrow(message);
  expect(() => MonotoneModel.from(plain)).toThrow('its format field is not "southwell-monotone-model"');
});

/** A function that refuses an option that it does not know, and only that. */
function refusesUnknown(name: string, call: (more: object) => unknown): void {
  for (const value of [1, undefined]) {
    expect(() => call({ unknownOption: value })).toThrow(`${name} has no option 'unknownOption'; it has `);
  }
  call({});
}

test('options that they do not know are refused', () => {
  refusesUnknown('isotonicRegression', (more) => isotonicRegression([1, 2], [1, 2], more));
  refusesUnknown('isotonicIterates', (more) => isotonicIterates([1, 2], [1, 2], more).next());
  refusesUnknown('monotoneRegression', (more) => monotoneRegression([[1, 2]], [1], more));
  refusesUnknown('monotoneIterates', (more) => monotoneIterates([[1, 2]], [1], more).next());
  refusesUnknown('partialOrderRegression', (more) => partialOrderRegression([1, 2], [[0, 1]], more));
  refusesUnknown('partialOrderIterates', (more) => partialOrderIterates([1, 2], [[0, 1]], more).next());
  expect(() => isotonicRegression([1, 2], [1, 2], { tol: 1 } as object)).toThrow(
    "isotonicRegression has no option 'tol'",
  );
});

type Fit = { readonly fitted: Float64Array };
type Options = RunOptions<never> & { readonly resume?: MonotoneState };

interface Case {
  solve(options: Options): Solution<Fit>;
  readonly tol: number;
  /** Pairs of rows whose fitted values must not fall. */
  readonly relations: ReadonlyArray<readonly number[]>;
  /** Iterations that are too few. */
  readonly few: number;
  readonly resumes?: true;
}

/** Every method of the room, with too small a budget, a normal one and an abort: the status must be the truth. */
describe('audit', () => {
  const n = 250;
  const random = new Random(8);
  const X = Array.from({ length: n }, () => [random.uniform(), random.uniform(), random.integer(3)]);
  const y = X.map((r) => r[0] + r[1] - 0.2 * r[2] + 0.4 * random.normal());
  const weights = y.map(() => 0.2 + random.uniform());
  const pairs = Array.from({ length: 2 * n }, () => [random.integer(n), random.integer(n)]).map(([i, j]) =>
    y[i] + random.normal() < y[j] ? [i, j] : [j, i],
  );

  const dominated = (below: (a: number[], b: number[]) => boolean) =>
    X.flatMap((a, i) => X.flatMap((b, j) => (below(a, b) ? [[i, j]] : [])));

  const cases: Record<string, Case> = {
    isotonicIterates: {
      tol: 1e-12,
      few: 0,
      relations: dominated((a, b) => a[0] <= b[0]),
      solve: (o) =>
        isotonicRegression(
          X.map((r) => r[0]),
          y,
          { ...(o as object), weights },
        ),
    },
    monotoneIterates: {
      tol: 1e-10,
      few: 3,
      resumes: true,
      relations: dominated((a, b) => a[0] <= b[0] && a[1] <= b[1] && a[2] >= b[2]),
      solve: (o) =>
        monotoneRegression(X, y, { ...(o as object), weights, direction: ['increasing', 'increasing', 'decreasing'] }),
    },
    partialOrderIterates: {
      tol: 1e-10,
      few: 1,
      resumes: true,
      relations: pairs,
      solve: (o) => partialOrderRegression(y, pairs, { ...(o as object), weights, yMin: -0.5, yMax: 1.2 }),
    },
  };

  test('every method of the room is here', () => {
    const exported = Object.keys(room).filter((name) => name.endsWith('Iterates'));
    expect(Object.keys(cases).sort()).toEqual(exported.sort());
  });

  /** The objective is that of the point, the point is feasible, the status is what the certificate says. */
  function truthful({ tol, relations }: Case, s: Solution<Fit>): void {
    const { fitted } = s.point;
    expect(fitted.reduce((sum, v, i) => sum + weights[i] * (y[i] - v) ** 2, 0) / s.objective).toBeCloseTo(1, 10);
    for (const [i, j] of relations) if (fitted[i] > fitted[j]) throw new Error(`Rows ${i} and ${j} are out of order.`);
    if (s.status === 'converged') expect(s.certificate!.relative).toBeLessThanOrEqual(tol);
    else if (s.certificate) expect(s.certificate.relative).toBeGreaterThan(tol);
    if (finished(s.status)) expect(s.next).toBeUndefined();
    else expect(s.next).toMatch(/\.$/);
  }

  describe.each(Object.entries(cases))('%s', (_, method) => {
    test('converges with a normal budget, and its gaps bound what is missing', () => {
      const gaps: Array<[number, number]> = [];
      const s = method.solve({
        onIterate: ({ objective, certificate }) => certificate && gaps.push([objective, certificate.value]),
      });
      expect(s.status).toBe('converged');
      truthful(method, s);
      for (const [objective, gap] of gaps) {
        expect(objective - s.objective).toBeLessThanOrEqual(gap + 1e-12 * s.objective);
      }
    });

    test('says so when the budget was too small', () => {
      const s = method.solve({ maxIter: method.few });
      expect(s.status).toBe('iteration-limit');
      truthful(method, s);
    });

    test('says so when it was stopped, at once and later', () => {
      const s = method.solve({ signal: AbortSignal.abort() });
      expect(s.status).toBe('aborted');
      truthful(method, s);
      const controller = new AbortController();
      const late = method.solve({
        signal: controller.signal,
        onIterate: ({ iteration }) => iteration >= method.few && controller.abort(),
      });
      expect(late.status).toBe('aborted');
      truthful(method, late);
    });
  });

  test.each(Object.entries(cases).filter(([, method]) => method.resumes))(
    '%s goes on from every checkpoint with the same bits',
    (_, method) => {
      const states: string[] = [];
      const save = (state: unknown, iteration: number) =>
        states.push(encodeCheckpoint({ method: 'm', problem: 'p', iteration, state }));
      const whole = method.solve({ checkpoint: { save } });
      expect(states.length).toBeGreaterThan(4);
      for (const text of states) {
        const rest = method.solve({ resume: decodeCheckpoint<MonotoneState>(text).state });
        const bare = ({ trace: _, seconds: __, ...s }: typeof whole) => s;
        expect(bare(rest)).toEqual(bare(whole));
      }
      const { state } = decodeCheckpoint<MonotoneState>(states[0]);
      const shorter = { ...state, best: state.best.slice(1) };
      expect(() => method.solve({ resume: shorter })).toThrow('The checkpoint belongs to another order');
    },
  );
});
