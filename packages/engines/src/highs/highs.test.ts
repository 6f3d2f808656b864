import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Random } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { HighsEngine, type HighsOptions, type HighsResult, solveWithHighs } from '../index.ts';
import { judged, verify } from './check.ts';
import type { Answer } from './messages.ts';
import { problemOf } from './problem.ts';
import { type Dense, modelOf } from './testing.ts';

const INF = Number.POSITIVE_INFINITY;
const engine = new HighsEngine();
afterAll(() => engine.close());
const solve = (model: Dense | Model, options?: HighsOptions): Promise<HighsResult> =>
  engine.solve('cost' in model ? modelOf(model) : model, options);

/** What no run of the solver may leave: larger deviations than rounding. */
function exact({ verification: v }: HighsResult): void {
  for (const value of [v.rows, v.bounds, v.integrality, v.stationarity, v.complementarity])
    expect(value ?? 0).toBeLessThan(1e-7);
}

/** A knapsack with many equal ratios, whose search takes minutes. */
function hard(n: number, m: number): Dense {
  const random = new Random(5);
  const A = Array.from({ length: m }, () => Array.from({ length: n }, () => Math.floor(100 * random.uniform())));
  const rowUpper = A.map((row) => Math.floor(row.reduce((s, v) => s + v, 0) / 2));
  // Market split: no combination of items attains the sums exactly, so that slacks are minimised.
  const wide = A.map((row, i) => [...row, ...A.flatMap((_, k) => (k === i ? [1, -1] : [0, 0]))]);
  return {
    cost: [...new Array<number>(n).fill(0), ...new Array<number>(2 * m).fill(1)],
    A: wide,
    rowLower: rowUpper,
    upper: [...new Array<number>(n).fill(1), ...new Array<number>(2 * m).fill(INF)],
    integer: [...new Array<number>(n).fill(1), ...new Array<number>(2 * m).fill(0)],
  };
}

describe('linear programs', () => {
  test('solution, multipliers, basis and bound; a start from the basis takes no iteration', async () => {
    // The workshop of Dantzig's kind: 3x + 5y at (2, 6).
    const model: Dense = {
      sense: 'maximize',
      cost: [3, 5],
      A: [
        [1, 0],
        [0, 2],
        [3, 2],
      ],
      rowLower: [-INF, -INF, -INF],
      rowUpper: [4, 12, 18],
      constant: 1,
    };
    const result = await solve(model);
    expect(result.status).toBe('converged');
    expect(Array.from(result.x!)).toEqual([2, 6]);
    expect([result.objective, result.bound]).toEqual([37, 37]);
    expect(Array.from(result.rowMultipliers!)).toEqual([0, 1.5, 1]);
    expect(Array.from(result.basis!.variables)).toEqual([1, 1]);
    exact(result);
    const again = await solve(model, { start: { basis: result.basis, x: result.x } });
    expect([again.objective, again.iterations]).toEqual([37, 0]);
  });

  test('random programs satisfy the optimality conditions', async () => {
    const random = new Random(1);
    for (let k = 0; k < 20; k++) {
      const [m, n] = [4, 7];
      const A = Array.from({ length: m }, () => Array.from({ length: n }, () => random.normal()));
      const inside = Array.from({ length: n }, () => random.uniform());
      const at = A.map((row) => row.reduce((s, a, j) => s + a * inside[j], 0));
      const result = await solve({
        cost: inside.map(() => random.normal()),
        A,
        rowLower: at.map((v) => v - random.uniform()),
        rowUpper: at.map((v) => v + random.uniform()),
        upper: inside.map(() => 1),
        sense: k % 2 ? 'maximize' : 'minimize',
      });
      expect(result.status).toBe('converged');
      exact(result);
      expect(result.verification.stationarity).toBeDefined();
    }
  });

  test('convex quadratic programs, also without rows', async () => {
    // The nearest point of the simplex to (1, 0.5, −1).
    const result = await solve({
      cost: [-1, -0.5, 1],
      P: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      A: [[1, 1, 1]],
      rowLower: [1],
    });
    expect(result.status).toBe('converged');
    for (const [j, v] of [0.75, 0.25, 0].entries()) expect(result.x![j]).toBeCloseTo(v, 6);
    // HiGHS adds 1e-7 to the diagonal of P.
    expect(result.rowMultipliers![0]).toBeCloseTo(-0.25, 6);
    expect(result.verification.complementarity).toBeLessThan(1e-6);
    const free = await solve({
      cost: [-2, 4],
      P: [
        [2, 1],
        [1, 2],
      ],
      A: [],
      rowLower: [],
      lower: [-9, -9],
    });
    expect(free.x![0]).toBeCloseTo(8 / 3, 6);
    expect(free.x![1]).toBeCloseTo(-10 / 3, 6);
  });
});

