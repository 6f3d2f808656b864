import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { decodeCheckpoint } from '@southwell/numerics/core';
import type { SearchState } from 'southwell/black-box';
import { describe, expect, test, vi } from 'vitest';
import { command, hasMpi, workshop } from './testing.ts';

const { folder, at, file, here, env } = workshop();

/** What is found, without what names the run or measures it. */
const found = (json: string) => {
  const { command: _, seconds: __, checkpoint: ___, ...rest } = JSON.parse(json);
  return rest;
};
const minimize = async (...args: string[]) => {
  const { code, out, err } = await here(['minimize', ...args, '--json']);
  return { code, err, found: out === '' ? undefined : found(out) };
};

// Programs that take different times, so that values come back out of order.
const parabola = `sleep 0.0$(( ({x1} * {x1}) % 4 )); echo $(( ({x1} - 3) * ({x1} - 3) + {x2} * {x2} ))`;
const box = ['--integer', '--dim', '2', '--lower', '-9', '--upper', '9'];
file(
  'words.mjs',
  `export default async ([word, x]) => {
  await new Promise((resolve) => setTimeout(resolve, 10 * Math.abs(x)));
  return (x - 1) ** 2 + { near: 0, far: 5 }[word];
};`,
);
file('noisy.mjs', 'export default ([x, y]) => x ** 2 + y ** 2 + 0.01 * Math.sin(1e6 * x + 1e5 * y);');
file('pair.mjs', 'export default ([x, y]) => [x ** 2 + y ** 2, 1 - x];');
file('holes.mjs', "export default ([x]) => { if (x > 1) throw new Error('too far'); return (x - 2) ** 2; };");

test.each([
  ['a test function', 'rosenbrock', '--dim', '3'],
  ['a program', '--command', parabola, ...box, '--method', 'cma-es', '--budget', '30'],
  ['a program on one rank after the other', '--command', parabola, ...box, '--budget', '15'],
  [
    'categories',
    ...['--module', at('words.mjs'), '--categories', 'x1=near,far', '--dim', '2', '--lower', '-2', '--upper', '2'],
    ...['--budget', '30', '--jobs', '2'],
  ],
  ['noise', '--module', at('noisy.mjs'), '--noisy', '--lower', '-1,-1', '--upper', '2,2', '--budget', '150'],
  ['constraints', '--module', at('pair.mjs'), '--constraints', '1', '--dim', '2', '--sigma', '0.5', '--budget', '60'],
  ['failures that are passed over', '--module', at('holes.mjs'), '--dim', '1', '--on-error', 'skip', '--budget', '40'],
])('minimize finds on two ranks what it finds on one: %s', async (_, ...args) => {
  const one = await minimize(...args);
  expect(one.found).toBeDefined();
  expect(await minimize(...args, '--ranks', '2')).toEqual(one);
});

test('a failure on another rank ends all, by its sentence', async () => {
  file('third.mjs', "let n = 0;\nexport default () => { if (++n === 3) throw new Error('third'); return -n; };");
  const rest = ['--dim', '1', '--method', 'random-search', '--ranks', '2'];
  const { code, err } = await minimize('--module', at('third.mjs'), ...rest);
  // Which evaluation that is, and whether others are known by then, is for the ranks' clocks.
  expect([code, err]).toEqual([2, expect.stringMatching(/The objective failed at evaluation \d+: third/)]);
});

test('asynchronous: all of the budget is spent, on all ranks', async () => {
  const rest = [...box, '--asynchronous', '--budget', '40', '--method', 'random-search', '--jobs', '2'];
  const two = await minimize('--command', parabola, ...rest, '--ranks', '2', '--rank-logs', at('logs'));
  expect(two).toMatchObject({ code: 0, found: { evaluations: 40, status: 'completed' } });
  expect(readdirSync(at('logs')).sort()).toEqual(['rank-0.log', 'rank-1.log']);
  const log = readFileSync(at('logs/rank-1.log'), 'utf8');
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z rank 1 of 2 begins on \S+, process \d+\n/);
  expect(log).toMatch(/Z \d+ evaluations? of its own\n/);
  expect(log).toMatch(/Z ends: completed\n$/);
});

test('an evaluation that takes too long on another rank has failed there, and is ended', async () => {
  const late = `sleep $(( {x1} > 0 ? 9 : 0 )); echo $(( {x1} * {x1} ))`;
  const rest = ['--integer', '--dim', '1', '--lower', '-9', '--upper', '9', '--on-error', 'skip', '--budget', '8'];
  const started = performance.now();
  const limits = ['--evaluation-limit', '0.4', '--method', 'random-search'];
  const two = await minimize('--command', late, ...rest, ...limits, '--ranks', '2');
  expect(performance.now() - started).toBeLessThan(7000);
  expect(two).toEqual(await minimize('--command', late, ...rest, ...limits));
});

test('a search goes on from its checkpoint on another number of ranks', async () => {
  const rest = ['--command', parabola, ...box, '--method', 'cma-es'];
  await minimize(...rest, '--budget', '17', '--ranks', '2', '--checkpoint', at('two.json'));
  const three = await minimize(...rest, '--budget', '40', '--ranks', '3', '--checkpoint', at('two.json'), '--resume');
  expect(three).toEqual(await minimize(...rest, '--budget', '40'));
});

