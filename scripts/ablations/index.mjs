// npm run ablations: tests claims of the papers with the key ingredient of each replaced, to detect verdicts that do
// not depend on it. Runs the compiled files (npm run build).
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const papers = join(root, 'packages/papers/dist');
const docs = join(root, 'docs');
if (!existsSync(papers)) {
  console.error('Nothing is built yet: npm run build');
  process.exit(2);
}
const { experimentsOf, findRecord, outcomeText } = await import(pathToFileURL(join(papers, 'index.js')).href);

const list = (text) => text.split(',').filter((part) => part !== '');
const seeds = (text) => {
  const found = list(text).map(Number);
  if (found.length === 0 || found.some((n) => !Number.isSafeInteger(n) || n < 0))
    throw new InvalidArgumentError('Give whole numbers, such as 1,2,3.');
  return found;
};
const program = new Command('npm run ablations --')
  .description(
    'Runs the experiments of the papers with one ingredient of the shipped method replaced at its import, and prints claim × ablation → verdict. The exit code is 0 if every claim loses its verdict with its own ingredient, 1 if one does not.',
  )
  .option('--paper <numbers>', 'these papers, such as 07,17', list)
  .option('--claim <ids>', 'these claims', list)
  .option('--ablation <ids>', 'these ablations', list)
  .option('--all', 'every claim of the paper under every ablation, not only those that it must turn')
  .option('--file <file>', 'ablations of your own for one --paper: an ES module whose default export is such a list')
  .option('--full', "the papers' sizes")
  .option('--seed <seeds>', 'one run a seed', seeds, [1])
  .option('--json', 'one document')
  .option('--write', 'put the tables into docs/, at quick size')
  .option('--check', 'ask that the tables in docs/ are these')
  .addHelpText('after', '\nExample: npm run ablations -- --paper 17 --seed 1,2,3')
  .parse();
const options = program.opts();
const size = options.full ? 'full' : 'quick';
if (
  (options.write || options.check) &&
  (options.full || options.file || options.claim || options.ablation || options.all)
) {
  program.error('error: --write and --check are of whole papers at quick size');
}

const chosen = [];
for (const slug of readdirSync(papers).sort()) {
  const record = /^\d\d-/.test(slug) ? findRecord(slug) : undefined;
  const own = join(papers, slug, 'ablations.js');
  if (!record || (options.paper && !options.paper.some((p) => findRecord(p) === record))) continue;
  const file = options.file ? resolve(options.file) : own;
  if (!existsSync(file)) {
    if (options.paper) program.error(`error: paper ${slug.slice(0, 2)} has no ablations`);
    continue;
  }
  const { default: ablations } = await import(pathToFileURL(file).href);
  chosen.push({ slug, record, file, ablations });
}
if (chosen.length === 0) program.error('error: no paper of these has ablations');
if (options.file && chosen.length > 1) program.error('error: --file needs one --paper');

/** One process per job: the claims of one experiment, with one ablation or none. */
const jobs = [];
for (const { record, slug, file, ablations } of chosen) {
  const experiments = await experimentsOf(record.number);
  const wanted = ablations.filter((a) => !options.ablation || options.ablation.includes(a.id));
  const turns = (a) => (options.all || !a.turns ? record.claims.map((c) => c.id) : a.turns);
  const asked = (id) => !options.claim || options.claim.includes(id);
  for (const ablation of [undefined, ...wanted]) {
    const claims = (ablation ? turns(ablation) : [...new Set(wanted.flatMap(turns))]).filter(asked);
    for (const experiment of experiments) {
      const own = experiment.claims.map((c) => c.id).filter((id) => claims.includes(id));
      for (const seed of own.length > 0 ? options.seed : []) {
        jobs.push({ record, slug, file, experiment: experiment.id, claims: own, ablation, seed });
      }
    }
  }
}

