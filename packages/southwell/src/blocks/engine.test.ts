import { CscMatrix } from '@southwell/numerics/arrays';
import { Random, run, runAsync, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { box, elasticNet, l1, mcp, nonNegative } from '../penalties/index.ts';
import {
  type BlockProblem,
  blockCoordinateDescent,
  blockCoordinateDescentIterates,
  graphLabelPropagation,
  gs,
  gsd,
  gsqOmp,
  type LooseOptions,
  leastSquares,
  logistic,
  quadratic,
  type SelectionRule,
  smoothProblem,
  softmax,
  type UpdateRule,
} from './index.ts';
import {
  eigenvalues,
  gram,
  type Rows,
  randomRows,
  solve,
  submatrix,
  subsets,
  times,
  toDense,
  topK,
  transposed,
} from './testing.ts';

const A = randomRows(15, 12, 3, { spread: 1.5 });
const y = Array.from({ length: 15 }, (_, r) => 4 * Math.cos(2 * r) + r / 5);
const problem = leastSquares(A, y);
const loose = (p: BlockProblem, options: LooseOptions) =>
  blockCoordinateDescentIterates(p, options as Parameters<typeof blockCoordinateDescentIterates>[1]);

// ---- An independent method: dense, everything recomputed from x every step. -------------------------------------------

interface Reference {
  gradient(x: number[]): number[];
  H: Rows;
}
const ls: Reference = {
  gradient: (x) =>
    times(
      transposed(A),
      times(A, x).map((v, r) => v - y[r]),
    ),
  H: gram(A),
};
const L = ls.H.map((row, i) => row[i]);
const rowSums = ls.H.map((row) => row.reduce((s, v) => s + Math.abs(v), 0));
const lsObjective = (x: ArrayLike<number>) => times(A, x).reduce((s, v, r) => s + 0.5 * (v - y[r]) ** 2, 0);
const topEigenvalue = (M: Rows) => eigenvalues(M)[M.length - 1];
const slicesOf = (order: number[], size: number) =>
  Array.from({ length: Math.ceil(order.length / size) }, (_, k) =>
    order.slice(k * size, k * size + size).sort((a, b) => a - b),
  );
const ascending = L.map((_, i) => i).sort((i, j) => L[i] - L[j]);

type Choose = (g: number[], k: number) => number[];
type Update = (x: number[], block: number[], g: number[]) => number[];

const argmaxBlock = (blocks: number[][], score: (b: number[]) => number): number[] =>
  blocks.reduce((best, b) => (score(b) > score(best) ? b : best));
const blocks3 = slicesOf(ascending, 3);
const gb = (g: number[], b: number[]) => b.map((i) => g[i]);
const norm2 = (v: number[]) => v.reduce((s, t) => s + t * t, 0);

const chooseFixed: Record<string, Choose> = {
  cyclic: (_, k) => blocks3[k % blocks3.length],
  GS: (g) => argmaxBlock(blocks3, (b) => norm2(gb(g, b))),
  GSL: (g) => argmaxBlock(blocks3, (b) => norm2(gb(g, b)) / topEigenvalue(submatrix(ls.H, b))),
  GSD: (g) => argmaxBlock(blocks3, (b) => b.reduce((s, i) => s + g[i] ** 2 / L[i], 0)),
  GSQ: (g) =>
    argmaxBlock(blocks3, (b) => {
      const d = solve(submatrix(ls.H, b), gb(g, b));
      return b.reduce((s, i, a) => s + g[i] * d[a], 0);
    }),
};
const matrixVector = (M: Rows, d: number[]) => M.map((row) => row.reduce((s, v, j) => s + v * d[j], 0));
const keep = (d: number[], block: number[]) => d.map((v, i) => (block.includes(i) ? v : 0));
function iht(g: number[], scaled: boolean): number[] {
  const S = L.map((v) => 1 / Math.sqrt(v));
  const M = scaled ? ls.H.map((row, i) => row.map((v, j) => S[i] * v * S[j])) : ls.H;
  const h = scaled ? g.map((v, i) => v * S[i]) : g;
  const mu = 1 / topEigenvalue(M);
  let z = g.map((v, i) => (scaled ? -v : v) * S[i]);
  let block: number[] = [];
  for (let sweep = 0; sweep < 10; sweep++) {
    const Mz = matrixVector(M, z);
    const moved = z.map((v, i) => v - mu * (h[i] + Mz[i]));
    block = topK(moved.map(Math.abs), 3);
    z = keep(moved, block);
  }
  return block;
}
const chooseVariable: Record<string, Choose> = {
  GS: (g) => topK(g.map(Math.abs), 3),
  GSD: (g) =>
    topK(
      g.map((v, i) => (v * v) / L[i]),
      3,
    ),
  rowSums: (g) =>
    topK(
      g.map((v, i) => (v * v) / rowSums[i]),
      3,
    ),
  'GSQ-IHT': (g) => iht(g, false),
  'GSQ-IHT-scaled': (g) => iht(g, true),
  'GSQ-OMP': (g) => {
    let S: number[] = [];
    let d = g.map(() => 0);
    while (S.length < 3) {
      const r = matrixVector(ls.H, d).map((v, i) => v + g[i]);
      const outside = g.map((_, i) => i).filter((i) => !S.includes(i));
      S = [
        ...S,
        outside[
          topK(
            outside.map((i) => r[i] ** 2 / L[i]),
            1,
          )[0]
        ],
      ].sort((a, b) => a - b);
      const solved = solve(
        submatrix(ls.H, S),
        gb(g, S).map((v) => -v),
      );
      d = g.map((_, i) => (S.includes(i) ? solved[S.indexOf(i)] : 0));
    }
    return S;
  },
};
const updatesOf: Record<string, Update> = {
  Lb: (_, b, g) => gb(g, b).map((v) => -v / topEigenvalue(submatrix(ls.H, b))),
  matrix: (_, b, g) => solve(submatrix(ls.H, b), gb(g, b)).map((v) => -v),
  LS: (_, b, g) => solve(submatrix(ls.H, b), gb(g, b)).map((v) => -v),
  exact: (x, b, g) => {
    // A_bᵀA_b u = A_bᵀ(y − A_c x_c): the normal equations themselves.
    const rest = x.map((v, i) => (b.includes(i) ? 0 : v));
    const r = times(A, rest).map((v, q) => y[q] - v);
    const rhs = b.map((i) => A.reduce((s, row, q) => s + row[i] * r[q], 0));
    expect(g.length).toBe(x.length);
    return solve(submatrix(ls.H, b), rhs).map((v, a) => v - x[b[a]]);
  },
};

function compare(options: LooseOptions, choose: Choose, update: Update, steps = 25): void {
  const x = new Array<number>(12).fill(0);
  let k = 0;
  for (const it of loose(problem, options)) {
    if (it.iteration > 0) {
      const g = ls.gradient(x);
      const block = choose(g, k++);
      expect(Array.from(it.block)).toEqual(block);
      const d = update(x, block, g);
      block.forEach((i, a) => void (x[i] += d[a]));
    }
    expect(Math.abs(it.objective / lsObjective(x) - 1)).toBeLessThan(1e-9);
    if (it.certificate) {
      const residual = Math.max(...ls.gradient(x).map(Math.abs));
      expect(Math.abs(it.certificate.value - residual)).toBeLessThan(1e-8 * (1 + residual));
    }
    if (it.iteration === steps) break;
  }
  expect(k).toBeGreaterThan(3);
}

describe('objective, block and residual traces agree with an independent dense method', () => {
  for (const update of Object.keys(updatesOf)) {
    for (const rule of Object.keys(chooseFixed)) {
      test(`fixed, ${rule}, ${update}`, () =>
        compare(
          { blocks: 'fixed', partition: 'sort', blockSize: 3, selection: rule, update },
          chooseFixed[rule],
          updatesOf[update],
        ));
    }
    for (const rule of Object.keys(chooseVariable)) {
      const selection = rule === 'rowSums' ? { rule: 'GSD', diagonal: 'rowSums' } : rule;
      test(`variable, ${rule}, ${update}`, () =>
        compare({ blocks: 'variable', blockSize: 3, selection, update }, chooseVariable[rule], updatesOf[update]));
    }
  }

  test('LA, from ones and from L_i, halving or not', () => {
    for (const [initial, halve] of [
      ['one', false],
      ['lipschitz', false],
      ['one', true],
    ] as const) {
      const estimates = initial === 'one' ? L.map(() => 1) : [...L];
      const choose: Choose = (g) =>
        argmaxBlock(blocks3, (b) => norm2(gb(g, b)) / Math.max(...b.map((i) => estimates[i])));
      const update: Update = (x, b, g) => {
        let Lhat = Math.max(...b.map((i) => estimates[i])) / (halve ? 2 : 1);
        const at = (l: number) => x.map((v, i) => (b.includes(i) ? v - g[i] / l : v));
        while (lsObjective(at(Lhat)) - lsObjective(x) > -norm2(gb(g, b)) / (2 * Lhat) + 1e-9) Lhat *= 2;
        for (const i of b) estimates[i] = Lhat;
        return b.map((i) => -g[i] / Lhat);
      };
      compare(
        { blocks: 'fixed', blockSize: 3, selection: 'GSL', update: { rule: 'LA', initial, halve } as never },
        choose,
        update,
        12,
      );
    }
  });

  test('the 1-norm scores of the authors’ code', () => {
    const l1norm = (g: number[], b: number[], w: (i: number) => number) =>
      b.reduce((s, i) => s + Math.abs(g[i]) / w(i), 0);
    const fixed = { blocks: 'fixed', blockSize: 3, update: 'matrix' } as const;
    compare(
      { ...fixed, selection: { rule: 'GS', norm: 'l1' } as never },
      (g) => argmaxBlock(blocks3, (b) => l1norm(g, b, () => 1)),
      updatesOf.matrix,
    );
    compare(
      { ...fixed, selection: { rule: 'GSD', norm: 'l1' } as never },
      (g) => argmaxBlock(blocks3, (b) => l1norm(g, b, (i) => Math.sqrt(L[i]))),
      updatesOf.matrix,
    );
    const lb = new Map(blocks3.map((b) => [b, Math.sqrt(topEigenvalue(submatrix(ls.H, b)))]));
    compare(
      { ...fixed, selection: { rule: 'GSL', norm: 'l1' } as never },
      (g) => argmaxBlock(blocks3, (b) => l1norm(g, b, () => lb.get(b)!)),
      updatesOf.matrix,
    );
  });

  test('partitions order and average', () => {
    const order = slicesOf(
      L.map((_, i) => i),
      5,
    );
    const mixed = slicesOf(
      ascending.map((_, t) => (t % 2 === 0 ? ascending[t / 2] : ascending[11 - (t - 1) / 2])),
      5,
    );
    const sums = slicesOf(
      L.map((_, i) => i).sort((i, j) => rowSums[i] - rowSums[j]),
      5,
    );
    for (const [partition, blocks] of [
      ['order', order],
      ['average', mixed],
      [{ rule: 'sort', by: 'rowSums' }, sums],
    ] as const) {
      compare(
        { blocks: 'fixed', partition, blockSize: 5, selection: 'cyclic', update: 'matrix' },
        (_, k) => blocks[k % blocks.length],
        updatesOf.matrix,
        7,
      );
    }
  });
});

describe('proximal rules against an independent method', () => {
  const lambda = 6;
  const F = (x: number[]) => lsObjective(x) + lambda * x.reduce((s, v) => s + v, 0);
  const step = (x: number[], g: number[], i: number, l: number) => Math.max(0, x[i] - (g[i] + lambda) / l);
  const score = (x: number[], g: number[], i: number) => {
    const d = step(x, g, i, L[i]) - x[i];
    return -((g[i] + lambda) * d + 0.5 * L[i] * d * d);
  };
  for (const blocks of ['fixed', 'variable'] as const) {
    for (const update of ['proximalGradient', 'proximalNewton']) {
      test(`${blocks}, ${update}`, () => {
        const x = new Array<number>(12).fill(0);
        for (const it of loose(problem, {
          blocks,
          blockSize: 3,
          selection: 'proximal',
          update,
          penalty: nonNegative(lambda),
        })) {
          if (it.iteration > 0) {
            const g = ls.gradient(x);
            const s = x.map((_, i) => score(x, g, i));
            const block = Array.from(it.block);
            const sum = (b: number[]) => b.reduce((t, i) => t + s[i], 0);
            // By their sum: coordinates just minimised over tie at rounding level.
            const best = sum(blocks === 'fixed' ? argmaxBlock(blocks3, sum) : topK(s, 3));
            expect(block.length).toBe(3);
            expect(sum(block)).toBeGreaterThanOrEqual(best * (1 - 1e-9) - 1e-12);
            const H = submatrix(ls.H, block);
            if (update === 'proximalGradient') {
              const l = topEigenvalue(H);
              const next = block.map((i) => step(x, g, i, l));
              block.forEach((i, a) => void (x[i] = next[a]));
            } else {
              // The block problem by trying every set of free coordinates.
              let best = Number.POSITIVE_INFINITY;
              let choice = block.map((i) => x[i]);
              for (let mask = 0; mask < 8; mask++) {
                const free = [0, 1, 2].filter((a) => mask & (1 << a));
                const u = [0, 0, 0];
                if (free.length > 0) {
                  const rhs = free.map(
                    (a) =>
                      -(g[block[a]] + lambda) +
                      block.reduce((t, i, c) => t + H[a][c] * (x[i] - (free.includes(c) ? 0 : u[c])), 0),
                  );
                  solve(submatrix(H, free), rhs).forEach((v, t) => void (u[free[t]] = v));
                }
                if (u.some((v) => v < 0)) continue;
                const trial = [...x];
                block.forEach((i, a) => void (trial[i] = u[a]));
                if (F(trial) < best) {
                  best = F(trial);
                  choice = u;
                }
              }
              block.forEach((i, a) => void (x[i] = choice[a]));
            }
          }
          expect(Math.abs(it.objective / F(x) - 1)).toBeLessThan(1e-9);
          expect(it.support).toBe(x.filter((v) => v > 0).length);
          if (it.iteration === 12) break;
        }
      });
    }
  }
});

// ---- The card's correctness checks --------------------------------------------------------------------------------

const signs = y.map((v) => (v > 1 ? 1 : -1));
const spd = gram(randomRows(18, 12, 9)).map((row, i) =>
  row.map((v, j) => (i === j ? v + 1 : Math.abs(i - j) < 3 ? v / 8 : 0)),
);
const problems: BlockProblem[] = [
  problem,
  leastSquares(
    CscMatrix.fromDense(toDense(randomRows(20, 12, 5, { density: 0.3 }))),
    Array.from({ length: 20 }, (_, i) => Math.sin(i)),
  ),
  logistic(A, signs),
  softmax(
    randomRows(15, 4, 6),
    signs.map((_, r) => r % 3),
  ),
  quadratic(
    spd,
    Array.from({ length: 12 }, (_, i) => i - 4),
  ),
];

describe('the objective never rises and falls by at least what is guaranteed', () => {
  const combos: LooseOptions[] = [];
  for (const update of ['Lb', 'LA', 'matrix', 'LS', 'exact']) {
    for (const selection of [
      'cyclic',
      'random',
      'lipschitz',
      'GS',
      'GSL',
      'GSD',
      'GSQ',
      'maximumImprovement',
      'proximal',
    ])
      combos.push({ blocks: 'fixed', blockSize: 5, selection, update });
    for (const selection of [
      'cyclic',
      'random',
      'lipschitz',
      'GS',
      'GSD',
      'GSQ-IHT',
      'GSQ-IHT-scaled',
      'GSQ-OMP',
      'proximal',
    ])
      combos.push({ blocks: 'variable', blockSize: 4, selection, update });
  }
  test.each(problems.map((p, i) => [`${p.name} ${i}`, p] as const))('%s', (_, p) => {
    for (const options of combos) {
      let previous = Number.POSITIVE_INFINITY;
      let first = 0;
      let gradient = new Float64Array(0);
      for (const it of loose(p, { ...options, strict: true, seed: 4 })) {
        first = Math.max(first, Math.abs(it.objective));
        expect(it.objective).toBeLessThanOrEqual(previous + 1e-12 * first);
        if (it.iteration > 0 && (options.update === 'Lb' || options.update === 'matrix')) {
          const b = it.block;
          const H = new Float64Array(b.length ** 2);
          p.boundBlock!(b, H);
          const rows = Array.from(b, (_, i) => Array.from(b, (_, j) => H[i * b.length + j]));
          const top = topEigenvalue(rows);
          // For matrix steps any valid lower bound of ½gᵀH⁺g will do: g²/(2λ_max), the Lipschitz guarantee.
          const guaranteed = norm2(Array.from(b, (i) => gradient[i])) / (2 * top);
          if (top > 0) expect(previous - it.objective).toBeGreaterThanOrEqual(guaranteed * (1 - 1e-9) - 1e-12 * first);
        }
        previous = it.objective;
        gradient = p.start(it.x).gradient().slice();
        if (it.iteration === 15) break;
      }
    }
  });
});

test('matrix updates fall by ½∇_bᵀH_b⁻¹∇_b', () => {
  let gradient: number[] = [];
  let previous = 0;
  for (const it of loose(problem, { blockSize: 4, selection: 'GSD', update: 'matrix' })) {
    if (it.iteration > 0) {
      const b = Array.from(it.block);
      const d = solve(submatrix(ls.H, b), gb(gradient, b));
      const guaranteed = 0.5 * b.reduce((s, i, a) => s + gradient[i] * d[a], 0);
      expect(previous - it.objective).toBeGreaterThan(guaranteed * (1 - 1e-8) - 1e-10);
    }
    gradient = ls.gradient(Array.from(it.x));
    previous = it.objective;
    if (it.iteration === 10) break;
  }
});

test('τ = p with the matrix update solves least squares in one iteration', () => {
  const { iterations, x, status } = blockCoordinateDescent(problem, { blockSize: 12, tol: 1e-9 });
  expect(iterations).toBe(1);
  expect(status).toBe('converged');
  const expected = solve(ls.H, times(transposed(A), y));
  for (let i = 0; i < 12; i++) expect(x[i]).toBeCloseTo(expected[i], 8);
});

test('τ = 1: GSL, GSD and GSQ are one rule, GS the classical one', () => {
  const blocksOf = (options: LooseOptions) => {
    const out: number[] = [];
    for (const it of loose(problem, { blockSize: 1, update: 'matrix', ...options })) {
      if (it.iteration > 0) out.push(it.block[0]);
      if (it.iteration === 20) return out;
    }
    return out;
  };
  const expected = blocksOf({ blocks: 'variable', selection: 'GSD' });
  for (const selection of ['GSL', 'GSQ', 'GSD', 'maximumImprovement'])
    expect(blocksOf({ blocks: 'fixed', selection })).toEqual(expected);
  expect(blocksOf({ selection: 'GSQ-OMP' })).toEqual(expected);
  expect(blocksOf({ blocks: 'fixed', selection: 'GS' })).toEqual(blocksOf({ selection: 'GS' }));
  expect(blocksOf({ selection: 'GS' })).not.toEqual(expected);
});

test('maximum improvement is GSQ on quadratics', () => {
  for (const p of [
    problem,
    quadratic(
      spd,
      Array.from({ length: 12 }, (_, i) => i - 4),
    ),
  ]) {
    const run = (selection: string) => {
      const out: number[][] = [];
      for (const it of loose(p, { blocks: 'fixed', blockSize: 3, selection, update: 'exact' })) {
        out.push(Array.from(it.block));
        if (it.iteration === 10) break;
      }
      return out;
    };
    expect(run('maximumImprovement')).toEqual(run('GSQ'));
  }
});

test('variable GSQ against all C(12, 3) blocks: OMP within 5 % of the best decrease on average, IHT-scaled near', () => {
  let [omp, scaled, diagonal] = [0, 0, 0];
  let worst = 1;
  const draws = 40;
  for (let seed = 0; seed < draws; seed++) {
    const H = gram(randomRows(18, 12, 1000 + seed)).map((row, i) => row.map((v, j) => (i === j ? v + 0.5 : v)));
    const random = new Random(seed);
    const b = Array.from({ length: 12 }, () => random.normal());
    const p = quadratic(H, b);
    const decrease = (block: ArrayLike<number>) => {
      const list = Array.from(block);
      const d = solve(submatrix(H, list), gb(b, list));
      return 0.5 * list.reduce((s, i, a) => s + b[i] * d[a], 0);
    };
    const best = Math.max(...subsets(12, 3).map(decrease));
    const of = (selection: string) => {
      const it = loose(p, { blockSize: 3, selection, update: 'matrix' });
      it.next();
      return decrease((it.next().value as { block: Int32Array }).block) / best;
    };
    omp += of('GSQ-OMP');
    worst = Math.min(worst, of('GSQ-OMP'));
    scaled += of('GSQ-IHT-scaled');
    diagonal += of('GSD');
  }
  expect(omp / draws).toBeGreaterThan(0.95);
  expect(worst).toBeGreaterThan(0.6);
  expect(scaled / draws).toBeGreaterThan(0.85);
  expect(omp).toBeGreaterThan(diagonal);
});

test('progress of one step: GSQ ≥ GSD and GS with the matrix update, over fixed blocks', () => {
  const first = (selection: string) => {
    const it = loose(problem, { blocks: 'fixed', blockSize: 3, selection, update: 'matrix' });
    const f0 = (it.next().value as { objective: number }).objective;
    return f0 - (it.next().value as { objective: number }).objective;
  };
  expect(first('GSQ')).toBeGreaterThanOrEqual(first('GSD'));
  expect(first('GSQ')).toBeGreaterThanOrEqual(first('GS'));
  expect(first('GSQ')).toBeGreaterThanOrEqual(first('GSL'));
});

describe('penalised problems', () => {
  const random = new Random(12);
  const X = randomRows(40, 25, 13);
  const w = Array.from({ length: 25 }, (_, j) => (j % 4 === 0 ? 2 * random.normal() : 0));
  const target = times(X, w).map((v) => v + 0.3 * random.normal());
  const p = leastSquares(X, target);
  const lambda = 12;

  /** Plain cyclic coordinate descent, to the end. */
  function reference(prox: (z: number, l: number) => number): number[] {
    const H = gram(X);
    const c = times(transposed(X), target);
    const x = new Array<number>(25).fill(0);
    for (let sweep = 0; sweep < 20000; sweep++) {
      for (let i = 0; i < 25; i++) {
        const g = H[i].reduce((s, v, j) => s + v * x[j], -c[i]);
        x[i] = prox(x[i] - g / H[i][i], H[i][i]);
      }
    }
    return x;
  }
  const soft = (z: number, t: number) => Math.sign(z) * Math.max(0, Math.abs(z) - t);
  const penalties = [
    ['lasso', l1(lambda), reference((z, l) => soft(z, lambda / l))],
    ['elastic net', elasticNet(20, 0.5), reference((z, l) => soft(z, 10 / l) / (1 + 10 / l))],
    ['NN-L1', nonNegative(lambda), reference((z, l) => Math.max(0, z - lambda / l))],
    ['box', box(-0.5, 0.7), reference((z) => Math.min(0.7, Math.max(-0.5, z)))],
  ] as const;

  describe.each(penalties)('%s', (name, penalty, expected) => {
    const combos: LooseOptions[] = [];
    for (const update of ['proximalGradient', 'proximalNewton', ...(name === 'NN-L1' ? ['twoMetric'] : [])]) {
      for (const selection of ['proximal', 'GS', 'GSD', 'cyclic', 'random', 'lipschitz']) {
        combos.push({ blocks: 'variable', blockSize: 6, selection, update });
        combos.push({ blocks: 'fixed', blockSize: 6, selection, update });
      }
      combos.push({ blocks: 'fixed', blockSize: 6, selection: 'GSL', update });
      combos.push({ blockSize: 'support+4', selection: 'proximal', update });
    }
    test.each(combos.map((c) => [`${c.update} ${c.selection} ${c.blocks} ${c.blockSize}`, c] as const))(
      '%s',
      (_, options) => {
        const solution = blockCoordinateDescent(p, {
          ...options,
          penalty,
          tol: 1e-11,
          maxIter: 20000,
          strict: true,
        } as never);
        expect(solution.status).toBe('converged');
        for (let i = 0; i < 25; i++) expect(Math.abs(solution.x[i] - expected[i])).toBeLessThan(1e-7);
      },
    );
  });

  test('NN-L1: KKT residual ≤ 1e-9·λ', () => {
    const solution = blockCoordinateDescent(p, { penalty: nonNegative(lambda), blockSize: 'support+5', tol: 1e-12 });
    expect(solution.certificate!.kind).toBe('kktResidual');
    expect(solution.certificate!.value).toBeLessThan(1e-9 * lambda);
    // The residual, recomputed: g_i + λ = 0 on the support, ≥ 0 off it.
    const g = times(
      transposed(X),
      times(X, solution.x).map((v, r) => v - target[r]),
    );
    g.forEach((v, i) => {
      const slack = v + lambda;
      expect(solution.x[i] > 0 ? Math.abs(slack) : Math.max(0, -slack)).toBeLessThan(1e-9 * lambda);
    });
  });

  test('‘support+m’ with proximal Newton ends in a few steps, superlinearly, and the support settles', () => {
    const solution = blockCoordinateDescent(p, { penalty: l1(lambda), blockSize: 'support+10', tol: 1e-13 });
    expect(solution.iterations).toBeLessThanOrEqual(5);
    expect(solution.activeSetIteration).toBeLessThanOrEqual(solution.iterations);
    const last = solution.trace.findLastIndex((t, k) => k > 0 && t.support !== solution.trace[k - 1].support);
    expect(solution.activeSetIteration).toBeGreaterThanOrEqual(solution.trace[last].k);
  });

  test('logistic loss: proximal Newton agrees with proximal gradient', () => {
    const labels = target.map((v) => (v > 0 ? 1 : -1));
    const q = logistic(X, labels);
    const [a, b] = (['proximalNewton', 'proximalGradient'] as const).map((update) =>
      blockCoordinateDescent(q, {
        penalty: l1(0.7),
        blockSize: 8,
        selection: 'proximal',
        update,
        tol: 1e-10,
        maxIter: 1e5,
        strict: true,
      }),
    );
    expect(a.status).toBe('converged');
    for (let i = 0; i < 25; i++) expect(Math.abs(a.x[i] - b.x[i])).toBeLessThan(1e-7);
    expect(a.iterations).toBeLessThan(b.iterations);
  });

  test('a non-convex penalty still descends to a stationary point', () => {
    const solution = blockCoordinateDescent(p, {
      penalty: mcp(8, 3),
      blockSize: 5,
      update: 'proximalGradient',
      tol: 1e-9,
      maxIter: 50000,
      strict: true,
    });
    expect(solution.status).toBe('converged');
  });

  test('values stay inside a box, to the last bit', () => {
    const penalty = box(-0.3, 0.1);
    for (const it of loose(p, { penalty, blockSize: 7 })) {
      for (const v of it.x) expect(v >= -0.3 && v <= 0.1).toBe(true);
      if (it.iteration === 20) break;
    }
  });
});

// ---- Behaviour ----------------------------------------------------------------------------------------------------

test('two-metric projection does not raise F where the working system is singular', () => {
  const wide = leastSquares(randomRows(5, 20, 21), [1, 2, -1, 3, 0.5]);
  const options = { penalty: nonNegative(0.5), blockSize: 12, update: 'twoMetric', tol: 1e-9, strict: true } as const;
  const solution = blockCoordinateDescent(wide, options);
  const expected = blockCoordinateDescent(wide, { ...options, update: 'proximalNewton' });
  expect(solution.objective).toBeCloseTo(expected.objective, 7);
});

test('deterministic for a seed, different for another', () => {
  const trace = (seed: number) =>
    blockCoordinateDescent(problem, { selection: 'random', blockSize: 2, seed, maxIter: 40 }).trace.map(
      (t) => t.objective,
    );
  expect(trace(1)).toEqual(trace(1));
  expect(trace(1)).not.toEqual(trace(2));
});

test('random and Lipschitz sampling draw every coordinate in the right proportion', () => {
  const p = quadratic(
    [
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 5],
    ],
    [1, 1, 1],
  );
  const counts = (selection: string, blocks: 'fixed' | 'variable', size: number) => {
    const seen = [0, 0, 0];
    // An update that does nothing keeps the run going.
    const idle: UpdateRule = {
      name: 'idle',
      handlesPenalty: false,
      start: (context) => (block, next) =>
        block.forEach((i, a) => void (next[a] = context.x[i] + (context.iteration % 2 ? 1e-12 : -1e-12))),
    };
    for (const it of loose(p, { blocks, blockSize: size, selection, update: idle, seed: 5 })) {
      for (const i of it.block) seen[i]++;
      if (it.iteration === 8000) break;
    }
    return seen.map((v) => v / 8000);
  };
  const near = (actual: number[], expected: number[]) => {
    for (let i = 0; i < 3; i++) expect(Math.abs(actual[i] - expected[i])).toBeLessThan(0.02);
  };
  near(counts('lipschitz', 'fixed', 1), [1 / 8, 2 / 8, 5 / 8]);
  near(counts('lipschitz', 'variable', 1), [1 / 8, 2 / 8, 5 / 8]);
  // Without replacement, two of three: P(i left out) = Σ over orders.
  const out = (i: number) => {
    const w = [1, 2, 5];
    const [a, b] = [0, 1, 2].filter((j) => j !== i);
    return (w[a] / 8) * (w[b] / (8 - w[a])) + (w[b] / 8) * (w[a] / (8 - w[b]));
  };
  near(
    counts('lipschitz', 'variable', 2),
    [0, 1, 2].map((i) => 1 - out(i)),
  );
  near(counts('random', 'fixed', 1), [1 / 3, 1 / 3, 1 / 3]);
  near(counts('random', 'variable', 2), [2 / 3, 2 / 3, 2 / 3]);
});

