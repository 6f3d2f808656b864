import { describe, expect, test } from 'vitest';
import { Arena, type Engine } from '../index.ts';
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

const n = 41;
const p = 12;
const columns = [7, 2, 3, 9, 0, 10, 5];
const m = columns.length;

/** Sparse columns that share a direction, weights of which two are zero, a gradient, scales. */
function problem(engine: Engine) {
  const arena = new Arena({ engine });
  const next = numbers(8);
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
  const common = Array.from({ length: n }, next);
  const X: number[][] = [];
  const [pointers, rows, values]: number[][] = [[0], [], []];
  for (let j = 0; j < p; j++) {
    const column = common.map((c) => (Math.abs(next()) < 0.5 ? 0.7 * c + 0.3 * next() : 0));
    X.push(column.map((x) => x * (1 + (j % 3))));
    column.forEach((x, i) => {
      if (x !== 0) {
        rows.push(i);
        values.push(x);
      }
    });
    pointers.push(values.length);
  }
  const d = Array.from({ length: n }, (_, i) => (i === 5 || i === 6 ? 0 : 0.5 + 0.4 * next()));
  const v = d.map((weight, i) => (i === 6 ? 0 : (weight || 1) * 3 * next()));
  const scale = Array.from({ length: p }, (_, j) => 1 + (j % 3));
  const stored = [i32(pointers).pointer, i32(rows).pointer, f64(values).pointer, f64(scale).pointer] as const;
  const [D, V, list] = [f64(d), f64(v), i32(columns)];
  const sumD = d.reduce((sum, weight) => sum + weight, 0);
  return { arena, f64, i32, X, d, v, D, V, list, stored, sumD, nnz: values.length };
}

type Problem = ReturnType<typeof problem>;

function packed(P: Problem) {
  const { arena, D, V, list, stored, nnz } = P;
  const [root, z, sums, curvatures] = [n, n, m, m].map((k) => arena.f64Block(k));
  const [starts, places, entries] = [arena.i32Block(m + 1), arena.i32Block(nnz), arena.f64Block(nnz)];
  allKernels(arena).rootsOfWeights(n, D.pointer, V.pointer, root.pointer, z.pointer);
  allKernels(arena).packSparseColumns(
    m,
    list.pointer,
    ...stored,
    root.pointer,
    z.pointer,
    starts.pointer,
    places.pointer,
    entries.pointer,
    sums.pointer,
    curvatures.pointer,
  );
  return { root, z, sums, curvatures, starts, places, entries };
}

const engines: Engine[] = ['wasm', 'wasm-shared', 'typescript'];

test.each(engines)('roots of weights, and columns laid out, are what they should be (%s)', (engine) => {
  const P = problem(engine);
  const { root, z, sums, curvatures, starts, places, entries } = packed(P);
  P.v.forEach((v, i) => {
    expect(root.view[i] * z.view[i]).toBeCloseTo(v, 14);
    expect(root.view[i] ** 2).toBeCloseTo(P.d[i], 14);
  });
  // Without weight, yet with a gradient.
  expect(Math.abs(P.v[5])).toBeGreaterThan(0.01);
  columns.forEach((j, t) => {
    const column = new Array<number>(n).fill(0);
    for (let e = starts.view[t]; e < starts.view[t + 1]; e++) {
      const i = (places.view[e] - z.pointer) / 8;
      column[i] = entries.view[e];
    }
    let [sum, square] = [0, 0];
    P.X[j].forEach((x, i) => {
      expect(column[i]).toBeCloseTo(x * Math.sqrt(P.d[i]), 14);
      sum += P.d[i] * x;
      square += P.d[i] * x * x;
    });
    expect(sums.view[t]).toBeCloseTo(sum, 13);
    expect(curvatures.view[t]).toBeCloseTo(square, 13);
  });
});

test.each(engines)('a column whose rows have no weight has no curvature, whatever their gradient (%s)', (engine) => {
  const P = problem(engine);
  P.X[3].forEach((x, i) => {
    if (x !== 0) P.D.view[i] = 0;
  });
  expect(P.X[3].some((x, i) => x * P.v[i] !== 0)).toBe(true);
  expect(packed(P).curvatures.view[columns.indexOf(3)]).toBe(0);
});

const penalties = {
  'elastic net within bounds': [penaltyKernels.elasticNet.code, [0.4, 0.1, 0, -1.2, 1.5]],
  lasso: [penaltyKernels.elasticNet.code, [0.2, 0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]],
  MCP: [penaltyKernels.mcp.code, [0.3, 0, 40, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]],
} as const;

/** Up to `epochs` epochs from zero, by columns laid out or as they are stored; where they end, and how many there were. */
function descended(P: Problem, name: keyof typeof penalties, centre: boolean, laidOut: boolean, epochs: number) {
  const { arena, f64, D, V, list, stored, sumD } = P;
  const [code, parameters] = penalties[name];
  const { sums, curvatures, starts, places, entries, z, root } = packed(P);
  if (centre) for (let t = 0; t < m; t++) curvatures.view[t] -= sums.view[t] ** 2 / sumD;
  const [state, b, rd] = [f64([0]), f64(new Array(m).fill(0)), f64(V.view)];
  const penalty = f64(parameters.flatMap((value) => new Array<number>(m).fill(value)));
  const rest = [curvatures.pointer, sums.pointer, sumD, Number(centre), state.pointer, b.pointer, code] as const;
  const last = [penalty.pointer, m, epochs, 1e-26] as const;
  const columnsAt = [starts.pointer, places.pointer, entries.pointer] as const;
  const left = laidOut
    ? allKernels(arena).packedDescent(m, ...columnsAt, ...rest, ...last)
    : allKernels(arena).cscDescent(m, list.pointer, ...stored, D.pointer, rd.pointer, ...rest, ...last);
  const gradient = laidOut ? z.view.map((value, i) => value * root.view[i]) : rd.view.slice();
  return { b: Array.from(b.view), left, gradient, shift: state.view[0] };
}

describe.each(engines)('descent on columns laid out (%s)', (engine) => {
  const names = Object.keys(penalties) as (keyof typeof penalties)[];
  test.each(names.flatMap((name) => [true, false].map((centre) => [name, centre] as const)))(
    'ends where descent on stored columns does: %s, intercept %s',
    (name, centre) => {
      const P = problem(engine);
      const [mine, other] = [true, false].map((laidOut) => descended(P, name, centre, laidOut, 3000));
      expect(mine.left).toBeLessThanOrEqual(1e-26);
      expect(mine.b.filter((b) => b !== 0).length).toBeGreaterThan(2);
      mine.b.forEach((b, t) => {
        expect(b).toBeCloseTo(other.b[t], 10);
      });
      expect(mine.shift).toBeCloseTo(other.shift, 10);
      mine.gradient.forEach((g, i) => {
        expect(g).toBeCloseTo(other.gradient[i], 10);
      });
    },
  );

  test('takes the same way as the others', () => {
    const mine = descended(problem(engine), 'elastic net within bounds', true, true, 9).b;
    descended(problem('typescript'), 'elastic net within bounds', true, true, 9).b.forEach((b, t) => {
      expect(mine[t]).toBeCloseTo(b, 12);
    });
  });
});
