import type { Op } from '../primitive.ts';
import { isContiguous } from '../shapes.ts';
import { BYTES, type Storage, type Tensor, type TensorRecord } from '../tensor.ts';
import { keyOfAttrs } from './keys.ts';

/** The distinct records of a trace that results need, in order. */
export interface Schedule {
  readonly steps: readonly Step[];
  /** The storage that represents that of a tensor. */
  readonly root: (storage: Storage) => Storage;
  readonly resolve: (x: Tensor) => Tensor;
}

/** A scheduled trace with the location of every tensor. */
export interface Plan extends Schedule {
  /** Size in bytes of the memory shared by the steps. */
  readonly bytes: number;
  /** Maximum scratch of a step in bytes. */
  readonly work: number;
  /** Offsets of storages in the shared memory. */
  readonly offsets: ReadonlyMap<Storage, number>;
  /** Storages that already have values. */
  readonly constants: readonly Storage[];
}

export interface Step {
  readonly record: TensorRecord;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

const ALIGN = 64;
const bytesOf = (s: Storage): number => Math.max(ALIGN, Math.ceil((s.length * BYTES[s.dtype]) / ALIGN) * ALIGN);

/** Schedules the live part of a trace, without common subexpressions. */
export function schedule(records: readonly TensorRecord[]): Schedule {
  const { kept, resolve, root } = deduplicated(records);
  const steps: Step[] = kept
    .filter(({ op }) => !(op as Op).view)
    .map((record) => ({ record, inputs: record.inputs.map(resolve), outputs: record.outputs.map(resolve) }));
  return { steps, root, resolve };
}

/**
 * Plans the memory of a schedule, which is reused after its last read. `fixed` are storages with a given location: inputs
 * and results.
 */
export function plan(scheduled: Schedule, results: readonly Tensor[], fixed: ReadonlySet<Storage>): Plan {
  const { steps, root } = scheduled;

  // The last step that reads each storage.
  const last = new Map<Storage, number>();
  const constants = new Set<Storage>();
  const made = new Set<Storage>(fixed);
  steps.forEach(({ inputs, outputs }, i) => {
    for (const x of inputs) {
      const s = root(x.storage);
      last.set(s, i);
      if (!made.has(s)) constants.add(s);
    }
    for (const y of outputs) made.add(root(y.storage));
  });
  for (const y of results) {
    const s = root(y.storage);
    last.set(s, steps.length);
    if (!made.has(s)) constants.add(s);
  }

  const free = new FreeList();
  const offsets = new Map<Storage, number>();
  let work = 0;
  steps.forEach(({ record, inputs, outputs }, i) => {
    const op = record.op as Op;
    if (op.work) work = Math.max(work, op.work(inputs, outputs, record.attrs));
    const taken = new Set<Storage>();
    outputs.forEach((y, k) => {
      const s = root(y.storage);
      if (fixed.has(s) || offsets.has(s)) return;
      const from = k === 0 ? reusable(op, inputs, y, (t) => last.get(t) === i && offsets.has(t), root) : undefined;
      if (from) {
        offsets.set(s, offsets.get(from)!);
        taken.add(from);
      } else {
        offsets.set(s, free.take(bytesOf(s)));
      }
    });
    const ends = new Set<Storage>();
    for (const x of inputs) ends.add(root(x.storage));
    for (const y of outputs) ends.add(root(y.storage));
    for (const s of ends) {
      const at = offsets.get(s);
      // Results that are never read are freed at once.
      if (at !== undefined && !taken.has(s) && (last.get(s) ?? i) <= i) free.give(at, bytesOf(s));
    }
  });
  return { ...scheduled, bytes: free.end, work, offsets, constants: [...constants] };
}

/** The input whose memory a result may overwrite: read for the last time here, of the same size and contiguous. */
function reusable(
  op: Op,
  inputs: readonly Tensor[],
  y: Tensor,
  ends: (s: Storage) => boolean,
  root: (s: Storage) => Storage,
): Storage | undefined {
  for (const i of op.inPlace ?? []) {
    const x = inputs[i];
    if (!x) continue;
    const s = root(x.storage);
    const whole = x.size === y.size && s.length === y.size && x.offset === 0 && BYTES[x.dtype] === BYTES[y.dtype];
    if (!whole || !ends(s) || !isContiguous(x.shape, x.strides) || x.shape.length !== y.shape.length) continue;
    // No other input may read it in another order at the same time.
    if (
      inputs.every(
        (other, k) =>
          k === i || root(other.storage) !== s || (isContiguous(other.shape, other.strides) && other.size === x.size),
      )
    )
      return s;
  }
  return undefined;
}

/** The records with equal ones merged. */
function deduplicated(records: readonly TensorRecord[]) {
  const same = new Map<Tensor, Tensor>();
  const roots = new Map<Storage, Storage>();
  const root = (s: Storage): Storage => roots.get(s) ?? s;
  const resolve = (x: Tensor): Tensor => same.get(x) ?? x;
  const seen = new Map<string, TensorRecord>();
  const scalars = new Map<string, Tensor>();
  const keyOf = (x: Tensor): string => {
    const t = resolve(x);
    if (t.storage.length !== 1 || t.storage.trace || !t.storage.values || t.storage.pointer !== undefined)
      return String(t.id);
    // Scalar constants; equal ones are merged.
    const value = t.storage.values[0];
    const key = `${t.dtype}${Object.is(value, -0) ? '-0' : value}[${t.shape}]`;
    const first = scalars.get(key);
    if (first) {
      same.set(x, first);
      return String(first.id);
    }
    scalars.set(key, t);
    return String(t.id);
  };
  const kept: TensorRecord[] = [];
  for (const record of records) {
    const op = record.op as Op;
    const key = op.unique ? undefined : `${op.name}(${record.inputs.map(keyOf).join()})${keyOfAttrs(record.attrs)}`;
    const first = key === undefined ? undefined : seen.get(key);
    if (first) {
      record.outputs.forEach((y, i) => {
        same.set(y, resolve(first.outputs[i]));
        roots.set(y.storage, root(first.outputs[i].storage));
      });
      continue;
    }
    // A view of a merged tensor refers to the storage of its representative.
    if (op.view) for (const y of record.outputs) roots.set(y.storage, root(record.inputs[0].storage));
    if (key !== undefined) seen.set(key, record);
    kept.push(record);
  }
  return { kept, resolve, root };
}

/** A memory of unlimited length with best-fit allocation. */
class FreeList {
  end = 0;
  private readonly free: Array<{ start: number; size: number }> = [];

  take(size: number): number {
    let best = -1;
    this.free.forEach((block, i) => {
      if (block.size >= size && (best < 0 || block.size < this.free[best].size)) best = i;
    });
    if (best < 0) {
      // A free block at the end is extended.
      const tail = this.free.findIndex((block) => block.start + block.size === this.end);
      const start = tail < 0 ? this.end : this.free[tail].start;
      if (tail >= 0) this.free.splice(tail, 1);
      this.end = start + size;
      return start;
    }
    const block = this.free[best];
    const { start } = block;
    if (block.size === size) this.free.splice(best, 1);
    else {
      block.start += size;
      block.size -= size;
    }
    return start;
  }

  give(start: number, size: number): void {
    const at = this.free.findIndex((block) => block.start > start);
    const i = at < 0 ? this.free.length : at;
    this.free.splice(i, 0, { start, size });
    const join = (k: number): void => {
      const [a, b] = [this.free[k], this.free[k + 1]];
      if (a && b && a.start + a.size === b.start) this.free.splice(k, 2, { start: a.start, size: a.size + b.size });
    };
    join(i);
    join(i - 1);
  }
}