describe('programs without a solution', () => {
  const conflicting: Dense = {
    cost: [1, 1, 1],
    A: [
      [1, 1, 0],
      [1, 1, 0],
      [0, 0, 1],
      [1, 0, -1],
    ],
    rowLower: [-INF, 3, -INF, 0],
    rowUpper: [1, INF, 5, INF],
  };

  test('infeasible: the weights of the rows prove it', async () => {
    const result = await solve(conflicting);
    expect(result.status).toBe('infeasible');
    expect(result.verification.ray).toBe(true);
    expect(result.x).toBeUndefined();
    expect(result.conflict).toBeUndefined();
  });

  test('a conflict is irreducible: without any of its members there is a solution', async () => {
    const explained = async (d: Dense): Promise<string[]> => {
      const { status, conflict } = await solve(d, { explain: true });
      expect(status).toBe('infeasible');
      const { rows, bounds } = conflict!;
      const relaxed = (kind: 'row' | 'variable', name: string): Dense => {
        const index = Number(name.slice(1)) - 1;
        const open = (list: readonly number[], value: number) => list.map((v, i) => (i === index ? value : v));
        const [lower, upper] = [d.lower ?? d.cost.map(() => 0), d.upper ?? d.cost.map(() => INF)];
        return kind === 'row'
          ? { ...d, rowLower: open(d.rowLower, -INF), rowUpper: open(d.rowUpper ?? d.rowLower, INF) }
          : { ...d, lower: open(lower, -INF), upper: open(upper, INF) };
      };
      for (const { name } of rows) expect((await solve(relaxed('row', name))).status).not.toBe('infeasible');
      for (const { name } of bounds) expect((await solve(relaxed('variable', name))).status).not.toBe('infeasible');
      return [...rows, ...bounds].map(({ name, side }) => `${name} ${side}`).sort();
    };
    expect(await explained(conflicting)).toEqual(['r1 upper', 'r2 lower']);
    // x1 + x2 ≤ 1 with x1 ≥ 1 and x2 ≥ 1, among rows that do not matter.
    expect(
      await explained({
        cost: [0, 0, 0],
        A: [
          [1, 1, 0],
          [1, 0, 1],
        ],
        rowLower: [-INF, -INF],
        rowUpper: [1, 9],
        lower: [1, 1, 0],
      }),
    ).toEqual(['r1 upper', 'x1 lower', 'x2 lower']);
  });

  test('bounds that cross', async () => {
    const d: Dense = { cost: [1, 1], A: [[1, 2]], rowLower: [45], rowUpper: [40] };
    for (const integer of [false, true]) {
      const row = await solve({ ...d, integer }, { explain: true });
      expect([row.status, row.conflict]).toEqual(['infeasible', { rows: [{ name: 'r1', side: 'both' }], bounds: [] }]);
      const variable = { ...d, rowUpper: [50], lower: [0, 3], upper: [9, 2], integer };
      const { status, conflict } = await solve(variable, { explain: true });
      expect([status, conflict]).toEqual(['infeasible', { rows: [], bounds: [{ name: 'x2', side: 'both' }] }]);
    }
  });

  test('random infeasible programs: weights and conflict', async () => {
    const random = new Random(3);
    let seen = 0;
    for (let k = 0; k < 30; k++) {
      const A = Array.from({ length: 6 }, () => Array.from({ length: 3 }, () => Math.round(4 * random.normal())));
      const d: Dense = { cost: [1, 1, 1], A, rowLower: A.map(() => 1 + random.uniform()), rowUpper: A.map(() => INF) };
      const result = await solve(d, { explain: true });
      if (result.status !== 'infeasible') continue;
      seen++;
      expect(result.verification.ray).toBe(true);
      const kept = result.conflict!.rows.map(({ name }) => Number(name.slice(1)) - 1);
      const bounded = result.conflict!.bounds.map(({ name }) => Number(name.slice(1)) - 1);
      const part = (rows: readonly number[], bounds: readonly number[]): Dense => ({
        cost: [0, 0, 0],
        A: rows.map((i) => A[i]),
        rowLower: rows.map((i) => d.rowLower[i]),
        rowUpper: rows.map(() => INF),
        lower: [0, 1, 2].map((j) => (bounds.includes(j) ? 0 : -INF)),
      });
      expect((await solve(part(kept, bounded))).status).toBe('infeasible');
      for (const i of kept)
        expect(
          (
            await solve(
              part(
                kept.filter((r) => r !== i),
                bounded,
              ),
            )
          ).status,
        ).toBe('converged');
      for (const j of bounded)
        expect(
          (
            await solve(
              part(
                kept,
                bounded.filter((b) => b !== j),
              ),
            )
          ).status,
        ).toBe('converged');
    }
    expect(seen).toBeGreaterThan(5);
  });

  test('unbounded: the direction proves it', async () => {
    const result = await solve({ cost: [-1, -1], A: [[1, -1]], rowLower: [-INF], rowUpper: [1] });
    expect(result.status).toBe('unbounded');
    expect(result.verification.ray).toBe(true);
  });

  test('infeasible only for whole variables', async () => {
    const d: Dense = { cost: [0, 0], A: [[2, 2]], rowLower: [3], upper: [5, 5], integer: true };
    const result = await solve(d, { explain: true });
    expect(result.status).toBe('infeasible');
    // 2x + 2y = 3 has real solutions, but no whole ones; the bounds do not matter.
    expect(result.conflict).toEqual({ rows: [{ name: 'r1', side: 'both' }], bounds: [] });
    expect((await solve({ ...d, integer: false })).status).toBe('converged');
    // Without real solutions either, there is a conflict.
    const { conflict } = await solve({ ...d, rowLower: [21], rowUpper: [INF] }, { explain: true });
    expect(conflict!.rows).toEqual([{ name: 'r1', side: 'lower' }]);
    expect(conflict!.bounds.map(({ side }) => side)).toEqual(['upper', 'upper']);
  });
});

