import { type Command, InvalidArgumentError, Option } from 'commander';
import { linearModels, scorings } from 'southwell/linear-models';
import {
  CHECKPOINT,
  DATA,
  example,
  FORMATS,
  names,
  oneOf,
  positive,
  RESUME,
  real,
  share,
  whole,
} from '../../options.ts';
import { shellWord } from '../../text.ts';
import { type FitCommandOptions, fitCommand } from './run.ts';

const folds = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 2) return value;
  throw new InvalidArgumentError('It must be a whole number of at least 2; write DATA before --cv.');
};

/** `southwell fit`. */
export function addFit(program: Command, argv: readonly string[], end: (code: number) => void): void {
  const command = program
    .command('fit')
    .description('Fit a model: at one alpha, along a path, or by cross-validation.')
    .argument('<data>', DATA)
    .option('--target <column>', 'column to predict (bundled sets and LIBSVM files know theirs)')
    .option('--targets <columns>', 'multitask-lasso: columns to predict, separated by commas (repeatable)', names)
    .addOption(
      new Option(
        '--model <name>',
        `${Object.keys(linearModels).join(', ')}; by default logistic for two classes, multinomial for more, else lasso`,
      ).argParser(oneOf('model', Object.keys(linearModels))),
    );
  for (const add of [penaltyOptions, modelOptions, dataOptions, runOptions, outputOptions]) add(command);
  command
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
}

const penaltyOptions = (command: Command): Command =>
  command
    .optionsGroup('How strong the penalty is (by default --cv 10):')
    .option(
      '--alpha <value>',
      'fit at this alpha alone',
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
    .option('--n-alphas <count>', 'alphas on the path (default: 100)', whole(1))
    .option('--eps <ratio>', 'smallest over largest alpha (default: 1e-3; 1e-2 for rows < features)', share);

const modelOptions = (command: Command): Command =>
  command
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
    );

const dataOptions = (command: Command): Command =>
  command
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
    );

const runOptions = (command: Command): Command =>
  command
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
    .addOption(CHECKPOINT)
    .addOption(RESUME);

const outputOptions = (command: Command): Command =>
  command
    .optionsGroup('What to write:')
    .option('--save <file>', 'the model, as JSON, for predict')
    .option('--report <file>', 'a self-contained HTML page of plots and tables')
    .option('--json', 'print one JSON document instead of tables')
    .option('-q, --quiet', 'print nothing but errors');
