import type { LabelPropagationProblem, LooseOptions } from 'southwell/blocks';
import { atLeast, atMost, type Claim, type Experiment, verdict } from '../../experiment.ts';
import { libraryMethod, type Method, panel, testProblem } from '../lab.ts';

const lattice: Claim = {
  id: 'figure-6-lattice',
  sentence:
    'On a lattice, exact updates of trees by message passing beat red–black blocks, and a greedy tree beats all.',
  quantity: 'f − f* on set D after the last iteration',
  bar: {
    full: 'greedy tree ≤ 1e-3; red–black ≥ 1; general ≥ 1e7, after 500 iterations',
    quick: 'greedy tree ≤ 0.1 and ≤ red–black/100; general ≥ 1e5, after 500 iterations on 20 × 20',
  },
};

const order: Claim = {
  id: 'figure-6-graph',
  sentence: 'On a nearest-neighbour graph: greedy tree ≤ tree partitions ≤ random tree ≤ red–black ≤ general blocks.',
  quantity: 'ratios of f − f* on set E of each to the next, after the last iteration',
  bar: { full: 'each ≤ 1, after 500 iterations', quick: 'each ≤ 1, after 150 iterations on 400 nodes' },
};

const messages = { update: 'messagePassing' } as const;
const cycle = (partition: unknown): LooseOptions => ({ blocks: 'fixed', partition, selection: 'cyclic', ...messages });

/** Fig. 6: exact updates of blocks that follow a graph; message passing where they are forests. */
export function figure6(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-6',
    title: 'Trees by message passing on graphs',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    claims: [lattice, order],
    async *run(context) {
      const common: Record<string, LooseOptions> = {
        'greedy tree': { selection: 'greedyTree', ...messages },
        'random tree': { selection: 'randomTree', ...messages },
        general: { selection: 'general', update: 'exact' },
      };
      const full = context.size === 'full';
      const D = testProblem('D', context);
      const { unlabelled } = D.problem as LabelPropagationProblem;
      const grid = { rows: D.side, columns: D.side, nodes: unlabelled };
      const d = yield* panel(
        context,
        method,
        D,
        'D',
        {
          ...common,
          'tree partitions': cycle({ rule: 'latticeTrees', ...grid }),
          'red–black': cycle({ rule: 'latticeRedBlack', ...grid }),
        },
        500,
      );
      yield verdict(
        lattice,
        context,
        full
          ? [
              atMost('greedy tree', d['greedy tree'].gap, 1e-3),
              atLeast('red–black', d['red–black'].gap, 1),
              atLeast('general', d.general.gap, 1e7),
            ]
          : [
              atMost('greedy tree', d['greedy tree'].gap, 0.1),
              atMost('greedy tree / red–black', d['greedy tree'].gap / d['red–black'].gap, 0.01),
              atLeast('general', d.general.gap, 1e5),
            ],
      );
      const e = yield* panel(context, method, testProblem('E', context), 'E', {
        ...common,
        'tree partitions (Lipschitz)': cycle('trees'),
        'tree partitions (order)': cycle({ rule: 'trees', visit: 'index' }),
        'red–black (Lipschitz)': cycle('redBlack'),
        'red–black (order)': cycle({ rule: 'redBlack', visit: 'index' }),
      });
      const chain = ['greedy tree', 'tree partitions (Lipschitz)', 'random tree', 'red–black (Lipschitz)', 'general'];
      yield verdict(
        order,
        context,
        chain.slice(1).map((name, k) => atMost(`${chain[k]} / ${name}`, e[chain[k]].gap / e[name].gap, 1)),
      );
    },
  };
}
