import {
  componentColumns,
  count,
  type Decomposed,
  type DecomposeRequest,
  type Decomposition,
  duration,
  number,
  scoreColumns,
} from '@southwell/tasks';
import { type Command, Option } from 'commander';
import { nmfLosses, nmfStarts } from 'southwell/factorisation';
import type { CheckpointRequest } from '../../checkpoint-file.ts';
import pc from '../../colours.ts';
import { CHECKPOINT, example, names, oneOf, positive, RESUME, real, whole } from '../../options.ts';
import { runTableJob, tableFile } from '../../table-job.ts';
import { endingText, printable, shellWord, table, wrap } from '../../text.ts';
import type { FactorCommands } from './shared.ts';

interface DecomposeOptions extends Omit<DecomposeRequest, 'data' | 'job'>, CheckpointRequest {
  readonly outScores?: string;
  readonly outComponents?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const notNegative = real('a number of at least 0', (v) => v >= 0);
const ratio = real('a number from 0 to 1', (v) => v >= 0 && v <= 1);

/** `southwell factor svd`. */
export function addSvd(factor: Command, commands: FactorCommands): void {
  const verb = begin(factor, commands, 'svd', 'Singular values and vectors; with --center, principal components.')
    .option('--center', 'take the column means off first')
    .option('--standardize', 'scale columns to unit variance first');
  finish(verb, commands, 'svd', 'relative residual (default: 1e-8)', 100, [
    'southwell factor svd bundled:digits -k 10 --drop digit --center --out-scores scores.csv',
  ]);
}

/** `southwell factor nmf`. */
export function addNmf(factor: Command, commands: FactorCommands): void {
  const verb = begin(factor, commands, 'nmf', 'Non-negative parts that add up to the rows.')
    .addOption(
      new Option('--loss <name>', nmfLosses.join(', ')).argParser(oneOf('loss', nmfLosses)).default('frobenius'),
    )
    .addOption(
      new Option('--init <name>', nmfStarts.join(', ')).argParser(oneOf('start', nmfStarts)).default('nndsvda'),
    )
    .option('--alpha <value>', 'of the penalty, as in scikit-learn (default: 0)', notNegative)
    .option('--l1-ratio <ratio>', 'share of the L1 penalty (default: 0)', ratio);
  finish(verb, commands, 'nmf', 'projected gradient over its first value (default: 1e-4)', 200, [
    'southwell factor nmf bundled:digits -k 16 --drop digit --out-components parts.csv',
    'southwell factor nmf counts.svm -k 20 --loss kullback-leibler --out-scores topics.parquet',
  ]);
}

/** `southwell factor sparse-pca`. */
export function addSparsePca(factor: Command, commands: FactorCommands): void {
  const verb = begin(factor, commands, 'sparse-pca', 'Principal components of few columns each.')
    .option('--alpha <value>', 'weight of the L1 norm of the loadings (default: 1)', notNegative)
    .option('--ridge <weight>', 'by which scores are regressed on the components (default: 0.01)', notNegative)
    .option('--standardize', 'scale columns to unit variance first');
  finish(verb, commands, 'sparse-pca', 'what a round must gain (default: 1e-8)', 1000, [
    'southwell factor sparse-pca bundled:diabetes -k 3 --drop y --standardize --alpha 5',
  ]);
}

function begin(factor: Command, { what }: FactorCommands, name: Decomposition, description: string): Command {
  return factor
    .command(name)
    .description(description)
    .argument('<data>', what)
    .addOption(new Option('-k, --components <count>', 'how many').argParser(whole(1)).makeOptionMandatory())
    .optionsGroup('The method:');
}

function finish(
  verb: Command,
  { formats, argv, end }: FactorCommands,
  job: Decomposition,
  tol: string,
  rounds: number,
  examples: readonly string[],
): void {
  verb
    .option('--tol <share>', `end at this ${tol}`, notNegative)
    .option('--max-iter <count>', `rounds at most (default: ${rounds})`, whole(1))
    .option('--time-limit <seconds>', 'stop after this long', positive)
    .addOption(new Option('--seed <number>', 'of the start').argParser(whole(0)).default(0))
    .optionsGroup('The data:')
    .option('--features <columns>', 'columns to use, separated by commas (repeatable)', names)
    .option('--drop <columns>', 'columns to leave out, separated by commas (repeatable)', names)
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
    .option('--out-components <file>', 'a row for each column of DATA, .csv or .parquet')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', example(...examples))
    .action(async (data: string, options: DecomposeOptions) =>
      end(await decomposeCommand(job, data, options, `southwell ${argv.map(shellWord).join(' ')}`)),
    );
}

/** Gives the exit code. */
async function decomposeCommand(
  job: Decomposition,
  data: string,
  options: DecomposeOptions,
  command: string,
): Promise<number> {
  const { outScores, outComponents, json, quiet, ...request } = options;
  return runTableJob<Decomposed>(
    new URL('../../factor-worker.js', import.meta.url),
    { ...request, data, job },
    {
      quiet,
      json,
      files: [
        ...tableFile(outScores, '--out-scores', scoreColumns),
        ...tableFile(outComponents, '--out-components', componentColumns),
      ],
      kept: 'the factors so far are',
      none: 'were factors',
      document: ({ scores, loadings, featureNames, ...rest }) => ({
        command,
        method: job,
        ...rest,
        ...(outScores === undefined ? { scores } : { outScores }),
        ...(outComponents === undefined ? { featureNames, loadings } : { outComponents }),
      }),
      text: (outcome) => text(outcome, job),
    },
  );
}

const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;
const SIZES = { svd: 'singular value', nmf: 'size', 'sparse-pca': 'deviation' } as const;

function text(r: Decomposed, job: Decomposition): string {
  const lines = ['', wrap(`${printable(r.data)}: ${count(r.rows, 'row')}, ${count(r.features, 'column')}, ${job}`)];
  for (const note of r.notes.slice(0, 5)) lines.push(pc.dim(wrap(printable(note), '  ')));
  let sum = 0;
  const shown = r.sizes.slice(0, 50);
  lines.push(
    '',
    table(
      [
        { title: 'component', align: 'right' },
        { title: SIZES[job], align: 'right' },
        ...(r.shares
          ? ([
              { title: 'explains', align: 'right' },
              { title: 'in all', align: 'right' },
            ] as const)
          : []),
        { title: 'columns', align: 'right' },
        { title: 'largest loadings' },
      ],
      shown.map((size, a) => {
        const loadings = r.loadings[a];
        sum += r.shares?.[a] ?? 0;
        return [
          String(a + 1),
          number(size, 5),
          ...(r.shares ? [percent(r.shares[a]), percent(sum)] : []),
          loadings.filter((v) => v !== 0).length.toLocaleString('en'),
          largest(loadings, 3)
            .map((j) => `${printable(r.featureNames[j]).slice(0, 20)} ${number(loadings[j], 2)}`)
            .join(', '),
        ];
      }),
    ),
  );
  if (r.sizes.length > shown.length) lines.push(pc.dim(`  and ${r.sizes.length - shown.length} more`));
  const ended = endingText(r.status);
  const explained = r.explained === undefined ? '' : `; ${percent(r.explained)} explained`;
  lines.push(
    '',
    `${ended} after ${count(r.iterations, 'round')}: objective ${number(r.objective, 6)}${explained}.`,
    pc.dim(`In ${duration(r.seconds)}, reading included.`),
  );
  return lines.join('\n');
}

/** Where the loadings of largest size are, zeros left out. */
function largest(values: readonly number[], n: number): number[] {
  return Array.from(values.keys())
    .filter((j) => values[j] !== 0)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
    .slice(0, n);
}
