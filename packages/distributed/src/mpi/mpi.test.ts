import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openMpi } from './library.ts';

const script = fileURLToPath(new URL('../../dist/mpi/testing.js', import.meta.url));
const hasMpi = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout?.includes('Open MPI') ?? false;
const hasKoffi = (() => {
  try {
    createRequire(import.meta.url)('koffi');
    return true;
  } catch {
    return false;
  }
})();

/** Runs the script on so many ranks of this machine. */
function mpirun(ranks: number, ...args: string[]) {
  const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', String(ranks)];
  const command = [...flags, process.execPath, '--conditions=modules', script, ...args];
  const { status, stdout, stderr } = spawnSync('mpirun', command, { encoding: 'utf8', timeout: 60_000 });
  const said = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return { status, said, stderr };
}

describe.skipIf(!hasMpi || !hasKoffi || !existsSync(script))('ranks of MPI (needs Open MPI and koffi)', () => {
  test('two real ranks conform', () => {
    const { status, said, stderr } = mpirun(2, 'conform', '30');
    expect(stderr).not.toMatch(/^rank/m);
    expect(said).toEqual([{ version: expect.stringMatching(/^Open MPI v5/), size: 2, failed: [0, 0] }]);
    expect(status).toBe(0);
  });

  test('a rank that was stopped is named by the survivors, and all ends with their code', () => {
    const { status, said } = mpirun(3, 'stop', '0.5', '1');
    expect(said.length).toBeGreaterThan(0);
    for (const { ranks, message } of said) {
      expect(ranks).toEqual([1]);
      expect(message).toMatch(/^Rank [02] has waited 0.5 s in allReduce \(collective 201\): rank 1 does not answer\.$/);
    }
    expect(status).toBe(4);
  });

  test('a rank that was stopped is named by those who work and look now and then', () => {
    const { status, said } = mpirun(3, 'ask', '0.5', '1');
    expect(said.length).toBeGreaterThan(0);
    for (const { ranks, message } of said) {
      expect(ranks).toEqual([1]);
      expect(message).toMatch(/^Rank [02] has waited 0.5 s in asking who is there: rank 1 does not answer\.$/);
    }
    expect(status).toBe(4);
  });

  test('a rank that works and asks how far an exchange is, is waited for', () => {
    const { status, said } = mpirun(3, 'work', '0.4', '1');
    expect(said.map(({ message }) => message)).toEqual(new Array(3).fill('The sum came.'));
    expect(status).toBe(0);
  });

  test('a rank that waits until a moment is waited for', () => {
    const { status, said } = mpirun(3, 'idle', '0.4', '1');
    expect(said.map(({ message }) => message)).toEqual(new Array(3).fill('The sum came.'));
    expect(status).toBe(0);
  });

  test('ranks that wait for each other say for what', () => {
    const { status, said } = mpirun(2, 'wait', '0.5', '1');
    const waits =
      /in allReduce \(collective 201\): .*\(rank 1: receive from rank 0 \(tag 9\)\)|in receive from rank 0 \(tag 9\): .*\(rank 0: allReduce/;
    expect(said[0].message).toMatch(waits);
    expect(status).toBe(4);
  });

  test('what is not MPI is refused by a sentence', () => {
    expect(() => openMpi('libm.so.6')).toThrow(/was found is not MPI/);
    expect(() => openMpi('libnothing.so')).toThrow(/libnothing.so cannot be loaded/);
  });
});
