// npm run release-verdicts: runs the experiments of papers at one size until their claims are decided, and writes each
// verdict as it comes, with one thinned picture, to NN-slug/released.json. Runs the compiled files (npm run build).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { countingSeeds, seenSeeds } from './seeds.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const papers = join(root, 'packages/papers');
if (existsSync(join(root, 'parts'))) process.env.SOUTHWELL_PARTS ??= join(root, 'parts');
if (!existsSync(join(papers, 'dist/index.js'))) {
  console.error('Nothing is built yet: npm run build');
  process.exit(2);
}
const {
  calibration,
  decidedClaims,
  emptyRun,
  experimentsOf,
  findRecord,
  fold,
  lockedDigest,
  pictureOf,
  RELEASED_FORMAT,
  records,
  resolveContext,
  stateOf,
} = await import(pathToFileURL(join(papers, 'dist/index.js')).href);
const { missingParts, partFiles, stringifyResult } = await import(pathToFileURL(join(papers, 'dist/node.js')).href);

const numbers = (text) => {
  const found = text.split(',').map(Number);
  if (found.every((n) => Number.isSafeInteger(n) && n >= 0)) return found;
  throw new InvalidArgumentError('Give whole numbers, such as 1,2,3.');
};
/** Seeds of a release at quick size, and minutes that one run may take. */
const [SEEDS, MINUTES] = [10, 90];
const program = new Command('npm run release-verdicts --')
  .description(
    'Runs the experiments of papers and writes their verdicts and one small picture to packages/papers/src/NN-slug/released.json, which ships with the product. Runs of the other size, and with --add of other seeds and experiments, are kept if their bars are those of today.',
  )
  .argument('[papers...]', 'numbers, such as 01 17; all that run where none is named')
  .option('--full', "the papers' sizes")
  .option(
    '--seed <seeds>',
    `one run a seed (default: the first that count: ${SEEDS} at quick size, one with --full)`,
    numbers,
  )
  .option('--experiment <ids>', 'these experiments only, with --add or --out', (text) => text.split(','))
  .option('--add', 'keep what the file has of other seeds and experiments')
  .option('--picture', 'draw the picture anew, and leave the verdicts as they are')
  .option('--out <folder>', 'write NN-slug.json here instead')
  .option('--keep <folder>', 'also keep here all curves and pictures of the first seed, to choose from')
  .addHelpText(
    'after',
    `\nExample: npm run release-verdicts -- 17 --full --add\nA run that takes more than ${MINUTES} minutes is given up.`,
  )
  .parse();
const options = program.opts();
const size = options.full ? 'full' : 'quick';
// Without the other experiments a released file would lack claims.
if (options.experiment && !options.out && !options.add)
  program.error('error: --experiment is for --add or --out <folder>');
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

/** All events of an experiment until its claims are decided, or all, as curves may grow until its end. */
async function ran(experiment, seed, whole) {
  let state = emptyRun;
  const open = new Set(decidedClaims(experiment, size).map((c) => c.id));
  const signal = AbortSignal.timeout(MINUTES * 60_000);
  for await (const event of experiment.run(resolveContext(experiment, { size, seed, files: partFiles(), signal }))) {
    state = fold(state, event);
    if (event.kind === 'verdict') open.delete(event.verdict.claim);
    if (open.size === 0 && !whole) break;
    signal.throwIfAborted();
  }
  return state;
}

