import {
  type BlockContext,
  type ForestSolver,
  gs,
  type LooseOptions,
  order,
  type Partition,
  proximalGradient,
  randomTree,
  type SelectionRule,
  type UpdateRule,
  type VariableSelection,
} from 'southwell/blocks';
import { type Null, nulls } from '../verdicts/nulls.ts';
import type { Method } from './lab.ts';
import { record } from './record.ts';

type Maker<R> = (...options: never[]) => R;
type Subproblem = (H: Float64Array, g: Float64Array, ...rest: never[]) => number;
type Graph = ConstructorParameters<typeof ForestSolver>[0];

/** Random blocks instead of those that a rule chooses. */
const drawn =
  (original: Maker<SelectionRule>): Maker<SelectionRule> =>
  (...options) => ({
    ...original(...options),
    fixed:
      ({ random, partition }: BlockContext) =>
      () =>
        partition![random.integer(partition!.length)],
    variable: (context: BlockContext) => () => context.random.sample(context.problem.dim, context.blockSize).sort(),
  });

/** Each coordinate solved for alone, with the others at their values before the step. */
class Jacobi {
  private readonly A: Graph;
  constructor(graph: Graph) {
    this.A = graph;
  }
  solve(block: Int32Array, y: Float64Array): void {
    const { colPointers, rowIndices, values } = this.A;
    block.forEach((i, a) => {
      for (let k = colPointers[i]; k < colPointers[i + 1]; k++) if (rowIndices[k] === i) y[a] /= values[k];
    });
  }
}

/** A subgradient step instead of the proximal one. */
const subgradient =
  (original: Maker<UpdateRule>): Maker<UpdateRule> =>
  (...options) => ({
    ...original(...options),
    start: (context) => (block, next) => {
      const g = context.blockGradient(block);
      const L = context.blockLipschitz(block);
      block.forEach((i, a) => {
        const x = context.x[i];
        const slope = x === 0 ? context.penalty!.subdifferentialDistance(i, x, g[a]) * Math.sign(g[a]) : g[a];
        next[a] = x - (slope + (x === 0 ? 0 : context.penalty!.derivative(i, x))) / L;
      });
    },
  });

/** Half of each step. */
const halved =
  (original: Maker<UpdateRule>): Maker<UpdateRule> =>
  (...options) => {
    const rule = original(...options);
    return {
      ...rule,
      start: (context) => {
        const update = rule.start(context);
        return (block, next) => {
          update(block, next);
          block.forEach((i, a) => void (next[a] = 0.5 * (context.x[i] + next[a])));
        };
      },
    };
  };

const selection = 'southwell/blocks/selection';
type Claims = ReadonlyArray<(typeof record)['claims'][number]['id']>;

/** The method under test with other options, rivals as they are. */
const asking = (
  id: string,
  says: string,
  kinds: Null['kinds'],
  claims: Claims,
  change: (options: LooseOptions) => LooseOptions,
) => ({
  ...{ id, says, kinds, claims, module: 'papers/01-bcd-faster/lab', name: 'libraryMethod' },
  by:
    (original: Method): Method =>
    (problem, options) =>
      original(problem, { ...options, ...change(options) }),
});