test('what ranks cannot do is said once, by a sentence', async () => {
  const said = async (...args: string[]) => (await here(args)).err.replaceAll(/\s+/g, ' ').trim();
  expect(await said('minimize', 'sphere', '--ranks', '0')).toBe(
    'southwell: --ranks must be a whole number from 1 to 128.',
  );
  expect(await said('minimize', 'sphere', '--timeout', '3')).toMatch(/--timeout is about ranks/);
  expect(await said('minimize', 'sphere', '--rank-logs', 'x')).toMatch(/--rank-logs is about ranks/);
  expect(await said('minimize', '--module', 'no.mjs', '--dim', '1', '--ranks', '2')).toBe(
    'southwell: no.mjs cannot be read: there is no such file.',
  );
});

const slow = ['minimize', '--command', 'sleep 0.05; echo $(( {x1} * {x1} ))', '--method', 'random-search'];
const forLong = [...slow, '--integer', '--dim', '1', '--lower', '-1000', '--upper', '1000', '--budget', '100000'];

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

/** Open MPI on this machine alone. */
const MPI = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm'];

function started(program: string, ...args: readonly string[]): Running {
  const child = spawn(program, args, { cwd: folder, env: env() });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said }))) };
}

const mpirun = (ranks: number, ...args: string[]): Running =>
  started('mpirun', ...MPI, '-n', String(ranks), process.execPath, command, ...args);

/** The sentences of ours among what mpirun says, too. */
const ours = (err: string) => err.split('\n').filter((line) => line.startsWith('southwell:'));

/** How many values a checkpoint has; 0: there is none. */
const kept = (name: string): number =>
  existsSync(at(name)) ? decodeCheckpoint<SearchState>(readFileSync(at(name), 'utf8')).state.values.length : 0;

/** The process of a rank, as its log names it. */
const processOf = (logs: string, rank: number): number =>
  Number(/process (\d+)/.exec(readFileSync(at(`${logs}/rank-${rank}.log`), 'utf8'))![1]);

describe.skipIf(!hasMpi)('ranks of MPI (needs Open MPI and koffi)', () => {
  test('two processes find what one does; the first alone prints', async () => {
    const args = ['--command', parabola, ...box, '--method', 'cma-es', '--budget', '30'];
    const { code, out } = await mpirun(2, 'minimize', ...args, '--json').ended;
    const one = await minimize(...args);
    expect({ code, found: found(out) }).toEqual({ code: one.code, found: one.found });
  });

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
        'southwell: Rank 0 has waited 10 s for all ranks to begin: one of them does not come.',
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
          ? `southwell: 'b.csv' is a word too many for southwell predict, which takes MODEL DATA.`
          : `southwell: southwell ${args[0] === 'papers' ? 'papers list' : 'sample'} runs on one rank: leave out mpirun, srun and --ranks.`;
      // On a busy machine the other may speak before it is ended.
      expect([code, out, ours(err)[0]]).toEqual([2, '', sentence]);
    }
  });

  /** A long search on two ranks, in whose midst something happens; how it ended, and after how many seconds. */
  async function midway(name: string, happens: (running: Running) => void) {
    rmSync(at(name), { force: true });
    const more = ['--checkpoint', name, '--rank-logs', `${name}.logs`, '--timeout', '1'];
    const running = mpirun(2, ...forLong, ...more);
    await vi.waitFor(() => expect(kept(name)).toBeGreaterThan(0), { timeout: 30_000, interval: 50 });
    const before = performance.now();
    happens(running);
    const end = await running.ended;
    const went = (rank: number) => readFileSync(at(`${name}.logs/rank-${rank}.log`), 'utf8');
    return { ...end, seconds: (performance.now() - before) / 1000, values: kept(name), went };
  }

  test('a rank is killed: all end at once with the code of mpirun, the checkpoint stays', async () => {
    const end = await midway('killed', () => process.kill(processOf('killed.logs', 1), 'SIGKILL'));
    expect(end.code).toBe(137);
    expect(end.seconds).toBeLessThan(5);
    expect(end.values).toBeGreaterThan(0);
  });

  test.each([0, 1])('rank %d is stopped: the other names it and ends all with code 4', async (rank) => {
    const end = await midway('stopped', () => process.kill(processOf('stopped.logs', rank), 'SIGSTOP'));
    const other = 1 - rank;
    const sentence = `Rank ${other} has waited 1 s for rank ${rank}: rank ${rank} does not answer.`;
    expect(end.code).toBe(4);
    expect(ours(end.err)).toEqual([`southwell: ${sentence}`]);
    expect(end.went(other)).toContain(` ends: ${sentence}\n`);
    expect(end.values).toBeGreaterThan(0);
  });

  test('Ctrl-C at mpirun: all end, and the checkpoint has what was found until then', async () => {
    const end = await midway('interrupted', ({ child }) => child.kill('SIGINT'));
    expect(end.code).not.toBe(0);
    expect(end.seconds).toBeLessThan(5);
    expect(end.went(0)).toMatch(/ends: aborted\n$/);
    const [, told] = [...end.went(0).matchAll(/(\d+) evaluations/g)].at(-1)!;
    expect(end.values).toBeGreaterThanOrEqual(Number(told));
  });

  test('a rank alone is asked to end: all do in good order, and the best is printed', async () => {
    const end = await midway('asked', () => process.kill(processOf('asked.logs', 1), 'SIGTERM'));
    expect(end.code).toBe(3);
    expect(end.out).toMatch(/least value/);
    expect(end.out).toMatch(/Stopped on request/);
    expect(end.went(0)).toMatch(/ends: aborted\n$/);
    expect(end.went(1)).toMatch(/ends: aborted\n$/);
  });
});
