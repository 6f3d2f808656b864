// npm run bench -- linear-models | kernels | black-box | completion | factorisation | structure-learning [options]
// Side-by-side timings against peers, in one run. `southwell bench` calls this too.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// A reader that goes away early (head) is no error; results that are lost to a full disk are.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') console.error(`Standard output cannot be written: ${error.message}.`);
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

const file = (name) => fileURLToPath(new URL(`../bench/dist/${name}.js`, import.meta.url));
if (!existsSync(file('index'))) {
  console.error('The benchmarks are not built yet: run npm run build.');
  process.exit(2);
}
const [what, ...args] = process.argv.slice(2);
if (what === 'linear-models') {
  const { linearModels } = await import('../bench/dist/index.js');
  process.exitCode = await linearModels(args);
} else if (what === 'black-box') {
  const { blackBox } = await import('../bench/dist/index.js');
  process.exitCode = await blackBox(args);
} else if (what === 'completion') {
  const { completion } = await import('../bench/dist/index.js');
  process.exitCode = await completion(args);
} else if (what === 'factorisation') {
  const { factorisation } = await import('../bench/dist/index.js');
  process.exitCode = await factorisation(args);
} else if (what === 'structure-learning') {
  const { structureLearning } = await import('../bench/dist/index.js');
  process.exitCode = await structureLearning(args);
} else if (what === 'kernels') {
  process.exitCode = spawnSync(process.execPath, [file('kernels'), ...args], { stdio: 'inherit' }).status ?? 1;
} else {
  const usage =
    'Usage: npm run bench -- linear-models [--help]\n       npm run bench -- kernels [--quick]\n       npm run bench -- black-box [--help]\n       npm run bench -- completion [--help]\n       npm run bench -- factorisation [--help]\n       npm run bench -- structure-learning [--help]';
  if (what === '--help' || what === '-h') console.log(usage);
  else {
    console.error(what === undefined ? usage : `There is no benchmark "${what}".\n\n${usage}`);
    process.exitCode = 2;
  }
}
