import {
  atomColumns,
  codeColumns,
  count,
  type DictionaryMethod,
  type DictionaryRequest,
  dictionaryMethods,
  duration,
  type LearnedDictionary,
  number,
} from '@southwell/tasks';
import { type Command, Option } from 'commander';
import type { CheckpointRequest } from '../../checkpoint-file.ts';
import pc from '../../colours.ts';
import { UsageError } from '../../errors.ts';
import { CHECKPOINT, example, names, oneOf, positive, RESUME, real, whole } from '../../options.ts';
import { runTableJob, tableFile } from '../../table-job.ts';
import { endingText, printable, shellWord, table, wrap } from '../../text.ts';
import type { FactorCommands } from './shared.ts';

interface DictionaryOptions extends Omit<DictionaryRequest, 'data' | 'batchSize' | 'passes'>, CheckpointRequest {
  readonly batchSize?: number;
  readonly passes?: number;
  readonly outCodes?: string;
  readonly outDictionary?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const notNegative = real('a number of at least 0', (v) => v >= 0);

/** `southwell factor dictionary`. */
export function addDictionary(factor: Command, { what, formats, argv, end }: FactorCommands): void {
  factor
    .command('dictionary')
    .description('Learn atoms that samples are sums of, and the codes of the samples.')
    .argument('<data>', `a row a sample: ${what}`)
    .option('-k <count>', 'atoms (orthogonal: as many as features)', whole(1))
    .addOption(
      new Option('--method <name>', dictionaryMethods.join(', '))
        .argParser(oneOf('method', dictionaryMethods))
        .default('batch'),
    )
    .optionsGroup('The method:')
    .option('--alpha <value>', "batch, online: of the lasso (default: 0.1 of a sample's length)", notNegative)
    .option('--non-negative', 'batch, online, supervised: atoms and codes at or above zero')
    .option('--sparsity <count>', 'orthogonal: how many codes a sample keeps (default: all)', whole(0))
    .option('--threshold <size>', 'orthogonal: codes of at most this size become zero', notNegative)
    .option('--whiten', 'orthogonal: for atoms that are not orthogonal in the units of the data')
    .option('--batch-size <count>', 'online, orthogonal: samples a step (default: 20)', whole(1))
    .option('--passes <count>', 'online, orthogonal: over the data (default: 10)', whole(1))
    .optionsGroup('Supervised:')
    .option('--target <column>', 'labels that the atoms should tell apart')
    .option('--covariates <columns>', 'columns that tell labels, too, but are not rebuilt (repeatable)', names)
    .option('--xi <weight>', 'of the reconstruction beside the labels (default: 1)', notNegative)
    .addOption(
      new Option(
        '--model <name>',
        'labels by what atoms see of a sample (filter, default) or by its code (feature)',
      ).argParser(oneOf('model', ['filter', 'feature'])),
    )
    .addOption(
      new Option('--algorithm <name>', 'blocks in turn (bcd, default) or the lifted problem (lifted)').argParser(
        oneOf('algorithm', ['bcd', 'lifted']),
      ),
    )
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
    .option('--max-iter <count>', 'steps at most', whole(1))
    .option('--time-limit <seconds>', 'stop after this long', positive)
    .addOption(new Option('--seed <number>', 'of the start').argParser(whole(0)).default(0))
    .addOption(CHECKPOINT)
    .addOption(RESUME)
    .optionsGroup('What to write:')
    .option('--out-codes <file>', 'the codes of every row, .csv or .parquet')
    .option('--out-dictionary <file>', 'an atom a row, .csv or .parquet')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      example(
        'southwell factor dictionary bundled:digits --drop digit -k 16 --non-negative --out-dictionary atoms.csv',
        'southwell factor dictionary sensors.csv --method orthogonal --whiten --sparsity 3 --out-codes codes.parquet',
        'southwell factor dictionary visits.csv --method supervised -k 4 --target ill --covariates age,sex --xi 0.1',
      ),
    )
    .action(async (data: string, options: DictionaryOptions) =>
      end(await dictionaryCommand(data, options, `southwell ${argv.map(shellWord).join(' ')}`)),
    );
}

