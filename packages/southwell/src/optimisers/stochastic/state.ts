import { Arena, arenaFor, type Block, type ThreadPool, threadsOf } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import type { ResolvedRange } from './ranges.ts';

/** Parameters or their gradient: one array, which may be in kernel memory. */
export type Numbers = Float32Array | Float64Array;

/** An array of an optimiser's state; by default with a value for each parameter of the ranges that use it. */
export interface SlotSpec {
  readonly name: string;
  uses(range: ResolvedRange): boolean;
  /** Number of values of a range. Default: one per parameter. */
  size?(range: ResolvedRange): number;
  /** Whether values are 32-bit integers. Default: floating point in the parameters' precision. */
  readonly whole?: boolean;
  /** Initial value. Default 0. */
  readonly start?: number;
}

/** Number of values staged at a time if arrays are outside of kernel memory; they fit into the cache. */
const TOGETHER = 4096;

/** Number of parameters from which a step is divided among threads. */
const SHARED = 2 ** 15;

/** Optimiser state as plain data, for files and checkpoints. */
export interface SavedOptimiser {
  readonly optimiser: string;
  readonly steps: number;
  readonly length: number;
  readonly scalars: readonly number[];
  readonly slots: Readonly<Record<string, Numbers | Int32Array>>;
}

const registry = new FinalizationRegistry<ReadonlyArray<{ free(): void }>>((blocks) => {
  for (const block of blocks) block.free();
});

/**
 * The memory of an optimiser for given parameters, in the kernel memory that contains them, or in its own. Created by
 * {@link TrainingOptimiser.init}; see {@link saveState}, {@link loadState} and {@link stateBytes}.
 */
export class OptimiserState {
  /** Number of steps. */
  steps = 0;
  /** @internal Scalars that persist between steps. */
  readonly scalars: Float64Array;
  /** @internal */
  readonly single: boolean;
  /** @internal */
  readonly arena: Arena;
  /** @internal Bytes per value. */
  readonly bytes: number;
  /** @internal Scratch memory of the rule. */
  readonly scratch: number;
  private readonly names: readonly string[];
  private readonly blocks: ReadonlyArray<Block<Numbers | Int32Array>>;
  /** The byte offset of the values for the first parameter, by slot and range; 0 if there are none. */
  private readonly starts: readonly Float64Array[];
  private readonly stagedParameters: number;
  private readonly stagedGradient: number;
  private readonly held: ReadonlyArray<{ free(): void }>;
  private freed = false;

  /** @internal */
  constructor(
    readonly optimiser: string,
    parameters: Numbers,
    readonly ranges: readonly ResolvedRange[],
    slots: readonly SlotSpec[],
    scalars: readonly number[],
    scratchBytes: number,
  ) {
    this.length = parameters.length;
    this.single = parameters instanceof Float32Array;
    this.bytes = this.single ? 4 : 8;
    this.scalars = Float64Array.from(scalars);
    const sizes = slots.map((slot) => ranges.reduce((n, r) => n + sizeIn(slot, r), 0));
    const total = sizes.reduce((a, b) => a + b, 2 * TOGETHER) * this.bytes + scratchBytes;
    this.arena = Arena.holding(parameters) ?? arenaFor(total);
    const make = (n: number) => (this.single ? this.arena.f32Block(n) : this.arena.f64Block(n)) as Block<Numbers>;
    this.names = slots.map(({ name }) => name);
    this.blocks = sizes.map((n, k) => (slots[k].whole ? this.arena.i32Block(n) : make(n)));
    const staged = make(2 * TOGETHER);
    const scratch = make(Math.ceil(scratchBytes / this.bytes));
    this.stagedParameters = staged.pointer;
    this.stagedGradient = staged.pointer + TOGETHER * this.bytes;
    this.scratch = scratch.pointer;
    for (const [k, { start = 0 }] of slots.entries()) this.blocks[k].view.fill(start);
    this.starts = slots.map((slot, k) => {
      let at = this.blocks[k].pointer;
      return Float64Array.from(ranges, (range) => {
        const size = sizeIn(slot, range);
        if (size === 0) return 0;
        const start = at;
        at += size * (slot.whole ? 4 : this.bytes);
        return start;
      });
    });
    this.held = [...this.blocks, staged, scratch];
    registry.register(this, this.held, this);
  }

  /** Number of parameters. */
  readonly length: number;

  /** @internal The byte offset of index `at` of a range in a slot. */
  place(slot: number, range: number, at: number): number {
    return this.starts[slot][range] + at * this.bytes;
  }

  /** @internal The threads for a pass over n parameters, if there are enough of them to pay off. */
  threads(n: number): ThreadPool | undefined {
    return n >= SHARED ? threadsOf(this.arena) : undefined;
  }

  /** @internal The arrays by name: views, not copies. */
  slots(): Record<string, Numbers | Int32Array> {
    this.alive();
    return Object.fromEntries(this.names.map((name, k) => [name, this.blocks[k].view]));
  }

