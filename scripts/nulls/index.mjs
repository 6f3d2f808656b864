// npm run nulls: runs experiments of the papers with one function replaced, such that the claims should no longer hold, and
// prints claim × null → verdict. Runs the compiled files (npm run build).
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { countingSeeds, seenSeeds } from '../seeds.mjs';
import { placed, rowsOf, textTable } from './table.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const papers = join(root, 'packages/papers');
if (existsSync(join(root, 'parts'))) process.env.SOUTHWELL_PARTS ??= join(root, 'parts');
if (!existsSync(join(papers, 'dist/index.js'))) {
  console.error('Nothing is built yet: npm run build');
  process.exit(2);
}
const {
  decidedAt,
  experimentsOf,
  findRecord,
  lockedDigest,
  parseReleased,
  records,
  releasedOf,
  releasedRuns,
  standings,
} = await import(pathToFileURL(join(papers, 'dist/index.js')).href);
const { missingParts } = await import(pathToFileURL(join(papers, 'dist/node.js')).href);

/** Seeds of each null. */
const SEEDS = 3;
const list = (text) => text.split(',').filter((part) => part !== '');
const seedList = (text) => {
  const found = list(text).map(Number);
  if (found.length === 0 || found.some((n) => !Number.isSafeInteger(n) || n < 0))
    throw new InvalidArgumentError('Give whole numbers, such as 11,12,13.');
  return found;
};
const program = new Command('npm run nulls --')
  .description(
    'Runs the experiments of papers with one function of the shipped code replaced at its import, and prints claim × null → verdict. The exit code is 0 if every claim is told apart from its nulls or its ledger says that it is not, 1 otherwise.',
  )
  .argument('[papers...]', 'numbers, such as 07 17; all that have nulls where none is named')
  .option('--claim <ids>', 'these claims', list)
  .option('--null <ids>', 'these nulls', list)
  .option('--file <file>', 'nulls of your own for one paper: an ES module whose default export is such a list')
  .option('--full', "the papers' sizes (default: quick, but full where quick is a smoke test)")
  .option('--seed <seeds>', `one run a seed (default: the first ${SEEDS} that count)`, seedList)
  .option('--json', 'one document')
  .option('--write', 'write nulls.json of the papers, and the tables in docs/')
  .option('--tables', 'write the tables in docs/ from nulls.json and released.json, without a run')
  .option('--check', 'ask that nulls.json and the tables in docs/ agree with these runs')
  .addHelpText('after', '\nExample: npm run nulls -- 17 --seed 11,12,13')
  .parse();
const options = program.opts();
const partial = options.full || options.file || options.claim || options.null || options.seed;
if (options.check && partial) program.error('error: --check is of whole papers');
if (options.write && (options.full || options.file || options.seed))
  program.error('error: --write is for the sizes and seeds of the release');

const named = program.args.map((name) => findRecord(name) ?? program.error(`error: no paper ${name}`));
const chosen = [];
for (const record of named.length > 0 ? named : records) {
  const own = join(papers, 'dist', record.slug, 'nulls.js');
  const file = options.file ? resolve(options.file) : own;
  if (!existsSync(file)) {
    if (named.length > 0) program.error(`error: paper ${record.slug.slice(0, 2)} has no nulls`);
    continue;
  }
  const { default: nulls } = await import(pathToFileURL(file).href);
  // The results of now, which may be newer than the build.
  const results = join(papers, 'src', record.slug, 'released.json');
  const built = await releasedOf(record.number);
  const released = existsSync(results) ? parseReleased(readFileSync(results, 'utf8'), built) : built;
  chosen.push({ record, file, nulls, released });
}
if (chosen.length === 0) program.error('error: no paper of these has nulls');
if (options.file && chosen.length > 1) program.error('error: --file needs one paper');

/** One process per job: the claims of one experiment at a size, under one null. */
const jobs = [];
for (const { record, file, nulls } of options.tables ? [] : chosen) {
  const seeds = options.seed ?? countingSeeds(await seenSeeds(papers, record), SEEDS);
  const experiments = await experimentsOf(record.number);
  const sizeOf = (claim) => (options.full || !decidedAt(claim, 'quick') ? 'full' : 'quick');
  for (const one of nulls.filter((n) => !options.null || options.null.includes(n.id))) {
    const asked = (one.claims ?? record.claims.map((c) => c.id)).filter(
      (id) => !options.claim || options.claim.includes(id),
    );
    for (const experiment of experiments) {
      for (const size of ['quick', 'full']) {
        const own = experiment.claims.filter((c) => asked.includes(c.id) && sizeOf(c) === size).map((c) => c.id);
        for (const seed of own.length > 0 ? seeds : []) {
          const lacking = missingParts(experiment, size, process.env.SOUTHWELL_PARTS);
          if (lacking) program.error(`error: ${lacking} npm run parts links those that are on this machine.`);
          jobs.push({ record, file, experiment: experiment.id, claims: own, one, size, seed });
        }
      }
    }
  }
}

