import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { hardInstances, librarySolve, median, SKETCHED, type SketchedName, type Solve, worstError } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const DENSE: readonly SketchedName[] = ['SRHT', 'pooled'];
const SPARSE: readonly SketchedName[] = ['CountSketch', 'OSNAP', 'rows by leverage', 'uniform rows'];

/** The worst coefficient on hard instances, by sketch and dimension. */
export default experiment(record, {
  id: 'hard-instance',
  title: 'The worst coefficient on hard instances',
  panels: [
    {
      title: 'largest error of a coefficient',
      x: { label: 'columns d', log: true },
      y: { label: '‖x′ − x*‖∞ · √m', log: true },
      series: Object.keys(SKETCHED),
      control: 'Gaussian',
    },
  ],
  claims: ['even-error', 'sparse-fails'],
  method: librarySolve as Solve,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { dimensions, rowsPerColumn, factor, draws, gaussianDraws } = locked.claims['even-error'].sizes[context.size];
    const names = Object.keys(SKETCHED) as SketchedName[];
    const medians = new Map<string, number>();
    const keyOf = (name: SketchedName, instance: string, d: number) => `${name}, ${instance}, d = ${d}`;
    /** The largest median over instances. */
    const worst = new Map<string, number>();
    const at = (name: SketchedName, d: number) => worst.get(`${name}, d = ${d}`)!;
    let largest = 0;
    const rows: Cell[][] = [];
    let done = 0;
    for (const d of dimensions) {
      const m = rowsPerColumn * d;
      const instances = Object.entries(hardInstances(4 * m, d, m, new Random(context.seed).split(d)));
      for (const name of names) {
        const own: number[] = [];
        for (const [instance, { A, b, x, unit }] of instances) {
          // The error of normal numbers has the same law on all instances, and drawing every entry of S is expensive.
          if (name === 'Gaussian' && own.length > 0) continue;
          const count = name === 'Gaussian' ? gaussianDraws : draws;
          const errors: number[] = [];
          for (let draw = 0; draw < count; draw++) {
            errors.push(worstError(method(SKETCHED[name], A, b, m, 1000 * context.seed + draw), x) / unit);
            await pause();
          }
          own.push(median(errors));
          medians.set(keyOf(name, instance, d), median(errors));
          if (DENSE.includes(name)) largest = Math.max(largest, ...errors);
          rows.push([name, instance, d, m, count, median(errors), Math.max(...errors)]);
        }
        worst.set(`${name}, d = ${d}`, Math.max(...own));
        yield {
          kind: 'points',
          panel: 'largest error of a coefficient',
          series: name,
          x: [d],
          y: [Math.max(...own)],
        };
        done++;
        const label = `${name}, d = ${d}`;
        yield { kind: 'progress', label, fraction: done / (names.length * dimensions.length) };
      }
      for (const [, { A }] of instances) A.free();
    }
    const top = dimensions[dimensions.length - 1];
    const dense = (d: number) => Math.max(...DENSE.map((name) => at(name, d)));
    yield decide('even-error', {
      median: Math.max(...dimensions.map(dense)),
      largest,
      growth: Math.max(...DENSE.map((name) => at(name, top) / at(name, top / factor))),
      best: dense(top) / Math.min(...names.map((name) => at(name, top))),
    });
    const apart = (name: SketchedName, d: number) => at(name, d) / at('SRHT', d);
    const counted = (d: number) => medians.get(keyOf('CountSketch', 'spread residual', d))!;
    yield decide('sparse-fails', {
      apart: Math.min(...SPARSE.map((name) => apart(name, top))),
      more: Math.min(...SPARSE.map((name) => apart(name, top) / apart(name, top / factor))),
      low: counted(64),
      high: context.size === 'full' ? counted(256) : undefined,
    });
    const columns = ['sketch', 'instance', 'd', 'm', 'draws', 'median', 'largest'];
    yield { kind: 'table', title: 'Largest error of a coefficient, in units of 1/√m', columns, rows };
  },
});
