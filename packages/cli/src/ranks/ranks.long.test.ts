import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { decodeCheckpoint } from '@southwell/numerics/core';
import type { SearchState } from 'southwell/black-box';
import { describe, expect, test, vi } from 'vitest';
import { box, MPI, minimizing, mpirunning, ours, parabola, type Running, starting } from '../testing/ranks.ts';
import { command, hasMpi, workshop } from '../testing.ts';

const shop = workshop();
const { at, file, here } = shop;
const minimize = minimizing(here);
const mpirun = mpirunning(shop);
const started = starting(shop);

file('noisy.mjs', 'export default ([x, y]) => x ** 2 + y ** 2 + 0.01 * Math.sin(1e6 * x + 1e5 * y);');
file('pair.mjs', 'export default ([x, y]) => [x ** 2 + y ** 2, 1 - x];');

test.each([
  ['a test function', 'rosenbrock', '--dim', '3'],
  ['a program on one rank after the other', '--command', parabola, ...box, '--budget', '15'],
  ['noise', '--module', at('noisy.mjs'), '--noisy', '--lower', '-1,-1', '--upper', '2,2', '--budget', '150'],
  ['constraints', '--module', at('pair.mjs'), '--constraints', '1', '--dim', '2', '--sigma', '0.5', '--budget', '60'],
])('minimize finds on two ranks what it finds on one: %s', async (_, ...args) => {
  const one = await minimize(...args);
  expect(one.found).toBeDefined();
  expect(await minimize(...args, '--ranks', '2')).toEqual(one);
});

test('an evaluation that takes too long on another rank has failed there, and is ended', async () => {
  const late = `sleep $(( {x1} > 0 ? 1000 : 0 )); echo $(( {x1} * {x1} ))`;
  const rest = ['--integer', '--dim', '1', '--lower', '-9', '--upper', '9', '--on-error', 'skip', '--budget', '8'];
  const limits = ['--evaluation-limit', '2', '--method', 'random-search'];
  const two = await minimize('--command', late, ...rest, ...limits, '--ranks', '2');
  expect(two).toEqual(await minimize('--command', late, ...rest, ...limits));
});

test('a search goes on from its checkpoint on another number of ranks', async () => {
  const rest = ['--command', parabola, ...box, '--method', 'cma-es'];
  await minimize(...rest, '--budget', '17', '--ranks', '2', '--checkpoint', at('two.json'));
  const three = await minimize(...rest, '--budget', '40', '--ranks', '3', '--checkpoint', at('two.json'), '--resume');
  expect(three).toEqual(await minimize(...rest, '--budget', '40'));
});

const slow = ['minimize', '--command', 'sleep 0.05; echo $(( {x1} * {x1} ))', '--method', 'random-search'];
const forLong = [...slow, '--integer', '--dim', '1', '--lower', '-1000', '--upper', '1000', '--budget', '100000'];

/** How many values a checkpoint has; 0: there is none. */
const kept = (name: string): number =>
  existsSync(at(name)) ? decodeCheckpoint<SearchState>(readFileSync(at(name), 'utf8')).state.values.length : 0;

/** The process of a rank, as its log names it. */
const processOf = (logs: string, rank: number): number =>
  Number(/process (\d+)/.exec(readFileSync(at(`${logs}/rank-${rank}.log`), 'utf8'))![1]);

