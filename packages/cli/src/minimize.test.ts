import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { decodeCheckpoint } from '@southwell/numerics/core';
import type { SearchState } from 'southwell/black-box';
import { describe, expect, test } from 'vitest';
import { cleanEnv, command, workshop } from './testing.ts';

/** A program that prints values of x and y. Node would take longer to start. */
const awk = (...values: readonly string[]) =>
  `awk -v x={x1} -v y={x2} 'BEGIN { printf "${values.map(() => '%.17g').join(' ')}\\n", ${values.join(', ')} }'`;

const shop = workshop();
const { folder, at, file, southwell, here, stopped: stoppedAt } = shop;

/** (x1 − 1)² + (x2 + 2)², as a program; it notes each call in calls.txt. */
const bowl = `echo {x} >> calls.txt; ${awk('(x - 1) * (x - 1) + (y + 2) * (y + 2)')}`;
const calls = (): string[] =>
  existsSync(at('calls.txt')) ? readFileSync(at('calls.txt'), 'utf8').trim().split('\n') : [];

test('a test function: a table that fits 80 columns, or JSON with the same', async () => {
  const text = await here(['minimize', 'rosenbrock', '--dim', '3']);
  expect(text.code).toBe(0);
  expect(text.out).toMatch(/rosenbrock: smallest value \S+ in 3 coordinates/);
  for (const line of text.out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  const json = JSON.parse((await here(['minimize', 'rosenbrock', '--dim', '3', '--json'])).out);
  expect(json.why).toMatch(/predicted/);
  expect(json).toMatchObject({ southwell: 1, method: 'auto', dim: 3, status: 'converged', known: 0, exitCode: 0 });
  expect(json.value).toBeLessThan(1e-10);
  for (const v of json.x) expect(v).toBeCloseTo(1, 4);
});

test('an expression: its variables in the table, JSON and a picture', async () => {
  const banana = ['minimize', '(1-x)^2 + 100*(y-x^2)^2', '--lower', '-2', '--upper', '2'];
  const { code, out } = await here([...banana, '--svg', 'levels.svg']);
  expect(code).toBe(0);
  expect(out).toMatch(/^\(1-x\)\^2 \+ 100\*\(y-x\^2\)\^2: smallest value \S+ in 2 coordinates\.$/m);
  expect(out).toMatch(/x +1\.000000\n +y +1\.000000\n/);
  expect(out).toMatch(/Picture written to \S*levels\.svg/);
  const picture = readFileSync(at('levels.svg'), 'utf8');
  expect(picture).toMatch(/Level lines, darker where lower/);
  const json = JSON.parse((await here([...banana, '--svg', 'again.svg', '--json'])).out);
  expect(json).toMatchObject({ variables: ['x', 'y'], status: 'converged', exitCode: 0 });
  expect(json.svg).toMatch(/again\.svg$/);
  expect(json.command).toMatch(/^southwell minimize '\(1-x\)\^2 \+ 100\*\(y-x\^2\)\^2' --lower -2 --upper 2 --svg /);
  expect(json.drawn).toBeUndefined();
  // A dot for each evaluation, and one for the best.
  const points = /<g class="points">[\s\S]*?<\/g>/.exec(picture)![0];
  expect(points.match(/<circle /g)).toHaveLength(json.evaluations + 1);
  const minus = await here(['minimize', '--json', '--', '-x*exp(-x^2)']);
  expect(JSON.parse(minus.out).x[0]).toBeCloseTo(Math.SQRT1_2, 6);
  const slope = await here(['minimize', 'x', '--json']);
  expect([slope.code, JSON.parse(slope.out).status]).toEqual([3, 'diverged']);
});

test.each(['nelder-mead', 'differential-evolution', 'pattern-search', 'direct-search'])(
  '--method %s',
  async (method) => {
    const json = JSON.parse((await here(['minimize', 'sphere', '--method', method, '--json', '--x0', '1,2'])).out);
    expect(json.value).toBeLessThan(1e-10);
  },
);

test('whole values, bounds of each coordinate, and a target', async () => {
  const run = async (...args: string[]) => here(['minimize', 'bbob:1', '--json', ...args]);
  const whole = JSON.parse((await run('--integer', '2')).out);
  expect(Number.isInteger(whole.x[1])).toBe(true);
  expect(Number.isInteger(whole.x[0])).toBe(false);
  const all = JSON.parse((await run('--lower', '-1,2', '--upper', '0,4', '--integer')).out);
  expect(all.x.every(Number.isInteger)).toBe(true);
  expect(all.x[0]).toBeLessThanOrEqual(0);
  expect(all.x[1]).toBeGreaterThanOrEqual(2);
  const missed = await run('--target', '-1e9', '--budget', '30');
  expect(missed.code).toBe(3);
  expect(JSON.parse(missed.out)).toMatchObject({ evaluations: 30, exitCode: 3 });
});

test('--log and --constraints: a program that prints f and what is to be at most 0, stopped and resumed', async () => {
  // The least of (log x1 − log 3e-4)² + x2² under x1 ≥ 1e-3 is at (1e-3, 0).
  const line = awk('(log(x) - log(3e-4)) ^ 2 + y * y', '1e3 * (1e-3 - x)');
  const box = ['--lower', '1e-6,-1', '--upper', '1,1', '--log', '1', '--constraints', '1', '--feasibility', '1e-3'];
  const run = (...args: string[]) =>
    southwell('minimize', '--command', line, ...box, '--method', 'bobyqa', '--budget', '40', '--json', ...args);
  const whole = JSON.parse(run().out);
  expect(whole).toMatchObject({ constraints: 1, evaluations: 40 });
  expect(whole.violation).toBeLessThanOrEqual(1e-3);
  expect(whole.x[0]).toBeGreaterThanOrEqual(0.999e-3);
  expect(run('--budget', '15', '--checkpoint', 'rate.ck').code).toBe(3);
  const resumed = JSON.parse(run('--checkpoint', 'rate.ck', '--resume').out);
  expect([resumed.x, resumed.value, resumed.evaluations]).toEqual([whole.x, whole.value, 40]);
  const wrong = await here(['minimize', 'sphere', '--log', '1', '--lower', '0']);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/x1 .*lower bound must be above 0/)]);
  expect((await here(['minimize', 'sphere', '--log', '3'])).err).toMatch(/--log names coordinate 3/);
  expect((await here(['minimize', 'sphere', '--constraints', '1'])).err).toMatch(/a test function has none/);
});

