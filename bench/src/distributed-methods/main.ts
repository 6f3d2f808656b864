import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '@southwell/numerics/core';
import { compressorOf } from 'southwell/distributed-methods';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- distributed-methods [options]
  --lengths <n,…>  of the vectors; default 1000000,10000000
  --json           results as JSON on standard output, progress on standard error

Compressed messages of normal vectors: CPU seconds on one thread to make the message and to restore the vector, the least of a few
rounds, beside PyTorch's top-k, signs and power iteration (SOUTHWELL_PYTHON names a python that has it). Ours are vectors of 64
bits, packed into bytes; PyTorch's have 32 bits, with indices of 64 and a byte for each sign.`;

export const main = benchmark(usage, command);

const NAMES = ['top-k=0.01', 'top-k=0.1', 'sign', 'low-rank=2'] as const;
type Pair = readonly [message: number, restored: number];

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lengths: { type: 'string', default: '1000000,10000000' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const lengths = values.lengths.split(',').map(Number);
  if (!lengths.every((n) => Number.isInteger(n) && n >= 100 && n <= 1e8))
    throw new Error('--lengths are whole numbers from 100 to 100000000.');
  const say = values.json ? console.error : console.log;
  const peer = pytorch(lengths);
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}, ${peer ? `PyTorch ${peer.torch}` : 'no PyTorch (SOUTHWELL_PYTHON names a python that has it)'}`,
  );
  say(`${''.padEnd(40)}${['ours, ms', 'PyTorch, ms', 'ratio', 'bytes'].map((t) => t.padStart(12)).join('')}`);
  const tasks: Measurement[] = [];
  for (const [k, length] of lengths.entries())
    for (const name of NAMES) {
      const { seconds, bytes } = timesOf(name, length);
      for (const [part, title] of ['message', 'restoring'].entries()) {
        const [ours, theirs] = [seconds[part], peer?.seconds[k][name][part]];
        const task = `${name}, ${length}, ${title}`;
        tasks.push({ name: task, ours, peer: theirs ?? null, peerName: 'PyTorch', bytes, length });
        const times = [ours, theirs].map((t) => (t === undefined ? '–' : (1000 * t).toPrecision(3)));
        const cells = [...times, theirs ? (ours / theirs).toFixed(2) : '–', `${bytes}`];
        say(`${task.padEnd(40)}${cells.map((t) => t.padStart(12)).join('')}`);
      }
    }
  return { tasks, json: values.json };
}

/** CPU seconds of a call. */
function cpuSeconds(call: () => void): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The least seconds of a message and of restoring it, and its bytes. */
function timesOf(name: string, length: number): { readonly seconds: Pair; readonly bytes: number } {
  const random = new Random(1);
  const v = Float64Array.from({ length }, () => random.normal());
  const into = new Float64Array(length);
  const compressor = compressorOf(name);
  let best: Pair = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let message: Uint8Array = new Uint8Array(0);
  for (let round = 0; round < Math.max(3, Math.round(1e7 / length)); round++) {
    const made = cpuSeconds(() => {
      message = compressor.compress(v, random);
    });
    best = [
      Math.min(best[0], made),
      Math.min(
        best[1],
        cpuSeconds(() => compressor.restore(message, into)),
      ),
    ];
  }
  return { seconds: best, bytes: message.length };
}

/** PyTorch's seconds; undefined if it is not installed. */
function pytorch(
  lengths: readonly number[],
): { torch: string; seconds: ReadonlyArray<Readonly<Record<(typeof NAMES)[number], Pair>>> } | undefined {
  const script = join(benchRoot, 'peers', 'distributed-methods.py');
  const { status, stdout } = spawnSync(python.command, [script, JSON.stringify(lengths)], {
    encoding: 'utf8',
    env: environment,
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}
