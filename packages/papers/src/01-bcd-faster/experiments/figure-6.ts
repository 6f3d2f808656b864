import { Random } from 'southwell';
import type { LabelPropagationProblem, LooseOptions } from 'southwell/blocks';
import { experiment } from '../../define.ts';
import { type Parameter, parameterValue } from '../../experiment.ts';
import { libraryMethod, panel, stepsParameter, testProblem, usualSteps } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { descent, diagonalStep, inTurn, matrixStep, variable } from '../rival.ts';
import type { Quadratic } from '../rivalFunctions.ts';
import { colours, combs, forestStep, forests, randomTrees } from '../rivalTrees.ts';

const messages = { update: 'messagePassing' } as const;
const cycle = (partition: unknown): LooseOptions => ({ blocks: 'fixed', partition, selection: 'cyclic', ...messages });

const RED_BLACK = 'red–black, own code';
const GENERAL = 'general, own code';
const FORESTS = 'tree partitions, own code';
const RANDOM = 'random tree, own code';

const { sizes, draws: looksAt } = locked.claims['figure-6-lattice'];
/** The lattice takes longer than the graph, at every size. */
const latticeSteps: Parameter = {
  ...stepsParameter({ quick: sizes.quick.steps, full: sizes.full.steps }, 'Iterations on the lattice, at most'),
  name: 'latticeSteps',
};

/** Fig. 6: exact updates of blocks that follow a graph; by message passing if they are forests. */
export default experiment(record, {
  id: 'figure-6',
  title: 'Trees by message passing on graphs',
  panels: [
    {
      title: 'D, draw {draw}',
      x: { label: 'iterations' },
      y: { label: 'f − f*', log: true },
      series: ['greedy tree', 'random tree', 'tree partitions', FORESTS, RED_BLACK, GENERAL],
      control: RED_BLACK,
    },
    {
      title: 'E',
      x: { label: 'iterations' },
      y: { label: 'f − f*', log: true },
      series: [
        'greedy tree',
        'random tree',
        'tree partitions (Lipschitz)',
        'tree partitions (order)',
        'red–black (Lipschitz)',
        'red–black (order)',
        RANDOM,
        FORESTS,
        RED_BLACK,
        GENERAL,
      ],
      control: RED_BLACK,
    },
  ],
  parameters: [usualSteps, latticeSteps],
  claims: ['figure-6-lattice', 'figure-6-graph'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const common: Record<string, LooseOptions> = {
      'greedy tree': { selection: 'greedyTree', ...messages },
      'random tree': { selection: 'randomTree', ...messages },
    };
    const looks = looksAt[context.size];
    const ends: Array<Record<string, number>> = [];
    const lattice = () => {
      const draws = (value: (end: Record<string, number>) => number) => ({ draws: ends.map(value) });
      const over = (a: string, b: string) => ({ label: `${a} / ${b}`, ...draws((end) => end[a] / end[b]) });
      return {
        tree: draws((end) => end['greedy tree']),
        toOwn: draws((end) => end['tree partitions'] / end[FORESTS]),
        redBlack: context.size === 'full' ? draws((end) => end[RED_BLACK]) : undefined,
        overRedBlack: draws((end) => end['greedy tree'] / end[RED_BLACK]),
        order: [over('greedy tree', FORESTS), over('tree partitions', RED_BLACK)],
        general: draws((end) => end[GENERAL]),
      };
    };
    do {
      const D = testProblem('D', { ...context, seed: 1000 * context.seed + ends.length });
      const { unlabelled } = D.problem as LabelPropagationProblem;
      const grid = { rows: D.side, columns: D.side, nodes: unlabelled };
      const partitions = { 'tree partitions': cycle({ rule: 'latticeTrees', ...grid }) };
      // The colours of a checkerboard.
      const parity = (i: number) => (unlabelled[i] + Math.floor(unlabelled[i] / D.side!) * (D.side! + 1)) % 2;
      const chequered = [0, 1].map((c) => Int32Array.from(unlabelled.keys()).filter((i) => parity(i) === c));
      const steps = parameterValue(latticeSteps, context);
      const title = `D, draw ${ends.length + 1}`;
      const runs = { ...common, ...partitions };
      const own = rivals(D.own as Quadratic, chequered, combs(unlabelled, D.side!));
      const d = yield* panel(context, method, D, title, runs, steps, own);
      ends.push(Object.fromEntries(Object.entries(d).map(([name, { gap }]) => [name, gap])));
    } while (!decide.enough('figure-6-lattice', ends.length, lattice) && ends.length < looks[looks.length - 1]);
    yield decide('figure-6-lattice', lattice());
    const E = testProblem('E', context);
    const f = E.own as Quadratic;
    const e = yield* panel(
      context,
      method,
      E,
      'E',
      {
        ...common,
        'tree partitions (Lipschitz)': cycle('trees'),
        'tree partitions (order)': cycle({ rule: 'trees', visit: 'index' }),
        'red–black (Lipschitz)': cycle('redBlack'),
        'red–black (order)': cycle({ rule: 'redBlack', visit: 'index' }),
      },
      parameterValue(usualSteps, context),
      {
        [RANDOM]: descent(f, randomTrees(f, new Random(context.seed)), forestStep(f)),
        ...rivals(f, colours(f), forests(f)),
      },
    );
    // Each method of the library against the next one by independent code.
    const chain = [
      ['greedy tree', FORESTS],
      ['tree partitions (Lipschitz)', RANDOM],
      ['random tree', RED_BLACK],
      ['red–black (Lipschitz)', GENERAL],
    ];
    yield decide('figure-6-graph', {
      toOwn: e['tree partitions (Lipschitz)'].gap / e[FORESTS].gap,
      overRedBlack: e['greedy tree'].gap / e[RED_BLACK].gap,
      ratios: Math.max(...chain.map(([a, b]) => e[a].gap / e[b].gap)),
    });
  },
});

/**
 * Exact updates of trees and without them: alternating colours, each a diagonal system; the largest gradients, whatever
 * their positions.
 */
function rivals(f: Quadratic, classes: readonly Int32Array[], cover: readonly Int32Array[]) {
  const size = Math.floor(Math.cbrt(f.b.length) + 1e-9);
  return {
    [FORESTS]: descent(f, inTurn(cover), forestStep(f)),
    [RED_BLACK]: descent(f, inTurn(classes), diagonalStep(f)),
    [GENERAL]: descent(
      f,
      variable(size, (i, { g }) => Math.abs(g[i])),
      matrixStep(f),
    ),
  };
}
