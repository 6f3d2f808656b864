import { failFile } from '@southwell/data/node';
import { SouthwellError } from '@southwell/numerics/core';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { linearModels, scorings } from 'southwell/linear-models';
import pc from './colours.ts';
import { addCluster } from './commands/cluster/index.ts';
import { addDigest } from './commands/digest/index.ts';
import { addFactor } from './commands/factor/index.ts';
import { type FitCommandOptions, fitCommand } from './commands/fit.ts';
import { benchCommand } from './commands/forward.ts';
import { addGraph } from './commands/graph/index.ts';
import { inspectCommand } from './commands/inspect.ts';
import { addMinimize } from './commands/minimize/index.ts';
import { addPapers } from './commands/papers/index.ts';
import { predictCommand } from './commands/predict.ts';
import { EXIT, Exit, UsageError } from './errors.ts';
import { example, names, oneOf, positive, real, share, whole } from './options.ts';
import { printable, shellWord, wrap } from './text.ts';

const FORMATS = ['csv', 'libsvm', 'matrix-market', 'npy', 'npz', 'parquet'];

const port = real('a port from 0 to 65535', (v) => Number.isInteger(v) && v >= 0 && v <= 65_535);
const folds = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 2) return value;
  throw new InvalidArgumentError('It must be a whole number of at least 2; write DATA before --cv.');
};

const DATA =
  'CSV, TSV, LIBSVM, Matrix Market, .npy, .npz or Parquet, gzipped or not; or bundled:spambase, bundled:diabetes, bundled:digits';

