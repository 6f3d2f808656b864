import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  type Counts,
  countsOf,
  dadaoIterates,
  drawsOf,
  graphs,
  iteratesOf,
  quadraticsOf,
  type Rule,
  rules,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'gradients by condition';
const shown = ['dadao', 'adom-multi', 'adom', 'msda', 'continuized'] as const satisfies readonly Rule[];

/** Gradients as the condition number grows. */
export default experiment(record, {
  id: 'condition',
  title: 'Condition numbers',
  panels: [
    {
      title: PANEL,
      x: { label: 'condition number', log: true },
      y: { label: 'gradients of all nodes', log: true },
      series: shown.map((id) => ({ id, name: rules[id] })),
      control: 'adom-multi',
    },
  ],
  claims: ['acceleration'],
  method: dadaoIterates,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.acceleration.sizes[size];
    const { n, d, conditions } = sizes;
    const pause = pauses(context);
    const graph = graphs.grid(n);
    const counts: Record<Rule, Counts>[] = [];
    for (const [at, condition] of conditions.entries()) {
      // The same minima for all conditions.
      const instance = quadraticsOf(n, d, condition, drawsOf(seed, 0));
      const found = {} as Record<Rule, Counts>;
      for (const rule of shown) {
        yield {
          kind: 'progress',
          label: `condition ${condition}: ${rules[rule]}`,
          fraction: at / conditions.length,
        };
        found[rule] = await countsOf(iteratesOf(rule, instance, graph, seed, method), sizes, pause);
        yield { kind: 'points', panel: PANEL, series: rule, x: [condition], y: [found[rule].gradients] };
      }
      counts.push(found);
    }
    yield decide('acceleration', {
      ratio: counts.slice(1).map(({ dadao: now }, k) => {
        const { dadao: before } = counts[k];
        return {
          label: `${conditions[k + 1]} over that at ${conditions[k]}`,
          value: now.solved && before.solved ? now.gradients / before.gradients : Number.POSITIVE_INFINITY,
        };
      }),
    });
    const rows: Cell[][] = counts.flatMap((found, k) =>
      shown.map((rule) => [
        ...[conditions[k], rules[rule], found[rule].solved ? 'yes' : 'no', found[rule].gradients],
        ...[found[rule].communications, k > 0 ? found[rule].gradients / counts[k - 1][rule].gradients : '–'],
      ]),
    );
    yield {
      kind: 'table',
      title: `Counts to a relative squared error of ${sizes.tol} on a grid of ${n} nodes`,
      columns: ['condition', 'method', 'solved', 'gradients', 'communications', 'times those before'],
      rows,
    };
  },
});
