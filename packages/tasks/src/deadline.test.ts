import { run, stoppedBy } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';

const never = () => new AbortController().signal;

test('a job that blocks its thread is stopped by the clock, with the status of a time limit', () => {
  const signal = withDeadline(never(), 0.03);
  expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
  signal.throwIfAborted();
  const began = performance.now();
  const endless = (function* () {
    for (let iteration = 0; ; iteration++) yield { iteration, objective: 1, work: {}, snapshot: () => iteration };
  })();
  const found = run(endless as never, { signal });
  expect(found.status).toBe('time-limit');
  expect(performance.now() - began).toBeGreaterThanOrEqual(25);
  expect(stoppedBy(signal)).toBe('time-limit');
  expect(() => signal.throwIfAborted()).toThrow(/time limit of 0.03 s was reached before there was a first result/);
});

test('its event is fired for jobs that wait, and by a request, which is no time limit', async () => {
  const late = withDeadline(never(), 0.01);
  await new Promise((resolve) => late.addEventListener('abort', resolve));
  expect(stoppedBy(late)).toBe('time-limit');
  const own = new AbortController();
  const signal = withDeadline(own.signal, 1e9);
  own.abort();
  expect([signal.aborted, stoppedBy(signal)]).toEqual([true, 'aborted']);
  expect(() => signal.throwIfAborted()).toThrow();
});