function build(argv: readonly string[], end: (code: number) => void): Command {
  const program = new Command('southwell')
    .description(
      'Optimisation methods at the shell: models, clusters, graphs and factors from a table; papers that run.',
    )
    .version('0.1.0', '-V, --version')
    // Options belong to the command before them: digest and its subcommands share some.
    .enablePositionalOptions()
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ helpWidth: 80 })
    .addHelpText(
      'after',
      `${example('southwell inspect bundled:spambase', 'southwell fit bundled:spambase --model logistic --cv --save model.json', 'southwell predict model.json new.csv --out predictions.csv')}
Exit codes: 0 done and converged, 1 a paper's claim does not hold, 2 wrong usage or input, 3 stopped early.`,
    );

  program
    .command('fit')
    .description('Fit a model: at one strength, along a path, or by cross-validation.')
    .argument('<data>', DATA)
    .option('--target <column>', 'column to predict (bundled sets and LIBSVM files know theirs)')
    .option('--targets <columns>', 'multitask-lasso: columns to predict, separated by commas (repeatable)', names)
    .addOption(
      new Option(
        '--model <name>',
        `${Object.keys(linearModels).join(', ')}; by default logistic for two classes, multinomial for more, else lasso`,
      ).argParser(oneOf('model', Object.keys(linearModels))),
    )
    .optionsGroup('How strong the penalty is (by default --cv 10):')
    .option(
      '--alpha <strength>',
      'fit at this strength alone',
      real('a number of at least 0', (v) => v >= 0),
    )
    .option('--path', 'fit a whole path and keep the model of smallest BIC')
    .addOption(new Option('--cv [folds]', 'choose by cross-validation').argParser(folds).preset('10'))
    .addOption(
      new Option('--rule <rule>', 'with --cv: the best score, or the sparsest within one standard error of it')
        .argParser(oneOf('rule', ['min', '1se']))
        .default('min'),
    )
    .addOption(
      new Option('--scoring <name>', `with --cv: ${scorings.join(', ')} (default: the model's own)`).argParser(
        oneOf('scoring', scorings),
      ),
    )
    .option('--n-alphas <count>', 'strengths on the path (default: 100)', whole(1))
    .option('--eps <ratio>', 'smallest over largest strength (default: 1e-3; 1e-2 for rows < features)', share)
    .optionsGroup('The model:')
    .option(
      '--l1-ratio <ratio>',
      'share of the L1 penalty: 1 lasso, 0 ridge',
      real('between 0 and 1', (v) => v >= 0 && v <= 1),
    )
    .option('--standardize', 'penalise features scaled to unit variance')
    .option('--no-intercept', 'leave out the constant')
    .option('--positive', 'keep coefficients at or above 0')
    .option('--delta <size>', 'huber: residuals beyond this count linearly (default: 1.35)', positive)
    .option('--quantile <share>', 'quantile: which quantile to predict (default: 0.5)', share)
    .option('--gamma <shape>', 'mcp, scad: how concave the penalty is (default: 3, 3.7)', positive)
    .option('--q <rate>', 'slope: the rate of false discoveries that its penalties stand for (default: 0.1)', share)
    .option('--grouped', 'multinomial: a feature enters for all classes or for none')
    .addOption(
      new Option(
        '--group <columns>',
        'group-lasso, group-logistic: columns that enter together, separated by commas; repeat it for more groups. The levels of a category are a group by themselves',
      ).argParser((text: string, groups: string[][] = []) => [...groups, names(text)]),
    )
    .optionsGroup('The data:')
    .option('--features <columns>', 'columns to use, separated by commas (repeatable)', names)
    .option('--drop <columns>', 'columns to leave out, separated by commas (repeatable)', names)
    .option('--weights <column>', 'how much each row counts')
    .option('--offset <column>', 'added to the linear predictor, with no coefficient')
    .option('--time <column>', 'cox: time of the event or of censoring')
    .option('--event <column>', 'cox: 1 where the event was seen, 0 where censored')
    .addOption(
      new Option('--missing <how>', 'missing values: error, drop-rows or mean')
        .argParser(oneOf('way', ['error', 'drop-rows', 'mean']))
        .default('error'),
    )
    .addOption(
      new Option('--format <format>', 'of DATA, where its content does not tell').argParser(oneOf('format', FORMATS)),
    )
    .optionsGroup('The run:')
    .option(
      '--tol <gap>',
      'relative duality gap to reach (default: 1e-6)',
      real('a number of at least 0', (v) => v >= 0),
    )
    .option('--max-iter <count>', 'working sets per fit (default: 200)', whole(1))
    .option('--time-limit <seconds>', 'stop each fit after this long', positive)
    .option('--seed <number>', 'of the folds (default: 0)', whole(0))
    .option(
      '--threads <count>',
      'for the folds of --cv, or the products of a large fit (default: one a core, or 1 for small data)',
      whole(1),
    )
    .optionsGroup('What to write:')
    .option('--save <file>', 'the model, as JSON, for predict')
    .option('--report <file>', 'a self-contained HTML page of plots and tables')
    .option('--json', 'print one JSON document instead of tables')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      example(
        'southwell fit houses.csv --target price --standardize --cv 10 --rule 1se',
        'southwell fit train.svm --model logistic --alpha 0.01 --save model.json',
        'southwell fit trial.parquet --model cox --time months --event died --path',
        'southwell fit iris.csv --target species --model multinomial --cv 5',
        'southwell fit bundled:diabetes --model lasso --cv --report report.html',
      ),
    )
    .action(async (data: string, raw: Record<string, unknown>) => {
      const { intercept, group, ...options } = raw;
      const all = { ...options, groups: group, fitIntercept: intercept !== false } as FitCommandOptions;
      end(await fitCommand(data, all, `southwell ${argv.map(shellWord).join(' ')}`));
    });

  program
    .command('predict')
    .description('Predict with a saved model; columns are found by name, in any order.')
    .argument('<model>', 'file that fit --save wrote')
    .argument('<data>', DATA)
    .option('--proba', 'add the probability of each class (logistic and multinomial models)')
    .option('--out <file>', 'write a .csv or .parquet file instead of CSV to the screen')
    .addOption(new Option('--format <format>', 'of DATA').argParser(oneOf('format', FORMATS)))
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'no notes')
    .addHelpText(
      'after',
      example(
        'southwell predict model.json new.csv --out predictions.csv',
        'southwell predict southwell-model.json bundled:spambase --proba | head',
      ),
    )
    .action(async (model: string, data: string, options) => end(await predictCommand(model, data, options)));

  program
    .command('inspect')
    .description('What a file holds: types, ranges, missing values, constant and duplicate columns.')
    .argument('<data>', DATA)
    .addOption(new Option('--format <format>', 'of DATA').argParser(oneOf('format', FORMATS)))
    .option('--all', 'every column, however many')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example('southwell inspect houses.csv.gz', 'southwell inspect bundled:diabetes --json'))
    .action(async (data: string, options) => end(await inspectCommand(data, options)));

  addCluster(program, FORMATS, DATA, end);
  addFactor(program, { what: DATA, formats: FORMATS, argv, end });

  program
    .command('workbench')
    .description('Serve the workbench: papers that run in your browser.')
    .option('--port <number>', 'or the next free one of twenty', port, 4747)
    .option('--host <name>', 'interface to listen on; 0.0.0.0 is all, for others to reach', '127.0.0.1')
    .option('--open', 'open it in the browser')
    .option('--subscribers <file>', 'answer the links of the digest, /confirm and /unsubscribe, from this list')
    .addHelpText('after', example('southwell workbench --open', 'southwell workbench --port 8080'))
    .action(async (options) => {
      const { workbenchCommand } = await import('./commands/workbench.ts');
      end(await workbenchCommand(options));
    });

  addMinimize(program, argv, end);
  addDigest(program, end);

  program
    .command('bench')
    .description("Run one of the workspace's benchmarks.")
    .argument('[name]', 'which; without a name, all there are')
    .argument('[args...]', 'passed on')
    .allowUnknownOption()
    .helpOption(false)
    .addHelpText('after', example('southwell bench linear-models'))
    .action(async (name: string | undefined, args: string[]) => end(await benchCommand(name, args)));

  addGraph(program, argv, end, { what: DATA, formats: FORMATS });
  addPapers(program, argv, end);
  return program;
}

