// Compiled steps of neural networks beside those of peers: forward, backward and Adam, or forward alone, in single
// precision.
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchmark, type Outcome } from '../command.ts';
import { fastest, type Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { functions, type SizeTimes } from './functions.ts';
import { nets } from './nets.ts';
import type { Figures } from './ours.ts';

const usage = `Usage: npm run bench -- autodiff [options]
  --nets <name,…>    Default all of them, or none with --functions; --help names them
  --functions <n,…>  single functions beside PyTorch's, forward and with derivatives, at three sizes; none for none. Default
                     all, or none with --nets
  --steps <what,…>   train (forward, backward, Adam) or infer (forward). Default both
  --threads <n,…>    of ours and of PyTorch's. Default 1,2
  --peers <name,…>   of torch, openblas, tfjs, jax. Default all that can be loaded
  --json             results as JSON on standard output, progress on standard error; CPU seconds a step beside the peer with least

Milliseconds a step in f32, each contender in a process of its own: wall (the least of 25 rounds), CPU (likewise), first (the first
call, which compiles) and the megabytes by which the process grew at its peak since before the net was made. torch: PyTorch where python3 has it. openblas:
our own step whose products an installed OpenBLAS does. tfjs: TensorFlow.js on its WebAssembly backend, jax: jax-js on
WebAssembly with plain descent in place of Adam; both where the working folder, or one above it, has @tensorflow/tfjs and
@tensorflow/tfjs-backend-wasm, or @jax-js/jax, in node_modules.`;

const PEERS = ['torch', 'openblas', 'tfjs', 'jax'] as const;
type Peer = (typeof PEERS)[number];
const STEPS = ['train', 'infer'] as const;

/** The last line of a contender's output, or why there is none. */
function outcome<T = Figures>(command: string, args: readonly string[], env: NodeJS.ProcessEnv): T | string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (error) return error.message;
  const lines = (status === 0 ? stdout : stderr).trim().split('\n');
  return status === 0 ? (JSON.parse(lines.at(-1)!) as T) : lines.at(-1)!;
}

const own = fileURLToPath(new URL('./ours.js', import.meta.url));
const peerFile = (name: string) => join(benchRoot, 'peers', name);

/** One step of ours. */
const ours = (net: string, what: string, threads: number, blas?: 'openblas'): Figures | string => {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: String(threads), SOUTHWELL_BLAS: blas };
  if (!blas) delete env.SOUTHWELL_BLAS;
  return outcome(process.execPath, [own, net, what, String(threads)], env);
};

function theirs(peer: Peer, net: string, what: string, threads: number): Figures | string {
  if (peer === 'openblas') return ours(net, what, threads, 'openblas');
  if (peer === 'torch') {
    const n = String(threads);
    const env = { ...environment, OMP_NUM_THREADS: n, OPENBLAS_NUM_THREADS: n, MKL_NUM_THREADS: n };
    return outcome(python.command, [peerFile('autodiff.py'), net, what, n], env);
  }
  return outcome(process.execPath, [peerFile(peer === 'tfjs' ? 'tfjs.mjs' : 'jax.mjs'), net, what], process.env);
}

/** The requested items of a list; throws an error that names unknown ones. */
function chosen<T extends string>(option: string, given: string | undefined, all: readonly T[]): T[] {
  const names = given?.split(',') ?? [...all];
  const unknown = names.find((name) => !all.includes(name as T));
  if (unknown !== undefined) throw new Error(`--${option} knows no '${unknown}'; there are ${all.join(', ')}.`);
  return names as T[];
}

const short = (v: number | undefined): string => (v === undefined ? '–' : Number(v.toPrecision(3)).toString());

/** Functions in turn with PyTorch's, each the least of two processes. */
function functionTasks(names: readonly string[], say: (line: string) => void): Measurement[] {
  if (names.length === 0) return [];
  const run = (theirs: boolean, name: string) =>
    theirs
      ? outcome<SizeTimes[]>(python.command, [peerFile('autodiff_functions.py'), name], environment)
      : outcome<SizeTimes[]>(
          process.execPath,
          [fileURLToPath(new URL('./functions.js', import.meta.url)), name],
          process.env,
        );
  say('\nCPU milliseconds of functions; ratio: ours over PyTorch’s\n');
  return names.flatMap((name) => {
    const all = [0, 1].map(() => [run(false, name), run(true, name)] as const);
    if (typeof all[0][0] === 'string') throw new Error(`${name}: ${all[0][0]}`);
    return all[0][0].flatMap(({ size }, k) =>
      (['forward', 'both'] as const).map((what): Measurement => {
        const [mine, other] = ([0, 1] as const).map((side) =>
          Math.min(...all.map((pair) => (typeof pair[side] === 'string' ? Number.NaN : pair[side][k][what].cpu))),
        );
        const [own, peer] = [mine, other].map((v) => (Number.isFinite(v) ? v / 1000 : null));
        const label = `${name}, ${size}, ${what === 'both' ? 'with derivatives' : 'forward'}`;
        say(
          `${label.padEnd(52)}${short(mine).padStart(9)}${short(other).padStart(9)}${short(mine / other).padStart(9)}`,
        );
        return { name: label, ours: own, peer, peerName: peer === null ? null : 'torch' };
      }),
    );
  });
}

