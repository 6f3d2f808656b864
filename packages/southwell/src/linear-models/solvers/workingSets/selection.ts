import { select } from '@southwell/numerics/arrays';
import type { Design } from '../../design/design.ts';
import type { ScaledPenalty } from '../scaledPenalty.ts';
import type { LinearState } from '../state.ts';
import { GRAM_LIMIT } from './members.ts';

/** Features whose gradient is below this fraction of its threshold are not yet candidates for a working set. */
const NEAR = 0.7;

/**
 * Chooses working sets by priority: the distance to the threshold in units of the column, (|g_j| − threshold_j)/‖x̃_j‖.
 */
export class Selection {
  private readonly priority: Float64Array;
  private readonly pool: Float64Array;
  /** Counts of the last call: active features, candidates, candidates above their thresholds. */
  private readonly counts = new Int32Array(3);

  constructor(private readonly state: LinearState) {
    this.priority = new Float64Array(state.p);
    this.pool = new Float64Array(state.p);
  }

  /**
   * Fills the state's list with the support and the features of highest priority; returns how many. More of them if
   * features that remain zero are `cheap`, because there is no Gram matrix. O(p).
   */
  choose(active: number, cheap: boolean): number {
    const { state, priority, pool, counts } = this;
    const columns = state.list.view;
    rank(state.beta, state.g, state.penalty, state.design, columns, priority, pool, counts);
    const [k, candidates, violators] = counts;
    const take = Math.min(candidates, this.room(k, violators, active, cheap));
    if (take === 0) return k;
    return fill(columns, k, priority, select(pool, candidates, candidates - take));
  }

  /** How many features may enter besides the k active ones. */
  private room(k: number, violators: number, active: number, cheap: boolean): number {
    const { design, p, penalty } = this.state;
    const n = design.all;
    // With several stationary points, the order of entry decides between them: it should not depend on the storage
    // format.
    const dense = design.kind === 'dense' || !penalty.penalty.convex;
    // An initial set whose Gram matrix costs about as much as one pass over the data; a support rarely exceeds n.
    const base = dense ? Math.max(16, Math.min(Math.round(4 * Math.sqrt(p)), n)) : 32;
    const room = Math.max(
      base - k,
      Math.round(0.25 * k),
      Math.min(violators, Math.max(Math.round((cheap ? 1 : 0.5) * active), cheap ? 2 * base : base)),
    );
    // If descent on columns is impossible, the Gram matrix limits the size.
    return design.columnsDescend ? room : Math.min(room, Math.max(0, GRAM_LIMIT - k));
  }
}

/**
 * Lists the active features, with their number in counts[0]; writes the priority of all others to `priority`, and of
 * those near their thresholds to `pool` as well. Loops over all features are functions of arrays alone: the engine
 * compiles these in a millisecond, and a method with all that it calls in five or ten.
 */
function rank(
  beta: Float64Array,
  g: Float64Array,
  { threshold, lower, upper }: ScaledPenalty,
  { norms, constant }: Design,
  columns: Int32Array,
  priority: Float64Array,
  pool: Float64Array,
  counts: Int32Array,
): void {
  let k = 0;
  let violators = 0;
  let candidates = 0;
  priority.fill(Number.NEGATIVE_INFINITY);
  for (let j = 0; j < beta.length; j++) {
    // Most features: neither active nor near their threshold, whatever their bounds.
    if (beta[j] === 0 && threshold[j] > 0 && Math.abs(g[j]) <= NEAR * threshold[j]) continue;
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
  counts[0] = k;
  counts[1] = candidates;
  counts[2] = violators;
}

/** Appends the features of priority `least` or more to columns[0 … k); returns the new number. */
function fill(columns: Int32Array, k: number, priority: Float64Array, least: number): number {
  const p = priority.length;
  for (let j = 0; j < p && k < p; j++)
    if (priority[j] >= least && priority[j] > Number.NEGATIVE_INFINITY) columns[k++] = j;
  return k;
}
