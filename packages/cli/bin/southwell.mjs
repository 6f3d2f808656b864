#!/usr/bin/env node
// A file of its own, since npm links commands before anything is built.
import { existsSync } from 'node:fs';
import './flags.mjs';

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
