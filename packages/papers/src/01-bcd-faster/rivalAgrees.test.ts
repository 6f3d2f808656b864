import { CscMatrix, Random } from 'southwell';
import {
  type BlockProblem,
  blockCoordinateDescentIterates,
  graphLabelPropagation,
  type LooseOptions,
  leastSquares,
  logistic,
  type MethodOptions,
  type SelectionRule,
  selectionRules,
  softmax,
} from 'southwell/blocks';
import { l1, nonNegative } from 'southwell/penalties';
import { describe, expect, test } from 'vitest';
import { setB, setC, setD, setE, sparseDesign } from './data.ts';
import {
  best,
  blocksOf,
  type Choose,
  constants,
  descent,
  diagonalBlocks,
  diagonalRule,
  drawn,
  estimates,
  inTurn,
  lipschitzStep,
  matrixStep,
  newtonStep,
  quadraticBlocks,
  type RivalIterate,
  sampled,
  sampledByCurvature,
  shuffled,
  variable,
} from './rival.ts';
import {
  labelsOnGraph,
  largest,
  logisticLoss,
  nonNegativeMinimiser,
  type Smooth,
  softmaxLoss,
  squaredLoss,
} from './rivalFunctions.ts';
import {
  newtonOfBlock,
  nonNegativeDescent,
  projectedStep,
  promising,
  thresholdedDescent,
  twoMetrics,
} from './rivalProximal.ts';
import { combs, forestStep, forests, greedyTrees, randomTrees } from './rivalTrees.ts';

/** The same rule from the same start gives the same points, by the library and by the code of the rivals. */

const random = new Random(8);
const A = sparseDesign(60, 40, random);
const y = Float64Array.from({ length: 60 }, () => 10 * random.normal());
const B = setB(3, 60, 40);
const C = setC(4, 60, 12, 4);
const D = setD(5, 12);
const E = setE(6, 200);
const losses: Record<string, [BlockProblem, Smooth]> = {
  squares: [leastSquares(A, y), squaredLoss(A, y)],
  logistic: [logistic(B.A, B.y), logisticLoss(B.A, B.y)],
  softmax: [softmax(C.A, C.labels, C.classes), softmaxLoss(C.A, C.labels, C.classes)],
};
const lattice = [graphLabelPropagation(D.W, D.labels), labelsOnGraph(D.W, D.labels)] as const;
const graph = [graphLabelPropagation(E.W, E.labels), labelsOnGraph(E.W, E.labels)] as const;

const points = (iterates: Iterable<{ iteration: number; x: Float64Array }>, steps: number): Float64Array[] => {
  const found: Float64Array[] = [];
  for (const { iteration, x } of iterates) {
    found.push(x.slice());
    if (iteration === steps) break;
  }
  return found;
};
const library = (problem: BlockProblem, options: LooseOptions) =>
  blockCoordinateDescentIterates(problem, options as MethodOptions);

function agree(shipped: Iterable<{ iteration: number; x: Float64Array }>, own: Iterable<RivalIterate>, steps = 25) {
  const [a, b] = [points(shipped, steps), points(own, steps)];
  expect(a.length).toBe(steps + 1);
  a.forEach((x, k) => {
    const size = Math.max(...b[k].map(Math.abs), 1e-6);
    expect(Math.max(...x.map((v, i) => Math.abs(v - b[k][i]))) / size).toBeLessThan(1e-7);
  });
  expect(a[steps].some((v, i) => v !== a[1][i])).toBe(true);
}

/** The library with the blocks that a rival's rule draws, drawn again from the same seed. */
const given = (choose: Choose): SelectionRule => {
  let iteration = 0;
  const next = (x: Float64Array) => choose({ x, g: x, iteration: iteration++ });
  return { name: 'given', usesGradient: false, variable: (context) => () => next(context.x) };
};

