#!/usr/bin/env node
// The package that owns the name also has the command, so that `npx southwell` finds it; the command itself is
// @southwell/cli, which whoever wants the library alone leaves out (npm install --omit=optional).
try {
  import.meta.resolve('@southwell/cli/command');
} catch {
  console.error('The command of southwell is the package @southwell/cli, which is not installed.');
  console.error('Run: npm install @southwell/cli');
  process.exit(2);
}
await import('@southwell/cli/command');