test('variable cyclic blocks visit every coordinate once a pass, with a short last slice', () => {
  const seen: number[] = [];
  for (const it of loose(problem, { selection: 'cyclic', blockSize: 5, seed: 3 })) {
    seen.push(...it.block);
    if (it.iteration === 3) break;
  }
  expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});

test('incremental gradients: a heap chooses the same blocks as a scan', () => {
  const random = new Random(2);
  const n = 300;
  const from: number[] = [];
  const to: number[] = [];
  for (let i = 0; i < n; i++) {
    for (const j of random.sample(n, 2)) {
      if (j === i) continue;
      from.push(i, j);
      to.push(j, i);
    }
  }
  const W = CscMatrix.fromTriplets(
    n,
    n,
    from,
    to,
    from.map(() => 1),
  );
  const p = graphLabelPropagation(
    W,
    Array.from({ length: n }, (_, i) => (i < 20 ? i : null)),
  );
  for (const rule of [gs, gsd]) {
    const blocksOf = (scores: 'heap' | 'scan') => {
      const out: number[][] = [];
      for (const it of loose(p, { selection: rule({ scores }), blockSize: 3, update: 'exact' })) {
        out.push(Array.from(it.block));
        if (it.iteration === 250) break;
      }
      return out;
    };
    expect(blocksOf('heap')).toEqual(blocksOf('scan'));
  }
});

