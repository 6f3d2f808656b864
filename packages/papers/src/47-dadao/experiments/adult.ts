import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { adult, adultRows, logisticOf, thinned } from '../adult.ts';
import {
  type Counts,
  countsOf,
  dadaoIterates,
  type GraphName,
  graphs,
  iteratesOf,
  over,
  type Rule,
  rules,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by communications, {graph}';
/** Without gradients of conjugates. */
const primal = ['dadao', 'adom-multi', 'adom'] as const satisfies readonly Rule[];

/** Logistic regression on census incomes, of which each node has people of like features. */
export default experiment(record, {
  id: 'adult',
  title: 'Census incomes',
  needs: { quick: [adult], full: [adult] },
  panels: [
    {
      title: PANEL,
      x: { label: 'communications of all links', log: true },
      y: { label: 'relative squared error', log: true },
      series: primal.map((id) => ({ id, name: rules[id] })),
      control: 'adom-multi',
    },
  ],
  claims: ['adult'],
  method: dadaoIterates,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.adult.sizes[size];
    const pause = pauses(context);
    yield { kind: 'progress', label: 'the minimum', fraction: 0 };
    const instance = logisticOf(thinned(await adultRows(context), sizes.rows), sizes.n, sizes.ridge);
    const names: readonly GraphName[] = sizes.graphs;
    const counts: Record<Rule, Counts>[] = [];
    for (const [at, name] of names.entries()) {
      const found = {} as Record<Rule, Counts>;
      for (const [k, rule] of primal.entries()) {
        const fraction = 0.1 + (0.9 * (at + k / primal.length)) / names.length;
        yield { kind: 'progress', label: `${name}: ${rules[rule]}`, fraction };
        found[rule] = await countsOf(iteratesOf(rule, instance, graphs[name](sizes.n), seed, method), sizes, pause);
        const { communications, error } = found[rule].curve;
        yield { kind: 'points', panel: `error by communications, ${name}`, series: rule, x: communications, y: error };
      }
      counts.push(found);
    }
    const each = (what: 'gradients' | 'communications') =>
      counts.map((found, k) => ({ label: names[k], value: over(found.dadao, found['adom-multi'], what) }));
    yield decide('adult', { gradients: each('gradients'), communications: each('communications') });
    const rows: Cell[][] = counts.flatMap((found, k) =>
      primal.map((rule) => [
        ...[names[k], rules[rule], found[rule].solved ? 'yes' : 'no'],
        ...[found[rule].gradients, found[rule].communications],
      ]),
    );
    yield {
      kind: 'table',
      title: `Counts to a relative squared error of ${sizes.tol}; condition ${(instance.L / instance.mu).toFixed(0)}`,
      columns: ['graph', 'method', 'solved', 'gradients', 'communications'],
      rows,
    };
  },
});
