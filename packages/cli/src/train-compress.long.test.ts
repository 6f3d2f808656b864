import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

// Training on ranks that send compressed gradients, or step by themselves.

const { here } = workshop();
const words = ['train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--hidden', '8', '--batch', '128'];
const ran = async (...more: string[]) => {
  const { out, err, code } = await here([...words, ...more, '--json']);
  expect([code, out === '' ? err : '']).toEqual([0, '']);
  const { sent, history, score } = JSON.parse(out);
  return { sent, loss: history.loss as number[], score: score.value as number };
};
const two = ['--ranks', '2'];

describe('train on ranks that compress', () => {
  test.each([
    ['top-k=0.1', 'econtrol'],
    ['sign', 'ec'],
    ['rand-k=0.2:unscaled', 'ef21-sgdm'],
    // A matrix of 64 × 8, the other of 8 × 10, and two vectors that are sent whole.
    ['low-rank=1', 'ec'],
  ])('%s with %s: the network decides nothing, and a run goes on with the same bits', async (compress, feedback) => {
    const own = [...two, '--compress', compress, '--feedback', feedback];
    const all = await ran(...own);
    expect(all.sent.bytes).toBeLessThan(0.4 * all.sent.whole);
    expect(await ran(...own, '--network', 'latency=1e-4')).toEqual(all);
    const file = ['--checkpoint', `${feedback}.json`];
    await here([...words, ...own, ...file, '--max-iter', '15']);
    expect(await ran(...own, ...file, '--resume')).toEqual(all);
  });

  test('local steps send parameters now and then, and a run goes on with the same bits', async () => {
    const own = [...two, '--local-steps', '4', '--compress', 'top-k=0.3', '--feedback', 'ec'];
    const all = await ran(...own);
    expect(all.sent.rounds).toBeLessThan(10);
    const file = ['--checkpoint', 'local.json'];
    await here([...words, ...own, ...file, '--max-iter', '15']);
    expect(await ran(...own, ...file, '--resume')).toEqual(all);
    expect((await here([...words, ...own, '--ranks', '3', ...file, '--resume'])).err).toContain(
      'The checkpoint is of 2 ranks, each of which keeps what its messages left out, and this run has 3: resume with 2 ranks',
    );
  });

  test('the median of two gradients is their mean', async () => {
    const [robust, mean] = [await ran(...two, '--aggregate', 'median'), await ran(...two)];
    robust.loss.forEach((loss, k) => {
      expect(loss).toBeCloseTo(mean.loss[k], 3);
    });
  });
});
