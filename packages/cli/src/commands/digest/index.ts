import { type Command, Option } from 'commander';
import { example, names, positive, real } from '../../options.ts';

/** Loaded on demand: a fit needs neither mail nor XML. */
const digest = () => import('./actions.ts');

const share = real('a number from 0 to 1', (v) => v >= 0 && v <= 1);

/** `southwell digest` and its subcommands. */
export function addDigest(program: Command, end: (code: number) => void): void {
  const smtp = () =>
    new Option('--smtp <url>', 'mail server: smtp://user:password@host:587 or smtps://…').env('SOUTHWELL_SMTP');
  const subscribers: [string, string] = [
    '--subscribers <file>',
    'list of subscribers (default: ~/.southwell/subscribers.json)',
  ];
  const from: [string, string] = ['--from <address>', 'sender (default: southwell at this host)'];
  const site: [string, string] = ['--site <url>', 'address of a workbench, for links to it'];
  const timeout: [string, string, typeof positive, number] = [
    '--timeout <seconds>',
    'how long to wait for an answer',
    positive,
    30,
  ];

  const command = program
    .command('digest')
    .description('Mail new items since the last digest: papers that run, verdicts, papers of the field.')
    .enablePositionalOptions()
    .option('--to <address>', 'mail these people (repeatable); by default the confirmed subscribers', names)
    .addOption(smtp())
    .option(...from)
    .option('--dry-run', 'print the mails; send and write nothing')
    .option('--since <date>', 'for those who never had one: from this day (default: 7 days ago)')
    .option(...subscribers)
    .option('--state <file>', 'what was mailed to whom (default: ~/.southwell/digest.json)')
    .option('--arxiv <url>', "Atom interface to papers of the field (default: arXiv's)")
    .option('--no-arxiv', 'without papers of the field')
    .option('--query <text>', 'which papers, in the words of that interface', 'cat:math.OC OR cat:stat.ML')
    .option('--closeness <number>', 'the least that such a paper must be close to ours', share, 0.1)
    .option(...site)
    .option(...timeout)
    .addHelpText(
      'after',
      example(
        'southwell digest --to you@example.org --smtp smtp://localhost:25',
        'southwell digest --to you@example.org --since 2026-01-01 --dry-run',
        'southwell digest subscribe you@example.org --smtp smtp://localhost:25',
      ),
    )
    .action(async (options) => end(await (await digest()).digestCommand(options)));
  command
    .command('subscribe')
    .description('Record a subscriber; nothing is sent until confirmed.')
    .argument('<address>', 'mail address')
    .option('--families <names>', 'only news of these families (repeatable)', names)
    .addOption(smtp())
    .option(...from)
    .option(...subscribers)
    .option(...site)
    .option(...timeout)
    .action(async (address: string, options) => end(await (await digest()).subscribeCommand(address, options)));
  command
    .command('confirm')
    .description('Confirm a subscription.')
    .argument('<token>', 'from the confirmation mail')
    .option(...subscribers)
    .action(async (token: string, options) => end(await (await digest()).confirmCommand(token, options)));
  command
    .command('unsubscribe')
    .description('End a subscription.')
    .argument('<token>', 'from any digest')
    .option(...subscribers)
    .action(async (token: string, options) => end(await (await digest()).unsubscribeCommand(token, options)));
}
