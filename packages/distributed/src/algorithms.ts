import type { Collective, Numbers, Received, Reduction } from './communicator.ts';
import { combine } from './numbers.ts';

/**
 * One message of an exchange; ranks are those of its communicator. `step` distinguishes the messages of one collective.
 */
export type Move =
  | { readonly kind: 'out'; readonly to: number; readonly data: Numbers; readonly step: number }
  | {
      readonly kind: 'in';
      readonly from: number | 'any';
      readonly into: Numbers;
      readonly step: number;
      /** Combines the data with the contents of `into` instead of overwriting them. */
      readonly reduction?: Reduction;
    };

/**
 * An exchange as a generator of messages: resumed when all yielded messages are complete, with the status of the
 * receives among them.
 */
export type Moves<R = void> = Generator<readonly Move[], R, readonly Received[]>;

/** Up to this size in bytes, all-reduce takes log₂ p steps with all numbers; above, 2(p − 1) steps with 1/p of them. */
const SHORT = 2 ** 15;

const NOTHING = new Uint8Array(0);

/**
 * The messages of rank r of p in a collective: dissemination (barrier), binomial trees (broadcast, reduce), and
 * recursive doubling or rings (the others), as in Thakur, Rabenseifner and Gropp, Optimization of collective
 * communication operations in MPICH (2005). Sums have the same bits on all ranks.
 */
export function moves(act: Exclude<Collective, { kind: 'split' }>, r: number, p: number): Moves {
  switch (act.kind) {
    case 'barrier':
      return barrier(r, p);
    case 'broadcast':
      return broadcast(act.data, act.root, r, p);
    case 'reduce':
      return reduce(act.data, act.root, act.reduction, r, p);
    case 'allReduce':
      return act.data.byteLength <= SHORT || act.data.length < p
        ? doubling(act.data, act.reduction, r, p)
        : ringReduce(act.data, act.reduction, r, p);
    case 'allGather':
      act.into.set(act.data, r * act.data.length);
      return ringGather(equalParts(act.into, p), r, p, 0);
    case 'reduceScatter':
      return ringScatter(act.data, act.into, act.reduction, r, p);
    case 'allToAll':
      return pairwise(act.data, act.into, r, p);
  }
}

const mod = (a: number, p: number) => ((a % p) + p) % p;

/** Part k of p equal parts. */
const equalParts = (data: Numbers, p: number) => {
  const n = data.length / p;
  return (k: number) => data.subarray(k * n, (k + 1) * n);
};

function* barrier(r: number, p: number): Moves {
  for (let d = 1, step = 0; d < p; d *= 2, step++) {
    yield [
      { kind: 'out', to: mod(r + d, p), data: NOTHING, step },
      { kind: 'in', from: mod(r - d, p), into: NOTHING, step },
    ];
  }
}

function* broadcast(data: Numbers, root: number, r: number, p: number): Moves {
  const v = mod(r - root, p);
  let bit = 1;
  while (bit < p && (v & bit) === 0) bit *= 2;
  if (v > 0) yield [{ kind: 'in', from: mod(v - bit + root, p), into: data, step: 0 }];
  const out: Move[] = [];
  for (bit /= 2; bit >= 1; bit /= 2) {
    if (v + bit < p) out.push({ kind: 'out', to: mod(v + bit + root, p), data, step: 0 });
  }
  if (out.length > 0) yield out;
}

function* reduce(data: Numbers, root: number, reduction: Reduction, r: number, p: number): Moves {
  const v = mod(r - root, p);
  for (let bit = 1; bit < p; bit *= 2) {
    if (v & bit) {
      yield [{ kind: 'out', to: mod(v - bit + root, p), data, step: 0 }];
      return;
    }
    if (v + bit < p) yield [{ kind: 'in', from: mod(v + bit + root, p), into: data, step: 0, reduction }];
  }
}

/** Ranks beyond the largest power of two send their data to a partner, which returns the result. */
function* doubling(data: Numbers, reduction: Reduction, r: number, p: number): Moves {
  let power = 1;
  while (2 * power <= p) power *= 2;
  const extra = p - power;
  if (r < 2 * extra && r % 2 === 0) {
    yield [{ kind: 'out', to: r + 1, data, step: 0 }];
    yield [{ kind: 'in', from: r + 1, into: data, step: 1 }];
    return;
  }
  if (r < 2 * extra) yield [{ kind: 'in', from: r - 1, into: data, step: 0, reduction }];
  const v = r < 2 * extra ? (r - 1) / 2 : r - extra;
  const other = data.slice();
  for (let bit = 1, step = 2; bit < power; bit *= 2, step++) {
    const w = v ^ bit;
    const partner = w < extra ? 2 * w + 1 : w + extra;
    yield [
      { kind: 'out', to: partner, data, step },
      { kind: 'in', from: partner, into: other, step },
    ];
    combine(data, other, reduction);
  }
  if (r < 2 * extra) yield [{ kind: 'out', to: r - 1, data, step: 1 }];
}

function* ringReduce(data: Numbers, reduction: Reduction, r: number, p: number): Moves {
  const part = (k: number) =>
    data.subarray(Math.floor((mod(k, p) * data.length) / p), Math.floor(((mod(k, p) + 1) * data.length) / p));
  for (let s = 0; s < p - 1; s++) {
    yield [
      { kind: 'out', to: mod(r + 1, p), data: part(r - s - 1), step: s },
      { kind: 'in', from: mod(r - 1, p), into: part(r - s - 2), step: s, reduction },
    ];
  }
  yield* ringGather(part, r, p, p);
}

/** Ring all-gather: every rank begins with its own part and ends with all parts. */
function* ringGather(part: (k: number) => Numbers, r: number, p: number, step: number): Moves {
  for (let s = 0; s < p - 1; s++) {
    yield [
      { kind: 'out', to: mod(r + 1, p), data: part(mod(r - s, p)), step: step + s },
      { kind: 'in', from: mod(r - 1, p), into: part(mod(r - s - 1, p)), step: step + s },
    ];
  }
}

function* ringScatter(data: Numbers, into: Numbers, reduction: Reduction, r: number, p: number): Moves {
  const part = equalParts(data, p);
  for (let s = 0; s < p - 1; s++) {
    yield [
      { kind: 'out', to: mod(r + 1, p), data: part(mod(r - s - 1, p)), step: s },
      { kind: 'in', from: mod(r - 1, p), into: part(mod(r - s - 2, p)), step: s, reduction },
    ];
  }
  into.set(part(r));
}

function* pairwise(data: Numbers, into: Numbers, r: number, p: number): Moves {
  const [from, to] = [equalParts(data, p), equalParts(into, p)];
  to(r).set(from(r));
  for (let s = 1; s < p; s++) {
    yield [
      { kind: 'out', to: mod(r + s, p), data: from(mod(r + s, p)), step: s },
      { kind: 'in', from: mod(r - s, p), into: to(mod(r - s, p)), step: s },
    ];
  }
}