test('--config: lists, and the word for all', async () => {
  const asked = {
    dim: 2,
    lower: [-1.5, 2],
    upper: [0.4, 4.5],
    integer: 'all',
    restarts: 'all',
    budget: 300,
    target: -5,
  };
  file('search.json', JSON.stringify(asked));
  const run = async (...args: string[]) => JSON.parse((await here(['minimize', 'bbob:1', '--json', ...args])).out);
  const by = await run('--config', 'search.json');
  const flags = ['--lower=-1.5,2', '--upper', '0.4,4.5', '--integer', '--restarts', 'all', '--budget', '300'];
  const same = await run(...flags, '--target', '-5');
  const plain = { seconds: 0, command: '' };
  expect({ ...by, ...plain }).toEqual({ ...same, ...plain });
  expect(by).toMatchObject({ evaluations: 300, status: 'iteration-limit', exitCode: 3 });
  expect(by.x.every(Number.isInteger)).toBe(true);
  file('wrong.json', JSON.stringify({ lower: 0 }));
  const wrong = await here(['minimize', 'bbob:1', '--config', 'wrong.json']);
  expect([wrong.code, wrong.err]).toEqual([
    2,
    expect.stringMatching(/'lower' of .*wrong\.json must be a list of numbers, not 0/),
  ]);
});

