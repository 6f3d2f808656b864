import { readFileSync } from 'node:fs';
import {
  type ChooseColumns,
  EncodingTally,
  failFile,
  type ReadOptions,
  readTable,
  readTableBlocks,
  type Table,
} from '@southwell/data/node';
import { fail } from '@southwell/numerics/core';
import {
  count,
  grouped,
  joinedScores,
  loadFamilies,
  modelIn,
  number,
  type Predictions,
  type Reading,
  type SavedModel,
  type Score,
  without,
} from '@southwell/tasks';
import type { Command } from 'commander';
import { EXIT, UsageError } from '../errors.ts';
import { DATA, example } from '../options.ts';
import { fileSink, keptSink, type PredictionSink, screenSink } from '../prediction-sink.ts';
import { startedBy } from '../ranks.ts';
import { checkTargets } from '../same-file.ts';
import { stoppable } from '../stoppable.ts';
import { tableFile } from '../table-job.ts';
import { addReading, readingAsked } from '../task/reading.ts';
import { printable } from '../text.ts';

export interface PredictOptions extends Reading {
  readonly proba?: boolean;
  /** As it was typed. */
  readonly alpha?: string;
  /** As they were typed. */
  readonly times?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A saved model of any family. Throws where the file is none. */
async function readModel(path: string): Promise<ReturnType<typeof modelIn>> {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    failFile(error, path, 'read');
  }
  const families = await loadFamilies();
  try {
    return modelIn(text, families);
  } catch (error) {
    fail('INVALID_FORMAT', `${path} is not a model that southwell saved: ${(error as Error).message}`);
  }
}

/** The model of a path at the alpha that was asked for. Throws a sentence where there is none. */
function modelAt(model: SavedModel, asked: string): { readonly model: SavedModel; readonly note?: string } {
  const alpha = asked.trim() === '' ? Number.NaN : Number(asked);
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`--alpha must be a number of at least 0, not '${asked}'.`);
  }
  if (!model.at) throw new UsageError('--alpha goes with linear models, which have one; this model has none.');
  return model.at(alpha);
}

/** Times at which survival is asked for, each once. Throws a sentence for a model without. */
function timesOf({ survives }: SavedModel, asked: string): readonly number[] {
  const times = asked.split(',').map((t) => (t.trim() === '' ? Number.NaN : Number(t)));
  if (!times.every((t) => t >= 0 && t < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`--times must be numbers of at least 0, separated by commas, not '${asked}'.`);
  }
  if (!survives) throw new UsageError('--times goes with models of survival; this model is none.');
  return [...new Set(times)];
}

