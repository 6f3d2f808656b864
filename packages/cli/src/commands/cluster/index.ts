import {
  type ClusterRequest,
  type ClusterResult,
  clusterColumns,
  clusterMethods,
  count,
  duration,
  number,
} from '@southwell/tasks';
import { type Command, Option } from 'commander';
import { covarianceKinds } from 'southwell/clustering';
import type { CheckpointRequest } from '../../checkpoint-file.ts';
import pc from '../../colours.ts';
import { UsageError } from '../../errors.ts';
import { CHECKPOINT, example, names, oneOf, RESUME, real, whole } from '../../options.ts';
import { runTableJob, tableFile } from '../../table-job.ts';
import { endingText, printable, table, wrap } from '../../text.ts';

interface ClusterOptions extends Omit<ClusterRequest, 'data'>, CheckpointRequest {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds `cluster` to the program. */
export function addCluster(program: Command, formats: readonly string[], about: string, end: (code: number) => void) {
  program
    .command('cluster')
    .description('Part the rows of a table into clusters, with a few known labels if there are any.')
    .argument('<data>', about)
    .option('-k <count>', 'clusters (default: as many as --labels shows)', whole(1))
    .addOption(
      new Option('--method <name>', clusterMethods.join(', '))
        .argParser(oneOf('method', clusterMethods))
        .default('kmeans'),
    )
    .option('--labels <column>', 'known labels, empty where unknown: they are kept, and name their clusters')
    .optionsGroup('The method:')
    .option(
      '--lambda <weight>',
      'laplacian, mean-shift, modes: how much neighbours must agree (default: 1)',
      real('a number of at least 0', (v) => v >= 0),
    )
    .option('--neighbours <count>', 'of each row in the graph (default: 4; spectral 10)', whole(1))
    .addOption(
      new Option(
        '--neighbour-search <how>',
        'exact, or approximate for tens of thousands of rows (default: exact)',
      ).argParser(oneOf('search', ['exact', 'approximate'] as const)),
    )
    .addOption(
      new Option('--covariance <kind>', `mixture: ${covarianceKinds.join(', ')} (default: full)`).argParser(
        oneOf('covariance', covarianceKinds),
      ),
    )
    .option('--restarts <count>', 'starts, of which the best is kept (default: 10; mixture 3; 1 with labels)', whole(1))
    .addOption(new Option('--seed <number>', 'of the starts').argParser(whole(0)).default(0))
    .optionsGroup('The data:')
    .option('--standardize', 'scale features to unit variance')
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
    .option('--out <file>', 'the cluster of every row, as .csv or .parquet')
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      example(
        'southwell cluster bundled:digits -k 10 --drop digit --out clusters.csv',
        'southwell cluster cells.csv -k 8 --method laplacian --lambda 2 --standardize',
        'southwell cluster bundled:diabetes -k 3 --method mixture --covariance diagonal --standardize',
        'southwell cluster photos.parquet --method laplacian --labels species --out named.csv',
      ),
    )
    .action(async (data: string, options: ClusterOptions) => end(await clusterCommand(data, options)));
}

/** Gives the exit code. */
async function clusterCommand(data: string, options: ClusterOptions): Promise<number> {
  const { out, json, quiet, ...request } = options;
  if (request.lambda !== undefined && ['kmeans', 'spectral', 'mixture'].includes(request.method)) {
    throw new UsageError(
      `--lambda does not go with --method ${request.method}, but with laplacian, mean-shift, modes.`,
    );
  }
  if (request.covariance !== undefined && request.method !== 'mixture') {
    throw new UsageError(`--covariance does not go with --method ${request.method}, but with mixture.`);
  }
  if (request.k === undefined && request.labels === undefined) {
    throw new UsageError('How many clusters? Give -k, or --labels with a column that shows them.');
  }
  return runTableJob<ClusterResult>(
    new URL('../../cluster-worker.js', import.meta.url),
    { ...request, data },
    {
      quiet,
      json,
      files: tableFile(out, '--out', clusterColumns),
      kept: 'the best clusters so far are',
      none: 'were clusters',
      document(outcome) {
        const { clusters, probabilities, ...rest } = outcome;
        return {
          method: request.method,
          ...rest,
          ...(out === undefined ? { columns: clusterColumns(outcome) } : { out }),
        };
      },
      text: (outcome) => text(outcome, request.method),
    },
  );
}

function text(r: ClusterResult, method: string): string {
  const lines = ['', wrap(`${printable(r.data)}: ${count(r.rows, 'row')}, ${count(r.features, 'feature')}, ${method}`)];
  for (const note of r.notes.slice(0, 5)) lines.push(pc.dim(wrap(printable(note), '  ')));
  const total = r.sizes.reduce((a, b) => a + b, 0);
  const shown = r.names.slice(0, 50);
  lines.push(
    '',
    table(
      [{ title: 'cluster' }, { title: 'rows', align: 'right' }, { title: 'share', align: 'right' }],
      shown.map((name, c) => [
        String(name),
        r.sizes[c].toLocaleString('en'),
        `${((100 * r.sizes[c]) / total).toFixed(1)} %`,
      ]),
    ),
  );
  if (r.names.length > shown.length) lines.push(pc.dim(`  and ${r.names.length - shown.length} more`));
  const ended = endingText(r.status);
  const bic = r.bic === undefined ? '' : `, BIC ${number(r.bic, 6)}`;
  const energy = r.objective === undefined ? '' : `: objective ${number(r.objective, 6)}${bic}`;
  const steps = r.iterations === undefined ? '' : ` after ${count(r.iterations, 'iteration')} of the best start`;
  lines.push('', `${ended}${energy}${steps}.`, pc.dim(`In ${duration(r.seconds)}, reading included.`));
  return lines.join('\n');
}
