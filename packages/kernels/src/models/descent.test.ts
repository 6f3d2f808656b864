import { expect, test } from 'vitest';
import { Arena, type Block, type Engine } from '../index.ts';
import { allKernels } from '../testing.ts';
import { penaltyKernels } from './index.ts';

// A small reproducible generator: kernels may import nothing, not even the library's.
function numbers(seed: number): () => number {
  let s = seed;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) | 0;
    return s / 2 ** 31;
  };
}

const n = 37;
const p = 11;
const density = 0.4;

/** The same random problem in an arena: dense and sparse X, weights, penalties. */
function problem(engine: Engine) {
  const arena = new Arena({ engine });
  const next = numbers(5);
  const f64 = (values: number[]): Block<Float64Array> => {
    const block = arena.f64Block(values.length);
    block.view.set(values);
    return block;
  };
  const i32 = (values: number[]): Block<Int32Array> => {
    const block = arena.i32Block(values.length);
    block.view.set(values);
    return block;
  };
  const dense: number[] = [];
  const rowIndices: number[] = [];
  const values: number[] = [];
  const colPointers = [0];
  for (let j = 0; j < p; j++) {
    for (let i = 0; i < n; i++) {
      const x = Math.abs(next()) < density ? next() : 0;
      dense.push(x);
      if (x !== 0) {
        rowIndices.push(i);
        values.push(x);
      }
    }
    colPointers.push(values.length);
  }
  const d = Array.from({ length: n }, () => 0.5 + 0.4 * next());
  const r = Array.from({ length: n }, () => 3 * next());
  const scale = Array.from({ length: p }, (_, j) => 1 + (j % 3));
  const columns = [7, 2, 3, 9, 0, 10];
  const m = columns.length;
  const parameters = [0.4, 0.1, 0, -1.2, 1.5].flatMap((v) => Array.from({ length: m }, () => v));
  const weighted = (a: number, b: number, centre = true) => {
    let dot = 0;
    let sa = 0;
    let sb = 0;
    let total = 0;
    for (let i = 0; i < n; i++) {
      const xa = dense[columns[a] * n + i] * scale[columns[a]];
      const xb = dense[columns[b] * n + i] * scale[columns[b]];
      dot += d[i] * xa * xb;
      sa += d[i] * xa;
      sb += d[i] * xb;
      total += d[i];
    }
    return centre ? dot - (sa * sb) / total : dot;
  };
  return { arena, f64, i32, dense, rowIndices, values, colPointers, d, r, scale, columns, m, parameters, weighted };
}

/** Coordinate descent from the definition: the coordinate minimiser found by a search on the full objective. */
function bySearch(P: ReturnType<typeof problem>): number[] {
  const { columns, m, dense, d, r, scale, parameters } = P;
  const b = new Array<number>(m).fill(0);
  const objective = () => {
    const res = r.map((v, i) => v - columns.reduce((s, j, k) => s + scale[j] * dense[j * n + i] * b[k], 0));
    const mean = res.reduce((s, v, i) => s + d[i] * v, 0) / d.reduce((s, v) => s + v, 0);
    return (
      0.5 * res.reduce((s, v, i) => s + d[i] * (v - mean) ** 2, 0) +
      b.reduce((s, v) => s + parameters[0] * Math.abs(v) + 0.5 * parameters[m] * v * v, 0)
    );
  };
  for (let epoch = 0; epoch < 60; epoch++) {
    for (let k = 0; k < m; k++) {
      let lo = -1.2;
      let hi = 1.5;
      for (let it = 0; it < 100; it++) {
        const u = lo + (hi - lo) / 3;
        const w = hi - (hi - lo) / 3;
        b[k] = u;
        const fu = objective();
        b[k] = w;
        if (fu < objective()) hi = w;
        else lo = u;
      }
      b[k] = Math.abs(lo) < 1e-7 ? 0 : (lo + hi) / 2;
    }
  }
  return b;
}

const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];
const reference = bySearch(problem('typescript'));

test.each(engines)('Gram, dense and sparse descent reach the minimiser found by search (%s)', (engine) => {
  const P = problem(engine);
  const { arena, f64, i32, m } = P;
  const k = allKernels(arena);
  const sumD = P.d.reduce((s, v) => s + v, 0);
  const meanR = P.r.reduce((s, v, i) => s + P.d[i] * v, 0) / sumD;
  const pen = f64(P.parameters);
  const G = f64(Array.from({ length: m * m }, (_, t) => P.weighted(t % m, Math.floor(t / m))));
  const c = P.columns.map((j) =>
    P.r.reduce((s, v, i) => s + P.d[i] * (v - meanR) * P.dense[j * n + i] * P.scale[j], 0),
  );
  const q = f64(c);
  const b = f64(new Array(m).fill(0));
  const left = k.gramDescent(
    m,
    G.pointer,
    m,
    q.pointer,
    b.pointer,
    penaltyKernels.elasticNet.code,
    pen.pointer,
    m,
    1000,
    1e-26,
  );
  expect(left).toBeLessThanOrEqual(1e-26);
  for (let t = 0; t < m; t++) {
    expect(b.view[t]).toBeCloseTo(reference[t], 5);
    // q is still c − Gb.
    expect(q.view[t]).toBeCloseTo(c[t] - P.columns.reduce((s, _, u) => s + P.weighted(t, u) * b.view[u], 0), 12);
  }

  const curvatures = f64(P.columns.map((_, t) => P.weighted(t, t)));
  const sums = f64(P.columns.map((j) => P.d.reduce((s, v, i) => s + v * P.dense[j * n + i] * P.scale[j], 0)));
  const run = (sparse: boolean) => {
    const rd = f64(P.r.map((v, i) => v * P.d[i]));
    const state = f64([-meanR]);
    const out = f64(new Array(m).fill(0));
    const columns = i32(P.columns).pointer;
    const scale = f64(P.scale).pointer;
    const d = f64(P.d).pointer;
    const rest = [
      curvatures.pointer,
      sums.pointer,
      sumD,
      1,
      state.pointer,
      out.pointer,
      0,
      pen.pointer,
      m,
      1000,
      1e-26,
    ] as const;
    if (sparse) {
      const pointers = i32(P.colPointers).pointer;
      const rows = i32(P.rowIndices).pointer;
      k.cscDescent(m, columns, pointers, rows, f64(P.values).pointer, scale, d, rd.pointer, ...rest);
    } else {
      k.denseDescent(n, m, columns, f64(P.dense).pointer, n, scale, d, rd.pointer, ...rest);
    }
    return Array.from(out.view);
  };
  for (const sparse of [false, true]) {
    run(sparse).forEach((v, t) => {
      expect(v).toBeCloseTo(b.view[t], 11);
    });
  }
});