test('drift after hundreds of steps stays at rounding level', () => {
  const state = problem.start(new Float64Array(12));
  const random = new Random(1);
  for (let k = 0; k < 500; k++)
    state.apply(
      random.sample(12, 3).sort(),
      Float64Array.from({ length: 3 }, () => random.normal()),
    );
  expect(state.refresh()).toBeLessThan(1e-10);
});

test('the protocol: limits, abort, observer, async, certificates', async () => {
  const method = () => loose(problem, { blockSize: 2, selection: 'GS' });
  expect(run(method(), { maxIter: 7 }).status).toBe('iteration-limit');
  const controller = new AbortController();
  const aborted = blockCoordinateDescent(problem, {
    blockSize: 2,
    selection: 'cyclic',
    signal: controller.signal,
    onIterate: (it) => it.iteration === 5 && controller.abort(),
  });
  expect(aborted.status).toBe('aborted');
  expect(aborted.iterations).toBe(5);
  const solution = await runAsync(method(), { tol: 1e-8, maxIter: 1e5, sliceMs: 1 });
  expect(solution.status).toBe('converged');
  expect(solution.certificate!.kind).toBe('gradientNorm');
  const trace = blockCoordinateDescent(problem, { blockSize: 4, maxIter: 3 }).trace;
  expect(trace.map((t) => t.k)).toEqual([0, 1, 2, 3]);
  expect(trace[1].block.length).toBe(4);
  expect(trace[1].residual).toBeGreaterThan(0);
});