test('a search that converged short of its target has not done what was asked for', async () => {
  const { code, out } = await here(['minimize', 'sphere', '--target', '-1', '--json']);
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ status: 'converged', exitCode: 3 });
  expect((await here(['minimize', 'sphere', '--target', '1', '-q'])).code).toBe(0);
});

test('a checkpoint that cannot be written does not end the search', () => {
  mkdirSync(at('gone'));
  const line = 'rm -rf gone; echo {x1}';
  const r = southwell('minimize', '--command', line, '--dim', '1', '--budget', '3', '--checkpoint', 'gone/run.ck');
  expect([r.code, r.err]).toEqual([3, expect.stringMatching(/gone\/run\.ck .*The run goes on\./)]);
  expect(r.out).toMatch(/budget of 3 evaluations is spent/);
  expect(r.out).not.toMatch(/Checkpoint written/);
});

test('a program, with jobs at a time; a resumed run asks only what is left and ends the same', () => {
  const method = ['--method', 'cma-es'];
  const run = (...args: string[]) =>
    southwell(
      'minimize',
      '--command',
      bowl,
      '--lower',
      '-3,-4',
      '--upper',
      '3,4',
      '--seed',
      '5',
      '--json',
      ...method,
      ...args,
    );
  const whole = JSON.parse(run('--budget', '40').out);
  const asked = calls();
  expect(asked.length).toBe(40);
  expect(whole.value).toBeLessThan(1);
  const parallel = JSON.parse(run('--budget', '40', '--jobs', '3').out);
  expect(parallel.x).toEqual(whole.x);
  expect(calls().slice(40).sort()).toEqual([...asked].sort());
  // Spent short of converging.
  expect(run('--budget', '17', '--checkpoint', 'run.ck').code).toBe(3);
  const resumed = JSON.parse(run('--budget', '40', '--checkpoint', 'run.ck', '--resume', '--jobs', '2').out);
  expect(resumed.x).toEqual(whole.x);
  expect(resumed.value).toBe(whole.value);
  // 40 + 40 + 17 + the 23 that were left.
  expect(calls().length).toBe(120);
  const again = run('--budget', '40', '--checkpoint', 'run.ck');
  expect([again.code, again.err]).toEqual([2, expect.stringMatching(/run\.ck exists: resume .* --resume/)]);
  const other = run('--budget', '40', '--checkpoint', 'run.ck', '--resume', '--method', 'nelder-mead');
  expect([other.code, other.err]).toEqual([2, expect.stringMatching(/other settings/)]);
});

test('a program that fails stops the run, its best kept, or its point is skipped', () => {
  const fragile = `case {x1} in -*) exit 4;; esac; ${bowl}`;
  const run = (...args: string[]) =>
    southwell('minimize', '--command', fragile, '--dim', '2', '--x0', '0.5', '--budget', '30', ...args);
  const stopped = run('--checkpoint', 'failed.ck');
  expect(stopped.code).toBe(2);
  expect(stopped.out).toMatch(/smallest value\s+\S+ in 2 coordinates/);
  expect(stopped.out).toMatch(/resume from the checkpoint[\s\S]*Checkpoint written to failed\.ck/);
  expect(stopped.err).toMatch(/failed at evaluation \d+: .* ended with code 4/);
  expect(existsSync(at('failed.ck'))).toBe(true);
  const skipped = run('--on-error', 'skip', '--json');
  expect(skipped.code).toBe(3);
  expect(JSON.parse(skipped.out).status).toBe('iteration-limit');
  expect(JSON.parse(skipped.out).x[0]).toBeGreaterThan(0);
});