describe('whole variables', () => {
  test('knapsacks are as good as trying all subsets', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 })), {
          minLength: 1,
          maxLength: 9,
        }),
        fc.integer({ min: 1, max: 60 }),
        async (items, room) => {
          let best = 0;
          for (let set = 0; set < 2 ** items.length; set++) {
            const chosen = items.filter((_, i) => set & (1 << i));
            const weight = chosen.reduce((s, [, w]) => s + w, 0);
            if (weight <= room)
              best = Math.max(
                best,
                chosen.reduce((s, [v]) => s + v, 0),
              );
          }
          const result = await solve(
            {
              sense: 'maximize',
              cost: items.map(([v]) => v),
              A: [items.map(([, w]) => w)],
              rowLower: [-INF],
              rowUpper: [room],
              upper: items.map(() => 1),
              integer: true,
            },
            { mipGap: 0 },
          );
          expect(result.status).toBe('converged');
          expect(result.objective).toBeCloseTo(best, 9);
          expect(result.bound).toBeCloseTo(best, 6);
          exact(result);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('assignments are as good as trying all permutations', async () => {
    const random = new Random(2);
    const n = 4;
    for (let k = 0; k < 8; k++) {
      const cost = Array.from({ length: n * n }, () => Math.floor(50 * random.uniform()));
      const row = (there: (i: number, j: number) => boolean) =>
        Array.from({ length: n * n }, (_, e) => (there(Math.floor(e / n), e % n) ? 1 : 0));
      const A = [
        ...Array.from({ length: n }, (_, r) => row((i) => i === r)),
        ...Array.from({ length: n }, (_, c) => row((_i, j) => j === c)),
      ];
      const orders = (left: readonly number[]): number[][] =>
        left.length === 0 ? [[]] : left.flatMap((v) => orders(left.filter((w) => w !== v)).map((rest) => [v, ...rest]));
      const best = Math.min(...orders([0, 1, 2, 3]).map((p) => p.reduce((s, j, i) => s + cost[i * n + j], 0)));
      const result = await solve({ cost, A, rowLower: A.map(() => 1), upper: cost.map(() => 1), integer: true });
      expect(result.objective).toBeCloseTo(best, 9);
    }
  });

  test('a start is the first incumbent', async () => {
    const d = hard(12, 2);
    const seen: number[] = [];
    const best = await solve(d, { mipGap: 0, onIncumbent: (x) => seen.push(x.length) });
    expect(best.status).toBe('converged');
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set([d.cost.length]));
    const first: number[] = [];
    const value = (x: Float64Array) => d.cost.reduce((s, c, j) => s + c * x[j], 0);
    const again = await solve(d, { mipGap: 0, start: { x: best.x }, onIncumbent: (x) => first.push(value(x)) });
    expect(again.objective).toBeCloseTo(best.objective!, 7);
    for (const v of first) expect(v).toBeLessThanOrEqual(best.objective! + 1e-6);
  });
});

