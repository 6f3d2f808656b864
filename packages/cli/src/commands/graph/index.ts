import { graphMethods, graphScores, learnVerb } from '@southwell/tasks';
import { type Command, Option } from 'commander';
import { CHECKPOINT, example, names, oneOf, positive, RESUME, real, whole } from '../../options.ts';
import { shellWord } from '../../text.ts';
import { compareCommand } from './compare.ts';
import { type LearnOptions, learnCommand } from './learn.ts';

const notNegative = real('a number of at least 0', (v) => v >= 0);

/** `southwell graph` with its verbs. */
export function addGraph(
  program: Command,
  argv: readonly string[],
  end: (code: number) => void,
  data: { readonly what: string; readonly formats: readonly string[] },
): void {
  const graph = program
    .command(learnVerb[0])
    .description('Graphs of causes and effects: learn one from a table, compare two.')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText(
      'after',
      example(
        'southwell graph learn cells.csv --out edges.csv --svg graph.svg',
        'southwell graph compare truth.csv edges.csv',
      ),
    );

  graph
    .command(learnVerb[1])
    .description('Learn a directed acyclic graph of effects between the columns.')
    .argument('<data>', data.what)
    .addOption(
      new Option('--method <name>', graphMethods.join(', ')).argParser(oneOf('method', graphMethods)).default('colide'),
    )
    .addOption(
      new Option(
        '--variance <which>',
        'equal or unequal noise variances (default: colide unequal, golem equal)',
      ).argParser(oneOf('variance', ['equal', 'unequal'])),
    )
    .addOption(
      new Option(
        '--score <name>',
        'logistic: for binary variables, by notears, dagma or topo; mlp: nonlinear effects, by notears or topo',
      )
        .argParser(oneOf('score', graphScores))
        .default('gaussian'),
    )
    .option(
      '--lambda <weight>',
      'of the L1 penalty (default: colide 0.05, dagma 0.03, golem 0.02 or 0.002, notears 0.1; logistic 0.02 and 0.01; mlp 0.01)',
      notNegative,
    )
    .option('--no-intercepts', 'logistic: columns have none, as the authors have it')
    .option('--refine', 'then improve the order found by swaps, and fit all regressions along it')
    .addOption(
      new Option('--threshold <weight>', 'leave out edges up to this size').argParser(notNegative).default(0.3),
    )
    .option('--bootstrap <samples>', 'learn again from this many samples with replacement, for confidences', whole(1))
    .optionsGroup('The data:')
    .option('--features <columns>', 'columns to use, separated by commas (repeatable)', names)
    .option('--drop <columns>', 'columns to leave out, separated by commas (repeatable)', names)
    .addOption(
      new Option('--missing <how>', 'missing values: error, drop-rows or mean')
        .argParser(oneOf('way', ['error', 'drop-rows', 'mean']))
        .default('error'),
    )
    .addOption(
      new Option('--format <format>', 'of DATA, where its content does not tell').argParser(
        oneOf('format', data.formats),
      ),
    )
    .optionsGroup('The run:')
    .option('--time-limit <seconds>', 'stop the first fit after this long', positive)
    .addOption(
      new Option('--seed <number>', 'of samples and of the starts of topo and mlp').argParser(whole(0)).default(0),
    )
    .addOption(CHECKPOINT)
    .addOption(RESUME)
    .optionsGroup('What to write:')
    .option('--out <file>', 'the edges, as .csv, .graphml or .dot')
    .option('--svg <file>', 'the graph, drawn')
    .option('--json', 'print one JSON document instead of tables')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      example(
        'southwell graph learn cells.csv --out edges.csv --svg graph.svg',
        'southwell graph learn cells.csv --variance equal --lambda 0.1 --bootstrap 50',
        'southwell graph learn cells.csv --method topo --drop id --out graph.graphml',
        'southwell graph learn answers.csv --method notears --score logistic',
        'southwell graph learn cells.csv --method golem --refine',
      ),
    )
    .action(async (file: string, options: LearnOptions) =>
      end(await learnCommand(file, options, `southwell ${argv.map(shellWord).join(' ')}`)),
    );

  graph
    .command('compare')
    .description('How an estimated graph differs from the true one.')
    .argument('<true>', 'CSV of edges with a header: columns from and to first')
    .argument('<estimate>', 'CSV of edges, as learn --out writes it')
    .option('--json', 'print one JSON document')
    .addHelpText('after', example('southwell graph compare truth.csv edges.csv --json'))
    .action(async (truth: string, estimate: string, options) => end(await compareCommand(truth, estimate, options)));
}
