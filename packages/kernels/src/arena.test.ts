import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, ArenaMemoryError } from './index.ts';
import { allKernels, engines } from './testing.ts';

const RESERVED = 2 * 65536;

test.each(engines)('allocations never overlap, are aligned, and all come back as one free piece (%s)', (engine) => {
  // A command is a size to allocate, or the position of a live allocation to free.
  const command = fc.oneof(
    fc.record({ alloc: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 21 })) }),
    fc.record({ free: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const arena = new Arena({ engine });
      const live: Array<{ start: number; bytes: number }> = [];
      let allocated = 0;
      let peak = 0;
      const reserved = (bytes: number) => Math.max(64, Math.ceil(bytes / 64) * 64);
      for (const c of commands) {
        if ('alloc' in c) {
          const start = arena.alloc(c.alloc);
          const end = start + reserved(c.alloc);
          expect(start % 64).toBe(0);
          expect(start).toBeGreaterThanOrEqual(RESERVED); // constants of kernels lie before
          expect(end).toBeLessThanOrEqual(arena.capacityBytes);
          for (const other of live) {
            expect(end <= other.start || start >= other.start + reserved(other.bytes)).toBe(true);
          }
          live.push({ start, bytes: c.alloc });
          allocated += reserved(c.alloc);
        } else if (live.length > 0) {
          const [gone] = live.splice(c.free % live.length, 1);
          arena.free(gone.start);
          allocated -= reserved(gone.bytes);
        }
        peak = Math.max(peak, allocated);
        expect(arena.allocatedBytes).toBe(allocated);
        expect(arena.peakBytes).toBe(peak);
      }
      for (const { start } of live) arena.free(start);
      expect(arena.allocatedBytes).toBe(0);
      // Neighbours were merged: all but the first page can be had in one piece, without growth.
      const capacity = arena.capacityBytes;
      if (capacity > RESERVED) {
        expect(arena.alloc(capacity - RESERVED)).toBe(RESERVED);
        expect(arena.capacityBytes).toBe(capacity);
      }
    }),
    { numRuns: 60 },
  );
});

test.each(engines)('what blocks hold survives growth, and their views show it (%s)', (engine) => {
  const arena = new Arena({ engine });
  const [a, b, c] = [arena.f64Block(10), arena.f32Block(10), arena.i32Block(10)];
  const old = a.view;
  for (const block of [a, b, c]) block.view.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(arena.pointerOf(old)).toBe(a.pointer);
  const before = arena.capacityBytes;
  const large = arena.f64Block(2 ** 19);
  expect(arena.capacityBytes).toBeGreaterThan(before);
  for (const block of [a, b, c]) expect(Array.from(block.view)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  a.view[0] = 42;
  expect(arena.f64[a.pointer / 8]).toBe(42);
  expect(allKernels(arena).dot(1, a.pointer, a.pointer)).toBe(42 * 42);
  expect(arena.pointerOf(a.view)).toBe(a.pointer);
  expect(arena.pointerOf(new Float64Array(3))).toBeUndefined();
  // A view from before growth goes on only where memory is shared; elsewhere it is known to be outdated.
  if (engine === 'wasm-shared') {
    expect(old[0]).toBe(42);
    expect(arena.pointerOf(old)).toBe(a.pointer);
  } else {
    expect(arena.pointerOf(old)).toBeUndefined();
  }
  for (const block of [a, b, c, large]) block.free();
  expect(arena.allocatedBytes).toBe(0);
});

test.each(engines)('asking past 4 GiB is refused in a sentence and leaves the arena usable (%s)', (engine) => {
  const arena = new Arena({ engine });
  const block = arena.f64Block(2 ** 17);
  expect(() => arena.alloc(2 ** 32)).toThrow(ArenaMemoryError);
  expect(() => arena.alloc(2 ** 32)).toThrow(/cannot hold another 4\.00 GiB beside the 0\.00 GiB in use.*sparse/s);
  block.view[0] = 1;
  expect(block.view[0]).toBe(1);
  block.free();
  expect(arena.allocatedBytes).toBe(0);
});

test('freeing what is not allocated is an error', () => {
  const arena = new Arena();
  const pointer = arena.alloc(10);
  expect(() => arena.free(pointer + 64)).toThrow(ArenaMemoryError);
  arena.free(pointer);
  expect(() => arena.free(pointer)).toThrow(/not allocated/);
});

test('kernels reach data beyond 2 GiB', () => {
  const arena = new Arena({ engine: 'wasm-shared' });
  const low = arena.alloc(2 ** 31 + 2 ** 20); // reserved only: pages that nobody touches cost nothing
  const x = arena.f64Block(5);
  const columns = arena.i32Block(1);
  expect(x.pointer).toBeGreaterThan(2 ** 31);
  x.view.set([1, 2, 3, 4, 5]);
  columns.view[0] = 0;
  const y = arena.f64Block(1);
  allKernels(arena).gemvTSubset(5, 1, columns.pointer, x.pointer, 5, x.pointer, y.pointer);
  expect(y.view[0]).toBe(55);
  allKernels(arena).axpy(5, 1, x.pointer, x.pointer);
  expect(Array.from(x.view)).toEqual([2, 4, 6, 8, 10]);
  arena.free(low);
});

test('an attached arena allocates apart from the owner, who adopts what it leaves', () => {
  const owner = new Arena({ engine: 'wasm-shared' });
  const mine = owner.f64Block(4);
  mine.view.set([1, 2, 3, 4]);
  const guest = Arena.attach(owner.handle!);
  expect(allKernels(guest).dot(4, mine.pointer, mine.pointer)).toBe(30);
  const theirs = guest.f64Block(4);
  const more = owner.f64Block(2 ** 18);
  const regions = guest.grownRegions;
  expect(regions).toHaveLength(1);
  const [{ start, size }] = regions;
  expect(theirs.pointer).toBeGreaterThanOrEqual(start);
  expect(theirs.pointer + 32).toBeLessThanOrEqual(start + size);
  for (const { pointer } of [mine, more]) expect(pointer < start || pointer >= start + size).toBe(true);
  theirs.free();
  const capacity = owner.capacityBytes;
  owner.adopt(regions);
  // The adopted region joins what was free before it: together they hold what neither does alone.
  const free = mine.pointer + 64;
  expect(owner.alloc(start + size - free)).toBe(free);
  expect(owner.capacityBytes).toBe(capacity);
});

test('a worker reads and writes the arena of its parent', async () => {
  const arena = new Arena({ engine: 'wasm-shared' });
  const x = arena.f64Block(3);
  x.view.set([1, 2, 3]);
  const worker = new Worker(
    `const { memory, pointer } = require('node:worker_threads').workerData;
     const x = new Float64Array(memory.buffer, pointer, 3);
     for (let i = 0; i < 3; i++) x[i] *= 10;`,
    { eval: true, workerData: { memory: arena.handle!.memory, pointer: x.pointer }, execArgv: [] },
  );
  await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  expect(Array.from(x.view)).toEqual([10, 20, 30]);
  x.free();
});

test('only shared memory has a handle', () => {
  expect(new Arena({ engine: 'wasm' }).handle).toBeUndefined();
  expect(new Arena({ engine: 'typescript' }).handle).toBeUndefined();
});

test.each(engines)('an array knows the arena that it lies in (%s)', (engine) => {
  const arena = new Arena({ engine });
  const block = arena.f32Block(8);
  expect(Arena.holding(block.view)).toBe(arena);
  arena.alloc(2 ** 22);
  expect(Arena.holding(block.view)).toBe(arena);
  expect(Arena.holding(new Float32Array(3))).toBeUndefined();
});