test('a program past --evaluation-limit is ended, though it minds no signal, and its point is skipped', async () => {
  const slow = `case {x1} in -*) trap '' TERM; echo $$ >> pids; while :; do sleep 0.1; done;; esac; echo {x1}`;
  const run = southwell(
    ...['minimize', '--command', slow, '--dim', '1', '--lower', '-1', '--upper', '1', '--budget', '8', '--jobs', '4'],
    ...['--evaluation-limit', '0.5', '--on-error', 'skip', '--json', '--method', 'cma-es'],
  );
  expect(run.code).toBe(3);
  expect(JSON.parse(run.out).value).toBeGreaterThan(0);
  const pids = readFileSync(at('pids'), 'utf8').trim().split('\n').map(Number);
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) {
    const stat = `/proc/${pid}/stat`;
    // Gone, or waiting for an init process that does not collect its own.
    if (existsSync(stat)) expect(readFileSync(stat, 'utf8')).toMatch(/\) Z /);
    else expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  }
});

test('a second Ctrl-C leaves no program behind, though it minds no signal', async () => {
  const stubborn = `trap '' TERM INT; echo $$ > stubborn.pid; while :; do sleep 0.1; done; echo {x1}`;
  const child = spawn(process.execPath, [command, 'minimize', '--command', stubborn, '--dim', '1'], {
    cwd: folder,
    env: cleanEnv(),
    stdio: 'ignore',
  });
  const ended = new Promise((done) => child.on('close', done));
  await expect.poll(() => existsSync(at('stubborn.pid')), { timeout: 10_000 }).toBe(true);
  child.kill('SIGINT');
  await new Promise((later) => setTimeout(later, 600));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  const pid = Number(readFileSync(at('stubborn.pid'), 'utf8'));
  const gone = () => {
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || /\) Z /.test(readFileSync(stat, 'utf8'));
  };
  await expect.poll(gone, { timeout: 1000 }).toBe(true);
});

test('Ctrl-C keeps the best so far and the checkpoint, and ends what is running', async () => {
  const child = spawn(
    process.execPath,
    [
      command,
      'minimize',
      '--command',
      `${bowl}; sleep 0.05`,
      '--dim',
      '2',
      '--jobs',
      '2',
      '--checkpoint',
      'stop.ck',
      '--json',
    ],
    { cwd: folder, env: cleanEnv() },
  );
  const before = calls().length;
  let out = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  const poll = setInterval(() => calls().length > before + 6 && child.kill('SIGINT') && clearInterval(poll), 20);
  const code = await new Promise((done) => child.on('close', done));
  expect(code).toBe(3);
  const json = JSON.parse(out);
  expect(json.status).toBe('aborted');
  expect(json.evaluations).toBeGreaterThan(2);
  const [x, y] = [json.x[0] - 1, json.x[1] + 2];
  expect(x * x + y * y).toBe(json.value);
  const { state } = decodeCheckpoint<SearchState>(readFileSync(at('stop.ck'), 'utf8'));
  expect(state.values.length).toBe(json.evaluations);
});

test('--resume without a file there starts afresh, and says so', async () => {
  const run = await here(['minimize', 'sphere', '--checkpoint', 'nothing.txt', '--resume', '--json']);
  expect(run.err).toMatch(/There is no \S*nothing\.txt to resume from: starting from the beginning/);
  expect(run.code).toBe(0);
  const quiet = await here(['minimize', 'sphere', '--checkpoint', 'nothing2.txt', '--resume', '-q']);
  expect([quiet.err, quiet.out, quiet.code]).toEqual(['', '', 0]);
});

