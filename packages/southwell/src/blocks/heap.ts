/** Whether (score a, index i) comes before (score b, index j): higher score first, ties to the lower index. */
const before = (a: number, i: number, b: number, j: number): boolean => a > b || (a === b && i < j);

/**
 * The k indices with the largest scores, ascending; ties go to the lowest index, so that the choice is reproducible. A
 * heap of the k best so far, with the worst on top: O(p + p log k) at worst, close to O(p) for scores in random order.
 */
export function largestScores(scores: Float64Array, k: number): Int32Array {
  const p = scores.length;
  const heap = new Int32Array(Math.min(k, p));
  if (heap.length === 0) return heap;
  const worse = (a: number, b: number): boolean => before(scores[b], b, scores[a], a);
  const down = (at: number, size: number): void => {
    const item = heap[at];
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && worse(heap[child + 1], heap[child])) child++;
      if (!worse(heap[child], item)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = item;
  };
  const size = heap.length;
  for (let i = 0; i < size; i++) heap[i] = i;
  for (let at = (size >> 1) - 1; at >= 0; at--) down(at, size);
  let threshold = scores[heap[0]];
  for (let i = size; i < p; i++) {
    if (scores[i] > threshold) {
      heap[0] = i;
      down(0, size);
      threshold = scores[heap[0]];
    }
  }
  return heap.sort();
}

/** The indices 0 … p−1 by score, as a binary max-heap in which single scores may change: O(log p) a change. */
export class ScoreHeap {
  private readonly order: Int32Array;
  private readonly place: Int32Array;

  constructor(private readonly scores: Float64Array) {
    const p = scores.length;
    this.order = new Int32Array(p);
    this.place = new Int32Array(p);
    for (let i = 0; i < p; i++) this.order[i] = i;
    for (let at = (p >> 1) - 1; at >= 0; at--) this.down(at);
    for (let at = 0; at < p; at++) this.place[this.order[at]] = at;
  }

  update(i: number, score: number): void {
    const old = this.scores[i];
    this.scores[i] = score;
    if (score > old) this.up(this.place[i]);
    else if (score < old) this.down(this.place[i]);
  }

  /** The k best, ascending by index: a best-first walk from the root, O(k log k). */
  largest(k: number): Int32Array {
    const { order, scores } = this;
    const p = order.length;
    const count = Math.min(k, p);
    const out = new Int32Array(count);
    const frontier: number[] = p > 0 ? [0] : []; // places in the heap, as a small heap of their own
    const ahead = (a: number, b: number) => before(scores[order[a]], order[a], scores[order[b]], order[b]);
    for (let t = 0; t < count; t++) {
      const at = frontier[0];
      out[t] = order[at];
      const last = frontier.pop()!;
      if (frontier.length > 0) {
        frontier[0] = last;
        for (let f = 0; ; ) {
          let child = 2 * f + 1;
          if (child >= frontier.length) break;
          if (child + 1 < frontier.length && ahead(frontier[child + 1], frontier[child])) child++;
          if (!ahead(frontier[child], frontier[f])) break;
          [frontier[f], frontier[child]] = [frontier[child], frontier[f]];
          f = child;
        }
      }
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child >= p) continue;
        let f = frontier.push(child) - 1;
        while (f > 0 && ahead(frontier[f], frontier[(f - 1) >> 1])) {
          const up = (f - 1) >> 1;
          [frontier[f], frontier[up]] = [frontier[up], frontier[f]];
          f = up;
        }
      }
    }
    return out.sort();
  }

  private up(at: number): void {
    const { order, place, scores } = this;
    const item = order[at];
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(scores[item], item, scores[order[parent]], order[parent])) break;
      order[at] = order[parent];
      place[order[at]] = at;
      at = parent;
    }
    order[at] = item;
    place[item] = at;
  }

  private down(at: number): void {
    const { order, place, scores } = this;
    const p = order.length;
    const item = order[at];
    for (;;) {
      let child = 2 * at + 1;
      if (child >= p) break;
      if (child + 1 < p && before(scores[order[child + 1]], order[child + 1], scores[order[child]], order[child])) {
        child++;
      }
      if (!before(scores[order[child]], order[child], scores[item], item)) break;
      order[at] = order[child];
      place[order[at]] = at;
      at = child;
    }
    order[at] = item;
    place[item] = at;
  }
}
