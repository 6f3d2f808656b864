import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random, SouthwellError } from '../core/index.ts';
import { type Assignment, type AssignOptions, assign, InfeasibleAssignment } from './index.ts';

const INF = Number.POSITIVE_INFINITY;

/** The least cost by trying all assignments; Infinity if none is allowed. */
function tried(costs: ArrayLike<number>, rows: number, columns: number): number {
  if (rows > columns) {
    const turned = Array.from({ length: rows * columns }, (_, k) => costs[(k % rows) * columns + Math.floor(k / rows)]);
    return tried(turned, columns, rows);
  }
  const used = new Set<number>();
  const best = (i: number): number => {
    if (i === rows) return 0;
    let least = INF;
    for (let j = 0; j < columns; j++) {
      if (used.has(j)) continue;
      used.add(j);
      least = Math.min(least, costs[i * columns + j] + best(i + 1));
      used.delete(j);
    }
    return least;
  };
  return best(0);
}

/** Checks partners and certificate of both methods, whose errors are relative to the largest finite cost or dual. */
function checked(costs: Float64Array | Float32Array, options: AssignOptions): Assignment {
  certificate(costs, { ...options, method: 'auction' });
  return certificate(costs, options);
}

function certificate(costs: Float64Array | Float32Array, options: AssignOptions): Assignment {
  const before = costs.slice();
  const found = assign(costs, options);
  expect(costs).toEqual(before);
  const { rows, columns, maximise } = options;
  const { columnOfRow, rowOfColumn, cost, u, v, gap } = found;
  expect([columnOfRow.length, rowOfColumn.length, u.length, v.length]).toEqual([rows, columns, rows, columns]);
  const pairs = [...columnOfRow.keys()].filter((i) => columnOfRow[i] >= 0);
  expect(pairs.length).toBe(Math.min(rows, columns));
  expect(rowOfColumn.filter((i) => i >= 0).length).toBe(pairs.length);
  // Duals may be larger than the costs, if few pairs are allowed.
  const scale = [...costs, ...u, ...v].reduce((a, c) => (Number.isFinite(c) ? Math.max(a, Math.abs(c)) : a), 0);
  const error = 1e-13 * scale * Math.max(rows, columns);
  const sign = maximise ? -1 : 1;
  let total = 0;
  for (const i of pairs) {
    const j = columnOfRow[i];
    expect(rowOfColumn[j]).toBe(i);
    total += costs[i * columns + j];
    expect(Math.abs(costs[i * columns + j] - u[i] - v[j])).toBeLessThanOrEqual(error);
  }
  expect(cost).toBe(total);
  expect(gap).toBeGreaterThanOrEqual(0);
  expect(gap).toBeLessThanOrEqual(error);
  let worst = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) worst = Math.max(worst, sign * (u[i] + v[j] - costs[i * columns + j]));
  expect(worst).toBeLessThanOrEqual(4e-16 * scale);
  // The side with more: duals of one sign, and 0 without a partner.
  const [duals, partners] = rows > columns ? [u, columnOfRow] : [v, rowOfColumn];
  if (rows !== columns)
    duals.forEach((y, k) => {
      expect(sign * y).toBeLessThanOrEqual(0);
      if (partners[k] < 0) expect(y).toBe(0);
    });
  return found;
}

describe('every assignment of small problems', () => {
  const shapes = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
  const numbers = fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.constant(INF),
    fc.double({ min: -1, max: 1, noNaN: true }),
  );
  const problems = shapes.chain(([rows, columns]) =>
    fc.tuple(
      fc.constant(rows),
      fc.constant(columns),
      fc.array(numbers, { minLength: rows * columns, maxLength: rows * columns }),
    ),
  );
  test('least and greatest sums, and proofs that there is none', () => {
    fc.assert(
      fc.property(problems, fc.boolean(), ([rows, columns, list], maximise) => {
        const least = tried(list, rows, columns);
        const costs = Float64Array.from(list, (c) => (maximise ? -c : c));
        for (const method of ['shortest-paths', 'auction'] as const) {
          const options = { rows, columns, maximise, method };
          if (least < INF) {
            const { cost } = checked(costs, options);
            expect(Math.abs((maximise ? -cost : cost) - least)).toBeLessThanOrEqual(1e-13 * 54);
            continue;
          }
          try {
            assign(costs, options);
            expect.unreachable();
          } catch (error) {
            if (!(error instanceof InfeasibleAssignment)) throw error;
            // No pair is allowed outside.
            const [many, few] = rows > columns ? [error.columns, error.rows] : [error.rows, error.columns];
            expect([new Set(many).size, new Set(few).size]).toEqual([few.length + 1, few.length]);
            for (const a of many)
              for (let b = 0; b < Math.max(rows, columns); b++) {
                const allowed = rows > columns ? list[b * columns + a] < INF : list[a * columns + b] < INF;
                if (allowed) expect(few).toContain(b);
              }
          }
        }
      }),
      { numRuns: 600 },
    );
  });
});

const random = new Random(1);
const draw = (n: number, f: () => number): Float64Array => Float64Array.from({ length: n }, f);

