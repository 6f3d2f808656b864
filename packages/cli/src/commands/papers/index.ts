import { families } from '@southwell/papers';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { example, names, oneOf } from '../../options.ts';
import { NETWORK, RANK_LOGS, RANK_TIMEOUT, RANKS } from '../../ranks/ranks.ts';
import { shellWord } from '../../text.ts';
import { type CompareOptions, compareCommand } from './compare.ts';
import { type ListOptions, listCommand } from './list.ts';
import { reportCommand } from './report.ts';
import { type RunOptions, runCommand } from './run.ts';
import { showCommand } from './show.ts';

const PAPER = 'number, slug or arXiv id';

const seeds = (text: string): number[] => {
  const list = text.split(',').map((s) => (s.trim() === '' ? Number.NaN : Number(s)));
  if (list.every((s) => Number.isSafeInteger(s) && s >= 0)) return [...new Set(list)];
  throw new InvalidArgumentError(`Seeds are whole numbers, not "${text}".`);
};

const setting = (text: string, previous: Readonly<Record<string, number>> = {}): Record<string, number> => {
  const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be name=value, such as steps=300.');
  if (!Number.isFinite(Number(value))) throw new InvalidArgumentError(`"${value}" is not a number.`);
  return { ...previous, [name.trim()]: Number(value) };
};

/** `southwell papers` with its verbs. */
export function addPapers(program: Command, argv: readonly string[], end: (code: number) => void): void {
  const papers = program
    .command('papers')
    .description('Papers whose claims can be put to the test: list, show, run, compare, report.')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText(
      'after',
      example(
        'southwell papers list --search "greedy blocks"',
        'southwell papers run 01 --figure 5',
        'southwell papers report --out site',
      ),
    );

  papers
    .command('list')
    .description('List papers, or those that match.')
    .addOption(new Option('--family <family>', families.join(', ')).argParser(oneOf('family', families)))
    .addOption(new Option('--state <state>', 'runs or not-yet').argParser(oneOf('state', ['runs', 'not-yet'])))
    .option('--search <text>', 'in titles, methods, families and summaries, best first; tolerates misspelt words')
    .option('--json', 'print an array of records, each with its state')
    .addHelpText(
      'after',
      example('southwell papers list --state runs', 'southwell papers list --search "matrx completion" --json'),
    )
    .action(async (options: ListOptions) => end(await listCommand(options)));

  papers
    .command('show')
    .description('What a paper is about, its claims, its experiments and their parameters.')
    .argument('<paper>', PAPER)
    .option('--history', 'what is locked, and every change since: bars, sizes, ingredients, grids')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      example('southwell papers show 17', 'southwell papers show 1712.08859', 'southwell papers show 17 --history'),
    )
    .action(async (paper: string, options) => end(await showCommand(paper, options)));

  addRun(papers, argv, end);

  papers
    .command('compare')
    .description('Stored results side by side: date, commit, machine, size, seed, outcome of each claim, time.')
    .argument('[paper]', `${PAPER}; without it, all papers`)
    .option('--against <text>', 'what changed since the newest result whose commit, id or date begins with this')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `${example('southwell papers compare 01', 'southwell papers compare --against e4a6498', 'southwell papers compare 01 --against 2026-11')}
With --against the exit code is 1 if an outcome got worse.`,
    )
    .action(async (paper: string | undefined, options: CompareOptions) => end(await compareCommand(paper, options)));

  papers
    .command('report')
    .description('Write all stored results as a site of HTML files that need no network.')
    .requiredOption('--out <folder>', 'created if missing; open its index.html')
    .addHelpText('after', example('southwell papers report --out site'))
    .action(async ({ out }: { out: string }) => end(await reportCommand(out)));
}

function addRun(papers: Command, argv: readonly string[], end: (code: number) => void): void {
  papers
    .command('run')
    .description(
      'Run the experiments of a paper; each claim gets a verdict. The results are stored for compare and report.',
    )
    .argument('<paper>', PAPER)
    .option('--experiment <ids>', 'only these, separated by commas (repeatable)', names)
    .option('--figure <numbers>', 'only the experiments of these figures: 5 is figure-5', names)
    .option('--full', "the paper's sizes (default: small ones, seconds each)")
    .addOption(
      new Option(
        '--seed <list>',
        'seeds, such as 11,12,13; each experiment runs once per seed (default: the first seed that counts for the claims)',
      ).argParser(seeds),
    )
    .option('--set <name=value>', 'a parameter of the experiments (repeatable; see papers show)', setting)
    .option(
      '--parts <folder>',
      'has the files that experiments need and that are not shipped, in a folder each (default: $SOUTHWELL_PARTS)',
    )
    .option('--claims-only', 'stop each experiment when its verdicts are in, leaving out further panels')
    .option('--json', 'print one JSON document instead of tables')
    .option('--no-save', 'do not keep the results')
    .addOption(RANKS)
    .addOption(RANK_TIMEOUT)
    .addOption(RANK_LOGS)
    .addOption(NETWORK)
    .addHelpText(
      'after',
      `${example(
        'southwell papers run 01 --figure 5 --claims-only',
        'southwell papers run 01 --experiment figure-4 --set steps=300 --seed 1,2,3',
        'southwell papers run 01 --full --json > verdicts.json',
        'southwell papers run 01 --seed 1,2,3,4 --ranks 4',
      )}
Exit codes: 0 every claim holds, 1 one does not, 2 wrong usage, 3 stopped by Ctrl-C.
Results lie in $SOUTHWELL_HOME/results or ~/.southwell/results.`,
    )
    .action(async (paper: string, { figure = [], experiment = [], ...options }: RunOptions & { figure?: string[] }) => {
      const command = `southwell ${argv.map(shellWord).join(' ')}`;
      end(await runCommand(paper, { ...options, experiment: [...experiment, ...figure] }, command));
    });
}
