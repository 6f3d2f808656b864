/** Free blocks of one memory, in address order and merged if adjacent. Every operation is O(blocks). */
export class FreeBlocks {
  private readonly starts: number[] = [];
  private readonly sizes: number[] = [];

  /**
   * Takes `size` bytes from the smallest sufficient block (so that large blocks are not split for small scratch);
   * returns the address.
   */
  take(size: number): number | undefined {
    const { starts, sizes } = this;
    let best = -1;
    for (let k = 0; k < sizes.length; k++) {
      if (sizes[k] >= size && (best < 0 || sizes[k] < sizes[best])) best = k;
    }
    if (best < 0) return undefined;
    const start = starts[best];
    if (sizes[best] === size) {
      starts.splice(best, 1);
      sizes.splice(best, 1);
    } else {
      starts[best] += size;
      sizes[best] -= size;
    }
    return start;
  }

  /** Adds a free region. */
  release(start: number, size: number): void {
    const { starts, sizes } = this;
    let lo = 0;
    let hi = starts.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (starts[mid] < start) lo = mid + 1;
      else hi = mid;
    }
    starts.splice(lo, 0, start);
    sizes.splice(lo, 0, size);
    if (lo + 1 < starts.length && starts[lo] + sizes[lo] === starts[lo + 1]) this.merge(lo);
    if (lo > 0 && starts[lo - 1] + sizes[lo - 1] === starts[lo]) this.merge(lo - 1);
  }

  private merge(k: number): void {
    this.sizes[k] += this.sizes[k + 1];
    this.starts.splice(k + 1, 1);
    this.sizes.splice(k + 1, 1);
  }
}
