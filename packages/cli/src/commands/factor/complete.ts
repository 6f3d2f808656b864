import {
  type CompletedMatrix,
  type CompleteRequest,
  completionCautions,
  count,
  duration,
  factorColumns,
  matrixColumns,
  number,
  predictionColumns,
} from '@southwell/tasks';
import { type Command, Option } from 'commander';
import { completionMethods } from 'southwell/factorisation';
import type { CheckpointRequest } from '../../checkpoint-file.ts';
import pc from '../../colours.ts';
import { UsageError } from '../../errors.ts';
import { CHECKPOINT, example, oneOf, positive, RESUME, real, share, whole } from '../../options.ts';
import { runTableJob, tableFile } from '../../table-job.ts';
import { endingText, printable, shellWord, wrap } from '../../text.ts';
import type { FactorCommands } from './shared.ts';

interface CompleteOptions extends Omit<CompleteRequest, 'data'>, CheckpointRequest {
  readonly out?: string;
  readonly factors?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const notNegative = real('a number of at least 0', (v) => v >= 0);

/** `southwell factor complete`. */
export function addComplete(factor: Command, { what, formats, argv, end }: FactorCommands): void {
  factor
    .command('complete')
    .description('Fill in a matrix from some of its entries.')
    .argument('<data>', `a table with a row an entry, or a matrix: ${what}`)
    .option('--row <column>', 'whose entry it is (default: the first column)')
    .option('--col <column>', 'of what (default: the second)')
    .option('--value <column>', 'the entry (default: the third)')
    .option('--dense', 'DATA is the matrix itself, with gaps where it is unknown')
    .option('--weights <column>', 'how much each entry counts')
    .addOption(new Option('--format <format>', 'of DATA').argParser(oneOf('format', formats)))
    .optionsGroup('The method:')
    .addOption(
      new Option('--rank <count>', 'columns of the factors (default: 10, or what small data allow)').argParser(
        whole(1),
      ),
    )
    .addOption(
      new Option('--method <name>', completionMethods.join(', '))
        .argParser(oneOf('method', completionMethods))
        .default('robust'),
    )
    .option(
      '--lambda <weight>',
      'of the penalty (default: chosen by a tenth of the entries; svt: by their size)',
      notNegative,
    )
    .option('--biases', 'take off mean, row and column biases first')
    .option('--non-negative', 'keep the factors at or above zero (robust, without biases)')
    .option('--holdout <share>', 'also complete without so many entries, and say how well they are predicted', share)
    .optionsGroup('The run:')
    .option('--tol <share>', 'end when a sweep gains less (default: 1e-6)', notNegative)
    .option('--max-iter <count>', 'sweeps at most (default: 200)', whole(1))
    .option('--time-limit <seconds>', 'stop each fit after this long', positive)
    .addOption(
      new Option('--seed <number>', 'of the start and of entries that are kept back').argParser(whole(0)).default(0),
    )
    .addOption(CHECKPOINT)
    .addOption(RESUME)
    .optionsGroup('What to write:')
    .option('--out <file>', 'the entries that were missing (with --dense: the full matrix), .csv or .parquet')
    .option('--top <count>', 'only the largest of each row, best first', whole(1))
    .option('--factors <file>', 'factors and biases of rows and columns, .csv or .parquet')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      example(
        'southwell factor complete ratings.csv --row user --col item --value rating --biases --top 10 --out best.csv',
        'southwell factor complete u.data --rank 10 --biases --holdout 0.1',
        'southwell factor complete gaps.csv --dense --rank 3 --out filled.csv',
      ),
    )
    .action(async (data: string, options: CompleteOptions) =>
      end(await completeCommand(data, options, `southwell ${argv.map(shellWord).join(' ')}`)),
    );
}

/** Gives the exit code. */
async function completeCommand(data: string, options: CompleteOptions, command: string): Promise<number> {
  const { out, factors, json, quiet, ...request } = options;
  const files = [
    ...tableFile(out, '--out', (r: CompletedMatrix) => (r.filled ? matrixColumns(r, r.filled) : predictionColumns(r))),
    ...tableFile(factors, '--factors', factorColumns),
  ];
  if (request.dense && [request.row, request.col, request.value, request.weights].some((v) => v !== undefined)) {
    throw new UsageError(
      '--dense does not go with --row, --col, --value and --weights, which are for tables of entries.',
    );
  }
  if (request.dense && request.top !== undefined)
    throw new UsageError('--dense writes the full matrix; leave out --top.');
  return runTableJob<CompletedMatrix>(
    new URL('../../factor-worker.js', import.meta.url),
    { ...request, data, job: 'complete' },
    {
      quiet,
      json,
      files,
      kept: 'the matrix as completed so far is',
      none: 'was a matrix',
      document(outcome) {
        const { factors: _f, filled, predictions: _p, biases: _b, names: _n, ...rest } = outcome;
        const found =
          out !== undefined
            ? { out }
            : filled
              ? { matrix: matrixColumns(outcome, filled) }
              : { predictions: predictionColumns(outcome) };
        return { command, method: request.method, ...rest, ...found };
      },
      text: (outcome) => text(outcome, request.method),
    },
  );
}

function text(r: CompletedMatrix, method: string): string {
  const density = (100 * r.observed) / (r.rows * r.cols);
  const lines = [
    '',
    wrap(
      `${printable(r.data.name)}: ${count(r.rows, 'row')}, ${count(r.cols, 'column')}, ${r.observed.toLocaleString('en')} entries known (${number(density)} %)`,
    ),
    ...r.data.notes.slice(0, 5).map((note) => pc.dim(wrap(printable(note), '  '))),
    '',
    pc.bold(
      wrap(
        `Rank ${r.rank} by ${method}${r.lambda === undefined ? '' : `, lambda ${number(r.lambda)}${r.tried ? ' (chosen by a tenth of the entries)' : ''}`}: error ${number(r.trainError)} on the known entries.`,
      ),
    ),
  ];
  if (r.heldOut) {
    const { entries, mean, error } = r.heldOut;
    lines.push(
      wrap(
        `Error ${number(error)} on ${entries === 1 ? 'one entry' : `${entries.toLocaleString('en')} entries`} held out; the mean alone has ${number(mean)}.`,
      ),
    );
  }
  for (const caution of completionCautions(r)) lines.push(pc.yellow(wrap(caution)));
  const ended = endingText(r.status);
  lines.push(`${ended} after ${count(r.iterations, 'sweep')} in ${duration(r.seconds)}, reading included.`);
  return lines.join('\n');
}
