import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// torch/values.py wrote values.json.

interface Stored {
  readonly torch: string;
  readonly optimisers: Readonly<Record<string, number[][]>>;
  readonly schedules: Readonly<Record<string, number[]>>;
  readonly averages: Readonly<Record<string, number[]>>;
  readonly clipped: { readonly norm: number; readonly gradient: number[] };
}
const stored: Stored = JSON.parse(readFileSync(new URL('./torch/values.json', import.meta.url), 'utf8'));

function near(found: ArrayLike<number>, expected: readonly number[], bar: number, what: string): void {
  expect(found.length, what).toBe(expected.length);
  const wrong = expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= bar * Math.max(1, Math.abs(v))));
  expect(wrong < 0 ? '' : `${what}: ${found[wrong]} at ${wrong}, PyTorch has ${expected[wrong]}`).toBe('');
}

const python = '/usr/bin/python3';
const installed =
  spawnSync(python, ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)']).status === 0;
test.skipIf(!installed)('the PyTorch that is installed gives what is stored', () => {
  const script = fileURLToPath(new URL('./torch/values.py', import.meta.url));
  const { stdout, stderr } = spawnSync(python, ['-W', 'ignore', script], { encoding: 'utf8' });
  expect(stdout, stderr).not.toBe('');
  const fresh: Stored = JSON.parse(stdout);
  for (const [name, rows] of Object.entries(stored.optimisers)) {
    for (const [k, row] of rows.entries()) near(fresh.optimisers[name][k], row, 1e-12, name);
  }
  for (const [name, row] of Object.entries(stored.schedules)) near(fresh.schedules[name], row, 1e-13, name);
});
