import type { LabelPropagationProblem, LooseOptions } from 'southwell/blocks';
import { atLeast, atMost, type Experiment, type Parameter, parameterValue, verdict } from '../../experiment.ts';
import { claims } from '../claims.ts';
import { libraryMethod, type Method, panel, stepsParameter, testProblem, usualSteps } from '../lab.ts';

const messages = { update: 'messagePassing' } as const;
const cycle = (partition: unknown): LooseOptions => ({ blocks: 'fixed', partition, selection: 'cyclic', ...messages });

/** The lattice takes longer than the graph, at every size. */
const latticeSteps: Parameter = {
  ...stepsParameter({ quick: 500, full: 500 }, 'Iterations on the lattice, at most'),
  name: 'latticeSteps',
};

/** Fig. 6: exact updates of blocks that follow a graph; message passing where they are forests. */
export function figure6(method: Method = libraryMethod): Experiment {
  return {
    id: 'figure-6',
    title: 'Trees by message passing on graphs',
    axes: { x: 'iterations', y: 'f − f*', logY: true },
    parameters: [usualSteps, latticeSteps],
    claims: [claims.latticeTrees, claims.graphTrees],
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
        parameterValue(latticeSteps, context),
      );
      yield verdict(
        claims.latticeTrees,
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
        claims.graphTrees,
        context,
        chain.slice(1).map((name, k) => atMost(`${chain[k]} / ${name}`, e[chain[k]].gap / e[name].gap, 1)),
      );
    },
  };
}