test.each(engines)('Gram of sparse columns, packing and gathering agree with their definitions (%s)', (engine) => {
  const P = problem(engine);
  const { arena, f64, i32, m } = P;
  const k = allKernels(arena);
  const columns = i32(P.columns);
  const rowPointers = arena.i32Block(n + 1);
  const slots = arena.i32Block(P.values.length);
  const rowValues = arena.f64Block(P.values.length);
  const [cp, ri, va] = [i32(P.colPointers).pointer, i32(P.rowIndices).pointer, f64(P.values).pointer];
  k.cscRows(n, m, columns.pointer, cp, ri, va, rowPointers.pointer, slots.pointer, rowValues.pointer);
  const G = f64(new Array(m * m).fill(Number.NaN));
  const d = f64(P.d);
  for (const from of [0, 4]) {
    k.cscGram(
      m,
      from,
      columns.pointer,
      cp,
      ri,
      va,
      rowPointers.pointer,
      slots.pointer,
      rowValues.pointer,
      d.pointer,
      G.pointer,
      m,
    );
    for (let a = 0; a < m; a++) {
      for (let c = 0; c < m; c++) {
        const scaled = G.view[a * m + c] * P.scale[P.columns[a]] * P.scale[P.columns[c]];
        expect(scaled).toBeCloseTo(P.weighted(a, c, false), 12);
      }
    }
  }

  // The same by rows of the whole matrix, most of whose columns are no members.
  const all = i32(Array.from({ length: p }, (_, j) => j));
  const [rp, rc, rv] = [arena.i32Block(n + 1), arena.i32Block(P.values.length), arena.f64Block(P.values.length)];
  k.cscRows(n, p, all.pointer, cp, ri, va, rp.pointer, rc.pointer, rv.pointer);
  const places = i32(new Array(p).fill(-1));
  P.columns.forEach((j, t) => {
    places.view[j] = t;
  });
  G.view.fill(Number.NaN);
  const room = arena.f64Block(2 * p);
  for (const from of [0, 4]) {
    k.csrGram(n, rp.pointer, rc.pointer, rv.pointer, places.pointer, m, from, d.pointer, G.pointer, m, room.pointer);
    for (let a = 0; a < m; a++) {
      for (let c = 0; c < m; c++) {
        const scaled = G.view[a * m + c] * P.scale[P.columns[a]] * P.scale[P.columns[c]];
        expect(scaled).toBeCloseTo(P.weighted(a, c, false), 12);
      }
    }
  }

  const packed = arena.f64Block(n * m);
  const means = arena.f64Block(m);
  const X = f64(P.dense).pointer;
  const scale = f64(P.scale).pointer;
  const root = f64(P.d.map(Math.sqrt)).pointer;
  const sumD = P.d.reduce((s, v) => s + v, 0);
  k.columnMeans(n, m, columns.pointer, X, n, d.pointer, sumD, means.pointer);
  k.packColumns(n, m, columns.pointer, X, n, scale, means.pointer, root, packed.pointer, n);
  for (let a = 0; a < m; a++) {
    for (let c = 0; c < m; c++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += packed.view[a * n + i] * packed.view[c * n + i];
      expect(dot).toBeCloseTo(P.weighted(a, c), 12);
    }
  }

  const index = i32([4, 1, 5]);
  const L = f64(new Array(9).fill(0));
  k.gatherSymmetric(3, index.pointer, G.pointer, m, d.pointer, L.pointer, 3);
  expect(L.view[1]).toBe(G.view[4 * m + 1]);
  expect(L.view[8]).toBe(G.view[5 * m + 5] + P.d[5]);
  const kept = i32([0, 2, 5]);
  const compacted = f64(Array.from(G.view.subarray(0, m * m)));
  k.compactSymmetric(3, kept.pointer, compacted.pointer, m);
  for (let c = 0; c < 3; c++) {
    for (let r = 0; r < 3; r++) expect(compacted.view[c * m + r]).toBe(G.view[kept.view[c] * m + kept.view[r]]);
  }
  for (const count of [3, 5, 6]) {
    const list = i32([4, 1, 5, 0, 2, 3].slice(0, count));
    const coefficients = f64(Array.from({ length: count }, (_, t) => t + 1));
    const y = f64(new Array(m).fill(1));
    k.addColumns(m, count, list.pointer, G.pointer, m, -2, coefficients.pointer, y.pointer);
    for (let i = 0; i < m; i++) {
      let expected = 1;
      for (let t = 0; t < count; t++) expected += -2 * (t + 1) * G.view[list.view[t] * m + i];
      expect(y.view[i]).toBeCloseTo(expected, 12);
    }
  }
});
