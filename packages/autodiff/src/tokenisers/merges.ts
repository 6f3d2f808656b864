// Byte-pair encoding: neighbours are merged, those of the lowest rank first, and of equal ranks the leftmost.

/** Rules of merging. Negative symbols take part in none. */
export interface Merges {
  /** The rule that merges two symbols; −1 if there is none. */
  rule(left: number, right: number): number;
  /** Rank of a rule: lower ones are applied first. */
  readonly rank: ArrayLike<number>;
  /** Symbol that a rule makes; by default its own number. */
  readonly made?: ArrayLike<number>;
}

/** A binary heap of numbers in ascending order, with a rule each. */
class Heap {
  private readonly keys: number[] = [];
  private readonly rules: number[] = [];

  get size(): number {
    return this.keys.length;
  }

  push(key: number, rule: number): void {
    const { keys, rules } = this;
    let i = keys.length;
    keys.push(key);
    rules.push(rule);
    while (i > 0) {
      const above = (i - 1) >> 1;
      if (keys[above] <= key) break;
      keys[i] = keys[above];
      rules[i] = rules[above];
      i = above;
    }
    keys[i] = key;
    rules[i] = rule;
  }

  /** Removes the first entry; its rule. */
  pop(): readonly [key: number, rule: number] {
    const { keys, rules } = this;
    const first = [keys[0], rules[0]] as const;
    const [key, rule] = [keys.pop()!, rules.pop()!];
    const size = keys.length;
    let i = 0;
    for (let below = 1; below < size; below = 2 * i + 1) {
      if (below + 1 < size && keys[below + 1] < keys[below]) below++;
      if (keys[below] >= key) break;
      keys[i] = keys[below];
      rules[i] = rules[below];
      i = below;
    }
    if (size > 0) {
      keys[i] = key;
      rules[i] = rule;
    }
    return first;
  }
}

/** Places and ranks are packed into one key that a double holds exactly. */
const PLACES = 2 ** 28;

/**
 * Merges the symbols in place until no rule applies: what is left has its symbols at the places that are returned. O(n log n).
 */
export function merged(symbols: Int32Array, { rule, rank, made }: Merges): Int32Array {
  const n = symbols.length;
  const next = Int32Array.from(symbols, (_, i) => i + 1);
  const before = Int32Array.from(symbols, (_, i) => i - 1);
  const gone = new Uint8Array(n);
  const heap = new Heap();
  const offer = (left: number, right: number): void => {
    if (left < 0 || right >= n || symbols[left] < 0 || symbols[right] < 0) return;
    const found = rule(symbols[left], symbols[right]);
    if (found >= 0) heap.push(rank[found] * PLACES + left, found);
  };
  for (let i = 0; i + 1 < n; i++) offer(i, i + 1);
  let count = n;
  while (heap.size > 0) {
    const [key, found] = heap.pop();
    const left = key % PLACES;
    const right = next[left];
    // The pair may have changed since.
    if (gone[left] === 1 || right >= n || symbols[left] < 0 || symbols[right] < 0) continue;
    if (rule(symbols[left], symbols[right]) !== found) continue;
    symbols[left] = made ? made[found] : found;
    gone[right] = 1;
    count--;
    next[left] = next[right];
    if (next[left] < n) before[next[left]] = left;
    offer(before[left], left);
    offer(left, next[left]);
  }
  const places = new Int32Array(count);
  for (let i = 0, k = 0; i < n; i = next[i]) places[k++] = i;
  return places;
}

/** Pairs that are remembered before the memory is cleared. */
const REMEMBERED = 1 << 20;

/** A rule for pairs of the symbols 0 … size − 1, remembered. */
export function remembered(size: number, rule: (left: number, right: number) => number): Merges['rule'] {
  const known = new Map<number, number>();
  return (left, right) => {
    const pair = left * size + right;
    const before = known.get(pair);
    if (before !== undefined) return before;
    const found = rule(left, right);
    if (known.size >= REMEMBERED) known.clear();
    known.set(pair, found);
    return found;
  };
}