export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nets: { type: 'string' },
      functions: { type: 'string' },
      steps: { type: 'string' },
      threads: { type: 'string', default: '1,2' },
      peers: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(
      `${usage}\n\nNets: ${Object.keys(nets).join(', ')}.\n\nFunctions: ${Object.keys(functions).join(', ')}.`,
    );
    return undefined;
  }
  const none = (given: string | undefined, other: string | undefined): string[] | undefined =>
    given === 'none' || (given === undefined && other !== undefined) ? [] : undefined;
  const names = none(values.nets, values.functions) ?? chosen('nets', values.nets, Object.keys(nets));
  const single = none(values.functions, values.nets) ?? chosen('functions', values.functions, Object.keys(functions));
  const steps = chosen('steps', values.steps, STEPS);
  const counts = values.threads.split(',').map(Number);
  if (!counts.every((n) => Number.isInteger(n) && n >= 1))
    throw new Error('--threads takes whole numbers from 1, with commas.');
  const say = values.json ? console.error : console.log;
  const header = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    load: loadavg()[0],
    node: process.version,
    time: new Date().toISOString(),
  };
  say(`${header.processor}, ${header.cores} cores, load ${header.load.toFixed(1)} at the start; Node ${header.node}`);
  // Peers that cannot be loaded are reported once and omitted.
  const peers = chosen('peers', values.peers, PEERS).filter((peer) => {
    const found = theirs(peer, Object.keys(nets)[0], 'train', 1);
    if (typeof found === 'string') say(`without ${peer}: ${found}`);
    return typeof found !== 'string';
  });
  say('\nmilliseconds a step; ratio: ours over theirs, of wall\n');
  const columns = ['wall', 'CPU', 'first', 'MB', ...peers.flatMap((peer) => [peer, 'CPU', 'first', 'MB', 'ratio'])];
  say(`${'net'.padEnd(18)}${'step'.padEnd(7)}${'threads'}${columns.map((t) => t.padStart(9)).join('')}`);
  const results: Measurement[] = [];
  for (const what of steps) {
    for (const threads of counts) {
      for (const net of names) {
        const mine = ours(net, what, threads);
        if (typeof mine === 'string') throw new Error(`${net}: ${mine}`);
        const cells = [mine.wall, mine.cpu, mine.first, mine.peak - mine.before];
        const found: Record<string, object> = {};
        const timed: Array<readonly [string, Figures]> = [];
        for (const peer of peers) {
          // Single-threaded variants are compared with one thread.
          const other =
            threads > 1 && (peer === 'tfjs' || peer === 'jax') ? undefined : theirs(peer, net, what, threads);
          if (other === undefined || typeof other === 'string') {
            cells.push(...Array.from({ length: 5 }, () => Number.NaN));
            if (other !== undefined) found[peer] = { missing: other };
          } else {
            const ratio = mine.wall / other.wall;
            cells.push(other.wall, other.cpu, other.first ?? Number.NaN, other.peak - other.before, ratio);
            found[peer] = { ...other, wallRatio: ratio };
            if (peer !== 'openblas') timed.push([peer, other]);
          }
        }
        const best = fastest(timed, ({ cpu }) => cpu);
        const sides = { ours: mine.cpu / 1000, peer: best.cost / 1000, peerName: best.name };
        const grown = ({ peak, before }: Figures) => peak - before;
        const memoryRatio = best.found ? grown(mine) / grown(best.found) : null;
        const task = { name: `${net}, ${what}, ${threads} threads`, ...sides, memoryRatio };
        results.push({ ...task, net, step: what, threads, own: mine, peers: found });
        const text = cells.map((v) => (Number.isNaN(v) ? '–' : short(v)).padStart(9)).join('');
        say(`${net.padEnd(18)}${what.padEnd(7)}${String(threads).padStart(7)}${text}`);
      }
    }
  }
  results.push(...functionTasks(single, say));
  return { tasks: results, json: values.json, more: { header } };
}
