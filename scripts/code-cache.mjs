// Creates the V8 code cache of the command's bundle: typical commands are run once, so that the functions that they
// call are in the cache. Each run extends the cache of the previous one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [bundle, ...words] = process.argv.slice(2);
const beside = (name) => pathToFileURL(join(bundle, name)).href;

if (words.length > 0) {
  // V8 rejects code compiled with other flags, so these must be the command's.
  await import(beside('../../bin/flags.mjs'));
  const { keepCode, load } = await import(beside('load.js'));
  const keep = keepCode();
  load('start.cjs');
  const { enterAside, main } = load('index.cjs');
  enterAside({ flag: new Int32Array(1), post() {}, listen() {} });
  const code = await main(words);
  if (code !== 0) throw new Error(`southwell ${words.join(' ')} ended with ${code}`);
  keep();
} else {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-code-'));
  const table = join(folder, 'table.csv');
  const model = join(folder, 'model.json');
  const rows = Array.from({ length: 60 }, (_, i) => {
    const x = [Math.sin(i), Math.cos(3 * i), ((i * i) % 7) / 7];
    return [...x, x[0] - 2 * x[1] + Math.sin(7 * i) / 5, x[0] + x[2] > 0.5 ? 'yes' : 'no'].join(',');
  });
  writeFileSync(table, `a,b,c,y,z\n${rows.join('\n')}\n`);
  const fit = ['fit', table, '--save', model, '--target'];
  const jobs = [
    [...fit, 'y', '--drop', 'z', '--model', 'lasso', '--alpha', '0.1'],
    [...fit, 'y', '--drop', 'z', '--model', 'lasso', '--cv', '5', '--threads', '1'],
    [...fit, 'z', '--drop', 'y', '--model', 'logistic', '--alpha', '0.01'],
    ['predict', model, table, '--out', join(folder, 'predicted.csv')],
    ['inspect', table],
  ];
  try {
    for (const job of jobs) {
      execFileSync(process.execPath, [fileURLToPath(import.meta.url), bundle, ...job], { stdio: 'pipe' });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
