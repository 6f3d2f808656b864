#!/usr/bin/env node
// A file of its own, since npm links commands before anything is built.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import './flags.mjs';

const args = process.argv.slice(2);
const bundle = new URL('../dist/bundle/start.js', import.meta.url);
const module = new URL('../dist/start.js', import.meta.url);
if (existsSync(bundle)) {
  const { start } = await import(bundle.href);
  process.exitCode = await start(args);
} else if (!existsSync(module)) {
  console.error('southwell is not built yet. Run: npm run build');
  process.exitCode = 2;
} else if (process.env.NODE_OPTIONS?.includes('--conditions=modules')) {
  const { start } = await import(module.href);
  process.exitCode = await start(args);
} else {
  // A checkout without bundles is built first.
  const build = fileURLToPath(new URL('../../../scripts/build.mjs', import.meta.url));
  if (process.env.SOUTHWELL_BUILD !== 'no' && existsSync(build)) {
    const { status } = spawnSync(process.execPath, [build, 'modules'], { stdio: ['ignore', 2, 2] });
    if (status !== 0) process.exit(2);
  }
  // Packages resolve to modules only under a condition, which must be set when the process starts.
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --conditions=modules`.trim() },
  });
  // A terminal sends the interrupt to both processes.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