test('--categories: a module and a program see the words, and a search goes on from its file', async () => {
  file(
    'kernels.mjs',
    `const least = { linear: 0.4, rbf: 0.1, poly: 0.9 };
export const loss = ([kernel, rate]) => least[kernel] + (Math.log10(rate) + 3) ** 2;
export default loss;
`,
  );
  file('kernel.mjs', "import { loss } from './kernels.mjs';\nconsole.log(loss(process.argv.slice(2)));\n");
  const words = ['--categories', 'x1=linear,rbf,poly', '--log', '2', '--lower=-inf,1e-6', '--upper', 'inf,1', '--json'];
  const by = async (...args: string[]) => {
    const { code, out, err } = await here(['minimize', ...args, ...words]);
    return { ...JSON.parse(out || '{}'), code, err };
  };
  const module = await by('--module', at('kernels.mjs'), '--restarts', '2');
  expect(module).toMatchObject({ code: 0, status: 'converged', x: ['rbf', expect.closeTo(1e-3, 6)] });
  expect(module.value).toBeCloseTo(0.1, 9);
  const few = ['--module', at('kernels.mjs'), '--budget', '60'];
  const whole = await by(...few);
  const start = await by(...few.slice(0, 3), '30', '--checkpoint', 'words.json');
  expect(start.evaluations).toBe(30);
  const rest = await by(...few, '--checkpoint', 'words.json', '--resume');
  expect([rest.x, rest.value, rest.evaluations]).toEqual([whole.x, whole.value, whole.evaluations]);
  const program = await by(
    '--command',
    `'${process.execPath}' '${at('kernel.mjs')}' {x}`,
    '--budget',
    '4',
    '--x0',
    'rbf,0.1',
  );
  expect(program.code).toBe(3);
  expect(program.x[0]).toMatch(/^(linear|rbf|poly)$/);
  const table = await here(['minimize', ...few, ...words.slice(0, -1)]);
  expect(table.out).toMatch(/x1 +rbf\n/);
});

test('an objective that is nowhere a number: the reason comes first', async () => {
  file('nowhere.mjs', 'export default () => Number.NaN;\n');
  const { code, out } = await here(['minimize', '--module', at('nowhere.mjs'), '--dim', '2']);
  expect(code).toBe(3);
  expect(out).toMatch(/\n\nThe objective gave NaN, or failed, at every point: there is nothing to compare\./);
  expect(out).not.toMatch(/predicted/);
});

describe('--asynchronous', () => {
  const box = ['--lower', '-3,-4', '--upper', '3,4', '--seed', '5', '--asynchronous', '--json'];

  test('a slow point holds nobody; help and JSON say so', async () => {
    // The first point takes as long as all others; in batches they would wait for it.
    const waits = 'while test "$(cat order.txt | wc -c)" -lt 20; do sleep 0.02; done; printf L >> order.txt';
    file('order.txt', '');
    const line = `if mkdir begun 2>/dev/null; then ${waits}; else printf o >> order.txt; fi; ${awk('x * x + y * y')}`;
    const r = southwell('minimize', '--command', line, ...box, '--jobs', '2', '--budget', '24');
    expect(r.code).toBe(3);
    expect(JSON.parse(r.out)).toMatchObject({ asynchronous: true, evaluations: 24, exitCode: 3 });
    expect(readFileSync(at('order.txt'), 'utf8').indexOf('L')).toBeGreaterThanOrEqual(20);
    expect((await here(['minimize', '--help', 'all'])).out).toMatch(/southwell minimize .*--asynchronous/);
  });

  test('one job: a stopped run that is resumed ends as one that never stopped', () => {
    const run = (...args: string[]) => southwell('minimize', '--command', bowl, ...box, ...args);
    const whole = JSON.parse(run('--budget', '16').out);
    expect(run('--budget', '9', '--checkpoint', 'async.ck').code).toBe(3);
    const resumed = JSON.parse(run('--budget', '16', '--checkpoint', 'async.ck', '--resume').out);
    expect([resumed.x, resumed.value, resumed.evaluations]).toEqual([whole.x, whole.value, 16]);
    const other = southwell('minimize', '--command', bowl, ...box.slice(0, 6), '--checkpoint', 'async.ck', '--resume');
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/other settings/)]);
  });

  test('Ctrl-C: what was under way is asked again, first', async () => {
    const args = ['minimize', '--command', `${bowl}; sleep 0.05`, ...box, '--jobs', '3', '--checkpoint', 'ctrl.ck'];
    const from = calls().length;
    const { code, out } = stoppedAt(args, /^([89]|\d\d+) evaluations/);
    expect(code).toBe(3);
    const stopped = JSON.parse(out);
    expect(stopped.status).toBe('aborted');
    const before = calls().slice(from);
    const budget = String(stopped.evaluations + 3);
    const again = southwell(...args, '--resume', '--budget', budget);
    expect([again.code, JSON.parse(again.out).evaluations]).toEqual([3, stopped.evaluations + 3]);
    const after = calls().slice(from + before.length);
    expect(after.length).toBe(3);
    // One may have been asked without its program having begun.
    expect(after.filter((x) => before.includes(x)).length).toBeGreaterThan(0);
  });

  test.each([
    ['true {x}', 2, /printed nothing instead of one number/],
    ['exit 1; {x}', 2, /ended with code 1/],
    ['echo nan {x} | cut -c1-3', 3, /^$/],
    ['sleep 100; echo {x}', 3, /^$/],
  ])('a program that is no good: %s', (line, code, said) => {
    const r = southwell(
      'minimize',
      '--command',
      line,
      ...box,
      '--jobs',
      '3',
      '--budget',
      '9',
      '--time-limit',
      '2',
      '-q',
    );
    expect(r.code).toBe(code);
    expect(r.err).toMatch(said);
  });

  test('a module in workers, and what does not fit together', async () => {
    file('later.mjs', 'export default async ([x, y]) => { await 0; return (x - 1) ** 2 + (y + 2) ** 2; };');
    const run = (...args: string[]) => here(['minimize', '--module', at('later.mjs'), ...box, ...args]);
    const json = JSON.parse((await run('--jobs', '2', '--budget', '600')).out);
    expect(json.value).toBeLessThan(1e-4);
    const noisy = await run('--noisy');
    expect([noisy.code, noisy.err]).toEqual([
      2,
      expect.stringMatching(/--asynchronous cannot be combined with --noisy/),
    ]);
    const simplex = await run('--method', 'nelder-mead');
    expect([simplex.code, simplex.err]).toEqual([
      2,
      expect.stringMatching(
        /--asynchronous cannot be combined with --method nelder-mead, only with auto, cma-es, differential-evolution, cbo, random-search/,
      ),
    ]);
  });
});

