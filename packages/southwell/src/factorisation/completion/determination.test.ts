import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { completeMatrix, determination, foldInRow, observedMatrix, type Pattern } from '../index.ts';

/** Rank of a list of vectors: the longest is taken off the others, twice, until none is left. */
function rankOf(vectors: readonly number[][]): number {
  const left = vectors.map((v) => [...v]);
  const length = (v: readonly number[]) => Math.sqrt(v.reduce((s, x) => s + x * x, 0));
  const most = Math.max(0, ...left.map(length));
  for (let rank = 0; ; rank++) {
    const pivot = left.reduce((a, b) => (length(b) > length(a) ? b : a), []);
    const size = length(pivot);
    if (!(size > 1e-9 * most)) return rank;
    const unit = pivot.map((x) => x / size);
    for (const v of [...left, ...left]) {
      const along = v.reduce((s, x, a) => s + x * unit[a], 0);
      for (let a = 0; a < v.length; a++) v[a] -= along * unit[a];
    }
  }
}

/** The whole Jacobian, an entry a row: whether the gradient of (i, j) adds to the span of those observed. */
function oracle({ rows, cols, row, col }: Pattern, U: Float64Array, V: Float64Array, k: number, biases: boolean) {
  const q = k + (biases ? 1 : 0);
  const gradient = (i: number, j: number) => {
    const g = new Array<number>((rows + cols) * q).fill(0);
    for (let a = 0; a < q; a++) {
      g[i * q + a] = a < k ? V[j * k + a] : 1;
      g[(rows + j) * q + a] = a < k ? U[i * k + a] : 1;
    }
    return g;
  };
  const known = Array.from({ length: row.length }, (_, e) => gradient(row[e], col[e]));
  const rank = rankOf(known);
  return (i: number, j: number) => rankOf([...known, gradient(i, j)]) === rank;
}

test.each([
  [7, 5, 1, 0.35, false],
  [7, 5, 1, 0.6, false],
  [9, 6, 2, 0.55, false],
  [5, 8, 2, 0.7, false],
  [8, 6, 1, 0.6, true],
  [6, 9, 1, 0.7, true],
  [10, 7, 3, 0.75, false],
])('%i × %i of rank %i, a share of %f seen, biases %s: as the whole Jacobian says', (rows, cols, k, share, biases) => {
  for (let seed = 0; seed < 3; seed++) {
    const random = new Random(seed);
    const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
    const [left, right] = [draw(rows * k), draw(cols * k)];
    const [row, col]: [number[], number[]] = [[], []];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        if (random.uniform() >= share) continue;
        row.push(i);
        col.push(j);
      }
    }
    const pattern = { rows, cols, row, col };
    const found = determination(pattern, { left, right }, k, { biases });
    expect(found.test).toBe('jacobian');
    const truth = oracle(pattern, left, right, k, biases);
    let open = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        const determined = truth(i, j);
        expect(found.determined(i, j), `${seed}: ${i}, ${j}`).toBe(determined);
        if (!determined) open++;
      }
    }
    expect(found.undetermined).toBe(open);
  }
});

const patternOf = (text: string): Pattern => {
  const lines = text.trim().split(/\s+/);
  const at = lines.flatMap((line, i) => [...line].flatMap((c, j) => (c === 'x' ? [[i, j]] : [])));
  return { rows: lines.length, cols: lines[0].length, row: at.map(([i]) => i), col: at.map(([, j]) => j) };
};

test('rank 1: what is connected; a zero tells nothing of the column that it is in', () => {
  const pattern = patternOf('xx.. x... ..xx ...x');
  const ones = { left: new Float64Array(4).fill(1), right: new Float64Array(4).fill(1) };
  const found = determination(pattern, ones, 1);
  expect(found.determined(1, 1)).toBe(true);
  expect(found.determined(3, 2)).toBe(true);
  expect(found.determined(0, 2)).toBe(false);
  expect(found.undetermined).toBe(8);
  // Column 1 was seen at row 0 alone, where all is zero: it may be anything elsewhere.
  const zero = determination(pattern, { left: Float64Array.of(0, 1, 1, 1), right: ones.right }, 1);
  expect(zero.determined(1, 1)).toBe(false);
});

test('a solution of lower rank does not hide the completions of the rank that was asked for', () => {
  const pattern = patternOf('xxx. x.xx xx.x .xxx');
  const flat = Float64Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? 1 + at : 0));
  const one = determination(
    pattern,
    { left: flat.filter((_, a) => a % 2 === 0), right: new Float64Array(4).fill(1) },
    1,
  );
  expect(one.undetermined).toBe(0);
  const two = determination(pattern, { left: flat, right: flat.map((v) => v && 1) }, 2);
  // 12 entries, 2 · (4 + 4 − 2) = 12 unknowns: generic completions are isolated.
  expect(two.test).toBe('jacobian');
  const fewer = patternOf('xx.. x.xx xx.x .xx.');
  expect(determination(fewer, { left: flat, right: flat.map((v) => v && 1) }, 2).undetermined).toBeGreaterThan(0);
});

