/** A queue of future events, ordered by time and then by the order of insertion: a binary heap. */
export class Events {
  private readonly heap: Array<{ readonly time: number; readonly order: number; readonly happen: () => void }> = [];
  private planned = 0;

  /** O(log n). */
  plan(time: number, happen: () => void): void {
    const { heap } = this;
    const event = { time, order: this.planned++, happen };
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.before(event, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = event;
  }

  /** Removes the next event; undefined if there is none. O(log n). */
  next(): { readonly time: number; readonly happen: () => void } | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.before(heap[child + 1], heap[child])) child++;
      if (!this.before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }

  private before(a: { time: number; order: number }, b: { time: number; order: number }): boolean {
    return a.time < b.time || (a.time === b.time && a.order < b.order);
  }
}
