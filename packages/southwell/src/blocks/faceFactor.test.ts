/** The kept factor, whatever rows came and went, against the matrix that it is to be of. */

import { Arena } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FaceFactor } from './faceFactor.ts';

const m = 40;

/** G = AᵀA of random columns, the last of which is a multiple of the first. */
function matrix(arena: Arena, seed: number) {
  const random = new Random(seed);
  const columns = Array.from({ length: m }, () => Array.from({ length: 2 * m }, () => random.normal()));
  columns[m - 1] = columns[0].map((v) => 2 * v);
  const G = arena.f64Block(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) G.view[i * m + j] = columns[i].reduce((sum, v, r) => sum + v * columns[j][r], 0);
  const ridge = arena.f64Block(m);
  for (let j = 0; j < m; j++) ridge.view[j] = j % 3 === 0 ? 0.5 : 0;
  return { G, ridge };
}

function setting(seed: number) {
  const arena = new Arena();
  const { G, ridge } = matrix(arena, seed);
  const index = arena.i32Block(m);
  const factor = new FaceFactor(arena, (k) => Math.max(16, k));
  /** Asks for a face; the largest entry of LLᵀ less the matrix, over the largest of the matrix. */
  const off = (rows: readonly number[]): number => {
    index.view.set(rows);
    const L = factor.of(rows.length, index, G, m, ridge.pointer)!;
    const order = Array.from(index.view.subarray(0, rows.length));
    expect([...order].sort((a, b) => a - b)).toEqual([...rows].sort((a, b) => a - b));
    let worst = 0;
    for (let a = 0; a < order.length; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let c = 0; c <= b; c++) sum += L.view[c * factor.stride + a] * L.view[c * factor.stride + b];
        const wanted = G.view[order[a] * m + order[b]] + (a === b ? ridge.view[order[a]] : 0);
        worst = Math.max(worst, Math.abs(sum - wanted));
      }
    }
    return worst / Math.max(...G.view);
  };
  return { off, ridge, arena };
}

test('faces that grow and shrink by any numbers of rows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.array(fc.uniqueArray(fc.integer({ min: 0, max: m - 2 }), { minLength: 1, maxLength: m - 1 }), {
        minLength: 2,
        maxLength: 8,
      }),
      (seed, faces) => {
        const { off } = setting(seed);
        for (const face of faces) expect(off(face)).toBeLessThan(1e-12);
      },
    ),
    { numRuns: 40 },
  );
});

test.each([
  ['one row, then one more', [9, 1]],
  ['a few rows at a time', [12, 3, 3]],
  ['a block of rows', [24, 8, 6]],
])('%s: the factor is updated, not made anew', (_, sizes) => {
  const { off, arena } = setting(2);
  let whole = 0;
  const kernels = arena.use(modelKernels);
  const gatherSymmetric: typeof kernels.gatherSymmetric = (...args) => {
    whole++;
    kernels.gatherSymmetric(...args);
  };
  const use = arena.use.bind(arena);
  Object.defineProperty(arena, 'use', {
    value: (...modules: Parameters<typeof use>) => ({ ...(use(...modules) as object), gatherSymmetric }),
  });
  let length = 0;
  for (const more of sizes) {
    length += more;
    expect(off(Array.from({ length }, (_, j) => j))).toBeLessThan(1e-12);
  }
  expect(whole).toBe(1);
});

test('a row that depends on the others, alone or in a block, gets a small ridge', () => {
  for (const more of [[m - 1], [m - 1, 30, 31, 32, 33, 34, 35]]) {
    const { off, ridge } = setting(4);
    ridge.view.fill(0);
    const face = Array.from({ length: 25 }, (_, j) => j);
    expect(off(face)).toBeLessThan(1e-12);
    // Singular but for rounding: of a ridge of 1e-12 and more, or of none.
    expect(off([...face, ...more])).toBeLessThan(1e-8);
    expect(off(face)).toBeLessThan(1e-12);
  }
});

test('another ridge makes it anew', () => {
  const { off, ridge } = setting(5);
  const face = [0, 3, 5, 7];
  expect(off(face)).toBeLessThan(1e-12);
  ridge.view[3] = 7;
  expect(off(face)).toBeLessThan(1e-12);
});
