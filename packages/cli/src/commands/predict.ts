import { readFileSync } from 'node:fs';
import { failFile, readTable, writeCsv, writeFileAtomic } from '@southwell/data/node';
import { fail } from '@southwell/numerics/core';
import { count, families, modelIn, number, type Predictions, type Reading, without } from '@southwell/tasks';
import type { Command } from 'commander';
import { EXIT } from '../errors.ts';
import { DATA, example } from '../options.ts';
import { checkTargets } from '../same-file.ts';
import { listsOf, tableFile } from '../table-job.ts';
import { addReading, readingAsked } from '../task/reading.ts';
import { printable } from '../text.ts';

export interface PredictOptions extends Reading {
  readonly proba?: boolean;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A saved model of any family. Throws where the file is none. */
function readModel(path: string): ReturnType<typeof modelIn> {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    failFile(error, path, 'read');
  }
  try {
    return modelIn(text, families);
  } catch (error) {
    fail('INVALID_FORMAT', `${path} is not a model that southwell saved: ${(error as Error).message}`);
  }
}

/** Gives the exit code. */
export async function predictCommand(modelPath: string, data: string, options: PredictOptions): Promise<number> {
  const { out, json, quiet } = options;
  const read = [['the model', modelPath] as const, ['data', data] as const];
  checkTargets(read, out === undefined ? [] : [['--out', out]]);
  const files = tableFile<Predictions>(out, '--out', ({ columns }) => columns);
  const model = readModel(modelPath);
  const { drop, ...reading } = readingAsked(options);
  const table = without(await readTable(data, reading), drop);
  const found = model.predict(table, options);
  const { score, predicted } = found;
  const notes = [...table.notes, ...found.notes];
  for (const { path, bytes } of files) writeFileAtomic(path, bytes(found));
  if (json) {
    const document = {
      southwell: 1,
      model: modelPath,
      data: table.name,
      rows: table.rows,
      predicted,
      ...(score && { score }),
      notes,
      ...(out === undefined ? { columns: found.columns } : { out }),
      exitCode: EXIT.done,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else if (out === undefined) process.stdout.write(writeCsv(listsOf(found.columns)));
  if (!quiet && !json) {
    for (const note of notes) process.stderr.write(`${printable(note)}\n`);
    if (score)
      process.stderr.write(`${score.name} ${number(score.value)} on ${count(score.rows, 'row')} with a known target\n`);
    if (out !== undefined) process.stderr.write(`${count(predicted, 'prediction')} written to ${out}\n`);
  }
  return EXIT.done;
}

/** `southwell predict`. */
export function addPredict(program: Command, end: (code: number) => void): void {
  const command = program
    .command('predict')
    .description('Predict with a saved model; columns are found by name, in any order.')
    .argument('<model>', 'file that --save wrote')
    .argument('<data>', DATA)
    .option('--proba', 'add the probability of each class, where the model has them')
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
