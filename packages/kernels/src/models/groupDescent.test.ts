import { expect, test } from 'vitest';
import { Arena, type Engine } from '../index.ts';
import { allKernels } from '../testing.ts';

const m = 11;
const starts = [0, 3, 4, 9, 11];

/** One random quadratic, after some epochs of group descent. */
function descended(engine: Engine, epochs: number) {
  let s = 7;
  const next = () => {
    s = (Math.imul(s, 1664525) + 1013904223) | 0;
    return s / 2 ** 31;
  };
  const arena = new Arena({ engine });
  const f64 = (values: number[]) => {
    const block = arena.f64Block(values.length);
    block.view.set(values);
    return block;
  };
  const i32 = (values: number[]) => {
    const block = arena.i32Block(values.length);
    block.view.set(values);
    return block;
  };
  const A = Array.from({ length: m }, () => Array.from({ length: 30 }, next));
  const gram = A.flatMap((a) => A.map((c) => a.reduce((sum, v, i) => sum + v * c[i], 0)));
  const G = f64(gram);
  const c = Array.from({ length: m }, () => 8 * next());
  const q = f64(c);
  const b = f64(new Array(m).fill(0));
  const l1 = f64([0.2, 0.5, 0, 0.1]);
  const l2 = f64([1, 0.7, 2, 0]);
  const trace = starts.slice(1).map((to, g) => {
    let sum = 0;
    for (let j = starts[g]; j < to; j++) sum += gram[j * m + j];
    return sum;
  });
  const left = allKernels(arena).gramGroupDescent(
    4,
    i32(starts).pointer,
    m,
    G.pointer,
    m,
    q.pointer,
    b.pointer,
    l1.pointer,
    l2.pointer,
    f64(trace).pointer,
    i32(Array.from({ length: m }, (_, j) => j)).pointer,
    f64(new Array(3 * m).fill(0)).pointer,
    epochs,
    0,
  );
  return { left, b: [...b.view], q: [...q.view], c, gram };
}

test('WebAssembly and its twin take the same group steps, and q stays c − Gb', () => {
  const twin = descended('typescript', 5);
  const wasm = descended('wasm-shared', 5);
  expect(wasm.left).toBeCloseTo(twin.left, 12);
  wasm.b.forEach((v, j) => {
    expect(v).toBeCloseTo(twin.b[j], 12);
    const gb = wasm.b.reduce((sum, x, i) => sum + wasm.gram[j * m + i] * x, 0);
    expect(wasm.q[j]).toBeCloseTo(wasm.c[j] - gb, 10);
  });
});

test('after many epochs every group is stationary', () => {
  const { b, q } = descended('wasm-shared', 5000);
  const l1 = [0.2, 0.5, 0, 0.1];
  const l2 = [1, 0.7, 2, 0];
  for (let g = 0; g < 4; g++) {
    const at = Array.from({ length: starts[g + 1] - starts[g] }, (_, i) => starts[g] + i);
    const norm = Math.hypot(...at.map((j) => b[j]));
    if (norm === 0) {
      const pull = Math.hypot(...at.map((j) => Math.max(Math.abs(q[j]) - l1[g], 0)));
      expect(pull).toBeLessThanOrEqual(l2[g] + 1e-10);
      continue;
    }
    for (const j of at) {
      const rest = q[j] - (l2[g] * b[j]) / norm;
      if (b[j] === 0) expect(Math.abs(rest)).toBeLessThanOrEqual(l1[g] + 1e-10);
      else expect(rest).toBeCloseTo(l1[g] * Math.sign(b[j]), 10);
    }
  }
});

const n = 23;

interface Case {
  readonly K: number;
  readonly starts: number[];
  readonly coupled: boolean;
  readonly centre: boolean;
  readonly ridge: number;
  readonly l1: number;
  readonly l2: number;
}

