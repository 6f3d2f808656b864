import { softNorm } from './penalty.ts';
import type { GroupState } from './state.ts';

/** The active groups and the most promising others, by (‖S(g_u, l1)‖ − l2)/‖X_u‖_F. */
export function chooseWorkingSet(state: GroupState, active: number): number[] {
  const { penalty, norms, count } = state;
  const list: number[] = [];
  const others: number[] = [];
  const priority = new Float64Array(count);
  const work = new Float64Array(state.largest);
  let violators = 0;
  for (let u = 0; u < count; u++) {
    const [l1, l2] = [penalty.l1[u], penalty.l2[u]];
    if (!state.isZero(u) || (l1 === 0 && l2 === 0 && norms[u] > 0)) {
      list.push(u);
      continue;
    }
    if (!(norms[u] > 0)) continue;
    const k = state.gather(u, state.g, work);
    const pull = softNorm(work, 0, k, l1);
    priority[u] = ((pull > 0 ? pull : softNorm(work, 0, k, 0) - l1 * Math.sqrt(k)) - l2) / norms[u];
    if (priority[u] > 0) violators++;
    others.push(u);
  }
  const base = Math.max(8, Math.round((2 * Math.sqrt(count)) / state.K));
  // Without violators no group needs to enter: instead, the current groups are solved more accurately.
  const room = Math.min(violators, Math.max(active, base));
  others.sort((a, c) => priority[c] - priority[a]);
  for (const u of others.slice(0, room)) list.push(u);
  return list;
}
