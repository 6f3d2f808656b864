import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { bootstrapEdges } from './bootstrap.ts';
import { colide, colideIterates, dagma } from './continuous/colide.ts';
import { golem } from './continuous/golem.ts';
import { notears } from './continuous/notears.ts';
import { notearsMlp } from './continuous/notearsMlp.ts';
import type { EstimateOptions, GraphEstimate } from './estimate.ts';
import { thresholdToDag } from './graphs/graphs.ts';
import { semCovariance, simulateGraph, simulateSem } from './graphs/simulate.ts';
import { consistentOrder, type Knowledge, type KnowledgeStatements, knowledgeOf } from './knowledge.ts';
import { type Moments, moments, populationMoments } from './moments.ts';
import { exactOrder } from './orders/exactOrder.ts';
import { orderScore } from './orders/orderFactor.ts';
import { improveDag, refined, topo, topoIterates } from './orders/topo.ts';
import { topoMlp } from './orders/topoMlp.ts';
import { penalisedTopo } from './orders/topoPenalised.ts';
import { bends, binary, entry, expectKept, keepsKnowledge, linear, six } from './testing.ts';

const names = ['age', 'sex', 'height', 'weight', 'pulse', 'mood'];
describe('statements are checked', () => {
  test.each<[string, KnowledgeStatements, RegExp]>([
    ['a name with a slip', { required: [['age', 'hieght']] }, /no column "hieght". Did you mean "height"\?/],
    ['a name far from all', { forbidden: [['x', 'age']] }, /no column "x". The columns are age, sex/],
    ['a number too large', { tiers: [[0, 6]] }, /no column 6: the 6 columns are numbered from 0 to 5/],
    ['a broken number', { tiers: [[0.5]] }, /no column 0.5/],
    ['a loop', { required: [['age', 0]] }, /age → age is a self-loop/],
    ['a forbidden loop', { forbidden: [[2, 2]] }, /height → height is a self-loop/],
    [
      'both',
      { required: [['age', 'mood']], forbidden: [[0, 5]] },
      /age → mood is both required and forbidden: leave one of the two out/,
    ],
    [
      'a cycle, the shortest',
      {
        required: [
          [0, 1],
          [1, 2],
          [2, 1],
          [1, 3],
          [3, 0],
        ],
      },
      /form a cycle, age → sex → weight → age: leave one/,
    ],
    [
      'against the tiers',
      { required: [['mood', 'age']], tiers: [['age'], ['mood']] },
      /mood → age is required, but mood is in tier 2 and age in tier 1/,
    ],
    [
      'a path against the tiers',
      {
        required: [
          ['mood', 'sex'],
          ['sex', 'age'],
        ],
        tiers: [['age'], ['mood']],
      },
      /mood → age follows from required edges, but/,
    ],
    ['two tiers', { tiers: [['age'], ['sex', 'age']] }, /age is in tier 1 and in tier 2: remove it from one/],
  ])('%s', (_, statements, message) => {
    expect(() => knowledgeOf(statements, names)).toThrow(message);
  });

  test('names where there are none; knowledge of other data', () => {
    expect(() => knowledgeOf({ required: [['age', 'sex']] }, 6)).toThrow(/columns have no names/);
    const known = knowledgeOf({}, 3);
    const X = simulateSem(simulateGraph({ nodes: 4, edges: 3 }), { n: 50 });
    for (const method of [topo, colide, golem, notears, penalisedTopo, topoMlp, notearsMlp, dagma]) {
      expect(() => method(X, { knowledge: known })).toThrow(/about 3 variables, but the data have 4/);
    }
    expect(() => exactOrder(X, { knowledge: known })).toThrow(/about 3 variables/);
  });

  test('what follows: reverse paths cannot be, tiers are orders, also through variables that are in none', () => {
    const known = knowledgeOf(
      {
        required: [
          ['sex', 'height'],
          ['height', 'weight'],
        ],
        forbidden: [['pulse', 'weight']],
        tiers: [['age'], ['sex']],
      },
      names,
    );
    const cannot: string[] = [];
    const before: string[] = [];
    for (let from = 0; from < 6; from++) {
      for (let to = 0; to < 6; to++) {
        if (from !== to && !entry(known.allowed, from, to)) cannot.push(`${from}${to}`);
        if (entry(known.before, from, to)) before.push(`${from}${to}`);
      }
    }
    expect(before).toEqual(['01', '02', '03', '12', '13', '23']);
    expect(cannot).toEqual(['10', '20', '21', '30', '31', '32', '43']);
    expect(Array.from(consistentOrder([5, 3, 2, 4, 1, 0], known))).toEqual([5, 4, 0, 1, 2, 3]);
    expect(knowledgeOf({ tiers: [[], [0, 1]] }, 2).before.every((v) => v === 0)).toBe(true);
  });
});

