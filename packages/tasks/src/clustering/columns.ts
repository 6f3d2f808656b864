import type { Columns } from '../declaration/columns.ts';
import type { ClusterResult } from './result.ts';

/** One row for each row of the table. */
export const clusterColumns = ({ clusters, probabilities }: ClusterResult): Columns => ({
  cluster: clusters,
  ...(probabilities && { probability: probabilities }),
});
