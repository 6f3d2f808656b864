/** Disjoint sets of 0 … n−1, union by size with path halving (Tarjan 1975): practically O(1) a call. */
export class UnionFind {
  private readonly parent: Int32Array;
  private readonly size: Int32Array;

  constructor(n: number) {
    this.parent = new Int32Array(n);
    this.size = new Int32Array(n);
    this.reset();
  }

  /** Resets to singletons. */
  reset(): void {
    for (let i = 0; i < this.parent.length; i++) this.parent[i] = i;
    this.size.fill(1);
  }

  find(i: number): number {
    const { parent } = this;
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  }

  /** Merges two sets; returns false if they were the same set, i.e. if the edge (i, j) closes a cycle. */
  union(i: number, j: number): boolean {
    let a = this.find(i);
    let b = this.find(j);
    if (a === b) return false;
    if (this.size[a] < this.size[b]) [a, b] = [b, a];
    this.parent[b] = a;
    this.size[a] += this.size[b];
    return true;
  }
}