/** A reader that goes away early (head) is no error; a full disk behind a redirection is. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.converged);
  try {
    failFile(error, 'Standard output', 'written');
  } catch (told) {
    process.stderr.write(complaint((told as Error).message));
  }
  process.exit(EXIT.usage);
}

/** Where messages cannot be written there is no one to tell. */
function onMessageError(): void {}

/** Runs one command and gives its exit code. Throws nothing. */
export async function main(argv: readonly string[]): Promise<number> {
  // Taken off first: main may run more than once in a process.
  process.stdout.off('error', onOutputError).on('error', onOutputError);
  process.stderr.off('error', onMessageError).on('error', onMessageError);
  let code: number = EXIT.converged;
  const program = build(argv, (c) => {
    code = c;
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) {
    command.exitOverride().configureOutput({
      outputError: (text, write) => write(complaint(text.replace(/^error: /, '').trim())),
    });
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.usage;
    }
    await program.parseAsync(argv as string[], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.converged : EXIT.usage;
    if (error instanceof Exit) return error.exitCode;
    const known = error instanceof SouthwellError || error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(complaint(known ? message : `Something went wrong inside: ${message}`));
    if (process.env.SOUTHWELL_DEBUG === '1') process.stderr.write(`${(error as Error)?.stack ?? ''}\n`);
    else if (!known) process.stderr.write('Run it again with SOUTHWELL_DEBUG=1 for the details.\n');
    return EXIT.usage;
  }
}

const complaint = (text: string): string =>
  `${text
    .split('\n')
    .map((line, i) => (i === 0 ? `${pc.red('southwell:')} ${wrap(printable(line), '', 200)}` : printable(line)))
    .join('\n')}\n`;
