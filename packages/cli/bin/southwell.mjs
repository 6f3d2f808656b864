#!/usr/bin/env node
// A file of its own, since npm links commands before anything is built.
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// Most jobs are short: a function is optimised once it has run nine times as long as V8 waits for by itself. Ten folds of a
// small table take a quarter less processor time, long jobs as much as before.
setFlagsFromString('--interrupt-budget=600000');

const entry = ['../dist/bundle/start.js', '../dist/start.js']
  .map((file) => new URL(file, import.meta.url))
  .find((url) => existsSync(url));
if (entry) {
  const { start } = await import(entry.href);
  process.exitCode = await start(process.argv.slice(2));
} else {
  console.error('southwell is not built yet. Run: npm run build');
  process.exitCode = 2;
}
