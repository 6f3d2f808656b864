import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { cleanEnv, command, workshop } from './testing.ts';

const { folder, here } = workshop();

test('serves until Ctrl-C, which ends it cleanly', async () => {
  const env = { ...cleanEnv(), SOUTHWELL_HOME: folder };
  const child = spawn(process.execPath, [command, 'workbench', '--port', '0'], { env, stdio: 'pipe' });
  let out = '';
  let err = '';
  child.stderr.on('data', (d) => (err += d));
  const url = await new Promise<string>((resolve, reject) => {
    child.on('exit', () => reject(new Error(err)));
    child.stdout.on('data', (d) => {
      out += d;
      const found = out.match(/The workbench is at (http:\S+)/);
      if (found) resolve(found[1]);
    });
  });
  const page = await fetch(`${url}/papers/01-bcd-faster`);
  expect(page.status).toBe(200);
  expect(await page.text()).toMatch('<div id="app">');
  expect(await (await fetch(`${url}/api/results`)).json()).toEqual({ results: [] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  // npm passes on what the terminal has given already.
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(out).toMatch(/Stopped\.\n$/);
  expect(err).toBe('');
});

test.each([
  ['--port', 'x'],
  ['--port', '70000'],
  ['--host', '203.0.113.7'],
])('%s %s is refused in a sentence', async (...args) => {
  const { code, out, err } = await here(['workbench', ...args]);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(/^southwell: .*\.\n$/);
});