const d = 6;
type Method = (options: EstimateOptions) => GraphEstimate;
const logistic = { score: 'logistic' } as const;
const schedule = { iterations: 1500, lastIterations: 3000 };
const methods: Readonly<Record<string, Method>> = {
  CoLiDE: (options) => colide(linear, { ...schedule, ...options }),
  'CoLiDE, equal variances': (options) => colide(linear, { ...schedule, variance: 'equal', ...options }),
  DAGMA: (options) => dagma(linear, { ...schedule, ...options }),
  GOLEM: (options) => golem(linear, { iterations: 5000, ...options }),
  NOTEARS: (options) => notears(linear, options),
  'NOTEARS, logistic': (options) => notears(binary, { ...logistic, ...options }),
  TOPO: (options) => topo(linear, options),
  'TOPO, all swaps': (options) => topo(linear, { small: 15, large: 15, ridge: 0.01, ...options }),
  'TOPO after another method': (options) => improveDag(six, linear, options),
  'TOPO, penalised': (options) => penalisedTopo(linear, options),
  'TOPO, logistic': (options) => penalisedTopo(binary, { ...logistic, lambda: 0.01, ...options }),
  'TOPO, networks': (options) => topoMlp(bends, { hidden: 2, starts: 0, maxFits: 40, ...options }),
};

for (const [name, method] of Object.entries(methods)) {
  keepsKnowledge(name, method, (knowledge, { required }) => {
    // A start says nothing of required edges yet, and says that.
    if (name !== 'CoLiDE' || !required) return;
    expect(method({ knowledge, maxIter: 0 }).warnings.at(-1)).toMatch(/is required, but its weight is 0/);
  });
}

test('two Gaussian variables whose direction the data do not tell: it is as required', () => {
  const chain = DenseMatrix.fromRows([
    [0, 0.8],
    [0, 0],
  ]);
  // By the variances the second would be the cause.
  const data = populationMoments(semCovariance(chain, [1, 0.2]));
  const known = knowledgeOf({ required: [[0, 1]] }, 2);
  const wrong = DenseMatrix.fromRows([
    [0, 0],
    [1, 0],
  ]);
  for (const method of [
    (options: EstimateOptions) => colide(data, { variance: 'equal', lambda: 0.02, ...schedule, ...options }),
    (options: EstimateOptions) => dagma(data, { ...schedule, ...options }),
    (options: EstimateOptions) => golem(data, { iterations: 5000, ...options }),
    (options: EstimateOptions) => notears(data, options),
    (options: EstimateOptions) => topo(data, { small: 1, large: 1, ...options }),
    (options: EstimateOptions) => penalisedTopo(data, options),
  ]) {
    expect(method({}).dag.data.map(Math.sign)).toEqual(wrong.data);
    const right = method({ knowledge: known });
    // Without penalty on what is required, the weight is that of the regression.
    expect(right.W.get(0, 1)).toBeCloseTo(0.8, 2);
    expect(right.dag.get(1, 0)).toBe(0);
  }
});

/** ½ of what the regression of a node on a set leaves of its variance, by elimination. */
function half(C: DenseMatrix, target: number, parents: readonly number[]): number {
  const nodes = [...parents, target];
  const a = nodes.map((i) => nodes.map((j) => C.get(i, j)));
  parents.forEach((_, k) => {
    for (let i = k + 1; i < nodes.length; i++) {
      const factor = a[i][k] / a[k][k];
      for (let j = k; j < nodes.length; j++) a[i][j] -= factor * a[k][j];
    }
  });
  return a[parents.length][parents.length] / 2;
}

const permutations = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first) => permutations(items.filter((v) => v !== first)).map((rest) => [first, ...rest]));

/** Statements about four variables that do not contradict each other, at random. */
function randomKnowledge(random: Random): Knowledge {
  for (;;) {
    const pairs = (share: number) => {
      const list: Array<[number, number]> = [];
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++) if (i !== j && random.uniform() < share) list.push([i, j]);
      return list;
    };
    const tiers: number[][] = [[], [], []];
    for (let j = 0; j < 4; j++) tiers[random.integer(3)].push(j);
    const statements = {
      required: pairs(0.1),
      forbidden: pairs(0.2),
      tiers: random.uniform() < 0.4 ? tiers.slice(0, 1 + random.integer(3)) : [],
    };
    try {
      return knowledgeOf(statements, 4);
    } catch {
      // They contradict each other: another draw.
    }
  }
}

