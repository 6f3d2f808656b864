/** Numbers 0 … n − 1 by the least of their keys. */
export class LeastFirst {
  private readonly items: Int32Array;
  private size = 0;

  constructor(
    private readonly keys: Float64Array,
    among: (k: number) => boolean,
  ) {
    this.items = new Int32Array(keys.length);
    for (let k = 0; k < keys.length; k++) if (among(k)) this.items[this.size++] = k;
    for (let at = (this.size >> 1) - 1; at >= 0; at--) this.sink(at);
  }

  /** Removes the number with the least key; −1 if none is left. */
  pop(): number {
    if (this.size === 0) return -1;
    const { items } = this;
    const least = items[0];
    items[0] = items[--this.size];
    this.sink(0);
    return least;
  }

  private sink(from: number): void {
    const { items, keys, size } = this;
    for (let at = from; ; ) {
      let child = 2 * at + 1;
      if (child >= size) return;
      if (child + 1 < size && keys[items[child + 1]] < keys[items[child]]) child++;
      if (keys[items[at]] <= keys[items[child]]) return;
      [items[at], items[child]] = [items[child], items[at]];
      at = child;
    }
  }
}
