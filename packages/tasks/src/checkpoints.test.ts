import { fingerprint, type Iterate, run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { Stages } from './checkpoints.ts';

interface Sum {
  readonly iteration: number;
  readonly x: Float64Array;
}

function* summing(last: number, resume?: Sum): Generator<Iterate<number>> {
  const x = resume?.x.slice() ?? Float64Array.of(0);
  for (let iteration = resume?.iteration ?? 0; ; x[0] += Math.sin(++iteration)) {
    const at = iteration;
    const done = iteration === last ? 'completed' : undefined;
    const checkpoint = (): Sum => ({ iteration: at, x: x.slice() });
    yield { iteration, objective: x[0], work: {}, done, checkpoint, snapshot: () => x[0] };
  }
}

/** A job of two runs, the second from the first's result; `limit` cuts either short. */
function job(text: string | undefined, limits: readonly [number, number]) {
  let kept = text;
  const store = { name: 'x.ck', text, every: 0, write: (t: string) => void (kept = t) };
  const stages = new Stages('sums', fingerprint('data'), store);
  const [first, second] = [stages.stage<Sum>('first'), stages.stage<Sum>('second')];
  const a = run(summing(30, first.resume), { checkpoint: first.checkpoint, maxIter: limits[0] });
  if (a.status !== 'completed') return { kept };
  const b = run(summing(20, second.resume), { checkpoint: second.checkpoint, maxIter: limits[1] });
  return { kept, a, b };
}

test('a job that was cut in either stage ends with the same bits', () => {
  const whole = job(undefined, [99, 99]);
  for (const limits of [
    [12, 99],
    [99, 7],
  ] as const) {
    const cut = job(undefined, limits);
    const rest = job(cut.kept, [99, 99]);
    expect(rest.a!.point).toBe(whole.a!.point);
    expect(rest.b!.point).toBe(whole.b!.point);
    expect(rest.b!.trace.length).toBeLessThanOrEqual(21 - (limits[1] === 7 ? 7 : 0));
  }
});

test('a checkpoint of another job or of other data is refused', () => {
  const { kept } = job(undefined, [5, 99]);
  const store = { name: 'x.ck', text: kept, every: 0, write: () => {} };
  expect(() => new Stages('sums', fingerprint('other'), store)).toThrow(/other data or other options/);
  expect(() => new Stages('products', fingerprint('data'), store)).toThrow(/by sums, not by products/);
});

test('without a store nothing is kept', () => {
  expect(new Stages('sums', '', undefined).stage('first')).toEqual({});
});