export default nulls(record, [
  {
    id: 'still',
    says: 'without a step',
    kinds: ['nothing'],
    claims: record.claims.map(({ id }) => id),
    module: 'papers/01-bcd-faster/lab',
    name: 'libraryMethod',
    by: (original: Method): Method =>
      function* (problem, options) {
        for (const it of original(problem, options)) {
          for (let iteration = 0; ; iteration++) yield { ...it, iteration, done: undefined };
        }
      },
  },
  asking(
    'sampled',
    'with random blocks in place of chosen ones',
    ['baseline'],
    ['figure-4-greedy', 'figure-5-matrix', 'figure-8-sizes', 'figure-11-gsq', 'figure-12-newton', 'figure-13-random'],
    () => ({ selection: 'random' }),
  ),
  asking(
    'red-black',
    'with red–black blocks in place of trees',
    ['baseline'],
    ['figure-6-lattice', 'figure-6-graph'],
    () => ({ blocks: 'fixed', partition: 'redBlack', selection: 'cyclic' }),
  ),
  asking(
    'estimated',
    'with estimated constants in place of exact ones',
    ['baseline'],
    ['figure-9-estimates-hurt'],
    () => ({ update: 'LA' }),
  ),
  {
    id: 'undivided',
    says: 'with squared gradients that are not divided by curvature',
    kinds: ['ingredient'],
    claims: ['figure-4-greedy', 'figure-5-matrix'],
    module: `${selection}/gsd`,
    name: 'gsd',
    by: () => (): SelectionRule => gs(),
  },
  {
    id: 'no-messages',
    says: 'with each node of a tree solved for alone',
    kinds: ['ingredient'],
    claims: ['figure-6-lattice'],
    module: 'southwell/blocks/forestSolver',
    name: 'ForestSolver',
    by: () => Jacobi,
  },
  {
    id: 'half-messages',
    says: 'with half of the step that messages give',
    kinds: ['ingredient'],
    claims: ['figure-6-graph'],
    module: 'southwell/blocks/updates/messagePassing',
    name: 'messagePassing',
    by: halved,
  },
  {
    id: 'random-trees',
    says: 'with trees grown from random nodes',
    kinds: ['ingredient'],
    claims: ['figure-6-graph'],
    module: `${selection}/trees`,
    name: 'greedyTree',
    by: () => (): VariableSelection => randomTree(),
  },
  {
    id: 'first-order',
    says: 'with proximal gradient steps in place of proximal Newton steps',
    kinds: ['baseline', 'ingredient'],
    claims: ['figure-7-active-set', 'superlinear-tail'],
    module: 'southwell/blocks/updates/proximalNewton',
    name: 'proximalNewton',
    by: () => proximalGradient,
  },
  {
    id: 'row-sums',
    says: 'with row sums of the Hessian in place of its entries',
    kinds: ['ingredient'],
    claims: ['figure-7-active-set', 'superlinear-tail'],
    module: 'southwell/blocks/quadraticSubproblem',
    name: 'solveQuadraticSubproblem',
    by: (original: Subproblem): Subproblem => {
      return (H, g, ...rest) => {
        const m = g.length;
        const sums = H.map((_, at) =>
          at % (m + 1) === 0 ? g.reduce((sum, __, c) => sum + Math.abs(H[at - (at % m) + c]), 0) : 0,
        );
        return original(sums, g, ...rest);
      };
    },
  },
  {
    id: 'scores-reversed',
    says: 'with the smallest scores that are not zero in place of the largest',
    kinds: ['ingredient'],
    claims: ['figure-8-sizes'],
    module: 'southwell/blocks/heap',
    name: 'largestScores',
    by: (original: (scores: Float64Array, k: number) => Int32Array) => (scores: Float64Array, k: number) =>
      original(
        scores.map((s) => (s > 0 ? 1 / s : 0)),
        k,
      ),
  },
  {
    id: 'known-constants',
    says: 'with the constants known beforehand in place of estimates',
    kinds: ['baseline', 'ingredient'],
    claims: ['figure-9-estimates-help'],
    module: 'southwell/blocks/updates/backtracking',
    name: 'backtrackingStep',
    by: () => (): UpdateRule => ({
      name: 'LA',
      handlesPenalty: false,
      start: (context) => (block, next) => {
        const g = context.blockGradient(block);
        const L = context.blockLipschitz(block) || 1;
        block.forEach((i, a) => void (next[a] = context.x[i] - g[a] / L));
      },
    }),
  },
  {
    id: 'loose-constant',
    says: 'with constants of blocks four times too large',
    kinds: ['ingredient'],
    claims: ['figure-9-estimates-hurt'],
    module: 'numerics/linalg/symmetric',
    name: 'largestEigenvalue',
    by: (original: (a: Float64Array, n: number) => number) => (a: Float64Array, n: number) => 4 * original(a, n),
  },
  {
    id: 'unsorted',
    says: 'with coordinates in index order',
    kinds: ['baseline', 'ingredient'],
    claims: ['figure-10-partition'],
    module: 'southwell/blocks/partitions/slices',
    name: 'sort',
    by: () => (): Partition => order(),
  },
  asking(
    'diagonal-search',
    'with the diagonal rule in place of the quadratic one',
    ['ingredient'],
    ['figure-11-gsq', 'figure-12-newton'],
    ({ selection }) => (selection === 'GSQ-IHT' || selection === 'GSQ-OMP' ? { selection: 'GSD' } : {}),
  ),
  {
    id: 'random-blocks',
    says: 'with random blocks in place of greedy ones',
    kinds: ['ingredient'],
    claims: ['figure-13-random'],
    module: `${selection}/proximal`,
    name: 'proximalGreedy',
    by: drawn,
  },
  {
    id: 'half-steps',
    says: 'with half of each proximal step',
    kinds: ['ingredient'],
    claims: ['active-set-complexity'],
    module: 'southwell/blocks/updates/proximalGradient',
    name: 'proximalGradient',
    by: halved,
  },
  {
    id: 'half-newton',
    says: 'with half of each proximal Newton step',
    kinds: ['ingredient'],
    claims: ['figure-7-active-set', 'superlinear-tail'],
    module: 'southwell/blocks/updates/proximalNewton',
    name: 'proximalNewton',
    by: halved,
  },
  {
    id: 'subgradient',
    says: 'with subgradient steps in place of proximal ones',
    kinds: ['baseline'],
    claims: ['active-set-complexity'],
    module: 'southwell/blocks/updates/proximalGradient',
    name: 'proximalGradient',
    by: subgradient,
  },
]);
