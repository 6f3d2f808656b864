import { select } from '@southwell/numerics/arrays';
import type { LinearState } from '../state.ts';
import { GRAM_LIMIT } from './members.ts';

/** Features whose gradient is below this part of its threshold are not worth a place in a working set yet. */
const NEAR = 0.7;

/** Chooses working sets by promise: the distance to the threshold in units of the column, (|g_j| − threshold_j)/‖x̃_j‖. */
export class Selection {
  private readonly priority: Float64Array;
  private readonly pool: Float64Array;

  constructor(private readonly state: LinearState) {
    this.priority = new Float64Array(state.p);
    this.pool = new Float64Array(state.p);
  }

  /**
   * Fills the state's list with the support and the most promising others; returns how many. More of them where features that
   * stay zero are `cheap`: no Gram matrix has them. O(p).
   */
  choose(active: number, cheap: boolean): number {
    const { state, priority, pool } = this;
    const { beta, g, p, penalty, design } = state;
    const { threshold, lower, upper } = penalty;
    const { norms, constant } = design;
    const columns = state.list.view;
    let k = 0;
    let violators = 0;
    let candidates = 0;
    for (let j = 0; j < p; j++) {
      priority[j] = Number.NEGATIVE_INFINITY;
      if (beta[j] !== 0 || (threshold[j] === 0 && norms[j] > 0 && constant[j] === 0)) {
        columns[k++] = j;
        continue;
      }
      if (!(norms[j] > 0) || constant[j] === 1 || !(threshold[j] < Number.POSITIVE_INFINITY)) continue;
      const pull = upper[j] <= 0 ? -g[j] : lower[j] >= 0 ? g[j] : Math.abs(g[j]);
      if (!(pull > NEAR * threshold[j])) continue;
      priority[j] = (pull - threshold[j]) / norms[j];
      pool[candidates++] = priority[j];
      if (priority[j] > 0) violators++;
    }
    const take = Math.min(candidates, this.room(k, violators, active, cheap));
    if (take > 0) {
      const least = select(pool, candidates, candidates - take);
      for (let j = 0; j < p && k < p; j++)
        if (priority[j] >= least && priority[j] > Number.NEGATIVE_INFINITY) columns[k++] = j;
    }
    return k;
  }

  /** How many may enter beside k that are in. */
  private room(k: number, violators: number, active: number, cheap: boolean): number {
    const { design, p, penalty, rows } = this.state;
    const n = design.all;
    // Where several points are stationary the order of entering decides between them: it is not left to the store.
    const dense = design.kind === 'dense' || !penalty.penalty.convex;
    // A first set whose Gram matrix costs about as much as one pass over the data; a support rarely exceeds n.
    const base = dense ? Math.max(16, Math.min(Math.round(4 * Math.sqrt(p)), n)) : 32;
    const room = Math.max(
      base - k,
      Math.round(0.25 * k),
      Math.min(violators, Math.max(Math.round((cheap ? 1 : 0.5) * active), cheap ? 2 * base : base)),
    );
    // Where rows are spread there is no other way to solve for more.
    return rows ? Math.min(room, Math.max(0, GRAM_LIMIT - k)) : room;
  }
}
