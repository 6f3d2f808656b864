import type { Design, Table } from '@southwell/data';
import { inOnePlace } from '@southwell/numerics/core';
import type { TaskTools } from '../declaration/task.ts';
import type { RankPlan } from '../spread/ranks.ts';
import type { FitRequest } from './options.ts';
import { problemOf } from './problem.ts';
import { byColumns } from './wide.ts';

/**
 * Number of vectors over its rows that a rank stores: target, weights, predictor, gradient, curvatures, a step and a
 * trial.
 */
const VECTORS = 7;
/** As in the solver: the maximum number of columns whose products are kept. */
const MOST = 2500;

/** Memory and communication of a fit on ranks, estimated from some rows of its table. */
export function fitPlan(request: FitRequest, table: Table, spell: TaskTools['spell']): RankPlan {
  const { all = table.rows, before: _, ...rows } = table;
  const { X } = problemOf(rows, request, spell, inOnePlace(rows.rows)).design as Design;
  const p = X.cols;
  if (request.federated) return federatedPlan(X, request);
  const kept = Math.min(p, MOST);
  // Sparse data are stored a second time, block by block.
  const entries = X.kind === 'dense' ? 8 * p : (2 * 12 * X.values.length) / Math.max(1, X.rows);
  const wide = byColumns({ X, spread: inOnePlace(all) }, request);
  return {
    about: `${p} features, ${X.kind}${wide ? ', spread by columns once they are read' : ''}`,
    bytesARow: entries + 8 * VECTORS,
    bytes: 8 * (kept * kept + 8 * p),
    exchanges: [
      ...(wide
        ? [
            {
              what: 'a feature that enters, once',
              doubles: X.kind === 'dense' ? all : 2 * Math.ceil(X.values.length / p),
            },
          ]
        : []),
      { what: 'gradient of all features, each look for what enters', doubles: p },
      { what: 'products of all features that are kept, at most', doubles: (kept * (kept + 1)) / 2 },
      { what: 'losses and steps', doubles: 2 },
    ],
  };
}

/** The rows of a client and the square matrix that it factors; models go to it and come back. */
function federatedPlan(X: Design['X'], { intercept }: FitRequest): RankPlan {
  const width = X.cols + (intercept ? 1 : 0);
  return {
    about: `${X.cols} features, ${X.kind}; rows stay where they are read`,
    bytesARow: 8 * (2 * width + VECTORS),
    bytes: 8 * 2 * width * width,
    exchanges: [
      { what: 'sums of columns, before the rounds', doubles: 4 * X.cols },
      { what: 'model of each client of a round, down and up', doubles: 2 * width },
    ],
  };
}