/** Which options go with which methods. */
const belongs: Readonly<Partial<Record<keyof DictionaryOptions, readonly DictionaryMethod[]>>> = {
  alpha: ['batch', 'online'],
  nonNegative: ['batch', 'online', 'supervised'],
  sparsity: ['orthogonal'],
  threshold: ['orthogonal'],
  whiten: ['orthogonal'],
  batchSize: ['online', 'orthogonal'],
  passes: ['online', 'orthogonal'],
  target: ['supervised'],
  covariates: ['supervised'],
  xi: ['supervised'],
  model: ['supervised'],
  algorithm: ['supervised'],
};

function check(options: DictionaryOptions): void {
  const { method } = options;
  for (const [name, methods] of Object.entries(belongs)) {
    if (options[name as keyof DictionaryOptions] === undefined || methods.includes(method)) continue;
    const option = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    throw new UsageError(`--${option} does not go with --method ${method}, but with ${methods.join(', ')}.`);
  }
  if (method !== 'orthogonal' && options.k === undefined) throw new UsageError('How many atoms? Give -k.');
  if (method === 'supervised' && options.target === undefined) {
    throw new UsageError('--method supervised needs --target, the column of labels.');
  }
  if (options.algorithm === 'lifted' && options.nonNegative) {
    throw new UsageError('--non-negative does not go with --algorithm lifted, whose atoms have signs.');
  }
}

/** Gives the exit code. */
async function dictionaryCommand(data: string, options: DictionaryOptions, command: string): Promise<number> {
  const { outCodes, outDictionary, json, quiet, ...rest } = options;
  check(options);
  const files = [
    ...tableFile(outCodes, '--out-codes', codeColumns),
    ...tableFile(outDictionary, '--out-dictionary', atomColumns),
  ];
  const request: DictionaryRequest = { batchSize: 20, passes: 10, ...rest, data };
  return runTableJob<LearnedDictionary>(
    new URL('../../factor-worker.js', import.meta.url),
    { ...request, job: 'dictionary' },
    {
      quiet,
      json,
      files,
      kept: 'the dictionary so far is',
      none: 'was a dictionary',
      document({ codes, ...shown }) {
        return { command, ...shown, ...(outCodes === undefined ? { codes } : { outCodes }) };
      },
      text,
    },
  );
}

/** Features that an atom is named by. */
const SHOWN = 4;

function text(r: LearnedDictionary): string {
  const lines = [
    '',
    wrap(`${printable(r.data)}: ${count(r.rows, 'row')}, ${count(r.featureNames.length, 'feature')}, ${r.method}`),
  ];
  for (const note of r.notes.slice(0, 5)) lines.push(pc.dim(wrap(printable(note), '  ')));
  const strongest = (atom: readonly number[]) =>
    Array.from(atom.keys())
      .sort((a, b) => Math.abs(atom[b]) - Math.abs(atom[a]))
      .slice(0, SHOWN)
      .filter((j) => atom[j] !== 0)
      .map((j) => `${atom[j] < 0 ? '−' : ''}${printable(r.featureNames[j])}`)
      .join(' ');
  const used = (k: number) => {
    const codes = r.codes.filter((code) => code !== null);
    return `${((100 * codes.filter((code) => code[k] !== 0).length) / codes.length).toFixed(0)} %`;
  };
  const shown = r.atoms.slice(0, 20);
  lines.push(
    '',
    table(
      [{ title: 'atom' }, { title: 'used by', align: 'right' }, { title: 'largest features' }],
      shown.map((atom, k) => [String(k + 1), used(k), strongest(atom)]),
    ),
  );
  if (r.atoms.length > shown.length) lines.push(pc.dim(`  and ${r.atoms.length - shown.length} more`));
  const left = (100 * r.reconstructionError).toPrecision(3);
  lines.push(
    '',
    wrap(
      `${number(r.activeCodes)} ${r.activeCodes === 1 ? 'code a sample leaves' : 'codes a sample leave'} ${left} % of the squares${r.alpha === undefined ? '' : `, at alpha ${number(r.alpha)}`}.`,
    ),
  );
  if (r.supervised) {
    const { target, accuracy, covariates } = r.supervised;
    const beside = covariates.length > 0 ? ` and ${count(covariates.length, 'covariate')}` : '';
    lines.push(
      wrap(`They${beside} tell ${printable(target)} right in ${(100 * accuracy).toFixed(1)} % of these samples.`),
    );
  }
  const ended = endingText(r.status);
  lines.push(`${ended} after ${count(r.iterations, 'step')} in ${duration(r.seconds)}, reading included.`);
  return lines.join('\n');
}