test('scales of 1e±150 say the same', () => {
  const pattern = patternOf('xx.. x.x. .xxx');
  const random = new Random(3);
  const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const [left, right] = [draw(3), draw(4)];
  const plain = determination(pattern, { left, right }, 1);
  const far = determination(pattern, { left: left.map((v) => v * 1e150), right: right.map((v) => v * 1e-150) }, 1);
  expect(far.undetermined).toBe(plain.undetermined);
});

test('large matrices go by counts, which never call open what the Jacobian calls determined', () => {
  const [rows, cols, k] = [600, 500, 2];
  const [row, col]: [number[], number[]] = [[], []];
  for (let e = 0; e < rows * 3; e++) {
    row.push(e % rows);
    col.push((e * 7 + Math.floor(e / rows) * 11) % (cols - 1));
  }
  const factors = { left: new Float64Array(rows * k).fill(1), right: new Float64Array(cols * k).fill(1) };
  const found = determination({ rows, cols, row, col }, factors, k);
  expect(found.test).toBe('counts');
  expect(found.determined(0, cols - 1)).toBe(false);
  let open = 0;
  const seen = new Set(row.map((i, e) => i * cols + col[e]));
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) if (!found.determined(i, j) && !seen.has(i * cols + j)) open++;
  expect(found.undetermined).toBe(open);
  expect(() => determination({ rows, cols, row, col }, factors, 3)).toThrow('do not have the sizes');
});

test('rows that are folded in: their codes are those of the fit, their other entries those of the whole', () => {
  const random = new Random(4);
  const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const [rows, cols, k] = [12, 8, 2];
  const [A, B] = [draw(rows * k), draw(cols * k)];
  const truth = (i: number, j: number) => A[i * k] * B[j * k] + A[i * k + 1] * B[j * k + 1];
  const [row, col, value]: number[][] = [[], [], []];
  for (let i = 0; i < rows - 1; i++) {
    for (let j = 0; j < cols; j++) {
      if (random.uniform() < 0.25) continue;
      row.push(i);
      col.push(j);
      value.push(truth(i, j));
    }
  }
  const observed = observedMatrix(rows - 1, cols, row, col, value);
  for (const options of [{ lambda: 0 }, { lambda: 0.3 }, { lambda: 0.3, biases: true }]) {
    const fit = completeMatrix(observed, { rank: k, method: 'als', tol: 1e-15, maxIter: 2000, ...options });
    if (options.lambda === 0) expect(fit.trainError).toBeLessThan(1e-8);
    const known = { right: fit.factors.right, rank: k, lambda: options.lambda, biases: fit.biases };
    for (let i = 0; i < rows - 1; i++) {
      const own = row.flatMap((r, e) => (r === i ? [e] : []));
      const { code, bias } = foldInRow(
        known,
        own.map((e) => col[e]),
        own.map((e) => value[e]),
      );
      expect(bias).toBeCloseTo(fit.biases?.row[i] ?? 0, 12);
      code.forEach((v, a) => {
        expect(v).toBeCloseTo(fit.factors.left[i * k + a], 6);
      });
    }
    if (options.lambda > 0) continue;
    const { code } = foldInRow(
      known,
      [1, 4, 6],
      [1, 4, 6].map((j) => truth(rows - 1, j)),
    );
    const at = determination({ rows: rows - 1, cols, row, col }, fit.factors, k);
    for (let j = 0; j < cols; j++) {
      expect(at.ofRow(code, [1, 4, 6])(j)).toBe(true);
      expect(code[0] * fit.factors.right[j * k] + code[1] * fit.factors.right[j * k + 1]).toBeCloseTo(
        truth(rows - 1, j),
        5,
      );
    }
    expect(at.ofRow(code, [1])(4)).toBe(false);
    expect(at.ofRow(code, [1])(1)).toBe(true);
  }
});

test('codes at or above zero, the shortest of several, and what is refused', () => {
  const right = Float64Array.of(1, 0, 0, 1, 1, 1);
  const code = (seen: number[], values: number[], nonNegative = false, lambda = 0) =>
    foldInRow({ right, rank: 2, lambda, nonNegative }, seen, values).code;
  expect([...code([0, 1], [1, -2])]).toEqual([expect.closeTo(1, 12), expect.closeTo(-2, 12)]);
  expect([...code([0, 1], [1, -2], true)]).toEqual([1, 0]);
  expect([...code([2], [4])]).toEqual([expect.closeTo(2, 12), expect.closeTo(2, 12)]);
  expect([...code([0], [4], false, 1)]).toEqual([expect.closeTo(2, 12), expect.closeTo(0, 12)]);
  expect([...code([], [])]).toEqual([0, 0]);
  expect(() => code([3], [1])).toThrow('no column 3 of 3');
  expect(() => code([1], [Number.NaN])).toThrow('NaN');
});
