// Aggregation of gradients of 32 bits, beside NumPy with sums of 32 and of 64 bits; ours have 64.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Random } from '@southwell/numerics/core';
import { aggregate } from 'southwell/distributed-methods';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

const RULES = ['mean', 'normalized-mean', 'geometric-median'] as const;
type Shape = readonly [workers: number, entries: number];
type Pair = readonly [first: number, least: number];

/** Each rule on gradients of each shape, the first call and the least of later ones. */
export function aggregatorRows(shapes: readonly Shape[], say: (line: string) => void): Measurement[] {
  const peers = numpy(shapes);
  const heads = ['ours, ms', 'NumPy 32', 'ratio', 'NumPy 64', 'ratio', 'first', 'NumPy 32'];
  say(`\n${''.padEnd(36)}${heads.map((t) => t.padStart(10)).join('')}`);
  return shapes.flatMap(([workers, entries], k) => {
    const random = new Random(1);
    const gradients = Array.from({ length: workers }, () =>
      Float32Array.from({ length: entries }, () => random.normal()),
    );
    return RULES.map((rule) => {
      const [first, least] = ourSeconds(gradients, rule);
      const [single, double] = ['32', '64'].map((bits) => peers?.[k][`${rule} ${bits}`]);
      const name = `${rule}, ${workers} × ${entries}`;
      const ratio = (seconds: Pair | undefined) => (seconds ? (least / seconds[1]).toFixed(2) : '–');
      const times = [least, single?.[1], double?.[1], first, single?.[0]].map((t) =>
        t === undefined ? '–' : (1000 * t).toPrecision(3),
      );
      const cells = [times[0], times[1], ratio(single), times[2], ratio(double), times[3], times[4]];
      say(`${name.padEnd(36)}${cells.map((t) => t.padStart(10)).join('')}`);
      const more = { peer64: double?.[1] ?? null, first, peerFirst: single?.[0] ?? null };
      return { name, ours: least, peer: single?.[1] ?? null, peerName: 'NumPy, sums of 32 bits', ...more };
    });
  });
}

/** CPU seconds of the first call, and the least of later ones. */
function ourSeconds(gradients: readonly Float32Array[], rule: (typeof RULES)[number]): Pair {
  const timed = (): number => {
    const before = process.cpuUsage();
    aggregate(gradients, { rule });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  const first = timed();
  const rounds = Math.max(5, Math.min(200, Math.round(1e8 / (gradients.length * gradients[0].length))));
  return [first, Math.min(...Array.from({ length: rounds }, timed))];
}

/** NumPy's seconds by shape; undefined if it is not installed. */
function numpy(shapes: readonly Shape[]): ReadonlyArray<Readonly<Record<string, Pair>>> | undefined {
  const script = join(benchRoot, 'peers', 'aggregators.py');
  const { status, stdout } = spawnSync(python.command, [script, JSON.stringify({ shapes })], {
    encoding: 'utf8',
    env: environment,
  });
  return status === 0 ? JSON.parse(stdout).seconds : undefined;
}
