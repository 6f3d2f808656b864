// npm run lock: enters a change of what a paper has locked (NN-slug/locked.ts: measures, bars, sizes, ingredients, grids)
// into its history (NN-slug/history.json), with the verdicts that were known by then.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { transform } from 'esbuild';

const source = join(dirname(fileURLToPath(import.meta.url)), '../packages/papers/src');

/** A module of the papers that imports nothing but types. */
async function load(file) {
  const { code } = await transform(readFileSync(file, 'utf8'), { loader: 'ts', target: 'es2022' });
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
}

const seeds = (text, before = []) => {
  const [, size, list] = /^(quick|full):([\d,]+)$/.exec(text) ?? [];
  if (!size) throw new InvalidArgumentError('Give a size and seeds, such as quick:21,22.');
  return [...before, { size, seeds: list.split(',').map(Number), outcomes: {} }];
};
const date = (text) => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('Give a date as YYYY-MM-DD.');
};
const program = new Command('npm run lock --')
  .description(
    'Enters the changes of NN-slug/locked.ts since the last entry into NN-slug/history.json. Verdicts in released.json and those of --seen are recorded as seen: their seeds do not count any more for the claims that changed.',
  )
  .argument('<paper>', 'number, such as 17')
  .argument('<why>', 'why it is changed, in a sentence')
  .option('--seen <size:seeds>', 'further runs whose results were seen, such as quick:21,22 (repeatable)', seeds)
  .option(
    '--date <date>',
    'of a change that was made before it is entered, by when only --seen was known (default: today)',
    date,
  )
  .addHelpText('after', '\nExample: npm run lock -- 17 "The bar of unequal is that of the paper."')
  .parse();
const [paper, why] = program.args;
const options = program.opts();

const slug = readdirSync(source).find((name) => name.startsWith(`${paper.padStart(2, '0')}-`));
if (!slug || !existsSync(join(source, slug, 'locked.ts'))) program.error(`error: paper ${paper} has no locked.ts`);
if (!/^[A-Z].*\.$/.test(why)) program.error('error: the reason must be a sentence');

const { changesBetween, replay } = await load(join(source, 'verdicts/history.ts'));
const { locked } = await load(join(source, slug, 'locked.ts'));
const file = join(source, slug, 'history.json');
const read = (name) => {
  const path = join(source, slug, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
};
const history = read('history.json') ?? [];
const changes = changesBetween(replay(history), JSON.parse(JSON.stringify(locked)));
if (changes.length === 0) program.error('error: nothing has changed since the last entry');

/** The released verdicts by size: their seeds, and the number of seeds by outcome for each claim. */
const seen = ['quick', 'full'].flatMap((size) => {
  const runs = (read('released.json')?.runs ?? []).filter((run) => run.size === size);
  if (runs.length === 0) return [];
  const outcomes = {};
  for (const { claim, outcome } of runs.flatMap((run) => run.verdicts)) {
    outcomes[claim] ??= {};
    outcomes[claim][outcome] = (outcomes[claim][outcome] ?? 0) + 1;
  }
  return [{ size, seeds: [...new Set(runs.map((run) => run.seed))].sort((a, b) => a - b), outcomes }];
});
const today = new Date().toISOString().slice(0, 10);
// What is released today was not yet known at an earlier date.
const known = options.date ? [] : seen;
history.push({ date: options.date ?? today, changes, why, seen: [...known, ...(options.seen ?? [])] });
// One line per change and per run, for readable diffs.
const entry = ({ date, changes, why, seen }) =>
  `  {\n    "date": ${JSON.stringify(date)},\n    "why": ${JSON.stringify(why)},\n    "changes": [\n${changes.map((c) => `      ${JSON.stringify(c)}`).join(',\n')}\n    ],\n    "seen": [${seen.map((s) => `\n      ${JSON.stringify(s)}`).join(',')}${seen.length > 0 ? '\n    ' : ''}]\n  }`;
writeFileSync(file, `[\n${history.map(entry).join(',\n')}\n]\n`);
console.log(`${slug}: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'} entered.`);
for (const { path } of changes) console.log(`  ${path || 'first state'}`);
