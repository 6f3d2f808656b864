import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { costsOf, type SolverCost, solversAt } from '../costs.ts';
import { libraryMethod } from '../lab.ts';
import { locked } from '../locked.ts';
import { heatControl } from '../problems.ts';
import { record } from '../record.ts';

const names = ['rows', 'blocks of rows', 'MINRES', 'GMRES', 'LDLᵀ'] as const;

/** Operations, bytes and seconds of the same Newton steps with systems solved in five ways, as the grid grows. */
export default experiment(record, {
  id: 'cost',
  title: 'What a solution costs',
  panels: [
    {
      title: 'Operations',
      x: { label: 'unknowns', log: true },
      y: { label: 'operations to the KKT residual', log: true },
      series: names,
      control: 'LDLᵀ',
    },
    {
      title: 'Bytes',
      x: { label: 'unknowns', log: true },
      y: { label: 'bytes', log: true },
      series: names,
      control: 'LDLᵀ',
    },
  ],
  claims: ['cost'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const settings = locked.claims.cost.sizes[context.size];
    const pause = pauses(context);
    const table: Cell[][] = [];
    const ratios = { operations: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
    const total = settings.N.length * names.length;
    for (const N of settings.N) {
      const problem = heatControl(N);
      const unknowns = problem.start.length + problem.lambda.length;
      const costs: SolverCost[] = [];
      for (const { name, options, most } of solversAt(settings, context.seed)) {
        yield { kind: 'progress', label: `N = ${N}: ${name}`, fraction: table.length / total };
        const cost = await costsOf(problem, name, method(problem, options), options, most, pause);
        costs.push(cost);
        const reached = cost.kkt <= settings.tol;
        if (reached) {
          yield { kind: 'points', panel: 'Operations', series: name, x: [unknowns], y: [cost.operations] };
          yield { kind: 'points', panel: 'Bytes', series: name, x: [unknowns], y: [cost.bytes] };
        }
        const { operations, bytes, seconds, kkt } = cost;
        table.push([N, name, cost.outer, cost.inner, operations, bytes, Number(seconds.toPrecision(3)), kkt]);
      }
      for (const of of ['operations', 'bytes'] as const) {
        const least = (some: readonly SolverCost[]) =>
          Math.min(...some.map((cost) => (cost.kkt <= settings.tol ? cost[of] : Number.POSITIVE_INFINITY)));
        const ours = least(costs.slice(0, 2));
        if (Number.isFinite(ours)) ratios[of] = Math.min(ratios[of], ours / least(costs.slice(2)));
      }
    }
    yield decide('cost', ratios);
    yield {
      kind: 'table',
      title: `To a residual of ${settings.tol}, or as far as ${settings.rows} rows allow`,
      columns: ['N', 'solver', 'outer steps', 'inner steps', 'operations', 'bytes', 'seconds', 'KKT residual'],
      rows: table,
    };
  },
});
