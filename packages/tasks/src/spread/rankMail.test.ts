import { Communicator, type Request } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { RankMail } from './rankMail.ts';
import type { JobRanks } from './ranks.ts';

const TIMEOUT = 0.2;
const nap = (seconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * seconds);
const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

/** Rank 0 of two; the other tells that it is there while `there`. Each exchange begins with `happens`. */
function beside(other: { there: boolean; happens(): void }): JobRanks {
  let told = performance.now();
  const answer = (request: Request): unknown => {
    if (request.kind === 'begin') return request.act;
    if (request.kind !== 'test') return { from: 1, length: 1 };
    other.happens();
    const act = request.begun as { kind: string; into?: Float64Array };
    if (act.kind === 'send') return true;
    if (!other.there || performance.now() - told < 250 * TIMEOUT) return false;
    told = performance.now();
    act.into![0] = -1;
    return true;
  };
  return {
    rank: 0,
    size: 2,
    timeout: TIMEOUT,
    signal: { aborted: false } as JobRanks['signal'],
    first: () => undefined,
    together(program) {
      const running = program(new Communicator(0, 2, 0));
      let step = running.next();
      while (!step.done) step = running.next(answer(step.value));
      return step.value;
    },
  };
}

test.each([
  ['in the midst of a look', true],
  ['between two', false],
])('who is stopped itself, %s, does not say that others are silent; they are when they are', async (_, amid) => {
  const lost: unknown[] = [];
  let stops = 0;
  const stop = () => {
    nap(2 * TIMEOUT);
    // What came meanwhile is found by the next look.
    other.there = true;
  };
  const other = {
    there: true,
    happens() {
      if (amid && stops > 0 && stops-- > 0) stop();
    },
  };
  const mail = new RankMail(beside(other), [1], { hear() {}, lost: (error) => lost.push(error) });
  await sleep(2 * TIMEOUT);
  for (let k = 0; k < 3; k++) {
    other.there = false;
    if (amid) stops = 1;
    else stop();
    await sleep(TIMEOUT / 2);
  }
  expect(lost).toEqual([]);
  other.there = false;
  await expect.poll(() => lost.length, { timeout: 2000, interval: 5 }).toBe(1);
  expect(String(lost[0])).toContain('Rank 0 has waited 0.2 s for a message: rank 1 has not responded.');
  mail.abandon();
});
