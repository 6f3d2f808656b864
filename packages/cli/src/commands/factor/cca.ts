import {
  type CcaRequest,
  type CcaResult,
  ccaCautions,
  ccaMethods,
  checkViews,
  count,
  duration,
  number,
  variateColumns,
  weightColumns,
} from '@southwell/tasks';
import { type Command, Option } from 'commander';
import type { CheckpointRequest } from '../../checkpoint-file.ts';
import pc from '../../colours.ts';
import { UsageError } from '../../errors.ts';
import { CHECKPOINT, example, names, oneOf, positive, RESUME, real, whole } from '../../options.ts';
import { runTableJob, tableFile } from '../../table-job.ts';
import { endingText, printable, shellWord, table, wrap } from '../../text.ts';
import type { FactorCommands } from './shared.ts';

interface CcaOptions extends Omit<CcaRequest, 'data' | 'second'>, CheckpointRequest {
  readonly stream?: boolean;
  readonly outScores?: string;
  readonly outWeights?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `southwell factor cca`. */
export function addCca(factor: Command, { what, formats, argv, end }: FactorCommands): void {
  factor
    .command('cca')
    .description(
      'Which combinations of the columns of two tables go together: canonical correlation, partial least squares.',
    )
    .argument('<data>', what)
    .argument('[second]', 'the second table, rows as in the first; without it --x and --y part the columns of DATA')
    .option('--x <columns>', 'of the first view, separated by commas (repeatable)', names)
    .option('--y <columns>', 'of the second view, separated by commas (repeatable)', names)
    .addOption(new Option('-k, --components <count>', 'how many pairs').argParser(whole(1)).default(1))
    .optionsGroup('The method:')
    .addOption(
      new Option('--ridge <share>', '0 canonical correlation, 1 partial least squares, or between')
        .argParser(real('a number from 0 to 1', (v) => v >= 0 && v <= 1))
        .default(0),
    )
    .addOption(
      new Option('--method <name>', ccaMethods.join(', ')).argParser(oneOf('method', ccaMethods)).default('exact'),
    )
    .option(
      '--stream',
      'stochastic: read the file by blocks, in its order, for files larger than memory: CSV or LIBSVM, gzipped or not, .npy, Parquet',
    )
    .option('--zero-based', '--stream of LIBSVM: column x1 has index 0 in the file, not 1')
    .option('--batch-size <rows>', 'stochastic: rows a step (default: 20)', whole(2))
    .option('--epochs <count>', 'stochastic: passes over the rows (default: 10; 1 with --stream)', whole(1))
    .option('--learning-rate <rate>', 'stochastic (default: 0.001)', positive)
    .addOption(new Option('--seed <number>', 'stochastic: of start and order').argParser(whole(0)).default(0))
    .optionsGroup('The data:')
    .option('--standardize', 'scale columns to unit variance first')
    .addOption(
      new Option('--missing <how>', 'missing values: error, drop-rows or mean')
        .argParser(oneOf('way', ['error', 'drop-rows', 'mean']))
        .default('error'),
    )
    .addOption(new Option('--format <format>', 'of DATA').argParser(oneOf('format', formats)))
    .optionsGroup('The run:')
    .addOption(CHECKPOINT)
    .addOption(RESUME)
    .optionsGroup('What to write:')
    .option('--out-scores <file>', 'a row for each row of DATA, .csv or .parquet')
    .option('--out-weights <file>', 'a row for each column of either view, .csv or .parquet')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      example(
        'southwell factor cca bundled:diabetes --x age,sex,bmi,map --y tc,ldl,hdl,tch,ltg,glu -k 2',
        'southwell factor cca left.csv right.csv -k 3 --ridge 0.1 --out-scores scores.csv',
        'southwell factor cca huge.csv --x a,b,c --y d,e --method stochastic --stream --out-weights weights.csv',
        'southwell factor cca genes.parquet traits.csv -k 5 --ridge 1 --method stochastic --epochs 20',
      ),
    )
    .action(async (data: string, second: string | undefined, options: CcaOptions) =>
      end(await ccaCommand(data, second, options, `southwell ${argv.map(shellWord).join(' ')}`)),
    );
}