test('a schedule of block sizes, a warm start, a partition of one’s own', () => {
  const sizes: number[] = [];
  for (const it of loose(problem, { blockSize: (k) => k + 1, selection: 'GS' })) {
    sizes.push(it.block.length);
    if (it.iteration === 4) break;
  }
  expect(sizes).toEqual([0, 1, 2, 3, 4]);
  const first = blockCoordinateDescent(problem, { tol: 1e-8 });
  const again = blockCoordinateDescent(problem, { tol: 1e-8, x0: first.x });
  expect(again.iterations).toBe(0);
  const own = blockCoordinateDescent(problem, {
    blocks: 'fixed',
    partition: [
      [0, 1, 2, 3, 4, 5],
      [11, 10, 9, 8, 7, 6],
    ],
    selection: 'GSQ',
    tol: 1e-9,
  });
  expect(own.objective).toBeCloseTo(first.objective, 8);
});

test('degenerate problems have defined answers', () => {
  // All-zero gradient: converged at the start.
  const still = blockCoordinateDescent(
    leastSquares(
      [
        [1, 2],
        [3, 4],
      ],
      [0, 0],
    ),
    {},
  );
  expect([still.status, still.iterations]).toEqual(['converged', 0]);
  // Zero columns are never chosen by GSD and do no harm elsewhere; duplicated columns make H_b singular.
  const rows = randomRows(8, 6, 31).map((row) => [row[0], 0, row[2], row[2], 0, row[5]]);
  for (const sparse of [false, true]) {
    const p = leastSquares(sparse ? CscMatrix.fromDense(toDense(rows)) : rows, [1, 2, 3, 4, 5, 6, 7, 8]);
    const best = lsBest(rows, [1, 2, 3, 4, 5, 6, 7, 8]);
    for (const selection of [
      'GS',
      'GSD',
      'GSQ-IHT',
      'GSQ-IHT-scaled',
      'GSQ-OMP',
      'cyclic',
      'random',
      'lipschitz',
      'proximal',
    ]) {
      for (const update of ['Lb', 'LA', 'matrix', 'LS', 'exact']) {
        const s = blockCoordinateDescent(p, {
          selection,
          update,
          blockSize: 3,
          tol: 1e-9,
          maxIter: 20000,
          strict: true,
        } as never);
        expect(s.status).toBe('converged');
        expect(s.objective).toBeCloseTo(best, 7);
        if (selection === 'GSD') expect(s.x[1]).toBe(0);
      }
    }
    for (const selection of ['GS', 'GSL', 'GSD', 'GSQ', 'maximumImprovement', 'lipschitz']) {
      const s = blockCoordinateDescent(p, {
        blocks: 'fixed',
        selection,
        blockSize: 2,
        tol: 1e-9,
        strict: true,
      } as never);
      expect(s.objective).toBeCloseTo(best, 7);
    }
    // With an L1 penalty a zero column must leave the support at once.
    const s = blockCoordinateDescent(p, { penalty: l1(0.1), x0: [0, 5, 0, 0, -5, 0], blockSize: 6 });
    expect([s.x[1], s.x[4]]).toEqual([0, 0]);
  }
});