describe.each(Object.entries(losses))('%s', (_, [problem, f]) => {
  const blocks = blocksOf(f, 5, 'sort');
  const step = lipschitzStep(f);
  test.each<[string, LooseOptions, () => Iterable<RivalIterate>]>([
    ['GS-FB', { selection: 'GS', blocks: 'fixed' }, () => descent(f, best(blocks), step)],
    ['GSL-FB', { selection: 'GSL', blocks: 'fixed' }, () => descent(f, best(blocks, constants(f)), step)],
    ['GSD-FB', { selection: 'GSD', blocks: 'fixed' }, () => descent(f, diagonalBlocks(f, blocks), step)],
    ['GSD-VB', { selection: 'GSD' }, () => descent(f, diagonalRule(f, 5), step)],
    [
      'GS-VB',
      { selection: 'GS' },
      () =>
        descent(
          f,
          variable(5, (i, { g }) => Math.abs(g[i])),
          step,
        ),
    ],
    ['cyclic-FB', { selection: 'cyclic', blocks: 'fixed' }, () => descent(f, inTurn(blocks), step)],
  ])('%s', (_, options, own) => agree(library(problem, { blockSize: 5, update: 'Lb', ...options }), own()));

  test('estimated constants', () => {
    const { step, constant } = estimates(f);
    const options: LooseOptions = { selection: 'GSL', blocks: 'fixed', update: 'LA', blockSize: 5 };
    agree(library(problem, options), descent(f, best(blocks, constant), step));
  });

  test.each<[string, (random: Random) => Choose]>([
    ['random-VB', (random) => sampled(5, random)],
    ['random-FB', (random) => drawn(blocks, random)],
    ['cyclic-VB', (random) => shuffled(5, random)],
    ['lipschitz-VB', (random) => sampledByCurvature(f, 5, random)],
    ['lipschitz-FB', (random) => drawn(blocks, random, constants(f))],
  ])('%s, the same blocks', (_, choose) => {
    const options = { selection: given(choose(new Random(2))), update: 'Lb', blockSize: 5 };
    agree(library(problem, options), descent(f, choose(new Random(2)), step));
  });
});

test('matrix steps', () => {
  const [problem, f] = losses.squares;
  const fixed: LooseOptions = { blocks: 'fixed', selection: 'GSQ', update: 'matrix', blockSize: 5 };
  agree(library(problem, fixed), descent(f, quadraticBlocks(f, blocksOf(f, 5, 'sort')), matrixStep(f)), 12);
  const options = { selection: 'GSD', update: 'matrix', blockSize: 5 };
  agree(library(problem, options), descent(f, diagonalRule(f, 5), matrixStep(f)), 12);
});

test("Newton's steps", () => {
  const [problem, f] = losses.logistic;
  const options: LooseOptions = { selection: 'GSD', update: 'LS', blockSize: 5 };
  agree(library(problem, options), descent(f, diagonalRule(f, 5), newtonStep(f)), 12);
});

test('what rules draw, the library draws as often', () => {
  const [problem, f] = losses.squares;
  const blocks = blocksOf(f, 5, 'sort');
  const draws = 3000;
  const share = (choices: Iterable<ArrayLike<number>>) => {
    const count = new Float64Array(40);
    for (const b of choices) for (const i of Array.from(b)) count[i] += 1 / draws;
    return count;
  };
  function* shipped(rule: SelectionRule, kind: 'fixed' | 'variable') {
    const asked = {
      ...rule,
      [kind]: (context: never) => {
        const next = (rule as Required<SelectionRule>)[kind]!(context);
        return () => (seen = next());
      },
    };
    let seen: Int32Array = new Int32Array(0);
    const options = { selection: asked, blocks: kind, blockSize: 5, update: 'Lb', seed: 9 };
    for (const { iteration } of library(problem, options as LooseOptions)) {
      if (iteration > 0) yield seen;
      if (iteration === draws) return;
    }
  }
  function* own(choose: Choose) {
    const x = new Float64Array(40);
    for (let iteration = 0; iteration < draws; iteration++) yield choose({ x, g: x, iteration });
  }
  const pairs: Array<[keyof typeof selectionRules, 'fixed' | 'variable', Choose]> = [
    ['random', 'variable', sampled(5, new Random(1))],
    ['random', 'fixed', drawn(blocks, new Random(1))],
    ['lipschitz', 'variable', sampledByCurvature(f, 5, new Random(1))],
    ['lipschitz', 'fixed', drawn(blocks, new Random(1), constants(f))],
    ['cyclic', 'variable', shuffled(5, new Random(1))],
  ];
  for (const [name, kind, choose] of pairs) {
    const [a, b] = [share(shipped(selectionRules[name](), kind)), share(own(choose))];
    // Five deviations of a difference of two shares of as many draws.
    a.forEach((p, i) => {
      expect(Math.abs(p - b[i])).toBeLessThan(5 * Math.sqrt((2 * Math.max(p, 1 / draws) * (1 - p)) / draws) + 1e-9);
    });
  }
});