test.each([
  ['uniform', () => random.uniform()],
  ['normal', () => random.normal()],
  ['integers', () => random.integer(100)],
  ['few integers, many ties', () => random.integer(3)],
  ['half not allowed', () => (random.uniform() < 0.5 ? INF : random.uniform())],
  ['all equal', () => 7],
])('certificates of %s costs, in every shape', (_, f) => {
  for (const [rows, columns] of [
    [1, 1],
    [60, 60],
    [61, 61],
    [40, 90],
    [91, 40],
    [150, 150],
  ]) {
    const costs = draw(rows * columns, f);
    for (let i = 0; i < Math.min(rows, columns); i++) if (costs[i * columns + i] === INF) costs[i * columns + i] = 0.7;
    checked(costs, { rows, columns });
  }
});

test('products i·j, of which the least is in reverse order; sums of sorted numbers; distances on a line', () => {
  for (const n of [1, 2, 33, 100]) {
    const products = Float64Array.from({ length: n * n }, (_, k) => (1 + Math.floor(k / n)) * (1 + (k % n)));
    const found = checked(products, { rows: n, columns: n });
    expect([...found.columnOfRow]).toEqual(Array.from({ length: n }, (_, i) => n - 1 - i));
    expect(found.cost).toBe((n * (n + 1) * (n + 2)) / 6);
    const most = checked(products, { rows: n, columns: n, maximise: true });
    expect([...most.columnOfRow]).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(most.cost).toBe((n * (n + 1) * (2 * n + 1)) / 6);
    const [a, b] = [draw(n, () => random.normal()).sort(), draw(n, () => random.normal()).sort()];
    const squares = Float64Array.from({ length: n * n }, (_, k) => (a[Math.floor(k / n)] - b[k % n]) ** 2);
    expect([...checked(squares, { rows: n, columns: n }).columnOfRow]).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});

test('shifts of rows and columns change the cost by themselves, and permutations permute', () => {
  const n = 50;
  const costs = draw(n * n, () => random.integer(1000));
  const { cost, columnOfRow } = checked(costs, { rows: n, columns: n });
  const [p, q] = [draw(n, () => random.integer(100)), draw(n, () => random.integer(100))];
  const sum = (x: Float64Array) => x.reduce((a, b) => a + b, 0);
  const shifted = costs.map((c, k) => c + p[Math.floor(k / n)] - q[k % n]);
  expect(checked(shifted, { rows: n, columns: n }).cost).toBe(cost + sum(p) - sum(q));
  const turned = costs.map((_, k) => costs[(n - 1 - Math.floor(k / n)) * n + ((k + 7) % n)]);
  expect(checked(turned, { rows: n, columns: n }).cost).toBe(cost);
  expect(assign(costs, { rows: n, columns: n }).columnOfRow).toEqual(columnOfRow);
  const single = Float32Array.from(costs);
  expect(checked(single, { rows: n, columns: n }).columnOfRow).toEqual(columnOfRow);
});

test.each([1e300, 1.7e308, 1e-300, 5e-324])('costs of size %d', (size) => {
  const whole = draw(30 * 30, () => random.integer(90) - 45);
  const costs = whole.map((c) => (size > 1 ? (c / 45) * size : c * size));
  const { columnOfRow, u, v, gap } = assign(costs, { rows: 30, columns: 30 });
  const value = (of: ArrayLike<number>) => Array.from(of).reduce((s, j, i) => s + whole[i * 30 + j], 0);
  expect(value(columnOfRow)).toBe(value(assign(whole, { rows: 30, columns: 30 }).columnOfRow));
  // Duals may be larger than the costs.
  if (size < 1e308) expect([...u, ...v, gap].every(Number.isFinite)).toBe(true);
});

test('nothing to assign, and input that is refused', () => {
  const empty = assign(new Float64Array(0), { rows: 0, columns: 3 });
  expect(empty).toEqual({
    columnOfRow: new Int32Array(0),
    rowOfColumn: new Int32Array(3).fill(-1),
    cost: 0,
    u: new Float64Array(0),
    v: new Float64Array(3),
    gap: 0,
  });
  const code = (f: () => unknown): string => {
    try {
      f();
    } catch (error) {
      if (error instanceof SouthwellError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'nothing';
  };
  const two = { rows: 1, columns: 2 };
  expect(code(() => assign(Float64Array.of(1, Number.NaN), two))).toMatch(
    /NON_FINITE.*row 0 and column 1, counted from 0, is NaN; a pair that is not allowed has Infinity/,
  );
  expect(code(() => assign(Float64Array.of(-INF, 1), two))).toMatch(/column 0.*is -Infinity/);
  expect(code(() => assign(Float64Array.of(INF, 1), { ...two, maximise: true }))).toMatch(/not allowed has -Infinity/);
  expect(code(() => assign(new Float64Array(3), two))).toMatch(/INVALID_SHAPE.*3 costs do not fill 1 rows of 2/);
  expect(code(() => assign([1, 2] as never, two))).toMatch(/Float64Array or Float32Array/);
  expect(code(() => assign(new Float64Array(2), { ...two, maximize: true } as never))).toMatch(
    /did you mean 'maximise'/,
  );
  expect(code(() => assign(new Float64Array(2), { ...two, method: 'fast' } as never))).toMatch(/not 'fast'/);
  expect(code(() => assign(new Float64Array(2), { ...two, rows: -1 }))).toMatch(/rows must be a whole number/);
  expect(code(() => assign(Float64Array.of(1, INF, 2, INF), { rows: 2, columns: 2 }))).toMatch(
    /rows 1, 0 \(counted from 0\) are allowed only column 0|rows 0, 1/,
  );
  expect(code(() => assign(Float64Array.of(INF, INF), two))).toMatch(/row 0 .*is allowed no column/);
});
