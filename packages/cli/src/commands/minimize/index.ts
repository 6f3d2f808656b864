import { type Command, InvalidArgumentError, Option } from 'commander';
import { methodNames, testFunctionNames } from 'southwell/black-box';
import { CHECKPOINT, example, oneOf, positive, RESUME, real, whole } from '../../options.ts';
import { shellWord } from '../../text.ts';
import { type MinimizeCommandOptions, minimizeCommand } from './run.ts';

const numbers = (text: string): number[] => {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.some(Number.isNaN)) throw new InvalidArgumentError('It must be a number, or one a coordinate: -5,0,2.5.');
  return values;
};

const places = (text: string): true | number[] => {
  if (text === 'all') return true;
  const values = numbers(text);
  if (values.every((k) => Number.isInteger(k) && k >= 1)) return values;
  throw new InvalidArgumentError('Coordinates are counted from 1: --integer 1,3.');
};

const restarts = (text: string): number => {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number, or 'all' for as many as the budget allows.");
};

/** `southwell minimize`. */
export function addMinimize(program: Command, argv: readonly string[], end: (code: number) => void): void {
  program
    .command('minimize')
    .description('Minimise a program, or a test function, by its values alone.')
    .argument('[function]', `${testFunctionNames.join(', ')}, bbob:1 to bbob:24`)
    .option('--command <line>', 'run by the shell, with {x} for all coordinates or {x1}, {x2} …; prints one number')
    .option('--module <file>', 'JavaScript whose default export takes the point and gives the value; runs in workers')
    .optionsGroup('Where to look:')
    .option('--dim <count>', 'coordinates (default: as the lists have; test functions: 2)', whole(1))
    .option('--lower <bounds>', 'one number for all, or one a coordinate: -5,0,2.5', numbers)
    .option('--upper <bounds>', 'likewise', numbers)
    .addOption(
      new Option('--integer [coordinates]', 'whole values: of all, or of 1,3 …').argParser(places).preset('all'),
    )
    .option('--x0 <point>', 'where to begin (default: the middle of the bounds, else 0)', numbers)
    .option('--sigma <size>', 'how far to look at first (default: 0.3 of the bounds, else 1)', numbers)
    .option('--instance <number>', 'of a bbob function', whole(1), 1)
    .optionsGroup('How:')
    .addOption(
      new Option('--method <name>', methodNames.join(', ')).argParser(oneOf('method', methodNames)).default('cma-es'),
    )
    .option('--budget <count>', 'evaluations at most (default: 10000 a coordinate)', whole(1))
    .option('--restarts <count>', "how often to begin anew elsewhere; 'all': until the budget is spent", restarts, 0)
    .option(
      '--target <value>',
      'stop at a value of at most this',
      real('a number', () => true),
    )
    .option('--time-limit <seconds>', 'stop after this long', positive)
    .option('--evaluation-limit <seconds>', 'an evaluation that takes longer has failed, see --on-error', positive)
    .option('--repeats <count>', 'noise: evaluate each point so often and take the mean', whole(1), 1)
    .option('--noisy', 'noise, cma-es: find out how often to evaluate, as the search goes')
    .option('--seed <number>', 'the same seed asks the same points', whole(0), 0)
    .option(
      '--jobs <count>',
      'evaluations at a time; unless asynchronous, what is found does not depend on it',
      whole(1),
      1,
    )
    .option('--asynchronous', 'no job waits for the slowest of its batch; the order of values decides what is found')
    .addOption(
      new Option('--on-error <what>', 'where the program fails: stop, or skip the point')
        .argParser(oneOf('way', ['stop', 'skip']))
        .default('stop'),
    )
    .optionsGroup('What to write:')
    .addOption(CHECKPOINT)
    .addOption(RESUME)
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      `${example(
        'southwell minimize rosenbrock --dim 10',
        'southwell minimize bbob:21 --dim 5 --restarts all --target -1e3',
        "southwell minimize --command './simulate {x}' --lower 0,0 --upper 1,10 --jobs 2 --checkpoint run.json",
        'southwell minimize --module objective.mjs --dim 3 --lower 0 --upper 1 --jobs 2 --noisy',
        "southwell minimize --command './simulate {x}' --lower 0,0 --upper 1,10 --jobs 8 --asynchronous",
        "southwell minimize --command 'train --rate {x1} --layers {x2}' --lower 1e-4,1 --upper 1,8 --integer 2",
      )}
Exit codes: 0 converged, reached --target, or did all that was planned; 2 wrong
usage or a program that failed; 3 stopped early, or the budget was spent short of
converging or of --target.`,
    )
    .action(async (name: string | undefined, options: MinimizeCommandOptions) => {
      end(await minimizeCommand(name, options, `southwell ${argv.map(shellWord).join(' ')}`));
    });
}
