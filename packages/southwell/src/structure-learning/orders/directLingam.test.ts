import { readFileSync } from 'node:fs';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { graphMetrics } from '../graphs/metrics.ts';
import { simulateGraph, simulateSem } from '../graphs/simulate.ts';
import { type KnowledgeStatements, knowledgeOf } from '../knowledge.ts';
import { binarySamples, samples } from '../samples.ts';
import { audit, bent, d, keepsKnowledge, linear, refusesUnknown } from '../testing.ts';
import { variancesAlong } from '../varsortability.ts';
import { directLingam, directLingamIterates } from './directLingam.ts';

/**
 * A model and the authors' results. directLingam.json was made by their package (cdt15/lingam at 402a707, with
 * scikit-learn 1.4.2 and numpy 2.2.4): for each model numpy.random.seed(seed), then node by node, in the order of `nodes`,
 * u = numpy.random.uniform(size=n) and x = Σ weight·parent + noise(u), where noise is u, u³ or 16(u − ½)³;
 * DirectLiNGAM().fit(X) gave causal_order_ and the entries [to, from, weight] of adjacency_matrix_. `head` is the first row
 * of X. The first model is that of their notebook DirectLiNGAM.ipynb (seed 100), the second that of tests/test_direct_lingam.py
 * (with seed 0); the others were drawn at random, with many rows and few, strong edges and weak ones, so that the paths of
 * 15 of the lassos lose columns again. Where something is known, their prior_knowledge was −1 but for 0 at [to, from] for
 * tiers and 1 for required edges (which they demand as paths), whatever the order of the model.
 */
