/** All bits of the result depend on all of both numbers, as neighbouring pairs are common. */
function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) + b;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A set of undirected edges between nodes, loops included, numbered in the order of their appearance, with the list of
 * those by which a node is joined to itself or earlier nodes.
 */
export class EdgeTable {
  private slots: Int32Array;
  private later = new Int32Array(1024);
  private earlier = new Int32Array(1024);
  private following = new Int32Array(1024);
  private readonly heads: Int32Array;
  count = 0;

  constructor(nodes: number) {
    this.heads = new Int32Array(nodes).fill(-1);
    this.slots = new Int32Array(4096).fill(-1);
  }

  /** The number of the edge between a and b, which is added if it is new. */
  edge(a: number, b: number): number {
    const later = Math.max(a, b);
    const earlier = Math.min(a, b);
    const { slots } = this;
    const mask = slots.length - 1;
    let at = hash(later, earlier) & mask;
    for (let e = slots[at]; e >= 0; e = slots[at]) {
      if (this.later[e] === later && this.earlier[e] === earlier) return e;
      at = (at + 1) & mask;
    }
    const e = this.count++;
    if (e === this.later.length) this.grow();
    this.later[e] = later;
    this.earlier[e] = earlier;
    this.following[e] = this.heads[later];
    this.heads[later] = e;
    slots[at] = e;
    if (2 * this.count > slots.length) this.rehash();
    return e;
  }

  /** The first edge of a node to itself or an earlier one; −1 if there is none. */
  first(node: number): number {
    return this.heads[node];
  }

  /** The next of those edges after e. */
  next(e: number): number {
    return this.following[e];
  }

  laterEnd(e: number): number {
    return this.later[e];
  }

  earlierEnd(e: number): number {
    return this.earlier[e];
  }

  private grow(): void {
    const longer = (array: Int32Array) => {
      const copy = new Int32Array(2 * array.length);
      copy.set(array);
      return copy;
    };
    this.later = longer(this.later);
    this.earlier = longer(this.earlier);
    this.following = longer(this.following);
  }

  private rehash(): void {
    const slots = new Int32Array(4 * this.slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let e = 0; e < this.count; e++) {
      let at = hash(this.later[e], this.earlier[e]) & mask;
      while (slots[at] >= 0) at = (at + 1) & mask;
      slots[at] = e;
    }
    this.slots = slots;
  }
}