  /**
   * Checks that an array matches those that the state was created for.
   * @throws INVALID_SHAPE.
   */
  check(what: string, values: Numbers): void {
    this.alive();
    if (values instanceof Float32Array !== this.single) {
      const kind = this.single ? 'Float32Array' : 'Float64Array';
      fail('INVALID_SHAPE', `The ${what} must be a ${kind}, as the parameters were at init.`);
    }
    if (values.length !== this.length) {
      fail(
        'INVALID_SHAPE',
        `The state is for ${this.length} parameters, but the ${what} has ${values.length} values; a view of memory that has ` +
          'grown since has none, and is to be taken anew.',
      );
    }
  }

  /**
   * Calls `visit(index, at, n, g, p)` for the n parameters from index `at` of the range, whose gradients and values are
   * at the byte offsets g and p: all at once in kernel memory, otherwise in blocks staged in the cache. The loop
   * allocates nothing in the first case.
   * @internal
   */
  sweep(index: number, gradient: Numbers, parameters: Numbers, visitor: Visitor): void {
    const { arena, bytes } = this;
    const { from, to } = this.ranges[index];
    const [g, p] = [arena.pointerOf(gradient), arena.pointerOf(parameters)];
    if (g !== undefined && p !== undefined) {
      visitor.visit(index, 0, to - from, g + from * bytes, p + from * bytes);
      return;
    }
    for (let a = from; a < to; a += TOGETHER) {
      const b = Math.min(to, a + TOGETHER);
      const heap = this.single ? arena.f32 : arena.f64;
      if (g === undefined) heap.set(gradient.subarray(a, b), this.stagedGradient / bytes);
      const atP = p === undefined ? this.stagedParameters : p + a * bytes;
      if (p === undefined) heap.set(parameters.subarray(a, b), atP / bytes);
      visitor.visit(index, a - from, b - a, g === undefined ? this.stagedGradient : g + a * bytes, atP);
      if (p === undefined) parameters.set(heap.subarray(atP / bytes, atP / bytes + b - a), a);
    }
  }

  private alive(): void {
    if (this.freed) fail('NOT_SUPPORTED', 'The memory of this state was freed.');
  }

  /** Frees the memory now, rather than on garbage collection. */
  free(): void {
    if (this.freed) return;
    this.freed = true;
    registry.unregister(this);
    for (const block of this.held) block.free();
  }
}

/** The number of values of a slot for a range. */
const sizeIn = (slot: SlotSpec, range: ResolvedRange): number =>
  range.frozen || !slot.uses(range) ? 0 : (slot.size?.(range) ?? range.to - range.from);

/** Processes parameters piece by piece: see {@link OptimiserState.sweep}. */
export interface Visitor {
  visit(index: number, at: number, n: number, g: number, p: number): void;
}

/** A copy of the state as plain data and typed arrays, such as `encodeCheckpoint` takes. O(its size). */
export function saveState(state: OptimiserState): SavedOptimiser {
  const slots = Object.fromEntries(Object.entries(state.slots()).map(([name, values]) => [name, values.slice()]));
  return {
    ...{ optimiser: state.optimiser, steps: state.steps, length: state.length },
    ...{ scalars: Array.from(state.scalars), slots },
  };
}

/** Bytes of the data that {@link saveState} copies: moments and the like, without scratch. */
export function stateBytes(state: OptimiserState): number {
  return Object.values(state.slots()).reduce((sum, { byteLength }) => sum + byteLength, 8 * state.scalars.length);
}

/**
 * Restores a saved state.
 * @throws INVALID_PARAMETER if it belongs to another optimiser, other parameters or other ranges.
 */
export function restoreState(state: OptimiserState, saved: SavedOptimiser): void {
  if (saved.optimiser !== state.optimiser) {
    fail('INVALID_PARAMETER', `The state is one of ${saved.optimiser}, not of ${state.optimiser}.`);
  }
  if (saved.length !== state.length) {
    fail('INVALID_PARAMETER', `The state was saved for ${saved.length} parameters, but there are ${state.length}.`);
  }
  const own = state.slots();
  for (const [name, values] of Object.entries(own)) {
    const from = saved.slots[name];
    if (from === undefined || from.length !== values.length || from.constructor !== values.constructor) {
      const found = from === undefined ? 'nothing' : `a ${from.constructor.name} of ${from.length}`;
      fail(
        'INVALID_PARAMETER',
        `The state was saved with other options, ranges or precision: for '${name}' it has ${found}, where a ` +
          `${values.constructor.name} of ${values.length} is wanted.`,
      );
    }
  }
  if (Object.keys(saved.slots).length !== Object.keys(own).length || saved.scalars.length !== state.scalars.length) {
    fail('INVALID_PARAMETER', 'The state was saved with other options of the optimiser: give those it was made with.');
  }
  for (const [name, values] of Object.entries(own)) values.set(saved.slots[name]);
  state.scalars.set(saved.scalars);
  state.steps = saved.steps;
}