/** How fast this machine is, so that pages on others can tell how long a run will take. */
const measured = Number(calibration().toPrecision(2));
let givenUp = 0;
for (const record of chosen) {
  const file = options.out
    ? join(options.out, `${record.slug}.json`)
    : join(papers, 'src', record.slug, 'released.json');
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const version = JSON.parse(readFileSync(join(papers, 'package.json'), 'utf8')).version;
  if ((options.add || options.picture) && before && before.version !== version)
    program.error(`error: ${file} is of ${before.version}, not of ${version}`);
  const seen = await seenSeeds(papers, record);
  const seeds = options.seed ?? countingSeeds(seen, options.full || options.picture ? 1 : SEEDS);
  const all = await experimentsOf(record.number);
  const experiments = all.filter(
    (e) =>
      (decidedClaims(e, size).length > 0 || record.picture?.experiment === e.id) &&
      (!options.experiment || options.experiment.includes(e.id)),
  );
  for (const e of experiments) {
    const lacking = missingParts(e, size, process.env.SOUTHWELL_PARTS);
    if (lacking) program.error(`error: ${lacking} npm run parts links those that are on this machine.`);
  }
  const chosenRun = (r) =>
    options.add !== true || (seeds.includes(r.seed) && experiments.some((e) => e.id === r.experiment));
  const counts = (r) =>
    r.locked === lockedDigest(record, r.experiment) &&
    all.some((e) => e.id === r.experiment && e.claims.every((c) => !seen[c.id]?.includes(r.seed)));
  const runs = (before?.runs ?? []).filter((r) => options.picture || (counts(r) && (r.size !== size || !chosenRun(r))));
  let { picture } = before ?? {};
  const place = (r) => [r.size === 'quick' ? 0 : 1, r.seed, all.findIndex((e) => e.id === r.experiment)];
  const write = () => {
    runs.sort((a, b) => place(a).reduce((order, v, k) => order || v - place(b)[k], 0));
    const machine = {
      cpu: cpus()[0]?.model.trim() || 'unknown',
      cores: availableParallelism(),
      node: process.versions.node,
      calibration: measured,
    };
    const head = { format: RELEASED_FORMAT, version, machine: options.picture ? before?.machine : machine, picture };
    // One line per run, for readable diffs.
    const lines = [
      ...Object.entries(head).flatMap(([k, v]) => (v === undefined ? [] : `"${k}": ${stringifyResult(v)}`)),
      `"runs": [\n${runs.map((run) => stringifyResult(run)).join(',\n')}\n]`,
    ];
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
  };
  const [first] = seeds;
  for (const seed of seeds) {
    for (const experiment of experiments) {
      // Pictures show the quick size, which readers can repeat.
      const pictured =
        size === 'quick' && seed === first && !(options.add && picture) && record.picture?.experiment === experiment.id;
      if (options.picture && !pictured) continue;
      const date = new Date().toISOString();
      const started = performance.now();
      let state;
      try {
        state = await ran(experiment, seed, pictured);
      } catch (error) {
        if (error.name !== 'TimeoutError') throw error;
        console.error(`${record.slug} ${experiment.id}, seed ${seed}: given up after ${MINUTES} minutes`);
        givenUp++;
        continue;
      }
      const seconds = (performance.now() - started) / 1000;
      console.log(`${record.slug} ${experiment.id}, ${size}, seed ${seed}: ${seconds.toFixed(1)} s`);
      if (pictured) {
        picture = pictureOf(record, experiment, state);
        if (!picture) program.error(`error: ${experiment.id} of ${record.slug} has no "${record.picture.title}"`);
      }
      if (options.keep && seed === first) {
        mkdirSync(options.keep, { recursive: true });
        const { curves, pictures } = state;
        const kept = stringifyResult({ panels: experiment.panels, curves, pictures });
        writeFileSync(join(options.keep, `${record.slug}-${experiment.id}.json`), kept);
      }
      const verdicts = state.verdicts.map((v) => ({
        claim: v.claim,
        outcome: v.outcome,
        measured: v.measured.map(measurement),
      }));
      const locked = lockedDigest(record, experiment.id);
      const run = {
        experiment: experiment.id,
        size,
        seed,
        seconds: Number(seconds.toPrecision(2)),
        date,
        locked,
        verdicts,
      };
      if (!options.picture && verdicts.length > 0) runs.push(run);
      write();
    }
  }
}
process.exitCode = givenUp > 0 ? 1 : 0;
