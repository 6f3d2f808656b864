import { basename } from 'node:path';
import { undivided } from '@southwell/data/node';
import {
  count,
  grouped,
  type JobProgress,
  number,
  type Predictions,
  type Reading,
  type SavedModel,
} from '@southwell/tasks';
import type { Command } from 'commander';
import { EXIT, UsageError } from '../errors.ts';
import { blocksOf, predictBlock, Tellings } from '../jobs/predict-blocks.ts';
import type { Predicted, PredictRequest } from '../jobs/predict-job.ts';
import { sinkOf } from '../jobs/prediction-sink.ts';
import { readModel } from '../jobs/read-model.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import { checkTargets } from '../jobs/same-file.ts';
import { tableFile } from '../jobs/table-job.ts';
import { DATA, example } from '../options.ts';
import { NETWORK, type Place, placeOf, RANK_LOGS, RANK_TIMEOUT, RANKS, type RankOptions } from '../ranks/ranks.ts';
import { addReading, readingAsked, readingChecked } from '../task/reading.ts';
import { stoppable } from '../terminal/stoppable.ts';
import { printable } from '../text.ts';

export interface PredictOptions extends Reading, RankOptions {
  readonly proba?: boolean;
  /** As it was typed. */
  readonly alpha?: string;
  /** As they were typed. */
  readonly times?: string;
  readonly labels?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
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
  const { out } = options;
  const place = placeOf(options);
  const speaks = place === undefined || place.rank === 0;
  const read: Array<readonly [string, string]> = [
    ['the model', modelPath],
    ['data', data],
  ];
  if (options.labels !== undefined) read.push(['--labels', options.labels]);
  checkTargets(read, out === undefined ? [] : [['--out', out]]);
  // Says what is wrong with the name before anything is read.
  if (speaks) tableFile(out, '--out', ({ columns }: Predictions) => columns);
  const { text, saved } = await readModel(modelPath);
  const { model, note } = options.alpha === undefined ? { model: saved } : modelAt(saved, options.alpha);
  const times = options.times === undefined ? undefined : timesOf(model, options.times);
  const why = place && (await undividedBy(model, modelPath, data, options));
  // What one rank does the others have no part in.
  if (why !== undefined && !speaks) return EXIT.done;
  const asked = { ...options, times };
  const notes = note === undefined ? [] : [note];
  if (place && why === undefined) {
    await onRanks(
      text,
      data,
      asked,
      place,
      (found) => speaks && tell(found, [...notes, ...found.notes], modelPath, asked),
    );
    return EXIT.done;
  }
  const found = await alone(model, data, asked);
  notes.push(...found.notes);
  if (why !== undefined && place && place.size > 1) {
    notes.push(`${why}: one of the ${place.size} ranks predicted all rows.`);
  }
  tell(found, notes, modelPath, asked);
  return EXIT.done;
}

type Checked = Omit<PredictOptions, 'times'> & { readonly times: readonly number[] | undefined };

/** Prints what is to be said of predictions, or the document of --json. */
function tell(
  { name, rows, predicted, score, columns }: Predicted,
  notes: readonly string[],
  modelPath: string,
  { alpha, times, out, json, quiet }: Checked,
): void {
  if (json) {
    const document = {
      southwell: 1,
      model: modelPath,
      ...(alpha !== undefined && { alpha: Number(alpha) }),
      ...(times && { times }),
      data: name,
      rows,
      predicted,
      ...(score && { score: { name: score.name, value: score.value, rows: score.rows } }),
      notes,
      ...(out === undefined ? { columns } : { out }),
      exitCode: EXIT.done,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  }
  if (!quiet && !json) {
    for (const note of notes) process.stderr.write(`${printable(note)}\n`);
    if (score) {
      const { noun } = score;
      const on = noun === undefined ? `${count(score.rows, 'row')} with a known target` : count(score.rows, noun);
      process.stderr.write(`${score.name} ${number(score.value)} on ${on}\n`);
    }
    if (out !== undefined) process.stderr.write(`${count(predicted, 'prediction')} written to ${out}\n`);
  }
}

/** Why ranks cannot share the rows, as the beginning of a sentence; undefined where they can. */
async function undividedBy(
  { reads }: SavedModel,
  modelPath: string,
  data: string,
  options: PredictOptions,
): Promise<string | undefined> {
  if (data.includes('{rank}')) {
    throw new UsageError(
      `Ranks predict the rows of one file together, and ${data} names a file of each: predict one after the other.`,
    );
  }
  if (!reads) return `The model of ${modelPath} looks at a table as a whole`;
  if (options.labels !== undefined) return 'Labels of another file stand beside a table as a whole';
  const { drop: _, ...reading } = readingAsked(options);
  const why = await undivided(data, reading);
  return why && `${data === '-' ? 'Standard input' : basename(data)} ${why}`;
}

/** Here, on the main thread: predicting takes no longer than reading. */
function alone(model: SavedModel, data: string, options: Checked): Promise<Predicted> {
  const { out, json, quiet, proba, times, labels } = options;
  const asked = { ...readingAsked(options), labels };
  return stoppable(quiet === true || json === true, async (signal, progress) => {
    const sink = sinkOf(out, json);
    try {
      const onProgress = (_: number, rows: number) => progress(`predicting: ${grouped(rows)} rows`);
      const tellings = new Tellings();
      let [name, read]: [string, readonly string[]] = ['', []];
      for await (const block of blocksOf(model, data, { ...asked, signal, onProgress })) {
        ({ name, notes: read } = block);
        const { columns, told } = predictBlock(model, block, { proba, times });
        tellings.add(told);
        await sink.append(columns);
      }
      const summary = tellings.summary(name, read, model.width);
      signal.throwIfAborted();
      sink.finish();
      return { ...summary, columns: sink.columns };
    } finally {
      sink.discard();
    }
  });
}

async function onRanks(
  modelText: string,
  data: string,
  options: Checked,
  place: Place,
  tell: (found: Predicted) => void,
): Promise<void> {
  const { out, json, quiet, proba, times, alpha } = options;
  const { outcome, end } = await runInWorker<Predicted, JobProgress>(
    {
      worker: new URL('../predict-worker.js', import.meta.url),
      rank: new URL('../predict-rank.js', import.meta.url),
      place,
    },
    {
      asked: { data, ...readingChecked(options) },
      ...{ place, modelText, alpha: alpha === undefined ? undefined : Number(alpha), of: { proba, times }, out, json },
    } satisfies PredictRequest,
    {
      quiet: quiet === true || json === true || place.rank > 0,
      progressText: ({ text }) => text,
      stopping: 'Stopping.',
      stoppedEarly: 'Stopped before the end; nothing was written.',
    },
  );
  tell(outcome);
  await end();
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
    .option(
      '--labels <file>',
      'networks: a file with the class of each row, such as the labels of images in idx, to score by',
    )
    .option('--out <file>', 'write a .csv or .parquet file instead of CSV to the screen')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'no notes')
    .addOption(RANKS)
    .addOption(RANK_TIMEOUT)
    .addOption(RANK_LOGS)
    .addOption(NETWORK);
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