describe('f + λΣx over x ≥ 0', () => {
  const [problem, f] = losses.squares;
  const lambda = 0.1 * Math.max(...f.gradient(new Float64Array(40)).map((v) => -v));
  const penalty = nonNegative(lambda);
  const rules = { PN: newtonOfBlock, TMP: twoMetrics, PG: projectedStep };
  const names = { PN: 'proximalNewton', TMP: 'twoMetric', PG: 'proximalGradient' };
  test.each(['PN', 'TMP', 'PG'] as const)('%s, random blocks', (name) => {
    const choose = () => sampled(6, new Random(3));
    const options = { selection: given(choose()), update: names[name], penalty, blockSize: 6 };
    agree(library(problem, options), nonNegativeDescent(f, lambda, choose(), rules[name]), 40);
  });
  test('PG, greedy blocks', () => {
    const options = { selection: 'proximal', update: 'proximalGradient', penalty, blockSize: 6 };
    agree(library(problem, options), nonNegativeDescent(f, lambda, promising(f, lambda, 6), projectedStep));
  });
  test.each(['PN', 'TMP'] as const)('%s of all coordinates ends at the minimiser of the active sets', (name) => {
    const all = inTurn([Int32Array.from({ length: 40 }, (_, i) => i)]);
    const x = points(nonNegativeDescent(f, lambda, all, rules[name]), 30)[30];
    const expected = nonNegativeMinimiser(f, lambda);
    x.forEach((v, i) => void expect(v).toBeCloseTo(expected[i], 7));
  });
});

test('f + λ‖x‖₁: whole proximal steps', () => {
  const [problem, f] = losses.squares;
  const all = Int32Array.from({ length: 40 }, (_, i) => i);
  const L = largest(f.block(all), 40);
  const lambda = 0.1 * Math.max(...f.gradient(new Float64Array(40)).map(Math.abs));
  const options: LooseOptions = {
    blocks: 'fixed',
    partition: 'order',
    selection: 'cyclic',
    update: 'proximalGradient',
    blockSize: 40,
  };
  agree(library(problem, { ...options, penalty: l1(lambda) }), thresholdedDescent(f, lambda, L));
});

describe('trees', () => {
  const messages = { update: 'messagePassing' };
  const cycle = (partition: unknown) =>
    ({ ...messages, blocks: 'fixed', selection: 'cyclic', partition }) as LooseOptions;
  test('combs of a lattice', () => {
    const [problem, f] = lattice;
    const nodes = problem.unlabelled;
    const options = cycle({ rule: 'latticeTrees', rows: 12, columns: 12, nodes });
    agree(library(problem, options), descent(f, inTurn(combs(nodes, 12)), forestStep(f)));
  });
  test('forests of a graph', () => {
    const [problem, f] = graph;
    agree(library(problem, cycle('trees')), descent(f, inTurn(forests(f)), forestStep(f)));
  });
  test('random trees', () => {
    const [problem, f] = graph;
    const rule = () => randomTrees(f, new Random(7));
    agree(library(problem, { update: 'exact', selection: given(rule()) }), descent(f, rule(), forestStep(f)));
  });
  test('greedy trees, until slopes of 0 are told apart by rounding', () => {
    const [problem, f] = graph;
    agree(library(problem, { ...messages, selection: 'greedyTree' }), descent(f, greedyTrees(f), forestStep(f)), 2);
  });
  test('a block with a cycle is refused', () => {
    const ring = CscMatrix.fromTriplets(
      4,
      4,
      [0, 1, 1, 2, 2, 0, 2, 3],
      [1, 0, 2, 1, 0, 2, 3, 2],
      new Float64Array(8).fill(1),
    );
    const f = labelsOnGraph(ring, Float64Array.of(Number.NaN, Number.NaN, Number.NaN, 1));
    const x = new Float64Array(3);
    expect(() => forestStep(f)(Int32Array.of(0, 1, 2), { x, g: f.gradient(x), iteration: 0 })).toThrow('cycle');
  });
});
