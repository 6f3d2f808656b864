/** Strings with a number each, found as prefixes of a text: a trie whose edges lie in one hash table. Lookup of a character is O(1). */
export class Trie {
  private readonly mask: number;
  /** Of each edge its node, its UTF-16 code unit, and the node it leads to; 0 is empty, as nothing leads to the root. */
  private readonly from: Int32Array;
  private readonly unit: Uint16Array;
  private readonly to: Int32Array;
  private readonly values: number[] = [-1];

  constructor(entries: ReadonlyArray<readonly [text: string, value: number]>) {
    const most = entries.reduce((sum, [text]) => sum + text.length, 0);
    let capacity = 16;
    while (capacity < 2 * most) capacity *= 2;
    this.mask = capacity - 1;
    this.from = new Int32Array(capacity);
    this.unit = new Uint16Array(capacity);
    this.to = new Int32Array(capacity);
    for (const [text, value] of entries) {
      let node = 0;
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        const place = this.place(node, unit);
        if (this.to[place] === 0) {
          this.from[place] = node;
          this.unit[place] = unit;
          this.to[place] = this.values.length;
          this.values.push(-1);
        }
        node = this.to[place];
      }
      this.values[node] = value;
    }
  }

  /** Where the edge is, or would be. */
  private place(node: number, unit: number): number {
    let at = (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) >>> 0;
    at = (at ^ (at >>> 15)) & this.mask;
    while (this.to[at] !== 0 && (this.from[at] !== node || this.unit[at] !== unit)) at = (at + 1) & this.mask;
    return at;
  }

  /** The node that a code unit leads to from a node; 0 if there is none. The root is node 0. */
  next(node: number, unit: number): number {
    return this.to[this.place(node, unit)];
  }

  /** The number of the string that ends at a node; −1 if none does. */
  value(node: number): number {
    return this.values[node];
  }

  /** The longest string that begins at a place of a text, as its number and its end; undefined if none does. */
  longest(text: string, from: number): { readonly value: number; readonly end: number } | undefined {
    let found: { readonly value: number; readonly end: number } | undefined;
    let node = 0;
    for (let i = from; i < text.length; i++) {
      node = this.next(node, text.charCodeAt(i));
      if (node === 0) break;
      const value = this.values[node];
      if (value >= 0) found = { value, end: i + 1 };
    }
    return found;
  }
}
