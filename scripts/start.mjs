// npm start: builds what is missing, runs the main job (a cross-validated sparse logistic path on a real data set),
// then serves the workbench until Ctrl-C, unless --no-serve is given.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const flags = process.argv.slice(2);
const unknown = flags.filter((flag) => flag !== '--no-serve');
if (unknown.length > 0) {
  console.error(`npm start takes --no-serve, not ${unknown.join(' ')}. For your own data: npx southwell fit --help`);
  process.exit(2);
}
if (!existsSync(join(root, 'node_modules/commander'))) {
  console.error('The packages that southwell needs are not installed yet. Run: npm ci');
  process.exit(2);
}
const build = (...parts) => {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), ...parts], { stdio: 'inherit' });
  if (status === 0) return;
  console.error('The build failed; its messages are above.');
  process.exit(1);
};
if (!existsSync(join(root, 'packages/cli/dist/index.js'))) console.log('Building southwell, once …');
build('start');

const report = 'southwell-report.html';
const model = 'southwell-model.json';
const job = ['fit', 'bundled:spambase', '--model', 'logistic', '--standardize', '--cv', '10', '--rule', '1se'];
const args = [...job, '--report', report, '--save', model];
console.log(`\n$ npx southwell ${args.join(' ')}`);
// Interrupts are handled by the command, which keeps the best model so far.
process.on('SIGINT', () => {});
const southwell = (...words) => {
  // Uses the current build, even if it is partial.
  const env = { ...process.env, SOUTHWELL_BUILD: 'no' };
  const command = join(root, 'packages/cli/bin/southwell.mjs');
  return spawnSync(process.execPath, [command, ...words], { stdio: 'inherit', env }).status ?? 1;
};
process.exitCode = southwell(...args);
if (process.exitCode === 0) {
  console.log(`
Next:
  open ${report} in a browser
  npx southwell predict ${model} bundled:spambase --proba --out predictions.csv
  npx southwell inspect your-data.csv
  npx southwell fit your-data.csv --target price --cv --report report.html
  npx southwell fit --help
`);
  if (!flags.includes('--no-serve')) {
    build('modules', 'page', 'docs');
    process.exitCode = southwell('workbench');
  }
}
