import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parseEventList } from '@southwell/distributed';
import { describe, expect, test, vi } from 'vitest';
import { command, hasMpi, workshop } from './testing.ts';

// Training on ranks that send compressed gradients, or step by themselves.

const { at, env, file, folder, here } = workshop();
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
    // An epoch has 12 steps: at an average, at the end of an epoch, after it, and in between.
    for (const steps of ['8', '12', '13', '15']) {
      await here([...words, ...own, ...file, '--max-iter', steps]);
      expect(await ran(...own, ...file, '--resume')).toEqual(all);
    }
    expect((await here([...words, ...own, '--ranks', '3', ...file, '--resume'])).err).toContain(
      'The checkpoint is of 2 ranks, each of which keeps what its messages left out, and this run has 3: resume with 2 ranks',
    );
  });

  test('losses that are exchanged with the averages are those of the epochs', async () => {
    // Parameters that hardly move have the losses of all steps, however they are exchanged; five do not divide twelve.
    const still = [...two, '--rate', '1e-12', '--epochs', '4', '--seed', '3'];
    const exact = await ran(...still);
    for (const more of [[], ['--compress', 'top-k=0.1', '--feedback', 'ec'], ['--aggregate', 'median']]) {
      const { loss } = await ran(...still, '--local-steps', '5', ...more);
      expect(loss).toHaveLength(4);
      loss.forEach((value, k) => {
        expect(Math.abs(value / exact.loss[k] - 1)).toBeLessThan(1e-6);
      });
    }
    expect(Math.abs(exact.loss[0] / exact.loss[1] - 1)).toBeGreaterThan(1e-4);
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

describe('train on ranks of which one is faulty', () => {
  // The squares of the fifth row are beyond single precision: the rank that has it in its part of a batch sends what is not finite.
  const rows = Array.from({ length: 96 }, (_, i) => `${i === 4 ? 3e30 : Math.sin(i)},${Math.cos(3 * i)}`);
  file('huge.csv', `a,y\n${rows.join('\n')}\n`);
  const huge = ['train', 'huge.csv', '--target', 'y', '--validation', '0', '--no-standardize', '--hidden', '4'];
  const short = [...huge, '--epochs', '3', '--batch', '24', '--ranks', '3', '--json'];

  test.each([
    [['--aggregate', 'median'], []],
    [
      ['--aggregate', 'trimmed-mean', '--faulty', '1'],
      ['--compress', 'sign', '--feedback', 'ec'],
    ],
    [
      ['--aggregate', 'flag'],
      ['--local-steps', '2'],
    ],
  ])('%j %j goes on without what is not finite, and says so', async (rule, more) => {
    expect(JSON.parse((await here([...short, ...more])).out).status).toBe('diverged');
    const { out } = await here([...short, ...rule, ...more]);
    const { history, sent, data, status } = JSON.parse(out);
    expect(status).toBe('completed');
    expect(history.loss.every(Number.isFinite)).toBe(true);
    if (more.includes('--local-steps')) return;
    // Once in each epoch.
    expect(sent.leftOut.reduce((a: number, b: number) => a + b)).toBe(3);
    expect(data.notes.join()).toMatch(/What rank \d sent was not finite in \d rounds?, and did not count there/);
    // Marked in the events of a simulated run and of a real one.
    for (const network of [['--network', 'latency=1e-4'], []]) {
      const again = await here([...short, ...rule, ...more, ...network, '--events', at('faulty.json')]);
      expect(JSON.parse(again.out).history).toEqual(history);
      const { ranks } = parseEventList(readFileSync(at('faulty.json'), 'utf8'));
      expect(ranks.map(({ hostile }) => hostile)).toEqual(sent.leftOut.map((times: number) => times > 0));
    }
  });

  test('a rank that stops ends all by its name, and the run goes on from its checkpoint', async () => {
    const own = ['--ranks', '3', '--aggregate', 'median'];
    const all = await ran(...own);
    const kept = ['--checkpoint', 'stopped.json'];
    await here([...words, ...own, ...kept, '--max-iter', '9']);
    const network = ['--network', 'latency=1e-3,stopped=1:0.05', '--timeout', '1'];
    const { code, err } = await here([...words, ...own, ...kept, '--resume', ...network]);
    expect([code, err]).toEqual([4, expect.stringMatching(/rank 1 has not responded/)]);
    expect(await ran(...own, ...kept, '--resume')).toEqual(all);
  });
});

const MPI = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm'];
describe.skipIf(!hasMpi)('train on ranks of MPI', () => {
  const own = ['--aggregate', 'trimmed-mean', '--faulty', '1', '--compress', 'sign', '--feedback', 'ec'];

  test('three processes aggregate as three threads do', async () => {
    const three = await ran('--ranks', '3', ...own);
    const node = [process.execPath, command, ...words, ...own, '--json', '--quiet'];
    const { stdout, stderr } = spawnSync('mpirun', [...MPI, '-n', '3', ...node], {
      cwd: folder,
      env: env(),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const { sent, history, score } = JSON.parse(stdout);
    expect({ sent, loss: history.loss, score: score.value }).toEqual(three);
  });

  test('three processes record the messages of three threads', async () => {
    const lists = [at('threads.json'), at('mpi.json')];
    await ran('--ranks', '3', ...own, '--events', lists[0]);
    const node = [process.execPath, command, ...words, ...own, '--events', lists[1], '--quiet'];
    const { status } = spawnSync('mpirun', [...MPI, '-n', '3', ...node], { cwd: folder, env: env() });
    expect(status).toBe(0);
    const [one, other] = lists.map((path) => {
      const { marks, messages } = parseEventList(readFileSync(path, 'utf8'));
      // Short ones may be about the signal to stop, which depends on time.
      const sent = [0, 1, 2].map((rank) =>
        messages.flatMap(([from, , bytes]) => (from === rank && bytes > 64 ? bytes : [])),
      );
      return { sent, losses: marks.map(([, , loss]) => loss) };
    });
    expect(other).toEqual(one);
    expect(one.sent.every((bytes) => bytes.length > one.losses.length)).toBe(true);
  });

  test.each([
    ['--compress', ['--compress', 'sign'], ['--compress', 'top-k=0.1'], 'top-k=0.1', 'sign'],
    ['--compress', [], ['--compress', 'sign'], 'sign', 'none'],
    ['--aggregate', ['--aggregate', 'median'], ['--aggregate', 'flag'], 'flag', 'median'],
  ])('ranks that disagree on %s end before the first step', (name, first, second, there, here) => {
    const each = `test "$OMPI_COMM_WORLD_RANK" = 0 && exec "$@" ${first.join(' ')}; exec "$@" ${second.join(' ')}`;
    const node = ['sh', '-c', each, 'sh', process.execPath, command, ...words, '--quiet'];
    const { status, stdout, stderr } = spawnSync('mpirun', [...MPI, '-n', '2', ...node], {
      ...{ cwd: folder, env: env(), encoding: 'utf8' },
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      `The ranks disagree on ${name}: rank 1 has ${there}, rank 0 has ${here}. Give all ranks the same options.`,
    );
  });

  test('a process that is killed in the midst of a round ends all, and the run goes on from its checkpoint', async () => {
    const more = [
      ...words,
      ...own,
      '--epochs',
      '2000',
      '--checkpoint',
      'killed.json',
      '--rank-logs',
      'killed',
      '--quiet',
    ];
    const child = spawn('mpirun', [...MPI, '-n', '3', process.execPath, command, ...more], {
      cwd: folder,
      env: env(),
      stdio: 'ignore',
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const kept = () =>
      existsSync(at('killed.json')) ? Number(/"iteration":(\d+)/.exec(readFileSync(at('killed.json'), 'utf8'))![1]) : 0;
    await vi.waitFor(() => expect(kept()).toBeGreaterThan(0), { timeout: 30_000, interval: 50 });
    const [, process_] = /process (\d+)/.exec(readFileSync(at('killed/rank-2.log'), 'utf8'))!;
    process.kill(Number(process_), 'SIGKILL');
    expect(await ended).toBe(137);
    const iteration = kept();
    const resumed = [...words, '--ranks', '3', ...own, '--epochs', '2000', '--checkpoint', 'killed.json', '--resume'];
    const { out } = await here([...resumed, '--max-iter', String(iteration + 2), '--json']);
    expect(JSON.parse(out).iterations).toBe(iteration + 2);
  });
});