const running = new Set();
process.on('SIGINT', () => {
  for (const child of running) child.kill();
  process.exit(3);
});
function run({ record, file, experiment, claims, ablation, seed }) {
  const [pkg, ...path] = ablation?.module.split('/') ?? [];
  const module = ablation && join(root, 'packages', pkg, 'dist', `${path.join('/')}.js`);
  const request = {
    ...{ papers: join(papers, 'index.js'), number: record.number, experiments: [experiment], claims, size, seed },
    ...(ablation && { ablation: { module, file, id: ablation.id, name: ablation.name } }),
  };
  if (module && !existsSync(module)) throw new Error(`${ablation.id} names ${module}, which is not there.`);
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ['--conditions=modules', join(here, 'run.mjs'), JSON.stringify(request)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => {
      running.delete(child);
      if (code !== 0) failed(new Error(`${ablation?.id ?? 'as shipped'} ended with code ${code}.`));
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

const cells = [];
let finished = 0;
const queue = [...jobs];
const tell = () => {
  if (process.stderr.isTTY) process.stderr.write(`\r${finished} of ${jobs.length} runs `);
};
async function work() {
  for (let job = queue.shift(); job; job = queue.shift()) {
    tell();
    for (const verdict of await run(job)) {
      cells.push({ paper: job.record.number, ablation: job.ablation?.id ?? null, ...verdict });
    }
    finished++;
  }
}
await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work));
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

for (const { ablation, claim, error } of cells) {
  if (error === undefined) continue;
  if (ablation === null) program.error(`error: as shipped, ${claim} ends with: ${error}`);
  console.error(`${claim} breaks down under ${ablation}: ${error}`);
}
const rank = { holds: 2, partly: 1, 'does not hold': 0 };
const said = (found) =>
  [...new Set(found.map((v) => (v.error === undefined ? outcomeText(v) : 'breaks down')))].join(' / ') || '–';
const rows = chosen.flatMap(({ record, ablations }) =>
  record.claims.flatMap((claim) =>
    ablations.flatMap((ablation) => {
      const of = (id) => cells.filter((c) => c.paper === record.number && c.claim === claim.id && c.ablation === id);
      if (of(ablation.id).length === 0) return [];
      const must = ablation.turns?.includes(claim.id) ?? false;
      // The outcome must be worse for the same draws; an undecided outcome proves nothing.
      const before = (v) => rank[of(null).find((s) => s.seed === v.seed)?.outcome];
      const turned = of(ablation.id).every((v) => v.error !== undefined || rank[v.outcome] < before(v));
      const row = { paper: record.number, claim: claim.id, ablation: ablation.id, says: ablation.says, must, turned };
      return [{ ...row, shipped: said(of(null)), without: said(of(ablation.id)), verdicts: of(ablation.id) }];
    }),
  ),
);
const missed = rows.filter((r) => r.must && !r.turned);
if (options.json)
  console.log(JSON.stringify({ southwell: 1, size, seeds: options.seed, rows, missed: missed.length }, null, 2));
else {
  const columns = ['paper', 'claim', 'as shipped', 'with this in the place of its ingredient', 'verdict'];
  const table = [
    columns,
    ...rows.map((r) => [String(r.paper).padStart(2, '0'), r.claim, r.shipped, r.says, r.without]),
  ];
  const widths = columns.map((_, j) => Math.max(...table.map((row) => row[j].length)));
  for (const row of table)
    console.log(
      row
        .map((cell, j) => cell.padEnd(widths[j]))
        .join('  ')
        .trimEnd(),
    );
  console.log(
    missed.length === 0
      ? `\nEvery claim is turned by its ingredient (${size} size, seed ${options.seed.join(', ')}).`
      : `\nNot turned: ${missed.map((r) => `${r.claim} by ${r.ablation}`).join(', ')}.`,
  );
}
/** Formats a page. */
function formatted(file, text) {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  return execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${file}`], {
    input: text,
    encoding: 'utf8',
  });
}
let stale = false;
if (options.write || options.check) {
  for (const { record } of chosen) {
    const marker = `<!-- ablations ${String(record.number).padStart(2, '0')} -->`;
    const own = rows.filter((r) => r.paper === record.number);
    const line = (r) => `| \`${r.claim}\` | ${r.shipped} | ${r.says} | ${r.without} |\n`;
    const table = `| claim | as shipped | in the place of its ingredient | verdict |\n| --- | --- | --- | --- |\n${own.map(line).join('')}`;
    const pages = readdirSync(docs).map((name) => join(docs, name));
    const page = pages.find((file) => file.endsWith('.md') && readFileSync(file, 'utf8').includes(marker));
    if (!page) program.error(`error: no page of docs/ has ${marker}`);
    const text = readFileSync(page, 'utf8');
    const [before, , after] = text.split(marker);
    const now = formatted(page, `${before}${marker}\n\n${table}\n${marker}${after}`);
    if (options.write) writeFileSync(page, now);
    else if (now !== text) {
      stale = true;
      console.error(`${page} has another table for ${record.slug}: npm run ablations -- --write`);
    }
  }
}
process.exitCode = missed.length === 0 && !stale ? 0 : 1;
