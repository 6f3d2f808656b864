import { expect, test } from 'vitest';
import { Arena, type Engine } from './index.ts';

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
  const left = arena.kernels.gramGroupDescent(
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
    f64(new Array(m).fill(0)).pointer,
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