function checkStream(second: string | undefined, request: Omit<CcaRequest, 'data' | 'second'>): void {
  if (request.method !== 'stochastic') throw new UsageError('--stream goes with --method stochastic.');
  if (second !== undefined || !request.x || !request.y) {
    throw new UsageError('--stream reads one file: name the columns of its two views by --x and --y.');
  }
  if (request.missing === 'mean') throw new UsageError('--stream leaves rows with gaps out: --missing drop-rows.');
}

/** Gives the exit code. */
async function ccaCommand(
  data: string,
  second: string | undefined,
  options: CcaOptions,
  command: string,
): Promise<number> {
  const { outScores, outWeights, json, quiet, stream, ...request } = options;
  if (stream) checkStream(second, request);
  else if (request.zeroBased) throw new UsageError('--zero-based goes with --stream: otherwise the file itself tells.');
  checkViews({ ...request, data, second });
  if (request.method === 'exact') {
    for (const [name, value] of [
      ['--batch-size', request.batchSize],
      ['--epochs', request.epochs],
      ['--learning-rate', request.learningRate],
      ['--checkpoint', request.checkpoint],
    ] as const) {
      if (value !== undefined) throw new UsageError(`${name} goes with --method stochastic.`);
    }
  }
  return runTableJob<CcaResult>(
    new URL('../../factor-worker.js', import.meta.url),
    { ...request, data, second, job: stream ? 'cca-stream' : 'cca' },
    {
      quiet,
      json,
      files: [
        ...tableFile(outScores, '--out-scores', variateColumns),
        ...tableFile(outWeights, '--out-weights', weightColumns),
      ],
      kept: 'the variates so far are',
      none: 'were variates',
      document: ({ scores, weights, featureNames, ...rest }) => ({
        command,
        method: request.method,
        ridge: request.ridge,
        ...rest,
        ...(outScores === undefined ? { scores } : { outScores }),
        ...(outWeights === undefined ? { featureNames, weights } : { outWeights }),
      }),
      text: (outcome) => text(outcome, request.ridge),
    },
  );
}

function text(r: CcaResult, ridge: number): string {
  const columns = r.featureNames.map((list) => count(list.length, 'column')).join(' and ');
  const lines = ['', wrap(`${r.data.map(printable).join(' and ')}: ${count(r.used, 'row')}, ${columns}`)];
  for (const note of r.notes.slice(0, 5)) lines.push(pc.dim(wrap(printable(note), '  ')));
  const heaviest = (v: number, c: number) => {
    const w = r.weights[v][c];
    const order = Array.from(w.keys()).sort((a, b) => Math.abs(w[b]) - Math.abs(w[a]));
    return order
      .slice(0, 2)
      .map((j) => `${printable(r.featureNames[v][j]).slice(0, 16)} ${number(w[j], 2)}`)
      .join(', ');
  };
  lines.push(
    '',
    table(
      [
        { title: 'pair', align: 'right' },
        ...(ridge > 0 ? ([{ title: ridge === 1 ? 'covariance' : 'eigenvalue', align: 'right' }] as const) : []),
        { title: 'correlation', align: 'right' },
        { title: 'of x' },
        { title: 'of y' },
      ],
      r.correlations.map((correlation, c) => [
        String(c + 1),
        ...(ridge > 0 ? [number(r.eigenvalues[c], 4)] : []),
        correlation.toFixed(4),
        heaviest(0, c),
        heaviest(1, c),
      ]),
    ),
    '',
  );
  for (const caution of ccaCautions(r)) lines.push(pc.yellow(caution));
  const halved = r.halvings ? `; the rate was halved ${count(r.halvings, 'time')}` : '';
  const steps = r.steps === undefined ? '' : ` after ${count(r.steps, 'step')}${halved}`;
  lines.push(`${endingText(r.status)}${steps}.`);
  lines.push(pc.dim(`In ${duration(r.seconds)}, reading included.`));
  return lines.join('\n');
}
