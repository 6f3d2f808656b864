import { expect, test } from 'vitest';
import type { ExperimentEvent } from './experiment.ts';
import { type Emit, streamed } from './streamed.ts';

const progress = (fraction: number): ExperimentEvent => ({ kind: 'progress', label: '', fraction });
const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
const work =
  (steps: number, seen: number[], fail = false) =>
  async (emit: Emit) => {
    for (let k = 0; k < steps; k++) {
      emit(progress(k));
      seen.push(k);
      await tick();
    }
    if (fail) throw new Error('failed');
    return steps;
  };

test('events come while the work runs, and its result at the end', async () => {
  const seen: number[] = [];
  const run = streamed(work(4, seen));
  const found: unknown[] = [];
  for (let next = await run.next(); ; next = await run.next()) {
    found.push(next.value);
    if (next.done) break;
    expect(seen.length).toBeLessThanOrEqual(found.length + 1);
  }
  expect(found).toEqual([...[0, 1, 2, 3].map(progress), 4]);
});

test('work without events, and work that fails', async () => {
  expect(await streamed(async () => 7).next()).toEqual({ value: 7, done: true });
  const run = streamed(work(2, [], true));
  const drain = async () => {
    for await (const _ of run);
  };
  await expect(drain()).rejects.toThrow('failed');
});

test('if the consumer leaves, the work has ended when the generator returns', async () => {
  const seen: number[] = [];
  let over = false;
  const run = streamed(async (emit) => {
    try {
      return await work(100, seen)(emit);
    } finally {
      over = true;
    }
  });
  for await (const _ of run) if (seen.length >= 3) break;
  expect(over).toBe(true);
  expect(seen.length).toBeLessThan(6);
});
