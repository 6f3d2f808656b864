import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// What torch.test.ts and nn/torch.test.ts compare with, computed anew.

interface Case {
  readonly value: readonly number[];
  readonly gradients?: ReadonlyArray<readonly number[]>;
  readonly second: ReadonlyArray<readonly number[]>;
}
type Values = Readonly<Record<'cases' | 'losses', Readonly<Record<string, Case>> | undefined>>;

const python = '/usr/bin/python3';
const installed =
  spawnSync(python, ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)']).status === 0;

function near(found: ArrayLike<number>, expected: readonly number[], what: string, bar: number): void {
  const scale = bar * Math.max(1, ...expected.map(Math.abs));
  expect(found.length, what).toBe(expected.length);
  const wrong = expected.findIndex((v, i) => !(Math.abs(found[i] - v) <= scale));
  expect(wrong < 0 ? '' : `${what}: ${found[wrong]} at ${wrong}, stored is ${expected[wrong]}`).toBe('');
}

test.skipIf(!installed).each([
  ['torch', 1e-11],
  ['torch/halves', 1e-12],
  ['nn/torch', 1e-10],
])('the PyTorch that is installed gives what is stored in %s', (folder, bar) => {
  const path = (file: string) => fileURLToPath(new URL(`./${folder}/${file}`, import.meta.url));
  const stored: Values = JSON.parse(readFileSync(path('values.json'), 'utf8'));
  const options = { encoding: 'utf8', maxBuffer: 2 ** 24 } as const;
  const { stdout, stderr } = spawnSync(python, ['-W', 'ignore', path('values.py')], options);
  expect(stdout, stderr).not.toBe('');
  const fresh: Values = JSON.parse(stdout);
  for (const part of ['cases', 'losses'] as const) {
    for (const [name, { value, gradients = [], second }] of Object.entries(stored[part] ?? {})) {
      const found = fresh[part]![name];
      near(found.value, value, name, bar);
      for (const [k, d] of gradients.entries()) near(found.gradients![k], d, name, bar);
      for (const [k, d] of second.entries()) near(found.second[k], d, name, bar);
    }
  }
});
