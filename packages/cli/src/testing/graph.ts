/** Tables from known graphs. */
import { writeCsv } from '@southwell/data';
import type { LearnedGraph } from '@southwell/tasks';
import type { DenseMatrix } from 'southwell';
import { edgesOf, simulateGraph, simulateSem } from 'southwell/structure-learning';
import { expect } from 'vitest';
import type { workshop } from '../testing.ts';

export const truth = simulateGraph({ nodes: 8, edges: 12, seed: 5 });
export const name = (v: number) => (v === 3 ? 'a "b", <c>' : `v${v}`);

export async function graphFiles(file: ReturnType<typeof workshop>['file']): Promise<void> {
  const table = (W: DenseMatrix, n: number) => {
    const X = simulateSem(W, { n, seed: 6 });
    return Object.fromEntries(Array.from({ length: W.rows }, (_, j) => [name(j), X.column(j)]));
  };
  file('cells.csv', await writeCsv(table(truth, 500)));
  file('wide.csv', await writeCsv(table(simulateGraph({ nodes: 60, edges: 120, seed: 1 }), 300)));
  // Small enough to be run three times.
  file('middle.csv', await writeCsv(table(simulateGraph({ nodes: 36, edges: 72, seed: 1 }), 300)));
  const quoted = (v: number) => `"${name(v).replaceAll('"', '""')}"`;
  file(
    'truth.csv',
    `from,to\n${edgesOf(truth)
      .map((e) => `${quoted(e.from)},${quoted(e.to)}`)
      .join('\n')}\n`,
  );
}

/** The result without timings and the command line. */
export const graphOf = (out: string) => {
  const { edges, order, objective, iterations, status, bootstrap, noise } = JSON.parse(out) as LearnedGraph;
  return { edges, order, objective, iterations, status, bootstrap, noise };
};

/** A structure-learning job in this process, without results that are not reproducible. */
export const learning =
  (here: ReturnType<typeof workshop>['here']) =>
  async (...args: string[]) => {
    const { code, out, err } = await here(['graph', 'learn', ...args, '--json']);
    expect([code, err]).toEqual([0, '']);
    const { command: _, seconds: __, ...rest } = JSON.parse(out);
    return rest;
  };
