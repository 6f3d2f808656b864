import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseEventList, Scenes } from '@southwell/distributed';
import { describe, expect, test } from 'vitest';
import { command, hasMpi, workshop } from './testing.ts';

// Training on ranks under a code against slow ones.

const { here, at, env, folder } = workshop();
const words = ['train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--hidden', '8', '--batch', '128'];
const coded = ['--ranks', '5', '--straggler-code', 'gc=1'];
const network = (more = '') => ['--network', `latency=1e-4,bandwidth=1e9,work=2e-3${more}`];
const ran = async (...more: string[]) => {
  const { out, err, code } = await here([...words, ...more, '--json']);
  expect([code, out === '' ? err : '']).toEqual([0, '']);
  const { coded, history, data } = JSON.parse(out);
  return { coded, loss: history.loss as number[], notes: data.notes as string[] };
};

describe('train under a code', () => {
  test('a slow rank is done without, its work is cancelled, and the bits are the same', async () => {
    const events = at('events.json');
    const even = await ran(...coded, ...network());
    const slow = await ran(...coded, ...network(',straggler=3:20'), '--events', events);
    expect(slow.loss).toEqual(even.loss);
    expect(slow.coded.without[3]).toBe(slow.coded.steps);
    expect(slow.notes.join()).toContain(`rank 3 (${slow.coded.steps})`);
    const exact = await ran('--ranks', '5', ...network());
    exact.loss.forEach((loss, k) => void expect(even.loss[k]).toBeCloseTo(loss, 5));
    const list = parseEventList(readFileSync(events, 'utf8'));
    const noted = (rank: number, what: string) => list.notes!.filter(([, r, w]) => r === rank && w === what).length;
    expect([noted(0, 'decoded'), noted(3, 'cancelled')]).toEqual([slow.coded.steps, slow.coded.steps]);
    // Of 80 ms of work in each step, rank 3 does a part of 10 at most, or two.
    const worked = new Scenes(list).totals(3).work;
    expect(worked).toBeLessThan(slow.coded.steps * 0.021);
    expect(worked).toBeGreaterThan(0);
    expect(list.seconds).toBeLessThan(slow.coded.steps * 0.03);
  });

  test('a checkpoint goes on with the same bits, and not with other ranks', async () => {
    const kept = ['--checkpoint', at('coded.json')];
    const whole = await ran(...coded, ...network());
    await here([...words, ...coded, ...network(',straggler=2:9'), ...kept, '--max-iter', '9', '--quiet']);
    const resumed = await ran(...coded, ...network(',straggler=4:9'), ...kept, '--resume');
    expect(resumed.loss).toEqual(whole.loss);
    expect(resumed.coded.steps).toBe(whole.coded.steps);
    await here([...words, ...coded, ...network(), ...kept, '--max-iter', '9', '--quiet']);
    const other = await here([...words, '--ranks', '3', '--straggler-code', 'gc=1', ...network(), ...kept, '--resume']);
    expect(other.code).not.toBe(0);
    expect(other.err).toMatch(/of 5 ranks of which 1 may be late, and this run has 3/);
  });

  test('a rank that stops in a step is told, even where the code can do without it', async () => {
    for (const rank of [0, 2]) {
      const { code, err } = await here([
        ...[...words, ...coded, ...network(`,stopped=${rank}:0.05`)],
        ...['--timeout', '2'],
      ]);
      expect([rank, code]).toEqual([rank, 4]);
      expect(err).toMatch(/[Rr]ank/);
    }
  });
});

const MPI = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm'];

test.skipIf(!hasMpi)('threads and processes have the bits of a simulated network', async () => {
  const three = ['--ranks', '3', '--straggler-code', 'gc=1'];
  const simulated = await ran(...three, ...network(',straggler=2:9'));
  expect((await ran(...three)).loss).toEqual(simulated.loss);
  const node = [process.execPath, command, ...words, '--straggler-code', 'gc=1', '--json', '--quiet'];
  const { stdout, stderr } = spawnSync('mpirun', [...MPI, '-n', '3', ...node], {
    ...{ cwd: folder, env: env(), encoding: 'utf8', timeout: 90_000 },
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout).history.loss).toEqual(simulated.loss);
});
