import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gemmWorkBytes } from '../index.ts';
import { engines, reals, TestArena, uniform } from '../testing.ts';

/** A quadratic of m members in a leading dimension of m + 2: columns may depend on each other, some members have bounds. */
function quadratic(t: TestArena, m: number, seed: number) {
  const random = uniform(seed);
  const ld = m + 2;
  const rows = 1 + Math.floor(random() * 2 * m);
  const X = Array.from({ length: m }, () => reals(rows, random));
  const product = (i: number, j: number) => X[i].reduce((sum, v, r) => sum + v * X[j][r], 0);
  const G = t.f64(new Array(ld * m).fill(Number.NaN));
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) G.view[j * ld + i] = product(i, j);
  const c = reals(m, random).map((v) => 3 * v);
  const b = t.f64(Array.from({ length: m }, () => (random() < 0.3 ? 0 : random() * 2 - 1)));
  const q = t.f64(c.map((v, i) => v - b.view.reduce((sum, x, j) => sum + G.view[j * ld + i] * x, 0)));
  const penalty = t.f64(new Array(5 * ld).fill(0));
  for (let j = 0; j < m; j++) {
    penalty.view[j] = random() < 0.2 ? 0 : 0.5 * random();
    penalty.view[ld + j] = random() < 0.5 ? 0 : 0.1 * random();
    penalty.view[3 * ld + j] = random() < 0.3 ? -1 : Number.NEGATIVE_INFINITY;
    penalty.view[4 * ld + j] = random() < 0.3 ? 1 : Number.POSITIVE_INFINITY;
  }
  const [a1, a2] = [penalty.view.slice(0, m), penalty.view.slice(ld, ld + m)];
  const objective = () => {
    const x = b.view;
    let value = 0;
    for (let i = 0; i < m; i++) {
      value += a1[i] * Math.abs(x[i]) + 0.5 * a2[i] * x[i] ** 2 - c[i] * x[i];
      for (let j = 0; j < m; j++) value += 0.5 * x[i] * G.view[j * ld + i] * x[j];
    }
    return value;
  };
  return {
    ld,
    G,
    c,
    b,
    q,
    penalty,
    objective,
    index: t.i32(new Array(m).fill(-1)),
    work: t.f64(new Array(3 * ld).fill(0)),
  };
}

/** One step on the face of b; how it ended, the face, and the factor's failure. */
function step(t: TestArena, m: number, p: ReturnType<typeof quadratic>) {
  const { ld, G, b, q, penalty, index, work } = p;
  const k = t.kernels.faceRows(m, G.pointer, ld, b.pointer, penalty.pointer, index.pointer);
  const face = Array.from(index.view.subarray(0, k));
  const L = t.f64(new Array(ld * ld).fill(0));
  t.kernels.gatherSymmetric(k, index.pointer, G.pointer, ld, penalty.pointer + 8 * ld, L.pointer, ld);
  for (let a = 0; a < k; a++) L.view[a * (ld + 1)] *= 1 + 1e-12;
  const singular = t.kernels.potrf(k, L.pointer, ld, t.bytes(gemmWorkBytes(k, k, k))) !== 0;
  if (k === 0 || singular) return { face, how: -1 };
  const at = [q.pointer, b.pointer, penalty.pointer, work.pointer] as const;
  return { face, how: t.kernels.faceStep(m, k, index.pointer, L.pointer, ld, G.pointer, ld, ...at) };
}

test.each(engines)('the face of b is what lies between kinks and bounds (%s)', (engine) => {
  for (let seed = 0; seed < 30; seed++) {
    const t = new TestArena(engine);
    const m = 1 + (seed % 9);
    const p = quadratic(t, m, seed);
    // A member on a bound, and one whose column is zero.
    p.b.view[0] = p.penalty.view[4 * p.ld] = 1;
    p.G.view[(m - 1) * (p.ld + 1)] = 0;
    const { ld, penalty, b, G } = p;
    const wanted = Array.from({ length: m }, (_, j) => j).filter(
      (j) =>
        (b.view[j] !== 0 || penalty.view[j] === 0) &&
        b.view[j] > penalty.view[3 * ld + j] &&
        b.view[j] < penalty.view[4 * ld + j] &&
        G.view[j * (ld + 1)] > 0,
    );
    expect(step(t, m, p).face).toEqual(wanted);
    expect(t.end()).toBe(0);
  }
});

test('steps of a face: the objective falls, q follows, full ones end stationary, and engines agree', () => {
  const seen = new Set<number>();
  const arenas = engines.map((engine) => new TestArena(engine));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 12 }), (seed, m) => {
      const ends = arenas.map((t) => {
        const p = quadratic(t, m, seed);
        const [before, old] = [p.objective(), p.b.view.slice()];
        const { how, face } = step(t, m, p);
        seen.add(how);
        const { ld, G, c, b, q, penalty } = p;
        const noise = 1e-9 * (1 + Math.abs(before));
        if (how === 3 || how === -1) expect(b.view).toEqual(old);
        else expect(p.objective()).toBeLessThanOrEqual(before + noise);
        for (let i = 0; i < m; i++) {
          const left = c[i] - b.view.reduce((sum, x, j) => sum + G.view[j * ld + i] * x, 0);
          expect(Math.abs(q.view[i] - left)).toBeLessThan(1e-9 * (1 + Math.max(...b.view.map(Math.abs))));
        }
        if (how === 0 && seed % 2 === 0) {
          const largest = Math.max(...old.map(Math.abs), ...b.view.map(Math.abs));
          for (const j of face) {
            const pull = penalty.view[j] * Math.sign(old[j]) + penalty.view[ld + j] * b.view[j];
            expect(Math.abs(q.view[j] - pull)).toBeLessThan(1e-6 * (1 + largest));
          }
        }
        if (how === 2) {
          const { view } = penalty;
          const stops = (j: number) => [0, view[3 * ld + j], view[4 * ld + j]];
          const landed = (j: number) => stops(j).some((end) => Math.abs(b.view[j] - end) <= 1e-15);
          expect(face.some((j) => b.view[j] !== old[j] && landed(j))).toBe(true);
        }
        const end = { how, b: b.view.slice() };
        t.end();
        return end;
      });
      // Where a face is all but singular, rounding decides how long its steps are.
      if (ends.every(({ b }) => b.every((x) => Math.abs(x) < 100))) {
        for (const end of ends) for (let j = 0; j < m; j++) expect(end.b[j]).toBeCloseTo(ends[0].b[j], 3);
      }
    }),
    { numRuns: 200, seed: 7 },
  );
  expect([0, 1, 2].every((how) => seen.has(how))).toBe(true);
});

