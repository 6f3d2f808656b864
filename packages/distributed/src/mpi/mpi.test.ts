import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { asynchronous } from '../arrivals/testing.ts';
import { type Arrivals, complete, recorded, type Simulation, simulate } from '../index.ts';
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
      expect(message).toMatch(
        /^Rank [02] has waited 0.5 s in allReduce \(collective 201\): rank 1 has not responded\.$/,
      );
    }
    expect(status).toBe(4);
  });

  test('a rank that was stopped is named by those who work and look now and then', () => {
    const { status, said } = mpirun(3, 'ask', '0.5', '1');
    expect(said.length).toBeGreaterThan(0);
    for (const { ranks, message } of said) {
      expect(ranks).toEqual([1]);
      expect(message).toMatch(/^Rank [02] has waited 0.5 s in polling the other ranks: rank 1 has not responded\.$/);
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

  test('what simulated ranks did is repeated to the bit', () => {
    const records: Arrivals[] = [];
    const program = recorded(asynchronous, (one) => void (records[one.rank] = one));
    const network = { latency: 1e-5, jitter: 3e-5, workTimes: { kind: 'log-normal', median: 1, sigma: 1 } } as const;
    const { results } = complete(simulate(program, { ranks: 3, ...network })) as Simulation<number[]>;
    const folder = mkdtempSync(join(tmpdir(), 'southwell-arrivals-'));
    try {
      const file = join(folder, 'records.json');
      writeFileSync(file, JSON.stringify(records));
      const { said, status } = mpirun(3, 'repeat', '10', file);
      const points = said.sort((a, b) => a.rank - b.rank).map(({ point }) => point);
      expect([points, status]).toEqual([results, 0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
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