/** Group descent on random columns (a third of the entries zero), after some epochs. */
function onColumns(engine: Engine, sparse: boolean, epochs: number, at: Case) {
  let s = 11;
  const next = () => {
    s = (Math.imul(s, 1664525) + 1013904223) | 0;
    return s / 2 ** 31;
  };
  const { K, coupled, centre } = at;
  const groups = at.starts.length - 1;
  const p = at.starts[groups];
  const arena = new Arena({ engine });
  const f64 = (values: ArrayLike<number>) => {
    const block = arena.f64Block(values.length);
    block.view.set(values);
    return block;
  };
  const i32 = (values: ArrayLike<number>) => {
    const block = arena.i32Block(values.length);
    block.view.set(values);
    return block;
  };
  const X = Array.from({ length: p }, () => Array.from({ length: n }, () => (next() > 0.3 ? 0 : 2 * next() + 0.5)));
  const columns = Array.from({ length: p }, (_, j) => (j * 3) % p);
  const scale = Array.from({ length: p }, (_, j) => 1 + (j % 3));
  const prob = Array.from({ length: n }, () => {
    const e = Array.from({ length: K }, () => Math.exp(next()));
    const total = e.reduce((a, c) => a + c, 0);
    return e.map((x) => x / total);
  });
  const weights = Array.from({ length: n }, () => 0.6 + 0.5 * next());
  const d = coupled
    ? Array.from({ length: n * K }, (_, e) => weights[e % n] * prob[e % n][Math.floor(e / n)])
    : weights;
  const sumD = weights.reduce((a, c) => a + c, 0);
  const mean = (j: number) => (centre ? (scale[j] * X[j].reduce((sum, x, i) => sum + x * weights[i], 0)) / sumD : 0);
  const means = columns.map(mean);
  /** Columns as the model has them. */
  const Z = columns.map((j, t) => X[j].map((x) => scale[j] * x - means[t]));
  /** Minus the Hessian of the loss times directions e_k in the linear predictors. */
  const curve = (e: number[][]) =>
    e.map((row, k) =>
      row.map((x, i) => {
        if (!coupled) return weights[i] * x;
        const average = prob[i].reduce((sum, q, l) => sum + q * e[l][i], 0);
        return weights[i] * prob[i][k] * (x - average);
      }),
    );
  const start = Array.from({ length: K }, () => {
    const r = Array.from({ length: n }, () => 2 * next());
    const middle = centre ? r.reduce((a, c) => a + c, 0) / sumD : 0;
    return r.map((x, i) => x - middle * weights[i]);
  });
  if (coupled) for (let i = 0; i < n; i++) start[K - 1][i] = -start.slice(0, -1).reduce((sum, r) => sum + r[i], 0);
  const blocks: number[] = [];
  const bounds: number[] = [];
  for (let u = 0; u < groups; u++) {
    const members = Array.from({ length: at.starts[u + 1] - at.starts[u] }, (_, e) => at.starts[u] + e);
    let trace = 0;
    if (K === 1) {
      for (const a of members) {
        for (const c of members) {
          const entry = Z[a].reduce((sum, x, i) => sum + weights[i] * x * Z[c][i], 0) + (a === c ? at.ridge : 0);
          blocks.push(entry);
          if (a === c) trace += entry;
        }
      }
    } else {
      for (let k = 0; k < K; k++) {
        const entry =
          Z[at.starts[u]].reduce((sum, x, i) => sum + (coupled ? d[k * n + i] : weights[i]) * x * x, 0) + at.ridge;
        blocks.push(entry);
        trace = Math.max(trace, entry);
      }
    }
    bounds.push(trace);
  }
  const rd = f64(start.flat());
  const b = f64(new Array(p * K).fill(0));
  const state = f64(new Array(K).fill(0));
  const fill = (x: number) => f64(new Array(groups).fill(x)).pointer;
  const head = [n, groups, i32(at.starts).pointer, i32(columns).pointer] as const;
  const model = [f64(scale).pointer, K, f64(d).pointer, coupled ? 1 : 0, rd.pointer, f64(means).pointer] as const;
  const rest = [
    f64(blocks).pointer,
    b.pointer,
    fill(at.l1),
    fill(at.l2),
    fill(at.ridge),
    f64(bounds).pointer,
    f64(new Array(2 * n + 3 * 8).fill(0)).pointer,
  ] as const;
  const dense = f64(X.flat()).pointer;
  const pointers = [0];
  const rows: number[] = [];
  const values: number[] = [];
  for (const column of X) {
    column.forEach((x, i) => {
      if (x !== 0) {
        rows.push(i);
        values.push(x);
      }
    });
    pointers.push(rows.length);
  }
  const csc = [i32(pointers).pointer, i32(rows).pointer, f64(values).pointer] as const;
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (sparse) allKernels(arena).cscGroupDescent(...head, ...csc, ...model, sumD, state.pointer, ...rest);
    else allKernels(arena).denseGroupDescent(...head, dense, n, ...model, ...rest);
  }
  const residual = Array.from({ length: K }, (_, k) =>
    Array.from({ length: n }, (_, i) => rd.view[k * n + i] + (coupled ? 0 : state.view[k] * d[i])),
  );
  const beta = [...b.view];
  // By definition: minus the gradient at b.
  const eta = Array.from({ length: K }, (_, k) =>
    Array.from({ length: n }, (_, i) => Z.reduce((sum, z, t) => sum + z[i] * beta[t * K + k], 0)),
  );
  const moved = curve(eta);
  const expected = start.map((r, k) => r.map((x, i) => x - moved[k][i]));
  const pull = Z.flatMap((z) => expected.map((r) => r.reduce((sum, x, i) => sum + x * z[i], 0)));
  return { beta, residual, expected, pull };
}

