// Compressed messages of normal vectors, beside the same operations of PyTorch.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Random } from '@southwell/numerics/core';
import { compressorOf } from 'southwell/distributed-methods';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

const NAMES = ['top-k=0.01', 'top-k=0.1', 'sign', 'low-rank=2'] as const;
type Pair = readonly [message: number, restored: number];

/** Each compressor's message and what restores the vector, beside PyTorch's. */
export function messageRows(lengths: readonly number[], say: (line: string) => void): Measurement[] {
  const peer = pytorch(lengths);
  say(`\n${''.padEnd(40)}${['ours, ms', 'PyTorch, ms', 'ratio', 'bytes'].map((t) => t.padStart(12)).join('')}`);
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
  return tasks;
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