function lsBest(rows: Rows, target: number[]): number {
  const used = [0, 2, 5].map((j) => rows.map((row) => row[j]));
  const M = used.map((a) => used.map((b) => a.reduce((s, v, r) => s + v * b[r], 0)));
  const c = solve(
    M,
    used.map((a) => a.reduce((s, v, r) => s + v * target[r], 0)),
  );
  return target.reduce((s, t, r) => s + 0.5 * (used.reduce((m, col, q) => m + col[r] * c[q], 0) - t) ** 2, 0);
}

test('separable logistic data: the objective goes to 0 and the run says that it stopped by a limit or the tolerance', () => {
  const p = logistic(
    [
      [1, 0],
      [-1, 0.5],
    ],
    [1, -1],
  );
  const s = blockCoordinateDescent(p, { update: 'LS', blockSize: 2, tol: 0, maxIter: 60 });
  expect(s.objective).toBeLessThan(1e-8);
  expect(Number.isFinite(s.x[0])).toBe(true);
});

test('a wrong Lipschitz constant is caught in strict mode and survived otherwise', () => {
  const wrong = smoothProblem({
    dim: 2,
    coordinateLipschitz: [1, 1],
    quadratic: true,
    value: (x) => 50 * (x[0] - 1) ** 2 + 50 * (x[1] + 2) ** 2,
    gradient: (x, out) => out.set([100 * (x[0] - 1), 100 * (x[1] + 2)]),
    boundBlock: (block, out) => block.forEach((_, a) => void (out[a * block.length + a] = 1)),
  });
  expect(() => blockCoordinateDescent(wrong, { update: 'Lb', blockSize: 1, strict: true })).toThrow(
    /increased the objective/,
  );
  const s = blockCoordinateDescent(wrong, { update: 'Lb', blockSize: 1, tol: 1e-6 });
  expect(s.status).toBe('converged');
  expect(s.x[0]).toBeCloseTo(1, 4);
});

