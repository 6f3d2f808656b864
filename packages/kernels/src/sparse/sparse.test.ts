import { expect, test } from 'vitest';
import { engines, integers, reals, TestArena, uniform } from '../testing.ts';

/** Random compressed columns, some empty, some full, and the dense matrix they stand for. */
function randomCsc(rows: number, cols: number, random: () => number, draw = integers) {
  const colPointers = [0];
  const rowIndices: number[] = [];
  const values: number[] = [];
  const dense = new Array<number>(rows * cols).fill(0);
  for (let j = 0; j < cols; j++) {
    const density = j % 5 === 0 ? 0 : j % 5 === 1 ? 1 : random() * 0.6;
    for (let i = 0; i < rows; i++) {
      if (random() >= density) continue;
      const [v] = draw(1, random);
      rowIndices.push(i);
      values.push(v);
      dense[j * rows + i] = v;
    }
    colPointers.push(values.length);
  }
  return { colPointers, rowIndices, values, dense };
}

const shapes: Array<[number, number]> = [
  [0, 0],
  [0, 4],
  [5, 0],
  [1, 2],
  [7, 6],
  [40, 31],
];
const guard = 12345;

test.each(engines)('products with compressed columns are exact on integers (%s)', (engine) => {
  const random = uniform(4);
  for (const [rows, cols] of shapes) {
    const t = new TestArena(engine);
    const X = randomCsc(rows, cols, random);
    const p = t.i32(X.colPointers).pointer;
    const i = t.i32(X.rowIndices).pointer;
    const v = t.f64(X.values).pointer;
    const r = integers(rows, random);
    const pr = t.f64(r).pointer;
    const dots = Array.from({ length: cols }, (_, j) => r.reduce((s, ri, k) => s + X.dense[j * rows + k] * ri, 0));
    const squares = Array.from({ length: cols }, (_, j) => r.reduce((s, _r, k) => s + X.dense[j * rows + k] ** 2, 0));

    const y = t.f64(new Array(cols + 1).fill(guard));
    t.kernels.cscGemvT(cols, p, i, v, pr, y.pointer);
    expect(Array.from(y.view)).toEqual([...dots, guard]);

    const a = t.f64(new Array(cols + 1).fill(guard));
    const b = t.f64(new Array(cols + 1).fill(guard));
    t.kernels.cscColumnStats(cols, p, i, v, pr, a.pointer, b.pointer);
    expect(Array.from(a.view)).toEqual([...dots, guard]);
    expect(Array.from(b.view)).toEqual([...squares, guard]);

    const every = t.i32(Array.from({ length: cols }, (_, j) => j)).pointer;
    t.kernels.cscWeightedStats(cols, every, p, i, v, pr, a.pointer, b.pointer);
    expect(Array.from(a.view, (w) => w + 0)).toEqual([...dots.map((w) => w + 0), guard]);
    const weighted = dots.map((_, j) => r.reduce((sum, ri, k) => sum + ri * X.dense[j * rows + k] ** 2, 0));
    expect(Array.from(b.view, (w) => w + 0)).toEqual([...weighted, guard]);

    const columns = Array.from({ length: cols > 0 ? 9 : 0 }, () => Math.floor(random() * cols));
    const s = t.f64(new Array(columns.length + 1).fill(guard));
    t.kernels.cscGemvTSubset(columns.length, t.i32(columns).pointer, p, i, v, pr, s.pointer);
    expect(Array.from(s.view)).toEqual([...columns.map((j) => dots[j]), guard]);

    const x = integers(cols, random).map((z) => (random() < 0.4 ? 0 : z));
    const z = t.f64(new Array(rows + 1).fill(guard));
    t.kernels.cscGemv(rows, cols, p, i, v, t.f64(x).pointer, z.pointer);
    const expected = r.map((_, k) => x.reduce((sum, xj, j) => sum + X.dense[j * rows + k] * xj, 0));
    expect(Array.from(z.view)).toEqual([...expected, guard]);

    // The same columns, listed, on top of what is there.
    const list = Array.from({ length: cols }, (_, j) => j);
    t.kernels.cscAddColumns(cols, t.i32(list).pointer, p, i, v, t.f64(x).pointer, z.pointer);
    expect(Array.from(z.view, (w) => w + 0)).toEqual([...expected.map((e) => 2 * e + 0), guard]);
    expect(t.end()).toBe(0);
  }
});

