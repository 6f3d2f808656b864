import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const leaving = new URL('../../dist/terminal/leaving.js', import.meta.url);

/** What a process that has itself minded does then. */
function minded(then: string) {
  const script = `
    import { endInTime } from ${JSON.stringify(leaving.href)};
    const done = endInTime({ rank: 3, seconds: 0.7 });
    ${then}`;
  const began = performance.now();
  const flags = ['--input-type=module', '-e', script];
  const { status, signal, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8', timeout: 30_000 });
  return { status, signal, stderr, seconds: (performance.now() - began) / 1000 };
}

test('a process that is stopped as it leaves is ended, and one that leaves is not', () => {
  const stopped = minded(`done(); process.kill(process.pid, 'SIGSTOP');`);
  expect(stopped.signal).toBe('SIGKILL');
  expect(stopped.stderr).toBe('southwell: Rank 3 has not ended 0.7 s after all ranks were done, and is ended.\n');
  expect(minded('done();')).toMatchObject({ status: 0, stderr: '' });
});

test('time counts from when all are done', () => {
  const waited = minded('await new Promise((resolve) => setTimeout(resolve, 1500)); done();');
  expect(waited).toMatchObject({ status: 0, stderr: '' });
  expect(waited.seconds).toBeGreaterThan(1.5);
});