test('a program that does not mind a signal does not hold the end', () => {
  const stubborn = "trap '' TERM; sleep 5; touch slept.txt; echo {x1}";
  const { code } = southwell('minimize', '--command', stubborn, '--dim', '1', '--time-limit', '0.3', '-q');
  expect(code).toBe(3);
  expect(existsSync(at('slept.txt'))).toBe(false);
});

test.each([
  [[], 'name of a test function or an expression, --command'],
  [['sphere', '--command', 'echo {x}'], 'exactly one objective'],
  [['--command', 'echo {x}'], '--dim 3'],
  [['--command', 'echo 1', '--dim', '2'], 'must contain the point'],
  [['--command', 'echo {x3}', '--dim', '2'], 'there are 2 coordinates'],
  [['--command', 'echo {x}', '--dim', '2', '--budget', '3'], 'instead of one number'],
  [['spheer'], "did you mean 'sphere'"],
  [['2x + 1'], 'At character 2 of the expression: a product is written with *, such as 2*x.'],
  [['x + y', '--dim', '3'], '--dim is 3, but the expression has 2 variables: x, y.'],
  [['3*4'], "'3*4' has no variables"],
  [['sphere', '--lower', 'a'], "--lower must be a list of numbers, not 'a'"],
  [['sphere', '--lower', '1,'], 'must be a list of numbers'],
  [['--integer', 'sphere'], 'write FUNCTION before --integer'],
  [['sphere', '--integer', '1,3'], '--integer names coordinate 3, but there are 2'],
  [['sphere', '--restarts', 'some'], "at least 0, or all, not 'some'"],
  [['sphere', '--instance', '2'], 'a bbob function'],
  [['sphere', '--evaluation-limit', '2'], 'requires --command or --module'],
  [['--command', 'echo {x0}', '--dim', '1'], '--command asks for x0, but there is 1 coordinate'],
  [['sphere', '--lower', '5', '--upper', '1'], 'no value'],
  [['sphere', '--dim', '3', '--x0', '1,2'], '3 coordinates has 2'],
  [['sphere', '--integer', '0'], 'counted from 1'],
  [['sphere', '--method', 'cmaes'], "did you mean 'cma-es'"],
  [['sphere', '--resume'], '--checkpoint'],
  [['bbob:1', '--dim', '1'], 'at least 2'],
])('wrong usage is one sentence: %j', async (args, message) => {
  const { code, err, out } = await here(['minimize', ...args]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
  expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
});

test('a file that is no checkpoint is refused', async () => {
  file('junk.json', '{"a": 1}');
  file('junk.txt', 'x');
  file('old.json', '{"southwell":"black-box checkpoint","version":1,"settings":"[]","values":""}\n');
  const resumed = (name: string) => here(['minimize', 'sphere', '--resume', '--checkpoint', name]);
  expect((await resumed('junk.json')).err).toContain('not a checkpoint');
  expect((await resumed('junk.txt')).err).toContain('not a checkpoint');
  expect((await resumed('old.json')).err).toMatch(/old\.json is a checkpoint of an earlier release: .* start afresh/);
  expect((await resumed('old.json')).code).toBe(2);
});

test('a module in workers: the same search as the function itself, with what it throws', async () => {
  file(
    'module.mjs',
    'export default ([x, y]) => { if (x > 9) throw new Error("too far"); return (x - 1) ** 2 + (y + 2) ** 2; };',
  );
  const run = (...args: string[]) =>
    here(['minimize', '--module', at('module.mjs'), '--dim', '2', '--budget', '150', '--json', ...args]);
  const [one, two] = [JSON.parse((await run()).out), JSON.parse((await run('--jobs', '2')).out)];
  expect(one.value).toBeLessThan(0.01);
  expect(two.x).toEqual(one.x);
  const failed = await run('--x0', '20,0');
  expect(failed.code).toBe(2);
  expect(failed.err).toMatch(/evaluation 1: too far/);
  // Nothing that is a number is no success.
  const skipped = await run('--x0', '20,0', '--sigma', '0.01', '--on-error', 'skip', '--budget', '5');
  expect(skipped.code).toBe(3);
  expect(JSON.parse(skipped.out)).toMatchObject({ value: 'Infinity', evaluations: 5 });
  file('forgot.mjs', 'export default ([x]) => { x * x; };');
  const forgot = await here(['minimize', '--module', at('forgot.mjs'), '--dim', '1']);
  expect([forgot.code, forgot.err]).toEqual([2, expect.stringMatching(/it gave undefined instead of a number/)]);
  expect((await run('--command', 'echo {x}')).code).toBe(2);
  expect((await here(['minimize', '--module', at('none.mjs'), '--dim', '1'])).err).toMatch(/none\.mjs cannot be read/);
});

test('noise: repeated values, and CMA-ES that finds out how many', async () => {
  file('noisy.mjs', 'let k = 0; export default ([x, y]) => (x - 1) ** 2 + (y + 2) ** 2 + Math.sin(1e5 * ++k);');
  const run = (...args: string[]) =>
    here(['minimize', '--module', at('noisy.mjs'), '--lower', '-5,-5', '--upper', '5,5', '--budget', '4000', ...args]);
  const noisy = await run('--noisy');
  // It can come no nearer than the noise lets it.
  expect(noisy.code).toBe(3);
  expect(noisy.out).toMatch(/value at the mean of the distribution/);
  const json = JSON.parse((await run('--noisy', '--json')).out);
  expect(Math.hypot(json.x[0] - 1, json.x[1] + 2)).toBeLessThan(0.5);
  expect((await run('--repeats', '5', '--method', 'nelder-mead')).out).toMatch(/smallest mean of 5 values/);
  const wrong = await run('--noisy', '--method', 'cbo');
  expect(wrong.code).toBe(2);
  expect(wrong.err).toMatch(/--noisy cannot be combined with --method cbo, only with auto, cma-es/);
});
