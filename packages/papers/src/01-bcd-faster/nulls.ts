import {
  type BlockContext,
  type ForestSolver,
  gs,
  gsd,
  order,
  type Partition,
  proximalGradient,
  randomTree,
  type SelectionRule,
  type UpdateRule,
  type VariableSelection,
} from 'southwell/blocks';
import { nulls } from '../verdicts/nulls.ts';
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

/** The fixed block with the second-largest score. */
const secondBest = () => (context: BlockContext, score: (block: Int32Array) => number) => () => {
  const scores = context.partition!.map(score);
  const best = scores.indexOf(Math.max(...scores));
  scores[best] = Number.NEGATIVE_INFINITY;
  return context.partition![scores.indexOf(Math.max(...scores))];
};

const selection = 'southwell/blocks/selection';

export default nulls(record, [
  {
    id: 'undivided',
    says: 'with squared gradients are not divided by curvature',
    kinds: ['ingredient'],
    claims: ['figure-4-greedy', 'figure-5-matrix'],
    module: `${selection}/gsd`,
    name: 'gsd',
    by: () => (): SelectionRule => gs(),
  },
  {
    id: 'second-best',
    says: 'with the second best of fixed blocks',
    kinds: ['ingredient'],
    claims: [
      'figure-4-greedy',
      'figure-9-estimates-help',
      'figure-9-estimates-hurt',
      'figure-10-partition',
      'figure-11-gsq',
      'figure-12-newton',
    ],
    module: `${selection}/scores`,
    name: 'bestBlock',
    by: secondBest,
  },
  {
    id: 'no-messages',
    says: 'with each node of a tree is solved for alone',
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
    says: 'with proximal gradient steps in the place of proximal Newton steps',
    kinds: ['ingredient'],
    claims: ['figure-7-active-set', 'superlinear-tail'],
    module: 'southwell/blocks/updates/proximalNewton',
    name: 'proximalNewton',
    by: () => proximalGradient,
  },
  {
    id: 'row-sums',
    says: 'with row sums of the Hessian in the place of its entries',
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
    says: 'with the smallest of the scores that are not zero make the block',
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
    says: 'with the constants known beforehand in the place of estimates',
    kinds: ['ingredient'],
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
    kinds: ['ingredient'],
    claims: ['figure-10-partition'],
    module: 'southwell/blocks/partitions/slices',
    name: 'sort',
    by: () => (): Partition => order(),
  },
  {
    id: 'diagonal-search',
    says: 'with the diagonal rule in the place of iterative hard thresholding',
    kinds: ['ingredient'],
    claims: ['figure-11-gsq', 'figure-12-newton'],
    module: `${selection}/gsqIht`,
    name: 'gsqIht',
    by: () => (): VariableSelection => gsd() as VariableSelection,
  },
  {
    id: 'random-blocks',
    says: 'with random blocks in the place of greedy ones',
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
    claims: ['figure-7-active-set', 'superlinear-tail', 'figure-13-random'],
    module: 'southwell/blocks/updates/proximalNewton',
    name: 'proximalNewton',
    by: halved,
  },
  {
    id: 'subgradient',
    says: 'with subgradient steps in the place of proximal ones',
    kinds: ['ingredient'],
    claims: ['active-set-complexity'],
    module: 'southwell/blocks/updates/proximalGradient',
    name: 'proximalGradient',
    by: subgradient,
  },
]);