const cases: Array<[string, Case]> = [
  ['groups of columns', { K: 1, starts: [0, 3, 4, 8], coupled: false, centre: true, ridge: 0, l1: 0.2, l2: 0.8 }],
  ['groups without a norm', { K: 1, starts: [0, 3, 4, 8], coupled: false, centre: false, ridge: 0, l1: 0.5, l2: 0 }],
  ['tasks', { K: 3, starts: [0, 1, 2, 3, 4, 5, 6, 7, 8], coupled: false, centre: true, ridge: 0.3, l1: 0, l2: 0.7 }],
  ['classes', { K: 3, starts: [0, 1, 2, 3, 4, 5, 6, 7, 8], coupled: true, centre: false, ridge: 0.2, l1: 0.3, l2: 0 }],
  [
    'classes, grouped',
    { K: 3, starts: [0, 1, 2, 3, 4, 5, 6, 7, 8], coupled: true, centre: false, ridge: 0.2, l1: 0, l2: 0.6 },
  ],
];

test.each(cases)(
  '%s on columns: dense, sparse and twins agree, and the residual is that of the coefficients',
  (_, at) => {
    const twin = onColumns('typescript', false, 4, at);
    for (const sparse of [false, true]) {
      for (const engine of ['typescript', 'wasm-shared'] as const) {
        const got = onColumns(engine, sparse, 4, at);
        got.beta.forEach((x, j) => {
          expect(x).toBeCloseTo(twin.beta[j], 11);
        });
        got.residual.flat().forEach((x, i) => {
          expect(x).toBeCloseTo(got.expected.flat()[i], 11);
        });
      }
    }
    expect(twin.beta.some((x) => x !== 0)).toBe(true);
  },
);

test.each(cases)('%s on columns: stationary after many epochs', (_, at) => {
  const { beta, pull } = onColumns('wasm-shared', true, 3000, at);
  const { K } = at;
  for (let u = 0; u < at.starts.length - 1; u++) {
    const members = beta.map((_, e) => e).slice(at.starts[u] * K, at.starts[u + 1] * K);
    const norm = Math.hypot(...members.map((e) => beta[e]));
    if (norm === 0) {
      const excess = Math.hypot(...members.map((e) => Math.max(Math.abs(pull[e]) - at.l1, 0)));
      expect(excess).toBeLessThanOrEqual(at.l2 + 1e-9);
      continue;
    }
    for (const e of members) {
      const rest = pull[e] - at.ridge * beta[e] - (at.l2 * beta[e]) / norm;
      if (beta[e] === 0) expect(Math.abs(rest)).toBeLessThanOrEqual(at.l1 + 1e-9);
      else expect(rest).toBeCloseTo(at.l1 * Math.sign(beta[e]), 9);
    }
  }
});
