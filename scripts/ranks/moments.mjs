// Kills and stops a rank of every job at random moments, and checks what is left: `npm run rank-moments -- --times 50`,
// needs Open MPI. In half of the cases the rank is killed (all must end within 5 s, with the exit code of mpirun), in
// the others stopped (the others must name the silent rank and end with code 4 after the timeout). Files must be absent
// or complete, and checkpoints must resume, on another number of ranks, to the result of an undisturbed run. Prints a
// line per job; exit code 1 if a check failed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from 'southwell';

const { values: given } = parseArgs({
  options: {
    times: { type: 'string', default: '50' },
    jobs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    timeout: { type: 'string', default: '2' },
  },
});
/** Seconds that ranks wait for each other: more if other work keeps them from their cores. */
const TIMEOUT = Number(given.timeout);
/** Minimum seconds that they have to connect, and to disconnect. */
const LEAST = 10;
/** Maximum seconds from a kill to the end of all ranks. */
const PROMPT = 5;
const command = fileURLToPath(new URL('../../packages/cli/bin/southwell.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'southwell-moments-'));
const at = (name) => join(folder, name);
const random = new Random(Number(given.seed));

function writeTables() {
  const names = Array.from({ length: 30 }, (_, j) => `x${j}`);
  const rows = Array.from({ length: 20_000 }, () => {
    const x = names.map(() => random.normal());
    return [2 * x[0] - x[1] + random.normal(), ...x.map((v) => Math.abs(v))].map((v) => v.toFixed(4)).join(',');
  });
  writeFileSync(at('t.csv'), `y,${names.join(',')}\n${rows.join('\n')}\n`);
  const [people, films] = [800, 400];
  const tastes = Array.from({ length: 3 * (people + films) }, () => random.normal());
  const ratings = Array.from({ length: 60_000 }, (_, k) => {
    // Each pair once: the step is coprime to 800 · 400.
    const pair = (k * 104_729) % (people * films);
    const [i, j] = [Math.floor(pair / films), pair % films];
    const value = [0, 1, 2].reduce((sum, f) => sum + tastes[3 * i + f] * tastes[3 * (people + j) + f], 3);
    return `u${i},f${j},${(value + 0.3 * random.normal()).toFixed(2)}`;
  });
  writeFileSync(at('ratings.csv'), `person,film,rating\n${ratings.join('\n')}\n`);
}

const program = [
  '--command',
  'sleep 0.02; echo $(( {x1} * {x1} + {x2} ))',
  '--integer',
  '--dim',
  '2',
  '--lower',
  '-99',
  '--upper',
  '99',
];
/**
 * `out`: the options for files, with their names; `kept`: whether there are checkpoints; `works`: whether ranks
 * exchange heartbeats while they work.
 */
const jobs = {
  fit: {
    args: ['fit', 't.csv', '--target', 'y', '--model', 'huber', '--cv', '4', '--tol', '1e-8'],
    out: ['--save', 'model.json'],
    kept: true,
  },
  predict: { args: ['predict', 'fitted.json', 't.csv'], out: ['--out', 'rows.csv'] },
  inspect: { args: ['inspect', 't.csv', '--json'], out: [] },
  cluster: {
    args: ['cluster', 't.csv', '-k', '12', '--restarts', '40', '--drop', 'y'],
    out: ['--save', 'model.json'],
    kept: true,
  },
  nmf: {
    args: ['factor', 'nmf', 't.csv', '-k', '8', '--drop', 'y', '--max-iter', '500', '--tol', '1e-12'],
    out: ['--save', 'model.json'],
    kept: true,
  },
  svd: { args: ['factor', 'svd', 't.csv', '-k', '8', '--drop', 'y'], out: ['--save', 'model.json'], kept: true },
  complete: {
    args: [
      'factor',
      'complete',
      'ratings.csv',
      '--rank',
      '6',
      '--lambda',
      '0.1',
      '--max-iter',
      '600',
      '--tol',
      '1e-12',
    ],
    out: ['--save', 'model.json'],
    kept: true,
  },
  train: {
    args: [
      'train',
      't.csv',
      '--target',
      'y',
      '--epochs',
      '30',
      '--accumulate',
      '4',
      '--batch',
      '16',
      '--patience',
      '99',
    ],
    out: ['--save', 'network.json'],
    kept: true,
  },
  graph: {
    args: ['graph', 'learn', 't.csv', '--bootstrap', '40'],
    out: ['--out', 'edges.csv'],
    kept: true,
    works: true,
  },
  minimize: { args: ['minimize', ...program, '--method', 'cma-es', '--budget', '300'], out: [], kept: true },
  papers: { args: ['papers', 'run', '01', '--figure', '7', '--seed', '1,2,3,4'], out: [] },
};

const env = { ...process.env, NO_COLOR: '1', SOUTHWELL_HOME: at('home') };
const MPI = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm'];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function start(ranks, args) {
  const child = spawn('mpirun', [...MPI, '-n', String(ranks), process.execPath, command, ...args], {
    cwd: folder,
    env,
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (d) => (said.out += d));
  child.stderr.on('data', (d) => (said.err += d));
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said }))) };
}

/** Without run identifiers and measurements. */
const plain = (path) => {
  const text = readFileSync(path, 'utf8');
  if (!path.endsWith('.json')) return text;
  const own = ['seconds', 'command', 'trace', 'savedWith'];
  return JSON.stringify(JSON.parse(text, (key, value) => (own.includes(key) ? undefined : value)));
};