const running = new Set();
process.on('SIGINT', () => {
  for (const child of running) child.kill();
  process.exit(3);
});
function run({ record, file, experiment, claims, one, size, seed }) {
  const [pkg, ...path] = one.module.split('/');
  const module = join(root, 'packages', pkg, 'dist', `${path.join('/')}.js`);
  if (!existsSync(module)) throw new Error(`${one.id} names ${module}, which is not there.`);
  const request = {
    ...{ papers: join(papers, 'dist/index.js'), number: record.number, experiment, claims, size, seed },
    ...{ module, file, id: one.id, name: one.name },
  };
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ['--conditions=modules', join(here, 'run.mjs'), JSON.stringify(request)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => {
      running.delete(child);
      if (code !== 0) failed(new Error(`${one.id} ended with code ${code}.`));
      else
        done(
          text
            .trim()
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line)),
        );
    });
  });
}

const found = new Map(chosen.map(({ record }) => [record, []]));
let finished = 0;
const queue = [...jobs];
const tell = () => {
  if (process.stderr.isTTY) process.stderr.write(`\r${finished} of ${jobs.length} runs `);
};
async function work() {
  for (let job = queue.shift(); job; job = queue.shift()) {
    tell();
    const { record, one, experiment, size, seed } = job;
    const locked = lockedDigest(record, experiment);
    for (const { claim, outcome, met, error } of await run(job)) {
      if (error) console.error(`${claim} breaks down under ${one.id}, seed ${seed}: ${error}`);
      found.get(record).push({ null: one.id, says: one.says, claim, size, seed, outcome, met, locked });
    }
    finished++;
  }
}
await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work));
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

let wrong = false;
const documents = [];
for (const { record, nulls, released } of chosen) {
  const file = join(papers, 'src', record.slug, 'nulls.json');
  const order = (v) => [
    record.claims.findIndex((c) => c.id === v.claim),
    nulls.findIndex((n) => n.id === v.null),
    v.seed,
  ];
  let verdicts = found.get(record);
  if (options.tables) verdicts = JSON.parse(readFileSync(file, 'utf8'));
  if (options.write && existsSync(file)) {
    // What was not run again stays, unless it had other bars or its null is gone.
    const again = (v) => verdicts.some((w) => w.null === v.null && w.claim === v.claim);
    const current = (v) => {
      const claim = record.claims.find((c) => c.id === v.claim);
      return (
        claim &&
        v.locked === lockedDigest(record, claim.experiment) &&
        nulls.some((n) => n.id === v.null && n.claims.includes(v.claim))
      );
    };
    const kept = JSON.parse(readFileSync(file, 'utf8')).filter((v) => current(v) && !again(v));
    verdicts = [...verdicts, ...kept.map((v) => ({ ...v, says: nulls.find((n) => n.id === v.null).says }))];
  }
  verdicts.sort((a, b) => order(a).reduce((d, v, k) => d || v - order(b)[k], 0));
  const text = `[\n${verdicts.map((v) => `  ${JSON.stringify(v)}`).join(',\n')}\n]\n`;
  const rows = rowsOf(record, nulls, verdicts, standings(record, releasedRuns(released), released));
  documents.push({ paper: record.number, verdicts, rows });
  if (!options.json) console.log(`${record.slug}\n${textTable(rows)}`);
  for (const { claim, says, under, apart, met } of rows) {
    const { measures } = record.claims.find((c) => c.id === claim);
    if (released?.ledger?.asWell?.[claim]) continue;
    const unmarked = met.filter((name) => !measures[name]?.check);
    if (!apart && under === 'holds') console.error(`${claim} is not told apart: it holds as well ${says}`);
    else if (unmarked.length > 0)
      console.error(`${claim}: these measures are met ${says}, and are checks: ${unmarked.join(', ')}`);
    wrong ||= !apart || unmarked.length > 0;
  }
  if (options.write) writeFileSync(file, text);
  else if (options.check && (!existsSync(file) || readFileSync(file, 'utf8') !== text)) {
    wrong = true;
    console.error(`${file} has other verdicts: npm run nulls -- ${record.slug.slice(0, 2)} --write`);
  }
  if (options.write || options.tables || options.check) {
    const [{ page, now, before }] = placed(join(root, 'docs'), [{ record, rows }]);
    if (options.write || options.tables) writeFileSync(page, now);
    else if (now !== before) {
      wrong = true;
      console.error(
        `${page} has another table for ${record.slug}: npm run nulls -- ${record.slug.slice(0, 2)} --write`,
      );
    }
  }
}
if (options.json) console.log(JSON.stringify({ southwell: 1, papers: documents }, null, 2));
process.exitCode = wrong ? 1 : 0;
