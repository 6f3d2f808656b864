import type { DenseMatrix } from 'southwell';
import { layeredLayout } from 'southwell/structure-learning';
import type { ExperimentEvent } from '../experiment.ts';

/** Groups of edges in these pictures. */
export const edgeGroups = { right: 0, reversed: 1, extra: 2, missing: 3 } as const;

/** The true graph, and the estimate with its edges grouped by {@link edgeGroups}, with the same layout. */
export function graphPictures(truth: DenseMatrix, estimate: DenseMatrix, title: string): ExperimentEvent[] {
  const places = layeredLayout(truth).nodes.map(({ x, y }, v) => ({ x, y, label: String(v + 1) }));
  const groups = Object.keys(edgeGroups);
  const picture = (name: string, group: (i: number, j: number) => number | undefined): ExperimentEvent => {
    const edges = [];
    for (let from = 0; from < truth.rows; from++) {
      for (let to = 0; to < truth.rows; to++) {
        const found = group(from, to);
        if (found !== undefined) edges.push({ from, to, directed: true, group: found });
      }
    }
    return { kind: 'picture', title: name, picture: { type: 'graph', nodes: places, edges, groups } };
  };
  const real = (i: number, j: number) => truth.get(i, j) !== 0;
  const found = (i: number, j: number) => estimate.get(i, j) !== 0;
  return [
    picture('True graph', (i, j) => (real(i, j) ? edgeGroups.right : undefined)),
    picture(title, (i, j) => {
      if (found(i, j)) return real(i, j) ? edgeGroups.right : real(j, i) ? edgeGroups.reversed : edgeGroups.extra;
      return real(i, j) && !found(j, i) ? edgeGroups.missing : undefined;
    }),
  ];
}

export const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