/** Whether an entry is a partial file left by a killed writer: the next writer of the path removes it. */
const half = (entry) => /^\..*\.tmp$/.test(entry);

/** The processes of the ranks started by mpirun. */
function processesOf({ pid }) {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout.trim().split(/\s+/).filter(Boolean).map(Number);
}

async function watch(name, { args, out, kept, works }, times) {
  const file = out[1];
  const whole = [...args, ...out, '--timeout', String(TIMEOUT)];
  const keeping = kept ? ['--checkpoint', 'kept'] : [];
  const wrong = [];
  // From the previous job.
  rmSync(at('kept'), { force: true });
  const began = performance.now();
  // With checkpoints too: a path with checkpoints restarts at its points, and differs in the last bits.
  const first = await start(2, [...whole, ...keeping]).ended;
  const seconds = (performance.now() - began) / 1000;
  // Some reach their iteration limit, which is code 3.
  if (first.code !== 0 && first.code !== 3)
    return { name, wrong: [`undisturbed: code ${first.code}: ${first.err.slice(0, 300)}`] };
  const wanted = file && plain(at(file));
  const before = new Set(readdirSync(folder));
  const counts = { killed: 0, stopped: 0, late: 0, resumed: 0 };
  let slowest = 0;
  for (let k = 0; k < times; k++) {
    if (file) rmSync(at(file), { force: true });
    rmSync(at('kept'), { force: true });
    const kill = k % 2 === 0;
    const moment = random.uniform() * seconds * 1000;
    const run = start(2, [...whole, ...keeping]);
    await sleep(moment);
    const ranks = processesOf(run.child);
    const chosen = ranks[Math.floor(random.uniform() * ranks.length)];
    const hit = performance.now();
    let sent = false;
    try {
      if (chosen) process.kill(chosen, kill ? 'SIGKILL' : 'SIGSTOP');
      sent = chosen !== undefined;
    } catch {
      // It has ended by itself.
    }
    const hung = setTimeout(() => {
      wrong.push(`${kill ? 'kill' : 'stop'} at ${(moment / 1000).toFixed(2)} s: not over after 60 s`);
      for (const pid of processesOf(run.child)) process.kill(pid, 'SIGKILL');
      run.child.kill('SIGKILL');
    }, 60_000);
    const { code, err } = await run.ended;
    clearTimeout(hung);
    const waited = (performance.now() - hit) / 1000;
    const where = `${kill ? 'kill' : 'stop'} at ${(moment / 1000).toFixed(2)} of ${seconds.toFixed(2)} s`;
    if (!sent || code === first.code) {
      counts.late++;
      if (code !== first.code) wrong.push(`${where}: nothing was hit, and yet code ${code}: ${err.slice(0, 200)}`);
    } else if (kill) {
      counts.killed++;
      slowest = Math.max(slowest, waited);
      if (waited > PROMPT) wrong.push(`${where}: all over after ${waited.toFixed(1)} s`);
    } else {
      counts.stopped++;
      // If all work was done: then it is killed by the timeout of its end.
      const ended = /has not ended/.test(err);
      const patience = ended || /to start/.test(err) ? Math.max(TIMEOUT, LEAST) : TIMEOUT;
      slowest = Math.max(slowest, waited - patience);
      if (waited > (works ? 1.5 : 1) * patience + PROMPT) wrong.push(`${where}: all over after ${waited.toFixed(1)} s`);
      if (!/has waited|has not ended/.test(err) || code !== (ended ? 137 : 4))
        wrong.push(`${where}: code ${code}: ${err.slice(0, 300)}`);
    }
    if (file && existsSync(at(file)) && plain(at(file)) !== wanted) wrong.push(`${where}: ${file} is not whole`);
    const left = readdirSync(folder).filter((entry) => !before.has(entry) && entry !== 'kept' && !half(entry));
    if (left.length > 0) wrong.push(`${where}: left ${left.join(', ')}`);
    for (const entry of left) rmSync(at(entry), { recursive: true });
    if (kept && existsSync(at('kept')) && code !== first.code) {
      counts.resumed++;
      const again = await start(3, [...whole, ...keeping, '--resume']).ended;
      if (again.code !== first.code) wrong.push(`${where}: resumed: code ${again.code}: ${again.err.slice(0, 300)}`);
      else if (file && plain(at(file)) !== wanted) wrong.push(`${where}: resumed to something else`);
    }
  }
  if (file && readdirSync(folder).some(half)) {
    await start(2, [...whole, ...keeping]).ended;
    const left = readdirSync(folder).filter(half);
    if (left.length > 0) wrong.push(`after another run there was still ${left.join(', ')}`);
  }
  return { name, seconds, counts, slowest, wrong };
}

try {
  mkdirSync(env.SOUTHWELL_HOME);
  writeTables();
  spawnSync(process.execPath, [command, 'fit', 't.csv', '--target', 'y', '--alpha', '0.1', '--save', 'fitted.json'], {
    cwd: folder,
    env,
  });
  for (const name of given.jobs?.split(',') ?? Object.keys(jobs)) {
    const { seconds, counts, slowest, wrong } = await watch(name, jobs[name], Number(given.times));
    const told = counts
      ? `${seconds.toFixed(1)} s; ${counts.killed} killed, ${counts.stopped} stopped, ${counts.late} over before; ended after ${slowest.toFixed(1)} s at most; ${counts.resumed} went on`
      : '';
    console.log(`${name}: ${told}; ${wrong.length} wrong`);
    for (const sentence of wrong) console.log(`  ${sentence.replaceAll(/\s+/g, ' ')}`);
    if (wrong.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
