import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

/** What a peer found: CPU seconds, and its largest residuals. */
export interface PeerAnswer {
  readonly seconds?: number;
  readonly absolute?: number | null;
  readonly relative?: number | null;
  readonly error?: string;
}

/** Lines of JSON that peers/constrained.py prints; undefined if it cannot run. */
export function fromPython<T>(command: 'arrays' | 'solve', files: readonly string[]): T[] | undefined {
  const script = join(benchRoot, 'peers/constrained.py');
  const { status, stdout } = spawnSync(python.command, [script, command, ...files], {
    ...{ env: environment, encoding: 'utf8', maxBuffer: 2 ** 30 },
  });
  if (status !== 0) return undefined;
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** CPU seconds of a call: the best of several rounds of about 50 ms, once it is warm. */
export function cpuSeconds(call: () => void): number {
  const warm = performance.now() + 500;
  let calls = 0;
  while (calls < 1 || performance.now() < warm) {
    call();
    calls++;
  }
  const count = Math.max(1, Math.round(calls / 10));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const start = process.cpuUsage();
    for (let k = 0; k < count; k++) call();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6 / count);
  }
  return best;
}