interface Case {
  readonly name: string;
  readonly seed: number;
  readonly n: number;
  readonly nodes: ReadonlyArray<readonly [number, keyof typeof noises, ReadonlyArray<readonly [number, number]>]>;
  readonly known?: KnowledgeStatements;
  readonly order: readonly number[];
  readonly adjacency: ReadonlyArray<readonly [number, number, number]>;
  readonly head: readonly number[];
}
const { cases } = JSON.parse(readFileSync(new URL('../directLingam.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const standardised = (x: readonly number[]): number[] => {
  const centre = mean(x);
  const deviation = Math.sqrt(mean(x.map((v) => (v - centre) ** 2)));
  return x.map((v) => (v - centre) / deviation);
};
/** What is left of x when it is regressed on y. */
const residual = (x: readonly number[], y: readonly number[]): number[] => {
  const [u, v] = [standardised(x), standardised(y)];
  const slope = mean(u.map((value, i) => value * v[i]));
  return u.map((value, i) => value - slope * v[i]);
};
const entropy = (x: readonly number[]): number => {
  const u = standardised(x);
  const cosh = mean(u.map((v) => Math.log(Math.cosh(v))));
  const wave = mean(u.map((v) => v * Math.exp((-v * v) / 2)));
  return (1 + Math.log(2 * Math.PI)) / 2 - 79.047 * (cosh - 0.37457) ** 2 - 7.4129 * wave ** 2;
};

/** DirectLiNGAM's measure of each of some columns by its definition: the sum over the others of min(0, Δ)². */
const lingamSums = (columns: ReadonlyArray<readonly number[]>): number[] =>
  columns.map((x) => {
    let sum = 0;
    for (const y of columns) {
      if (y === x) continue;
      const difference = entropy(y) + entropy(residual(x, y)) - (entropy(x) + entropy(residual(y, x)));
      sum += Math.min(0, difference) ** 2;
    }
    return sum;
  });

/**
 * Along an order, the measures of what is left, what those before explain taken out: one list of [node, measure] a step.
 * All plainly, for tests.
 */
function lingamSteps(X: DenseMatrix, order: ArrayLike<number>): Array<Array<readonly [number, number]>> {
  let left = Array.from({ length: X.cols }, (_, j) => [j, Array.from(X.column(j))] as const);
  return Array.from(order, (node) => {
    const sums = lingamSums(left.map(([, x]) => x));
    const step = left.map(([j], k) => [j, sums[k]] as const);
    const cause = left.find(([j]) => j === node)![1];
    left = left.filter(([j]) => j !== node).map(([j, x]) => [j, residual(x, cause)]);
    return step;
  });
}

const noises = { uniform: (u: number) => u, skew: (u: number) => u * u * u, heavy: (u: number) => cube(u - 0.5) * 16 };
const cube = (c: number) => c * c * c;

/** MT19937 with the seeding of numpy.random.seed, and its doubles of 53 bits. */
function mersenne(seed: number): () => number {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let k = 1; k < 624; k++) state[k] = Math.imul(1812433253, state[k - 1] ^ (state[k - 1] >>> 30)) + k;
  let at = 624;
  const word = (): number => {
    if (at === 624) {
      for (let k = 0; k < 624; k++) {
        const y = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff);
        state[k] = state[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  return () => {
    const high = word() >>> 5;
    return (high * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  };
}

function dataOf({ seed, n, nodes }: Case): DenseMatrix {
  const random = mersenne(seed);
  const X = DenseMatrix.create(n, nodes.length);
  for (const [node, noise, parents] of nodes) {
    const x = X.column(node);
    for (const [parent, w] of parents) for (let i = 0; i < n; i++) x[i] += w * X.get(i, parent);
    for (let i = 0; i < n; i++) x[i] += noises[noise](random());
  }
  return X;
}

const edges = (W: DenseMatrix) =>
  Array.from(W.data, (w, k) => [k % W.rows, Math.floor(k / W.rows), w] as const).filter(([, , w]) => w !== 0);

describe('the authors’ results', () => {
  test.each(cases.map((model) => [model.name, model] as const))('%s', (_, model) => {
    const X = dataOf(model);
    expect(model.head.map((__, j) => X.get(0, j))).toEqual(model.head);
    const knowledge = model.known && knowledgeOf(model.known, X.cols);
    const found = directLingam(X, { knowledge });
    expect(found.status).toBe('completed');
    expect(Array.from(found.order)).toEqual(model.order);
    const theirs = model.adjacency.map(([to, from]) => [from, to]);
    expect(edges(found.W).map(([from, to]) => [from, to])).toEqual(theirs.sort((a, b) => a[1] - b[1] || a[0] - b[0]));
    for (const [to, from, weight] of model.adjacency) expect(found.W.get(from, to) / weight).toBeCloseTo(1, 10);
    // Nothing is cut off.
    expect(found.dag.data).toEqual(found.W.data);
  });
});

const truth = simulateGraph({ nodes: 6, edges: 8, seed: 2 });
const X = simulateSem(truth, { n: 400, noise: 'exponential', seed: 3 });

const columns = (A: DenseMatrix, map: (column: Float64Array, j: number) => ArrayLike<number>) => {
  const B = DenseMatrix.create(A.rows, A.cols);
  for (let j = 0; j < A.cols; j++) B.column(j).set(map(A.column(j), j));
  return B;
};

test('each variable found has the least measure of those left, computed by its definition', () => {
  for (let seed = 0; seed < 20; seed++) {
    const graph = simulateGraph({ nodes: 5, edges: 5, weights: [0.2, 1], seed });
    const data = simulateSem(graph, { n: 60, noise: seed % 2 ? 'laplace' : 'exponential', seed });
    const { order, objective } = directLingam(data);
    let total = 0;
    lingamSteps(data, order).forEach((sums, step) => {
      const least = sums.reduce((a, b) => (b[1] < a[1] ? b : a));
      expect(least[0]).toBe(order[step]);
      total += least[1];
    });
    expect(objective).toBeCloseTo(total, 12);
  }
});

test('units of columns change neither order nor edges, but for the units of the weights', () => {
  const units = [1e-6, -3, 1e8, 0.1, 1, -1e-3];
  const plain = directLingam(X);
  const other = directLingam(columns(X, (column, j) => column.map((v) => v * units[j] + units[j])));
  expect(other.order).toEqual(plain.order);
  for (let k = 0; k < 36; k++) {
    const [i, j] = [k % 6, Math.floor(k / 6)];
    expect((other.W.get(i, j) * units[i]) / units[j]).toBeCloseTo(plain.W.get(i, j), 8);
  }
});

test('columns in another order: the same graph', () => {
  const plain = directLingam(X);
  const places = new Random(5).permutation(6);
  const other = directLingam(columns(X, (_, j) => X.column(places[j])));
  expect(Array.from(other.order, (v) => places[v])).toEqual(Array.from(plain.order));
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) expect(other.W.get(i, j)).toBeCloseTo(plain.W.get(places[i], places[j]), 12);
  }
});

test.each(['exponential', 'laplace'] as const)('finds graphs by %s noise', (noise) => {
  for (let seed = 0; seed < 5; seed++) {
    const graph = simulateGraph({ nodes: 10, edges: 15, seed });
    const data = simulateSem(graph, { n: 3000, noise, seed });
    const found = directLingam(data);
    for (const [from, to] of edges(graph)) {
      expect(found.order.indexOf(from)).toBeLessThan(found.order.indexOf(to));
      expect(found.W.get(from, to)).toBeCloseTo(graph.get(from, to), 0);
    }
    expect(graphMetrics(graph, found.dag).shd).toBeLessThanOrEqual(6);
  }
});

test('a value far from all others', () => {
  const far = columns(simulateSem(truth, { n: 20_000, noise: 'laplace', seed: 3 }), (column, j) =>
    column.map((v, i) => (i === 7 && j === 2 ? 1e6 : v)),
  );
  const { objective, order } = directLingam(far);
  expect(objective).toBeCloseTo(
    lingamSteps(far, order).reduce((total, step, at) => total + step.find(([node]) => node === order[at])![1], 0),
    10,
  );
});

test('a single column, two columns', () => {
  const one = directLingam(columns(DenseMatrix.create(400, 1), () => X.column(0)));
  expect([one.order, one.W.data, one.objective]).toEqual([Int32Array.of(0), Float64Array.of(0), 0]);
  const effect = DenseMatrix.fromRows([
    [0, 0],
    [2, 0],
  ]);
  const two = directLingam(simulateSem(effect, { n: 500, noise: 'exponential', seed: 9 }));
  expect(Array.from(two.order)).toEqual([1, 0]);
  expect(two.W.get(1, 0)).toBeCloseTo(2, 0);
});

test('an iterate a variable; cut short, the rest stands last without edges into it', () => {
  const whole = directLingam(X);
  const cut = directLingam(X, { maxIter: 3 });
  expect(cut).toMatchObject({ status: 'iteration-limit', iterations: 3 });
  expect(cut.order.slice(0, 3)).toEqual(whole.order.slice(0, 3));
  for (const node of cut.order.slice(3)) expect(cut.W.column(node).every((w) => w === 0)).toBe(true);
  const found = [...directLingamIterates(samples(X))].map(({ iteration }) => iteration);
  expect(found).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

describe('what cannot be done is said', () => {
  const rows = (n: number, entry: (i: number, j: number) => number, d = 3) =>
    Array.from({ length: n }, (_, i) => Array.from({ length: d }, (__, j) => entry(i, j)));
  const random = new Random(1);
  const names = ['height', 'weight', 'age'];
  const draw = rows(20, () => random.uniform());
  const withThird = (third: (row: readonly number[]) => number) => draw.map((row) => [row[0], row[1], third(row)]);
  test.each([
    ['no rows', [], /0 × 0/],
    ['a single row', rows(1, (_, j) => j), /only one row/],
    ['no more rows than columns', draw.slice(0, 3), /needs more rows than columns, but there are 3 rows for 3 columns/],
    ['a constant column', withThird(() => 7), /age is constant/],
    ['values that are not finite', withThird(() => Number.NaN), /NaN/],
    ['a column twice', withThird((row) => row[0]), /is a linear combination of other columns/],
    ['a multiple', withThird((row) => -5 * row[1]), /is a linear combination of other columns/],
    ['a sum', withThird((row) => row[0] + row[1]), /is a linear combination of other columns/],
    ['variances beyond numbers', withThird((row) => row[0] * 1e200), /overflows or underflows/],
  ])('%s', (_, data, message) => {
    expect(() => directLingam(data, { names })).toThrow(message);
  });

  test('rows with shares', () => {
    const bits = binarySamples(draw.map((row) => row.map((v) => (v > 0.5 ? 1 : 0))));
    expect(() => [...directLingamIterates(bits)]).toThrow(/unweighted rows/);
  });
});

const curves = samples(bent);
audit('DirectLiNGAM', {
  by: 'directLingamIterates',
  start: (resume) => directLingamIterates(curves, { resume }),
  // The measures of the nodes found; the rest stands last.
  objective: ({ point: { order }, iterations }) =>
    lingamSteps(curves.X, order!)
      .slice(0, iterations)
      .reduce((sum, step, at) => sum + step.find(([node]) => node === order![at])![1], 0),
  end: 'completed',
  proves: ({ iterations }) => expect(iterations).toBe(d),
});

keepsKnowledge('DirectLiNGAM', (options) => directLingam(linear, options));

test('with forbidden edges: a run that was cut goes on with the same bits', () => {
  const known = knowledgeOf(
    {
      forbidden: [
        [0, 1],
        [2, 3],
        [4, 0],
      ],
    },
    6,
  );
  const lingam = run(directLingamIterates(samples(linear), { knowledge: known }));
  const order = lingam.point.order!.slice(0, 3);
  const found = run(directLingamIterates(samples(linear), { knowledge: known }), { maxIter: 3 });
  const resume = { order, objective: found.objective, comparisons: found.work.oracleCalls! };
  const rest = run(directLingamIterates(samples(linear), { knowledge: known, resume }));
  expect([rest.point.W.data, rest.work]).toEqual([lingam.point.W.data, lingam.work]);
});

test('options that are unknown', () => {
  refusesUnknown('directLingam', (more) => directLingam(linear, more));
  refusesUnknown('directLingamIterates', (more) => run(directLingamIterates(curves, more)));
});

test('columns whose units increase along the order are no reason to warn: the order does not depend on them', () => {
  const chain = DenseMatrix.fromRows([
    [0, 1.5, 0],
    [0, 0, -1.5],
    [0, 0, 0],
  ]);
  const X = simulateSem(chain, { n: 500, noise: 'exponential', seed: 3 });
  for (let j = 0; j < 3; j++) X.column(j).set(X.column(j).map((v) => [0.1, 1, 100][j] * v));
  const found = directLingam(X);
  expect([...found.order]).toEqual([0, 1, 2]);
  expect(found.varsortability).toBe(1);
  expect(variancesAlong(found.dag, samples(X)).byUnits).toBe(true);
  expect(found.warnings).toEqual([]);
});