describe('limits', () => {
  const long = hard(50, 5);

  test('an abort in mid-solve returns the best solution so far, and the engine goes on', async () => {
    const controller = new AbortController();
    const result = await solve(long, { signal: controller.signal, onIncumbent: () => controller.abort() });
    expect(result.status).toBe('aborted');
    expect(result.x!.length).toBe(long.cost.length);
    expect(result.verification.integrality).toBeLessThan(1e-6);
    expect((await solve({ cost: [1], A: [], rowLower: [], lower: [2] })).objective).toBe(2);
  });

  test('an abort before the start, and while the worker starts', async () => {
    expect((await solve(long, { signal: AbortSignal.abort() })).status).toBe('aborted');
    const controller = new AbortController();
    const running = solveWithHighs(modelOf(long), { signal: controller.signal });
    controller.abort();
    expect((await running).status).toBe('aborted');
  });

  test('the time limit returns the best solution so far, with a bound', async () => {
    let told = 0;
    const result = await solve(long, { timeLimit: 1, onProgress: ({ nodes }) => (told += nodes >= 0 ? 1 : 0) });
    expect(result.status).toBe('time-limit');
    expect(result.x).toBeDefined();
    expect(result.bound).toBeLessThanOrEqual(result.objective!);
    expect(told).toBeGreaterThan(0);
  });
});

describe('what is refused', () => {
  const model: Dense = { cost: [1], A: [], rowLower: [] };
  const folder = mkdtempSync(join(tmpdir(), 'southwell-highs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const module = (name: string, version: string): string => {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, `export default async () => (${version});`);
    return pathToFileURL(file).href;
  };

  test('a package that is not installed, with the command that installs it', async () => {
    await expect(solve(model, { module: pathToFileURL(join(folder, 'none.mjs')).href })).rejects.toThrow(
      'HiGHS, which solves linear programs with whole variables, is not installed: npm install highs@1.15 installs it.',
    );
  });

  test('an older version', async () => {
    const older = module('older', "{ version: { major: 1, minor: 14, string: '1.14.2' } }");
    await expect(solve(model, { module: older })).rejects.toThrow(
      'HiGHS 1.15 or later is needed, but version 1.14.2 is installed: npm install highs@1.15 replaces it.',
    );
    await expect(solve(model, { module: module('old', '{}') })).rejects.toThrow('a version from before it');
  });

  test('models that it does not solve', async () => {
    const P = [[1]];
    await expect(solve({ ...model, P, integer: true })).rejects.toThrow('quadratic programs with whole variables');
    await expect(solve({ ...model, P: [[-1]], upper: [1] })).rejects.toThrow('must be convex');
    const nonlinear = { program: {} as never, rows: Int32Array.of(-1) };
    await expect(solve({ ...modelOf(model), nonlinear })).rejects.toThrow('a nonlinear objective');
  });

  test('starts and options that do not fit', async () => {
    await expect(solve(model, { start: { x: [1, 2] } })).rejects.toThrow('2 values for 1 variables');
    const basis = { variables: Int32Array.of(1, 1), rows: Int32Array.of() };
    await expect(solve(model, { start: { basis } })).rejects.toThrow('of 2 variables and 0 rows, not of 1 and 0');
    await expect(solve(model, { timeLimit: -1 })).rejects.toThrow('timeLimit must be');
    await expect(solve(model, { tolerance: 1e-12 })).rejects.toThrow('tolerance must be');
    await expect(solve(model, { timelimit: 1 } as never)).rejects.toThrow('timeLimit');
  });
});

test('an answer that is not what its status says is told', () => {
  const problem = problemOf(modelOf({ cost: [1, 1], A: [[1, 1]], rowLower: [1], integer: true }));
  const answer = { status: 'converged', x: Float64Array.of(0.5, 0.4), iterations: 0, nodes: 0 } as const;
  const found = verify(problem, answer);
  expect(found.rows).toBeCloseTo(0.05, 12);
  const told = (one: Answer) => judged(problem, one, verify(problem, one));
  expect(told(answer).status).toBe('failed');
  expect(told(answer).message).toBe('HiGHS reports a solution, but rows are violated by 5.0e-2, more than 0.000001.');
  const half = { ...answer, x: Float64Array.of(0.5, 0.5) };
  expect(told(half).message).toContain('whole numbers by 5.0e-1');
  const wrong = { status: 'infeasible', ray: Float64Array.of(1), iterations: 0, nodes: 0 } as const;
  expect(told(wrong).message).toContain('do not prove it');
  const endless = { status: 'unbounded', ray: Float64Array.of(1, -1), iterations: 0, nodes: 0 } as const;
  expect(told(endless).message).toContain('does not prove it');
  expect(told({ ...answer, x: Float64Array.of(1, 0) })).toEqual({ status: 'converged' });
});

test('a quadratic objective whose regularisation shows is told', async () => {
  // Nearest to 10⁶ along a flat direction: 1e-7·x is 0.1.
  const result = await solve({
    cost: [-2, 0],
    P: [
      [2e-6, 0],
      [0, 1],
    ],
    A: [[1, 1]],
    rowLower: [0],
    rowUpper: [INF],
  });
  expect(result.status).toBe('stalled');
  expect(result.message).toContain('adds 1e-7 to the diagonal');
});
