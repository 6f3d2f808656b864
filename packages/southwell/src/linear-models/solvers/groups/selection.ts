import { softNormOf, within } from './passes.ts';
import type { GroupState } from './state.ts';

/** The groups that are marked as active and the most promising others, by (‖S(g_u, l1)‖ − l2)/‖X_u‖_F. */
export function chooseWorkingSet(state: GroupState, active: number): number[] {
  const { penalty, norms, sizes, count, K, g, groups } = state;
  const { starts, columns } = groups;
  const list: number[] = [];
  const violators: number[] = [];
  const priority = new Float64Array(count);
  for (let u = 0; u < count; u++) {
    const l1 = penalty.l1[u];
    const l2 = penalty.l2[u];
    if (state.active[u] === 1 || (l1 === 0 && l2 === 0 && norms[u] > 0)) {
      list.push(u);
      continue;
    }
    if (!(norms[u] > 0) || within(sizes[u], l1, l2)) continue;
    priority[u] = (softNormOf(g, columns, starts[u], starts[u + 1], K, l1) - l2) / norms[u];
    if (priority[u] > 0) violators.push(u);
  }
  const base = Math.max(8, Math.round((2 * Math.sqrt(count)) / K));
  // Without violators no group needs to enter: instead, the current groups are solved more accurately.
  const room = Math.min(violators.length, Math.max(active, base));
  violators.sort((a, c) => priority[c] - priority[a]);
  for (const u of violators.slice(0, room)) list.push(u);
  return list;
}