/** Gives the exit code. */
export async function predictCommand(modelPath: string, data: string, options: PredictOptions): Promise<number> {
  const { out, json, quiet } = options;
  const started = startedBy();
  // Predicting takes no longer than writing, which is for one of several processes.
  if (started && started.rank > 0) return EXIT.done;
  const read = [['the model', modelPath] as const, ['data', data] as const];
  checkTargets(read, out === undefined ? [] : [['--out', out]]);
  // Says what is wrong with the name before anything is read.
  tableFile(out, '--out', ({ columns }: Predictions) => columns);
  const saved = await readModel(modelPath);
  const { model, note } = options.alpha === undefined ? { model: saved } : modelAt(saved, options.alpha);
  const times = options.times === undefined ? undefined : timesOf(model, options.times);
  const asked = readingAsked(options);
  const found = await stoppable(quiet === true || json === true, async (signal, progress) => {
    const sink = out !== undefined ? fileSink(out) : json ? keptSink() : screenSink();
    try {
      const onProgress = (_: number, rows: number) => progress(`predicting: ${grouped(rows)} rows`);
      const told = await predictBlocks(
        model,
        blocksOf(model, data, { ...asked, signal, onProgress }),
        { proba: options.proba, times },
        sink,
      );
      signal.throwIfAborted();
      sink.finish();
      return { ...told, columns: sink.columns };
    } finally {
      sink.discard();
    }
  });
  const { score, predicted } = found;
  const notes = [...(note === undefined ? [] : [note]), ...found.notes];
  if (started && started.size > 1) notes.push(`One of the ${started.size} processes predicted all rows.`);
  if (json) {
    const document = {
      southwell: 1,
      model: modelPath,
      ...(options.alpha !== undefined && { alpha: Number(options.alpha) }),
      ...(times && { times }),
      data: found.name,
      rows: found.rows,
      predicted,
      ...(score && { score: { name: score.name, value: score.value, rows: score.rows } }),
      notes,
      ...(out === undefined ? { columns: found.columns } : { out }),
      exitCode: EXIT.done,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  }
  if (!quiet && !json) {
    for (const note of notes) process.stderr.write(`${printable(note)}\n`);
    if (score)
      process.stderr.write(`${score.name} ${number(score.value)} on ${count(score.rows, 'row')} with a known target\n`);
    if (out !== undefined) process.stderr.write(`${count(predicted, 'prediction')} written to ${out}\n`);
  }
  return EXIT.done;
}

/** The table by blocks, where the model says what it reads; else whole. */
async function* blocksOf(
  { reads }: SavedModel,
  data: string,
  { drop, ...reading }: ReadOptions & { readonly drop: readonly string[] },
): AsyncGenerator<Table, void> {
  if (!reads) yield without(await readTable(data, reading), drop);
  else {
    const choose: ChooseColumns = (names, file) =>
      reads(
        names.filter((name) => !drop.includes(name)),
        file,
      );
    // Formats without blocks come with all their columns.
    for await (const block of readTableBlocks(data, { ...reading, choose })) yield without(block, drop);
  }
}

/** Predicts block by block into a sink; what there is to say of all of them. Throws EMPTY where no row has a prediction. */
async function predictBlocks(
  model: SavedModel,
  blocks: AsyncIterable<Table>,
  { proba, times }: { readonly proba?: boolean; readonly times?: readonly number[] },
  sink: PredictionSink,
) {
  const tally = new EncodingTally();
  let [name, rows, predicted] = ['', 0, 0];
  let score: Score | undefined;
  const notes = new Set<string>();
  let read: readonly string[] = [];
  for await (const block of blocks) {
    const found = model.predict(block, { proba, times, tally: model.reads && tally });
    ({ name, notes: read } = block);
    rows += block.rows;
    predicted += found.predicted;
    score = joinedScores(score, found.score);
    for (const note of found.notes) notes.add(note);
    await sink.append(found.columns);
    block.sparse?.X.free();
  }
  if (predicted === 0 && tally.lost === rows) {
    fail('EMPTY', `${name}: every row lacks a value somewhere, so no row is left.`);
  }
  return {
    name,
    rows,
    predicted,
    score: score && Number.isFinite(score.value) ? score : undefined,
    notes: [...read, ...tally.notes(name, model.width ?? 0), ...notes],
  };
}

/** `southwell predict`. */
export function addPredict(program: Command, end: (code: number) => void): void {
  const command = program
    .command('predict')
    .description('Predict with a saved model; columns are found by name, in any order.')
    .argument('<model>', 'file that --save wrote')
    .argument('<data>', DATA)
    .option('--proba', 'add the probability of each class, where the model has them')
    .option(
      '--alpha <value>',
      'linear models: the model of the saved path at this alpha, in place of the one that was chosen',
    )
    .option(
      '--times <numbers>',
      'models of survival: add the probability of no event up to each of these times, as 1,2,5',
    )
    .option('--out <file>', 'write a .csv or .parquet file instead of CSV to the screen')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'no notes');
  addReading(command)
    .addHelpText(
      'after',
      example(
        'southwell predict model.json new.csv --out predictions.csv',
        'southwell predict southwell-model.json bundled:spambase --proba | head',
      ),
    )
    .action(async (model: string, data: string, options) => end(await predictCommand(model, data, options)));
}
