import type { LabelPropagationProblem, LooseOptions } from 'southwell/blocks';
import { experiment } from '../../define.ts';
import { type Parameter, parameterValue } from '../../experiment.ts';
import { libraryMethod, panel, stepsParameter, testProblem, usualSteps } from '../lab.ts';
import { record } from '../record.ts';

const messages = { update: 'messagePassing' } as const;
const cycle = (partition: unknown): LooseOptions => ({ blocks: 'fixed', partition, selection: 'cyclic', ...messages });

/** The lattice takes longer than the graph, at every size. */
const latticeSteps: Parameter = {
  ...stepsParameter({ quick: 500, full: 500 }, 'Iterations on the lattice, at most'),
  name: 'latticeSteps',
};

/** Fig. 6: exact updates of blocks that follow a graph; message passing where they are forests. */
export default experiment(record, {
  id: 'figure-6',
  title: 'Trees by message passing on graphs',
  axes: { x: 'iterations', y: 'f − f*', logY: true },
  parameters: [usualSteps, latticeSteps],
  claims: ['figure-6-lattice', 'figure-6-graph'],
  method: libraryMethod,
  async *run(context, decide, method) {
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
    const [tree, redBlack] = [d['greedy tree'].gap, d['red–black'].gap];
    yield decide('figure-6-lattice', {
      tree,
      redBlack: full ? redBlack : undefined,
      overRedBlack: full ? undefined : tree / redBlack,
      general: d.general.gap,
    });
    const e = yield* panel(context, method, testProblem('E', context), 'E', {
      ...common,
      'tree partitions (Lipschitz)': cycle('trees'),
      'tree partitions (order)': cycle({ rule: 'trees', visit: 'index' }),
      'red–black (Lipschitz)': cycle('redBlack'),
      'red–black (order)': cycle({ rule: 'redBlack', visit: 'index' }),
    });
    const chain = ['greedy tree', 'tree partitions (Lipschitz)', 'random tree', 'red–black (Lipschitz)', 'general'];
    yield decide('figure-6-graph', {
      ratios: chain
        .slice(1)
        .map((name, k) => ({ label: `${chain[k]} / ${name}`, value: e[chain[k]].gap / e[name].gap })),
    });
  },
});
