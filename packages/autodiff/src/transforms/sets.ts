import { fail } from '@southwell/numerics/core';

/** The most numbers that the sets of a pattern may have in all: 1 GiB. */
const MOST = 2 ** 28;

/** Sets of whole numbers from 0 to n − 1. Equal sets have the same name, and 0 is the empty set. */
export class Sets {
  private members = new Int32Array(1024);
  /** The members of set s are from starts[s] to starts[s + 1]. */
  private readonly starts: number[] = [0, 0];
  private readonly byHash = new Map<number, number[]>();
  private readonly pairs = new Map<number, number>();
  private readonly mark: Int32Array;
  private marks = 0;

  constructor(n: number) {
    this.mark = new Int32Array(n);
  }

  /** The members of a set, in ascending order. */
  of(set: number): Int32Array {
    return this.members.subarray(this.starts[set], this.starts[set + 1]);
  }

  single(member: number): number {
    return this.named(Int32Array.of(member));
  }

  /** The union of sets. @throws NOT_SUPPORTED if the sets exceed the memory. */
  union(sets: ArrayLike<number>): number {
    let [first, second, more] = [0, 0, false];
    for (let i = 0; i < sets.length; i++) {
      const s = sets[i];
      if (s === 0 || s === first || s === second) continue;
      if (first === 0) first = s;
      else if (second === 0) second = s;
      else {
        more = true;
        break;
      }
    }
    if (second === 0) return first;
    if (more) return this.merged(sets);
    const key = Math.min(first, second) * 2 ** 26 + Math.max(first, second);
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    const found = this.merged([first, second]);
    this.pairs.set(key, found);
    return found;
  }

  private merged(sets: ArrayLike<number>): number {
    const { mark } = this;
    const stamp = ++this.marks;
    const found: number[] = [];
    let before = 0;
    for (let i = 0; i < sets.length; i++) {
      if (sets[i] === before) continue;
      before = sets[i];
      for (let k = this.starts[before]; k < this.starts[before + 1]; k++) {
        const member = this.members[k];
        if (mark[member] === stamp) continue;
        mark[member] = stamp;
        found.push(member);
      }
    }
    return this.named(Int32Array.from(found).sort());
  }

  /** The name of the set of these members, in ascending order. */
  private named(list: Int32Array): number {
    let hash = list.length;
    for (let i = 0; i < list.length; i++) hash = Math.imul(hash ^ list[i], 0x9e3779b1) ^ (hash >>> 15);
    const alike = this.byHash.get(hash);
    for (const s of alike ?? []) {
      const own = this.of(s);
      if (own.length === list.length && own.every((member, i) => member === list[i])) return s;
    }
    const name = this.starts.length - 1;
    const from = this.starts[name];
    const end = from + list.length;
    if (end > MOST) {
      fail(
        'NOT_SUPPORTED',
        'The sparsity pattern has too many entries: where most elements depend on most variables, use jacobian or hvp.',
      );
    }
    if (end > this.members.length) {
      const larger = new Int32Array(Math.min(MOST, Math.max(end, 2 * this.members.length)));
      larger.set(this.members);
      this.members = larger;
    }
    this.members.set(list, from);
    this.starts.push(end);
    if (alike) alike.push(name);
    else this.byHash.set(hash, [name]);
    return name;
  }
}
