import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { records, snippetOf, stateOf } from '@southwell/papers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = existsSync(new URL('../packages/southwell/dist/index.js', import.meta.url));

const snippets: Readonly<Record<string, string>> = Object.fromEntries(
  (await Promise.all(records.map(async ({ number }) => [number, await snippetOf(number)] as const))).filter(
    (one): one is [number, string] => one[1] !== undefined,
  ),
);

test('every paper that runs shows how to use its method', () => {
  const running = records.filter((r) => stateOf(r) === 'runs').map((r) => r.number);
  expect(Object.keys(snippets).map(Number)).toEqual(running);
});

/** Imports the modules that it is given, and prints what each of them prints, or why it failed. */
const program = `
import { format } from 'node:util';
const printed = [];
for (const file of process.argv.slice(2)) {
  const lines = [];
  console.log = (...words) => lines.push(format(...words));
  try {
    await import(file);
    printed.push({ out: lines.join('\\n') });
  } catch (error) {
    printed.push({ error: String(error?.stack ?? error) });
  }
}
process.stdout.write(JSON.stringify(printed));
`;

describe.skipIf(!built)('code of papers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-snippets-'));
  let printed: Record<string, { readonly out?: string; readonly error?: string }>;

  // All in one process: starting each in its own would take longer than most of them.
  beforeAll(() => {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const put = (name: string, code: string): string => {
      writeFileSync(join(folder, name), code);
      return join(folder, name);
    };
    const files = Object.entries(snippets).map(([number, code]) => put(`${number}.mjs`, code));
    const r = spawnSync(process.execPath, [put('all.mjs', program), ...files], { encoding: 'utf8' });
    expect(r.stderr).toBe('');
    const told = JSON.parse(r.stdout);
    printed = Object.fromEntries(Object.keys(snippets).map((number, k) => [number, told[k]]));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.keys(snippets))('the code shown for paper %s runs as it is (needs a build)', (number) => {
    const { out = '', error } = printed[number];
    expect(error).toBeUndefined();
    expect(out.trim().length).toBeGreaterThan(5);
    expect(out).not.toMatch(/NaN|undefined/);
  });
});
