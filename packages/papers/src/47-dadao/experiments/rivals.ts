import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  type Counts,
  countsOf,
  dadaoIterates,
  drawsOf,
  type GraphName,
  graphNames,
  graphs,
  iteratesOf,
  mean,
  over,
  type Rule,
  regressionsOf,
  ruleNames,
  rules,
  series,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const GRADIENTS = 'error by gradients, cycle';
const COMMUNICATIONS = 'error by communications, cycle';
const BY_GRAPH = 'gradients by graph';
const shown: GraphName = 'cycle';
const sparse = ['star', 'grid', 'cycle', 'path'] as const satisfies readonly GraphName[];
const denser = ['barbell', 'complete'] as const satisfies readonly GraphName[];
const long = ['cycle', 'path'] as const satisfies readonly GraphName[];

/** Gradients and communications of DADAO and its rivals on graphs. */
export default experiment(record, {
  id: 'rivals',
  title: 'Graphs and rivals',
  panels: [
    {
      title: GRADIENTS,
      x: { label: 'gradients of all nodes', log: true },
      y: { label: 'relative squared error', log: true },
      series,
      control: 'adom-multi',
    },
    {
      title: COMMUNICATIONS,
      x: { label: 'communications of all links', log: true },
      y: { label: 'relative squared error', log: true },
      series,
      control: 'adom-multi',
    },
    {
      title: BY_GRAPH,
      x: { label: 'graph, in the order of the table' },
      y: { label: 'gradients of all nodes', log: true },
      series,
      control: 'adom-multi',
    },
  ],
  claims: ['against-primal', 'dense', 'graph-independence', 'against-dual'],
  method: dadaoIterates,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['against-primal'].sizes[size];
    const { n, d, rows, instances } = sizes;
    const pause = pauses(context);
    const counts = {} as Record<GraphName, Record<Rule, Counts[]>>;
    for (const [at, name] of graphNames.entries()) {
      const graph = graphs[name](n);
      counts[name] = Object.fromEntries(ruleNames.map((rule) => [rule, []])) as unknown as Record<Rule, Counts[]>;
      for (let number = 0; number < instances; number++) {
        const instance = regressionsOf(n, d, rows, drawsOf(seed, number));
        for (const rule of ruleNames) {
          yield { kind: 'progress', label: `${name}: ${rules[rule]}`, fraction: (at + number / instances) / 6 };
          const found = await countsOf(iteratesOf(rule, instance, graph, seed + number, method), sizes, pause);
          counts[name][rule].push(found);
          if (name !== shown || number > 0) continue;
          const { gradients, communications, error } = found.curve;
          yield { kind: 'points', panel: GRADIENTS, series: rule, x: gradients, y: error };
          yield { kind: 'points', panel: COMMUNICATIONS, series: rule, x: communications, y: error };
        }
      }
      for (const rule of ruleNames)
        yield {
          kind: 'points',
          panel: BY_GRAPH,
          series: rule,
          x: [at + 1],
          y: [mean(counts[name][rule].map(({ gradients }) => gradients))],
        };
    }
    const against = (name: GraphName, rival: Rule, what: 'gradients' | 'communications') =>
      mean(counts[name].dadao.map((own, k) => over(own, counts[name][rival][k], what)));
    const each = (names: readonly GraphName[], rival: Rule, what: 'gradients' | 'communications') =>
      names.map((name) => ({ label: name, value: against(name, rival, what) }));
    yield decide('against-primal', {
      gradients: each(sparse, 'adom-multi', 'gradients'),
      communications: each(sparse, 'adom-multi', 'communications'),
      plainGradients: each(sparse, 'adom', 'gradients'),
      plainCommunications: each(sparse, 'adom', 'communications'),
    });
    yield decide('dense', {
      gradients: each(denser, 'adom-multi', 'gradients'),
      communications: each(denser, 'adom-multi', 'communications'),
    });
    const gradients = graphNames.map((name) =>
      mean(counts[name].dadao.map((own) => (own.solved ? own.gradients : Number.POSITIVE_INFINITY))),
    );
    const most = Math.max(...gradients);
    yield decide('graph-independence', {
      count: Number.isFinite(most) ? most / Math.min(...gradients) : Number.POSITIVE_INFINITY,
    });
    yield decide('against-dual', {
      continuized: each(long, 'continuized', 'gradients'),
      msda: Math.max(...graphNames.map((name) => against(name, 'msda', 'gradients'))),
      talk: Math.max(...graphNames.map((name) => against(name, 'continuized', 'communications'))),
    });
    const table: Cell[][] = graphNames.flatMap((name) =>
      ruleNames.map((rule) => {
        const own = counts[name][rule];
        return [
          ...[name, rules[rule], own.filter(({ solved }) => solved).length],
          ...[mean(own.map(({ gradients: g }) => g)), mean(own.map(({ communications }) => communications))],
          ...[against(name, rule, 'gradients'), against(name, rule, 'communications')],
        ];
      }),
    );
    yield {
      kind: 'table',
      title: `Mean counts to a relative squared error of ${sizes.tol}; unsolved instances count as far as they went`,
      columns: ['graph', 'method', 'solved', 'gradients', 'communications', 'DADAO over it', 'in communications'],
      rows: table,
    };
  },
});
