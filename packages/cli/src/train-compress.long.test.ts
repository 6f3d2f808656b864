import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { command, hasMpi, workshop } from './testing.ts';

// Training on ranks that send compressed gradients, or step by themselves.

const { env, folder, here } = workshop();
const words = ['train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--hidden', '8', '--batch', '128'];
/** What a run says of its exchange and its course. */
const told = (out: string) => {
  const { sent, history, score } = JSON.parse(out);
  return { sent, loss: history.loss as number[], score: score.value as number };
};
const ran = async (...more: string[]) => {
  const { out, err, code } = await here([...words, ...more, '--json']);
  expect([code, out === '' ? err : '']).toEqual([0, '']);
  return told(out);
};
const two = ['--ranks', '2'];

describe('train on ranks that compress', () => {
  test.each([
    ['top-k=0.1', 'econtrol'],
    ['sign', 'ec'],
    ['rand-k=0.2:unscaled', 'ef21-sgdm'],
    // Matrices of 8 × 64 and 10 × 8, and two vectors that are sent whole.
    ['low-rank=1', 'ec'],
  ])('%s with %s: the network decides nothing, and a run goes on with the same bits', async (compress, feedback) => {
    const own = [...two, '--compress', compress, '--feedback', feedback];
    const all = await ran(...own);
    expect(all.sent.bytes).toBeLessThan(0.4 * all.sent.whole);
    expect(await ran(...own, '--network', 'latency=1e-4')).toEqual(all);
    const file = ['--checkpoint', `${compress.split('=')[0]}.json`];
    const { code, err } = await here([...words, ...own, ...file, '--max-iter', '15']);
    expect([code, code === 3 ? '' : err]).toEqual([3, '']);
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

  test.skipIf(!hasMpi)('two processes under MPI send and learn what two threads do', async () => {
    const own = ['--compress', 'low-rank=1', '--feedback', 'ef21'];
    const mpi = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
    const args = [...mpi, process.execPath, command, ...words, ...own, '--json', '--quiet'];
    const { status, stdout, stderr } = spawnSync('mpirun', args, { cwd: folder, env: env(), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(told(stdout)).toEqual(await ran(...two, ...own));
  });
});
