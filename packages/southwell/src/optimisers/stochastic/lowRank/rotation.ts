import type { OptimiserState } from '../state.ts';
import type { Layout, Plan } from './projection.ts';
import { gemmOf, heapOf } from './projection.ts';

/**
 * Transfers moments when the selected vectors of a fixed basis change: moments of vectors that remain are moved to
 * their new indices, and those of new vectors begin at 0. O(r · longer side).
 */
export function moveMoments(
  { state, rank: r, room }: { readonly state: OptimiserState; readonly rank: number; readonly room: number },
  { left, other }: Layout,
  moment: number,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): void {
  const heap = heapOf(state);
  const [m, t] = [moment / state.bytes, room / state.bytes];
  heap.fill(0, t, t + r * other);
  for (let k = 0, old = 0; k < r; k++) {
    // Both lists are ascending.
    while (old < r && before[old] < after[k]) old++;
    if (old === r || before[old] !== after[k]) continue;
    if (left) heap.copyWithin(t + k * other, m + old * other, m + (old + 1) * other);
    else for (let i = 0; i < other; i++) heap[t + k + i * r] = heap[m + old + i * r];
  }
  heap.copyWithin(m, t, t + r * other);
}

/**
 * The same for arbitrary vectors: moments are multiplied by the products of old and new vectors, second moments by
 * their absolute values. O(r² · longer side).
 */
export function turnMoments(plan: Plan, state: OptimiserState, layout: Layout, moment: number, squares: boolean): void {
  const { rank: r } = plan;
  const { left, other, side } = layout;
  const gemm = gemmOf(state);
  const { scratch, bytes } = state;
  const [P, before, room] = [scratch + layout.vectors, scratch + layout.before, scratch + layout.work];
  // R, old × new, stored in the space of the transform, with the moments next to it.
  const R = scratch + layout.whole;
  gemm(false, true, r, r, side, 1, before, r, P, r, 0, R, r, room);
  const to = scratch + layout.other2;
  if (left) gemm(false, false, other, r, r, 1, moment, other, R, r, 0, to, other, room);
  else gemm(true, false, r, other, r, 1, R, r, moment, r, 0, to, r, room);
  const heap = heapOf(state);
  const [m, t] = [moment / bytes, to / bytes];
  for (let i = 0; i < r * other; i++) heap[m + i] = squares ? Math.abs(heap[t + i]) : heap[t + i];
}
