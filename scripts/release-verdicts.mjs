// npm run release-verdicts: runs the quick experiments of papers with seeds 1 to 5 until their claims are decided, and
// writes the verdicts, with one thinned picture, to NN-slug/released.json. Runs the compiled files (npm run build).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const papers = join(root, 'packages/papers');
if (!existsSync(join(papers, 'dist/index.js'))) {
  console.error('Nothing is built yet: npm run build');
  process.exit(2);
}
const { emptyRun, experimentsOf, findRecord, fold, pictureOf, RELEASED_FORMAT, records, resolveContext, stateOf } =
  await import(pathToFileURL(join(papers, 'dist/index.js')).href);
const { stringifyResult } = await import(pathToFileURL(join(papers, 'dist/node.js')).href);

const numbers = (text) => {
  const found = text.split(',').map(Number);
  if (found.every((n) => Number.isSafeInteger(n) && n >= 0)) return found;
  throw new InvalidArgumentError('Give whole numbers, such as 1,2,3.');
};
const program = new Command('npm run release-verdicts --')
  .description(
    'Runs the quick experiments of papers and writes their verdicts and one small picture to packages/papers/src/NN-slug/released.json, which ships with the product.',
  )
  .argument('[papers...]', 'numbers, such as 01 17; all that run where none is named')
  .option('--seed <seeds>', 'one run a seed', numbers, [1, 2, 3, 4, 5])
  .option('--experiment <ids>', 'these experiments only, for a look with --out', (text) => text.split(','))
  .option('--picture', 'draw the picture anew, and leave the verdicts as they are')
  .option('--add', 'keep what the file has of other seeds')
  .option('--out <folder>', 'write NN-slug.json here instead')
  .option('--keep <folder>', 'also keep here all curves and pictures of the first seed, to choose from')
  .parse();
const options = program.opts();
// A released file contains every claim.
if (options.experiment && !options.out) program.error('error: --experiment is for --out <folder>');
const chosen = (program.args.length > 0 ? program.args.map((name) => findRecord(name) ?? name) : [...records]).filter(
  (record) => {
    if (typeof record === 'string' || (program.args.length > 0 && stateOf(record) !== 'runs')) {
      program.error(`error: no paper ${record.slug ?? record} that runs`);
    }
    return stateOf(record) === 'runs';
  },
);

/** Six digits are more than is ever displayed. */
const rounded = (v) => (Number.isFinite(v) ? Number(v.toPrecision(6)) : v);
const measurement = ({ spread, ...m }) => ({
  ...m,
  value: rounded(m.value),
  ...(spread && { spread: { ...spread, interval: spread.interval.map(rounded) } }),
});

/** All events of an experiment until its claims are decided and `enough` returns true. */
async function ran(experiment, seed, enough = () => true) {
  let state = emptyRun;
  const open = new Set(experiment.claims.map((c) => c.id));
  for await (const event of experiment.run(resolveContext(experiment, { size: 'quick', seed }))) {
    state = fold(state, event);
    if (event.kind === 'verdict') open.delete(event.verdict.claim);
    if (open.size === 0 && enough(state)) break;
  }
  return state;
}

for (const record of chosen) {
  const file = options.out
    ? join(options.out, `${record.slug}.json`)
    : join(papers, 'src', record.slug, 'released.json');
  const before =
    (options.picture || options.add) && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const version = JSON.parse(readFileSync(join(papers, 'package.json'), 'utf8')).version;
  const date = new Date().toISOString();
  if (before && before.version !== version) program.error(`error: ${file} is of ${before.version}, not of ${version}`);
  const runs = (before?.runs ?? []).filter((r) => options.picture || !options.seed.includes(r.seed));
  let picture = before?.picture;
  const write = () => {
    const { runs: _, ...head } = {
      format: RELEASED_FORMAT,
      version,
      date: options.picture ? (before?.date ?? date) : date,
      runs,
      picture,
    };
    // One line per run, for readable diffs.
    const lines = [
      ...Object.entries(head).flatMap(([k, v]) => (v === undefined ? [] : `"${k}": ${stringifyResult(v)}`)),
      `"runs": [\n${runs.map((run) => stringifyResult(run)).join(',\n')}\n]`,
    ];
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
  };
  const experiments = (await experimentsOf(record.number)).filter(
    (e) =>
      (e.claims.length > 0 || record.picture?.experiment === e.id) &&
      (!options.experiment || options.experiment.includes(e.id)),
  );
  const first = options.seed[0];
  for (const seed of options.picture ? [first] : options.seed) {
    const own = [];
    for (const experiment of experiments) {
      const pictured = seed === first && !(options.add && picture) && record.picture?.experiment === experiment.id;
      if (options.picture && !pictured) continue;
      const started = performance.now();
      const state = await ran(experiment, seed, (s) => !pictured || pictureOf(record, experiment, s, false));
      const seconds = (performance.now() - started) / 1000;
      console.log(`${record.slug} ${experiment.id}, seed ${seed}: ${seconds.toFixed(1)} s`);
      if (pictured) {
        picture = pictureOf(record, experiment, state, true);
        if (!picture) program.error(`error: ${experiment.id} of ${record.slug} has no "${record.picture.title}"`);
      }
      if (options.keep && seed === first) {
        mkdirSync(options.keep, { recursive: true });
        const { curves, pictures } = state;
        const kept = stringifyResult({ axes: experiment.axes, curves, pictures });
        writeFileSync(join(options.keep, `${record.slug}-${experiment.id}.json`), kept);
      }
      const verdicts = state.verdicts.map((v) => ({
        claim: v.claim,
        outcome: v.outcome,
        measured: v.measured.map(measurement),
      }));
      own.push({ experiment: experiment.id, size: 'quick', seed, seconds: Number(seconds.toPrecision(2)), verdicts });
    }
    // Complete seeds only: every claim was run for each of them.
    if (!options.picture) runs.push(...own.filter((r) => r.verdicts.length > 0));
    runs.sort((a, b) => a.seed - b.seed);
    write();
  }
}
