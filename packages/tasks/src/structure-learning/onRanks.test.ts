import { Communicator, type Exchange } from '@southwell/distributed';
import { expect, test } from 'vitest';
import type { JobRanks } from '../spread/ranks.ts';
import { sharedSamples } from './onRanks.ts';

/** The first of two ranks, whose messages from the second come at once: each the next of `bytes`. */
function first(bytes: number[]): { ranks: JobRanks; tests: () => number } {
  let tests = 0;
  const answer = (request: { kind: string; act?: unknown; begun?: unknown }): unknown => {
    if (request.kind === 'begin') return request.act;
    if (request.kind === 'test') return ++tests > 0;
    if (request.kind !== 'wait') return undefined;
    (request.begun as { into: Uint8Array }).into[0] = bytes.shift()!;
    return { from: 1, length: 1 };
  };
  const together = <R>(program: (comm: Communicator) => Exchange<R>): R => {
    const steps = program(new Communicator(0, 2));
    let step = steps.next();
    while (!step.done) step = steps.next(answer(step.value as Parameters<typeof answer>[0]) as never);
    return step.value;
  };
  return { ranks: { rank: 0, size: 2, together } as JobRanks, tests: () => tests };
}

test('a rank from which no more comes is still shown that the first one works', async () => {
  const { ranks, tests } = first([1, 0]);
  const { signal, sample } = sharedSamples(ranks, new AbortController().signal, { nodes: 1, after: 0, resamples: 3 });
  const draw = () => ({ edges: new Uint8Array(1), finished: true });
  expect(sample(1, draw)?.finished).toBe(true);
  expect(signal.aborted).toBe(false);
  for (let looks = 0; looks < 3; looks++) {
    const before = tests();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(signal.aborted).toBe(false);
    expect(tests()).toBeGreaterThan(before);
  }
  // Sample 3 was to come from the other, which has ended without it.
  expect(sample(2, draw)?.finished).toBe(true);
  expect(sample(3, draw)).toBeUndefined();
});
