import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { command, hasMpi, type Outcome, workshop } from './testing.ts';

const { at, env, folder, here } = workshop();

const images = ['train', 'bundled:digits', '--predicts', 'classes', '--image', '8x8', '--shift', '1', '--filters', '4'];
const args = [...images, '--hidden', '16', '--epochs', '2', '--clip', '1', '--json'];

/** What a run says, without its seconds and the command itself, and the network that it saved. */
function told({ code, out, err }: Outcome, name: string, status = 0) {
  expect([err, code]).toEqual(['', status]);
  const plain = JSON.parse(out, (key, value) =>
    ['seconds', 'command', 'saved', 'checkpoint'].includes(key) ? undefined : value,
  );
  const { network } = JSON.parse(readFileSync(at(name), 'utf8'));
  return { plain, network };
}
const run = async (name: string, ...more: readonly string[]) =>
  told(await here([...args, '--save', name, ...more]), name);

test('a step in parts has the same bits in one place and on any number of ranks', async () => {
  const parts = ['--dropout', '0.2', '--batch', '8', '--accumulate', '4'];
  const one = await run('one.json', ...parts);
  expect(await run('two.json', ...parts, '--ranks', '2')).toEqual(one);
  expect(await run('three.json', ...parts, '--ranks', '3')).toEqual(one);
});

test('a batch is cut into as many parts as ranks, with the losses of one in single precision', async () => {
  const [one, two] = [await run('one.json'), await run('two.json', '--ranks', '2')];
  expect(two.plain.history.loss).not.toEqual(one.plain.history.loss);
  two.plain.history.loss.forEach((loss: number, epoch: number) => {
    expect(Math.abs(loss / one.plain.history.loss[epoch] - 1)).toBeLessThan(1e-4);
  });
  // As one rank with batches of half as many rows, two a step.
  const { plain, network } = await run('half.json', '--batch', '16', '--accumulate', '2');
  expect([two.network, two.plain.history]).toEqual([network, plain.history]);
});

test('a checkpoint goes on with another number of ranks', async () => {
  const parts = ['--batch', '8', '--accumulate', '4'];
  const whole = await run('whole.json', ...parts);
  const kept = [...parts, '--checkpoint', at('kept.json'), '--save', 'cut.json'];
  told(await here([...args, ...kept, '--max-iter', '61', '--ranks', '3']), 'cut.json', 3);
  const { plain, network } = told(await here([...args, ...kept, '--resume', '--ranks', '2']), 'cut.json');
  expect([network, plain.history]).toEqual([whole.network, whole.plain.history]);
});

describe.skipIf(!hasMpi)('under MPI', () => {
  test('two processes train as two threads do', async () => {
    const two = await run('two.json', '--ranks', '2');
    const mpi = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
    const words = [...mpi, process.execPath, command, ...args, '--quiet', '--save', 'mpi.json'];
    const { status, stdout, stderr } = spawnSync('mpirun', words, { cwd: folder, env: env(), encoding: 'utf8' });
    expect(told({ code: status, out: stdout, err: stderr }, 'mpi.json')).toEqual(two);
  });
});