test('one’s own problem, selection rule and update', () => {
  const everyOther: SelectionRule & { variable: NonNullable<SelectionRule['variable']> } = {
    name: 'every other',
    usesGradient: false,
    variable: (context) => () => Int32Array.from({ length: 6 }, (_, t) => 2 * t + (context.iteration % 2)),
  };
  const s = blockCoordinateDescent(problem, { selection: everyOther, update: 'exact', tol: 1e-9 });
  expect(s.status).toBe('converged');
  expect(blockCoordinateDescent(problem, { selection: gsqOmp({ batch: 1 }), blockSize: 4, tol: 1e-9 }).status).toBe(
    'converged',
  );
});

describe('what does not combine says so', () => {
  const cases: Array<[string, BlockProblem, LooseOptions, RegExp]> = [
    ['GSL, variable', problem, { selection: 'GSL', blockSize: 2 }, /GSL has no variant for variable blocks.*rowSums/],
    ['GSQ, variable', problem, { selection: 'GSQ', blockSize: 2 }, /best-subset.*GSQ-OMP/],
    ['MI, variable', problem, { selection: 'maximumImprovement', blockSize: 2 }, /no variant for variable/],
    [
      'IHT, fixed',
      problem,
      { blocks: 'fixed', selection: 'GSQ-IHT', blockSize: 2 },
      /no variant for fixed.*GSQ is exact/,
    ],
    ['negative seed', problem, { seed: -1 }, /seed must be a whole number of at least 0/],
    ...(
      [
        ['norm', { selection: { rule: 'GS', norm: 'l3' } }, /norm must be one of l2, l1, but is l3/],
        [
          'diagonal',
          { selection: { rule: 'GSD', diagonal: 'rows' } },
          /diagonal must be one of lipschitz, eso, rowSums/,
        ],
        ['batch', { selection: { rule: 'GSQ-OMP', batch: 0 } }, /batch must be at least 1, but is 0/],
        ['weight', { selection: { rule: 'greedyTree', weight: 1 } }, /weight must be one of none, lipschitz, rowSums/],
        ['initial', { update: { rule: 'LA', initial: 1 } }, /initial must be one of one, lipschitz/],
        ['halve', { update: { rule: 'LA', halve: 1 } }, /halve must be true or false/],
        ['by', { blocks: 'fixed', partition: { rule: 'sort', by: 'rows' } }, /by must be one of lipschitz, rowSums/],
        [
          'visit',
          { blocks: 'fixed', partition: { rule: 'trees', visit: 'x' } },
          /visit must be one of lipschitz, index/,
        ],
        [
          'rows',
          { blocks: 'fixed', partition: { rule: 'latticeTrees', rows: 1.5, columns: 2 } },
          /rows must be a whole number of at least 1, but is 1.5/,
        ],
      ] as const
    ).map(([name, options, words]): [string, BlockProblem, LooseOptions, RegExp] => [
      `a ${name} that is none`,
      problems[4],
      options,
      words,
    ]),
    ['trees without graph', problem, { selection: 'greedyTree' }, /needs a problem with a graph/],
    ['red-black without graph', problem, { blocks: 'fixed', partition: 'redBlack' }, /needs a problem with a graph/],
    ['messages without graph', problem, { selection: 'GS', update: 'messagePassing' }, /may contain cycles|graph/],
    [
      'messages without graph, fixed',
      problem,
      { blocks: 'fixed', update: 'messagePassing' },
      /needs a problem with a graph/,
    ],
    [
      'messages on cycles',
      problems[4],
      { blocks: 'fixed', partition: 'order', blockSize: 12, update: 'messagePassing' },
      /Block 0 of the partition contains a cycle/,
    ],
    [
      'messages on GS blocks',
      problems[4],
      { selection: 'GS', blockSize: 4, update: 'messagePassing' },
      /may contain cycles/,
    ],
    ['GSQ with a penalty', problem, { blocks: 'fixed', selection: 'GSQ', penalty: l1(1) }, /ignores the penalty/],
    ['matrix with a penalty', problem, { update: 'matrix', penalty: l1(1) }, /ignores the penalty/],
    ['TMP with l1', problem, { update: 'twoMetric', penalty: l1(1) }, /nonNegative\(alpha\)/],
    ['TMP without penalty', problem, { update: 'twoMetric' }, /nonNegative\(alpha\)/],
    ['support+m, fixed', problem, { blocks: 'fixed', blockSize: 'support+3', penalty: l1(1) }, /needs variable blocks/],
    ['support+m, smooth', problem, { blockSize: 'support+3' }, /needs a penalty/],
    [
      'support+m, random',
      problem,
      { blockSize: 'support+3', penalty: l1(1), selection: 'random' },
      /ranks coordinates/,
    ],
    ['support+0', problem, { blockSize: 'support+0', penalty: l1(1) }, /m ≥ 1/],
    ['τ > p', problem, { blockSize: 13 }, /only 12 coordinates/],
    ['τ > p, fixed', problem, { blocks: 'fixed', blockSize: 13 }, /only 12 coordinates/],
    ['τ = 0', problem, { blockSize: 0 }, /at least 1/],
    ['τ = NaN', problem, { blockSize: Number.NaN }, /at least 1/],
    ['τ = 2.5', problem, { blockSize: 2.5 }, /whole number/],
    ['misspelt rule', problem, { selection: 'GDS' }, /no selection rule "GDS". Did you mean "GS/],
    ['misspelt update', problem, { update: 'matrx' }, /Did you mean "matrix"/],
    ['unknown partition', problem, { blocks: 'fixed', partition: 'zzzzzzzzz' }, /Choose one of order/],
    ['inherited name', problem, { selection: 'constructor' }, /no selection rule/],
    ['wrong blocks', problem, { blocks: 'both' as never }, /blocks must be one of fixed, variable, but is both/],
    ['partition of variable blocks', problem, { partition: 'sort' }, /needs fixed blocks/],
    ['schedule of fixed blocks', problem, { blocks: 'fixed', blockSize: () => 2 }, /needs variable blocks/],
    [
      'partition with a gap',
      problem,
      { blocks: 'fixed', partition: [[0, 1]] },
      /leaves out 10 coordinates, including 2/,
    ],
    [
      'partition with an overlap',
      problem,
      { blocks: 'fixed', partition: [[0, 1], [1]] },
      /coordinate 1, which is also in another/,
    ],
    ['partition beyond', problem, { blocks: 'fixed', partition: [[99]] }, /coordinate 99, which does not exist/],
    ['empty block', problem, { blocks: 'fixed', partition: [[]] }, /Block 0 of the partition is empty/],
    ['short x0', problem, { x0: [1] }, /x0 has 1 values for 12/],
    ['NaN x0', problem, { x0: new Float64Array(12).fill(Number.NaN) }, /x0\[0\] is NaN/],
    ['infeasible x0', problem, { x0: new Float64Array(12).fill(-1), penalty: nonNegative(1) }, /outside the domain/],
    [
      'no boundBlock',
      smoothProblem({
        dim: 1,
        coordinateLipschitz: [1],
        value: (x) => x[0] ** 2 / 2 + x[0],
        gradient: (x, g) => void (g[0] = x[0] + 1),
      }),
      { update: 'Lb', blockSize: 1 },
      /no boundBlock/,
    ],
    [
      'no hessianBlock',
      smoothProblem({
        dim: 1,
        coordinateLipschitz: [1],
        value: (x) => x[0] ** 2 / 2 + x[0],
        gradient: (x, g) => void (g[0] = x[0] + 1),
      }),
      { update: 'LS', blockSize: 1 },
      /no hessianBlock/,
    ],
    [
      'no boundProduct',
      smoothProblem({
        dim: 1,
        coordinateLipschitz: [1],
        value: (x) => x[0] ** 2 / 2 + x[0],
        gradient: (x, g) => void (g[0] = x[0] + 1),
      }),
      { selection: 'GSQ-OMP', blockSize: 1 },
      /no boundProduct/,
    ],
    [
      'NaN gradient',
      smoothProblem({ dim: 1, coordinateLipschitz: [1], value: () => 0, gradient: (_, g) => void (g[0] = Number.NaN) }),
      { blockSize: 1 },
      /gradient of coordinate 0 is not a number at step 0/,
    ],
  ];
  test.each(cases)('%s', (_, p, options, sentence) => {
    let error: unknown;
    try {
      for (const it of loose(p, options)) if (it.iteration > 2) break;
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(SouthwellError);
    expect((error as Error).message).toMatch(sentence);
  });
});

test('impossible combinations are type errors', () => {
  const never = () => {
    // @ts-expect-error GSL exists for fixed blocks only
    blockCoordinateDescent(problem, { selection: 'GSL' });
    // @ts-expect-error IHT exists for variable blocks only
    blockCoordinateDescent(problem, { blocks: 'fixed', selection: 'GSQ-IHT' });
    // @ts-expect-error tree rules need a graph
    blockCoordinateDescent(problem, { selection: 'greedyTree' });
    // @ts-expect-error message passing needs a graph
    blockCoordinateDescent(problem, { update: 'messagePassing' });
    // @ts-expect-error matrix updates ignore penalties
    blockCoordinateDescent(problem, { penalty: l1(1), update: 'matrix' });
    // @ts-expect-error so do GSQ scores
    blockCoordinateDescent(problem, { penalty: l1(1), selection: 'GSQ-OMP' });
    // @ts-expect-error a partition belongs to fixed blocks
    blockCoordinateDescent(problem, { partition: 'sort' });
    // @ts-expect-error a misspelt option of a rule
    blockCoordinateDescent(problem, { selection: { rule: 'GSD', diagonal: 'rowsums' } });
    // These are fine:
    blockCoordinateDescent(problem, { selection: { rule: 'GSD', diagonal: 'rowSums' } });
    blockCoordinateDescent(problem, { blocks: 'fixed', partition: { rule: 'sort', by: 'rowSums' }, selection: 'GSL' });
    blockCoordinateDescent(quadratic([[1]], [1]), { selection: 'greedyTree', update: 'messagePassing' });
    blockCoordinateDescent(quadratic([[1]], [1]), { blocks: 'fixed', partition: 'trees', update: 'messagePassing' });
  };
  expect(never).toBeTypeOf('function');
});
