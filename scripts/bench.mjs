// npm run bench -- linear-models | clustering | factorisation | … [options]
// Side-by-side timings against peers, in one run. `southwell bench` calls this too.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// A reader that closes early (head) is not an error; losing results to a full disk is.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') console.error(`Standard output cannot be written: ${error.message}.`);
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

const built = new URL('../bench/dist/index.js', import.meta.url);
if (!existsSync(fileURLToPath(built))) {
  console.error('The benchmarks are not built yet: run npm run build.');
  process.exit(2);
}
const [what, ...args] = process.argv.slice(2);
const benchmarks = await import(built);
const names = Object.keys(benchmarks).map((name) => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`));
const index = names.indexOf(what);
if (index >= 0) process.exitCode = await Object.values(benchmarks)[index](args);
else {
  const text = `Usage: ${names.map((name) => `npm run bench -- ${name} [--help]`).join('\n       ')}`;
  if (what === '--help' || what === '-h') console.log(text);
  else {
    console.error(what === undefined ? text : `There is no benchmark "${what}".\n\n${text}`);
    process.exitCode = 2;
  }
}