describe.skipIf(!hasMpi)('ranks of MPI (needs Open MPI and koffi)', () => {
  test('a rank that does not begin is not waited for for ever, by experiments neither', async () => {
    const late = 'test "$OMPI_COMM_WORLD_RANK" = 0 || exec sleep 60; exec "$@"';
    const waiting = [forLong, ['papers', 'run', '01', '--figure', '7', '--seed', '1,2']].map((args) =>
      started(
        'mpirun',
        ...MPI,
        '-n',
        '2',
        'sh',
        '-c',
        late,
        'sh',
        process.execPath,
        command,
        ...args,
        '--timeout',
        '1',
      ),
    );
    for (const { ended } of waiting) {
      const { code, err } = await ended;
      expect(ours(err)).toEqual([
        'southwell: Rank 0 has waited 10 s for all ranks to start: at least one has not joined.',
      ]);
      expect(code).toBe(4);
    }
  });

  test('a mistake of all is told once, one of another rank with its name', async () => {
    const all = await mpirun(2, 'minimize', 'nothing').ended;
    expect(all.code).toBe(2);
    expect(ours(all.err)).toEqual([expect.stringMatching(/nothing/)]);
    // One whose log cannot be written.
    mkdirSync(at('blocked/rank-1.log'), { recursive: true });
    const one = await mpirun(2, 'minimize', 'sphere', '--rank-logs', 'blocked').ended;
    expect(one.code).toBe(2);
    expect(ours(one.err)).toEqual([expect.stringMatching(/^southwell: Rank 1: .*rank-1\.log/)]);
  });

  test('what one process does alone is refused; to whom mpirun gives a terminal, no colours go', async () => {
    for (const args of [
      ['sample', 'book.json'],
      ['papers', 'list'],
      ['predict', 'm.json', 'a.csv', 'b.csv'],
    ]) {
      const { code, out, err } = await started(
        'env',
        ...['-u', 'NO_COLOR', 'mpirun', ...MPI, '-n', '2', process.execPath, command, ...args],
      ).ended;
      const sentence =
        args[0] === 'predict'
          ? `'b.csv' is an unexpected argument of southwell predict, which takes MODEL DATA.`
          : `southwell ${args[0] === 'papers' ? 'papers list' : 'sample'} runs on one rank: leave out mpirun, srun and --ranks.`;
      expect([code, out]).toEqual([2, '']);
      // Usually the first rank reports it; on a busy machine the second may do so before or beside it.
      const reports = ours(err);
      expect(reports.length).toBeGreaterThan(0);
      for (const line of reports) expect([`southwell: ${sentence}`, `southwell: Rank 1: ${sentence}`]).toContain(line);
    }
  });

  /** A long search on two ranks, in whose midst something happens; how it ended. */
  async function midway(name: string, happens: (running: Running) => void) {
    rmSync(at(name), { force: true });
    const more = ['--checkpoint', name, '--rank-logs', `${name}.logs`, '--timeout', '1'];
    const running = mpirun(2, ...forLong, ...more);
    await vi.waitFor(() => expect(kept(name)).toBeGreaterThan(0), { timeout: 30_000, interval: 50 });
    happens(running);
    const end = await running.ended;
    const went = (rank: number) => readFileSync(at(`${name}.logs/rank-${rank}.log`), 'utf8');
    return { ...end, values: kept(name), went };
  }

  test('a rank is killed: all end at once with the code of mpirun, the checkpoint stays', async () => {
    const end = await midway('killed', () => process.kill(processOf('killed.logs', 1), 'SIGKILL'));
    expect(end.code).toBe(137);
    expect(end.values).toBeGreaterThan(0);
  });

  test.each([0, 1])('rank %d is stopped: the other names it and ends all with code 4', async (rank) => {
    const end = await midway('stopped', () => process.kill(processOf('stopped.logs', rank), 'SIGSTOP'));
    const other = 1 - rank;
    const sentence = `Rank ${other} has waited 1 s for a message: rank ${rank} has not responded.`;
    expect(end.code).toBe(4);
    expect(ours(end.err)).toEqual([`southwell: ${sentence}`]);
    expect(end.went(other)).toContain(` ends: ${sentence}\n`);
    expect(end.values).toBeGreaterThan(0);
  });

  test('Ctrl-C at mpirun: all end, and the checkpoint has what was found until then', async () => {
    const end = await midway('interrupted', ({ child }) => child.kill('SIGINT'));
    expect(end.code).not.toBe(0);
    // mpirun kills what has not ended one second later, and has no option for it: on a busy machine a rank may be killed before
    // its last line, or fail since the other was.
    expect(end.went(0)).toMatch(/(ends: (aborted|failed)|evaluations, best \S+)\n$/);
    const [, told] = [...end.went(0).matchAll(/(\d+) evaluations/g)].at(-1)!;
    expect(end.values).toBeGreaterThanOrEqual(Number(told));
  });

  test('a rank alone is asked to end: all do in good order, and the best is printed', async () => {
    const end = await midway('asked', () => process.kill(processOf('asked.logs', 1), 'SIGTERM'));
    expect(end.code).toBe(3);
    expect(end.out).toMatch(/smallest value/);
    expect(end.out).toMatch(/Stopped on request/);
    expect(end.went(0)).toMatch(/ends: aborted\n$/);
    expect(end.went(1)).toMatch(/ends: aborted\n$/);
  });
});