describe('four variables, all graphs', () => {
  const every = permutations([0, 1, 2, 3]);
  const subsets = (set: readonly number[]): number[][] =>
    set.reduce<number[][]>((all, v) => all.concat(all.map((s) => [...s, v])), [[]]);
  const cases = Array.from({ length: 25 }, (_, seed) => {
    const random = new Random(100 + seed);
    const C = moments(
      simulateSem(simulateGraph({ nodes: 4, edges: 4, seed }), { n: 60, seed, variances: [1, 3, 2, 1] }),
    );
    return [seed, C, randomKnowledge(random)] as const;
  });
  const keeps = (order: readonly number[], { before }: Knowledge) =>
    order.every((to, p) => order.slice(p + 1).every((from) => !entry(before, from, to, 4)));
  /** The best score of all graphs along an order. */
  const along = (C: DenseMatrix, order: readonly number[], { allowed, required }: Knowledge, price: number): number =>
    order.reduce((sum, node, p) => {
      const can = order.slice(0, p).filter((i) => entry(allowed, i, node, 4));
      const sets = subsets(can).filter((set) =>
        [0, 1, 2, 3].every((i) => !entry(required, i, node, 4) || set.includes(i)),
      );
      return sum + Math.min(...sets.map((set) => half(C, node, set) + price * set.length));
    }, 0);

  test.each(cases)('%i: the exact order is the best of all graphs that keep to what is known', (_, data, known) => {
    for (const price of [0, 0.1, 1]) {
      const best = Math.min(...every.filter((o) => keeps(o, known)).map((o) => along(data.C, o, known, price)));
      const found = exactOrder(data, { edgePenalty: price, knowledge: known });
      expect(found.score).toBeCloseTo(best, 10);
      expect(keeps(Array.from(found.order), known)).toBe(true);
      expectKept({ ...found, dag: found.W }, known);
    }
  });

  test.each(cases)('%i: orders end where no exchange that is left lowers the score', (_, data, known) => {
    const found = topo(data, { small: 6, large: 6, knowledge: known });
    const order = Array.from(found.order);
    expect(found.status).toBe('converged');
    expect(keeps(order, known)).toBe(true);
    expect(found.objective).toBeCloseTo(along(data.C, order, known, 0), 10);
    for (let b = 0; b < 4; b++) {
      for (let a = 0; a < b; a++) {
        const other = order.slice();
        [other[a], other[b]] = [other[b], other[a]];
        if (keeps(other, known)) expect(along(data.C, other, known, 0)).toBeGreaterThan(found.objective - 1e-9);
      }
    }
    // The penalised search with a vanishing price goes by the same regressions.
    const penalised = penalisedTopo(data, { lambda: 0, knowledge: known, order: found.order });
    expect(penalised.objective).toBeLessThan(found.objective + 1e-9);
    expect(keeps(Array.from(penalised.order), known)).toBe(true);
  });
});

test('forbidden edges beside orders: a run that was cut goes on with the same bits', () => {
  const data = moments(linear);
  const known = knowledgeOf(
    {
      forbidden: [
        [0, 1],
        [2, 3],
        [4, 0],
      ],
    },
    d,
  );
  const start = { order: [5, 4, 3, 2, 1, 0], knowledge: known, small: 15, large: 15 };
  const states: unknown[] = [];
  const whole = run(topoIterates(data, start), { checkpoint: { save: (state) => states.push(state) } });
  expect(states.length).toBeGreaterThan(2);
  for (const state of states) {
    const rest = run(topoIterates(data, { ...start, resume: state as never }));
    expect([rest.point.W.data, rest.objective]).toEqual([whole.point.W.data, whole.objective]);
  }
  // Where nothing is forbidden that orders do not see to, the factor of all predecessors does as well.
  const tiers = knowledgeOf(
    {
      tiers: [
        [5, 1],
        [0, 2],
        [3, 4],
      ],
    },
    d,
  );
  const swapped = topo(data, { ...start, knowledge: tiers });
  expect(swapped.objective).toBeCloseTo(orderScore(data.C, swapped.order), 12);
});

test('what is known goes with the swaps after a method, and through the bootstrap', () => {
  const knowledge = knowledgeOf({ required: [[5, 4]], forbidden: [[0, 1]], tiers: [[2], [3]] }, d);
  const swaps = refined(
    (data: Moments, resume) => colideIterates(data, { ...schedule, knowledge, resume: resume as never }),
    (data, { order }) => topoIterates(data, { order, knowledge }),
  );
  const { point } = run(swaps(moments(linear)));
  expectKept({ W: point.W, order: point.order!, dag: thresholdToDag(point.W, 0.3, knowledge) }, knowledge);
  const shares = bootstrapEdges(linear, (data) => topoIterates(data, { knowledge }), { resamples: 8, knowledge });
  expect([shares.get(5, 4), shares.get(0, 1), shares.get(3, 2)]).toEqual([1, 0, 0]);
});

test('a DAG of weights that keep to nothing: what must be stays, the rest goes by size', () => {
  const W = DenseMatrix.fromRows([
    [0, 0.9, 0.1],
    [0.2, 0, 0.8],
    [0.7, 0.6, 0],
  ]);
  const knowledge = knowledgeOf({ required: [[1, 0]], forbidden: [[1, 2]] }, 3);
  const dag = thresholdToDag(W, 0.3, knowledge);
  expect(dag.data).toEqual(
    DenseMatrix.fromRows([
      [0, 0, 0],
      [0.2, 0, 0],
      [0.7, 0.6, 0],
    ]).data,
  );
  // A required edge of weight 0 is not there, but nothing leads back along it.
  const none = DenseMatrix.fromRows([
    [0, 0, 0],
    [0, 0, 0.5],
    [0.4, 0, 0],
  ]);
  expect(thresholdToDag(none, 0.3, knowledgeOf({ required: [[0, 1]] }, 3)).data.filter((w) => w !== 0)).toEqual(
    Float64Array.of(0.5),
  );
});
