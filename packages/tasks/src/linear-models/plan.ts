import type { Table } from '@southwell/data';
import type { RankPlan } from '../ranks.ts';
import type { TaskTools } from '../task.ts';
import type { FitRequest } from './options.ts';
import { problemOf } from './problem.ts';

/** Vectors over its rows that a rank holds: target, weights, predictor, gradient, curvatures, a step and a trial. */
const VECTORS = 7;
/** As in the solver: the most columns whose products are kept. */
const MOST = 2500;

/** What a fit on ranks holds and exchanges, from some rows of its table. */
export function fitPlan(request: FitRequest, table: Table, spell: TaskTools['spell']): RankPlan {
  const { all: _, before: __, ...rows } = table;
  const { X } = problemOf(rows, request, spell).design;
  const p = X.cols;
  const kept = Math.min(p, MOST);
  // Sparse data are laid out once more, piece by piece.
  const entries = X.kind === 'dense' ? 8 * p : (2 * 12 * X.values.length) / Math.max(1, X.rows);
  return {
    about: `${p} features, ${X.kind}`,
    bytesARow: entries + 8 * VECTORS,
    bytes: 8 * (kept * kept + 8 * p),
    exchanges: [
      { what: 'gradient of all features, each look for what enters', doubles: p },
      { what: 'products of all features that are kept, at most', doubles: (kept * (kept + 1)) / 2 },
      { what: 'losses and steps', doubles: 2 },
    ],
  };
}
