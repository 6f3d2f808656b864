import { roundCommunications, starGraph } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'communications of a round by nodes, star';
/** What the authors' notebook prints for a star of 300 nodes. */
const printed = { adomPlus: 299, adomPlusMulti: 62_192, continuized: 299, msda: 5083, dadao: 299 } as const;
const names = {
  dadao: 'DADAO',
  adomPlus: 'ADOM+',
  adomPlusMulti: 'ADOM+ with multi-consensus',
  msda: 'MSDA',
  continuized: 'continuized',
} as const;
type Name = keyof typeof names;
const order = Object.keys(names) as Name[];

/** What a round of each method costs on a star, as the authors count it. */
export default experiment(record, {
  id: 'star',
  title: 'A star of 300 nodes',
  panels: [
    {
      title: PANEL,
      x: { label: 'nodes', log: true },
      y: { label: 'communications of a round', log: true },
      series: order.map((id) => ({ id, name: names[id] })),
      control: 'adomPlusMulti',
    },
  ],
  claims: ['notebook'],
  method: roundCommunications,
  async *run({ size }, decide, method) {
    const { n } = locked.claims.notebook.sizes[size];
    yield { kind: 'progress', label: `a star of ${n} nodes`, fraction: 0 };
    const counted = method(starGraph(n));
    yield decide('notebook', {
      difference: Math.max(...order.map((name) => Math.abs(Math.round(counted[name]) - printed[name]))),
    });
    const nodes = [10, 30, 100, n];
    for (const name of order)
      yield {
        kind: 'points',
        panel: PANEL,
        series: name,
        x: nodes,
        y: nodes.map((m) => method(starGraph(m))[name]),
      };
    yield {
      kind: 'table',
      title: `Communications of a round on a star of ${n} nodes`,
      columns: ['method', 'here', 'authors'],
      rows: order.map((name) => [names[name], counted[name], printed[name]]),
    };
  },
});