test.each(engines)('where no step lowers the objective, b stays (%s)', (engine) => {
  const t = new TestArena(engine);
  const ld = 1;
  const [G, b, q, index] = [t.f64([1]), t.f64([1]), t.f64([Number.NaN]), t.i32([0])];
  const penalty = t.f64([0, 0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  const at = [q.pointer, b.pointer, penalty.pointer, t.f64([0, 0, 0]).pointer] as const;
  expect(t.kernels.faceStep(1, 1, index.pointer, t.f64([1]).pointer, 1, G.pointer, ld, ...at)).toBe(3);
  expect(b.view[0]).toBe(1);
  expect(t.end()).toBe(0);
});

test.each(engines)('a factor follows rows that leave and enter, and says where it cannot (%s)', (engine) => {
  const t = new TestArena(engine);
  const m = 30;
  const ld = m;
  const random = uniform(5);
  const X = Array.from({ length: m }, () => reals(2 * m, random));
  X[m - 1] = X[0].map((v) => 2 * v);
  const G = t.f64(X.flatMap((x) => X.map((y) => x.reduce((sum, v, r) => sum + v * y[r], 0))));
  const ridge = t.f64(Array.from({ length: m }, (_, j) => (j % 3 === 1 ? 0.5 : 0)));
  const [L, ridges] = [t.f64(new Array(ld * ld).fill(0)), t.f64(new Array(2 * ld).fill(0))];
  const [lists, marks, index] = [
    t.i32(new Array(4 + 2 * ld).fill(0)),
    t.i32(new Array(m).fill(0)),
    t.i32(new Array(m).fill(0)),
  ];
  const follow = (face: readonly number[]) => {
    index.view.set(face);
    const of = [face.length, index.pointer, G.pointer, ld, ridge.pointer, L.pointer, ld] as const;
    return t.kernels.followFactor(...of, lists.pointer, ridges.pointer, marks.pointer);
  };
  const anew = (face: readonly number[]) => {
    index.view.set(face);
    t.kernels.gatherSymmetric(face.length, index.pointer, G.pointer, ld, ridge.pointer, L.pointer, ld);
    expect(t.kernels.potrf(face.length, L.pointer, ld, t.bytes(gemmWorkBytes(m, m, m)))).toBe(0);
    lists.view[0] = face.length;
    lists.view.set(face, 4);
    ridges.view.set(face.map((j) => ridge.view[j]));
  };
  /** The largest entry of LLᵀ less the matrix on the rows in their order. */
  const off = () => {
    const rows = Array.from(lists.view.subarray(4, 4 + lists.view[0]));
    return Math.max(
      ...rows.flatMap((i, a) =>
        rows.slice(0, a + 1).map((j, c) => {
          let sum = 0;
          for (let s = 0; s <= c; s++) sum += L.view[s * ld + a] * L.view[s * ld + c];
          return Math.abs(sum - G.view[i * ld + j] - (i === j ? ridge.view[i] : 0));
        }),
      ),
    );
  };
  expect(follow([1, 2])).toBe(0); // nothing to follow yet
  const face = Array.from({ length: 20 }, (_, j) => j);
  anew(face);
  expect(follow(face)).toBe(1);
  expect(follow([7, ...face.filter((j) => j !== 3 && j !== 7), 22, 21])).toBe(1);
  expect(Array.from(index.view.subarray(0, 21))).toEqual([...face.filter((j) => j !== 3), 22, 21]);
  expect(off()).toBeLessThan(1e-12);
  // Six at once are the caller's to append.
  const now = Array.from(index.view.subarray(0, 21));
  expect(follow([...now, 23, 24, 25, 26, 27, 28])).toBe(2);
  expect([lists.view[0], lists.view[3]]).toEqual([21, 6]);
  expect(Array.from(lists.view.subarray(4 + ld, 4 + ld + 6))).toEqual([23, 24, 25, 26, 27, 28]);
  expect(off()).toBeLessThan(1e-12);
  expect(follow([0, 1])).toBe(0); // too many leave
  anew(face);
  expect(follow([...face, m - 1])).toBe(0); // depends on the first
  anew(face);
  ridge.view[4] = 1;
  expect(follow(face)).toBe(0); // another ridge
  anew(face);
  lists.view[2] = 500;
  expect(follow(face)).toBe(0); // rounding of many updates
  expect(lists.view[0]).toBe(0);
  expect(t.end()).toBe(0);
});