test.each(engines)('subset and statistics repeat the bits of the full product (%s)', (engine) => {
  const random = uniform(5);
  const t = new TestArena(engine);
  const X = randomCsc(300, 12, random, reals);
  const p = t.i32(X.colPointers).pointer;
  const i = t.i32(X.rowIndices).pointer;
  const v = t.f64(X.values).pointer;
  const r = t.f64(reals(300, random)).pointer;
  const full = t.f64(new Array(12).fill(0));
  t.kernels.cscGemvT(12, p, i, v, r, full.pointer);
  const subset = t.f64(new Array(3).fill(0));
  t.kernels.cscGemvTSubset(3, t.i32([11, 1, 6]).pointer, p, i, v, r, subset.pointer);
  expect(Array.from(subset.view)).toEqual([full.view[11], full.view[1], full.view[6]]);
  const stats = t.f64(new Array(24).fill(0));
  t.kernels.cscColumnStats(12, p, i, v, r, stats.pointer, stats.pointer + 96);
  expect(Array.from(stats.view.subarray(0, 12))).toEqual(Array.from(full.view));
  expect(t.end()).toBe(0);
});

/** The tree of sums as it is defined: the halves of a range of places, down to one. */
function treeSum(leaves: ReadonlyMap<number, number[]>, from: number, width: number, k: number): number[] | undefined {
  if (width === 1) return leaves.get(from);
  const left = treeSum(leaves, from, width / 2, k);
  const right = treeSum(leaves, from + width / 2, width / 2, k);
  return left && right ? left.map((x, a) => x + right[a]) : (left ?? right);
}

test.each(engines)('sums of columns have the bits of the tree of pieces (%s)', (engine) => {
  const random = uniform(6);
  for (const [rows, cols, pieces, k] of [
    [1, 2, 1, 1],
    [64, 7, 13, 1],
    [200, 12, 60, 1],
    [90, 11, 23, 3],
    [0, 3, 0, 1],
  ]) {
    const t = new TestArena(engine);
    const X = randomCsc(rows, cols, random, reals);
    const B = reals(rows * k, random);
    const pieceOf = Array.from({ length: rows }, (_, i) => Math.floor((i * pieces) / rows));
    // Some places have no piece; nodes of 16 places.
    const places = Array.from({ length: pieces }, (_, c) => c + Math.floor(c / 5));
    const nodeOf = places.map((place) => place >> 4);
    const nodes = pieces === 0 ? 0 : nodeOf[pieces - 1] + 1;
    const columns = Array.from({ length: cols }, (_, j) => cols - 1 - j);
    const of = (b: (i: number, value: number) => number[]) =>
      Array.from({ length: nodes }, (_, node) =>
        columns.flatMap((j) => {
          const leaves = new Map<number, number[]>();
          for (let q = X.colPointers[j]; q < X.colPointers[j + 1]; q++) {
            const i = X.rowIndices[q];
            if (nodeOf[pieceOf[i]] !== node) continue;
            const place = places[pieceOf[i]];
            const sum = leaves.get(place) ?? new Array<number>(b(i, 0).length).fill(0);
            leaves.set(
              place,
              b(i, X.values[q]).map((x, a) => sum[a] + X.values[q] * x),
            );
          }
          return treeSum(leaves, 16 * node, 16, k) ?? b(0, 0).map(() => 0);
        }),
      ).flat();
    const stored = [t.i32(X.colPointers).pointer, t.i32(X.rowIndices).pointer, t.f64(X.values).pointer] as const;
    const tree = [t.i32(pieceOf).pointer, t.i32(places).pointer, t.i32(nodeOf).pointer] as const;
    const out = t.f64(new Array(nodes * cols * k).fill(0));
    const work = t.f64(new Array(32 * k + 16).fill(0)).pointer;
    const list = t.i32(columns).pointer;
    t.kernels.cscTreeSums(cols, k, list, ...stored, t.f64(B).pointer, ...tree, out.pointer, cols * k, work);
    expect(Array.from(out.view)).toEqual(of((i) => B.slice(i * k, (i + 1) * k)));
    const squares = t.f64(new Array(nodes * cols).fill(0));
    t.kernels.cscTreeSums(cols, 1, list, ...stored, 0, ...tree, squares.pointer, cols, work);
    expect(Array.from(squares.view)).toEqual(of((_, value) => [value]));
    expect(t.end()).toBe(0);
  }
});
