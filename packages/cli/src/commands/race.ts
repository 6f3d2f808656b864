import {
  duration,
  type Family,
  flags,
  number,
  RACE_SECONDS,
  type Race,
  ranked,
  shellWord,
  spelled,
  winnerText,
} from '@southwell/tasks';
import type { Command } from 'commander';
import { carrierAt } from '../carriers/choose.ts';
import { EXIT, UsageError } from '../errors.ts';
import type { RaceJob, RaceOutcome } from '../jobs/race-job.ts';
import { example, names, positive } from '../options.ts';
import { optionOf } from '../task/addTask.ts';
import { table, wrap } from '../text.ts';

interface RaceFlags extends Readonly<Record<string, unknown>> {
  readonly racers?: readonly string[];
  readonly limit: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * `southwell race`, with a verb for each race that a family declares: flags and help are derived from its declaration.
 */
export function addRaces(
  program: Command,
  families: readonly Family[],
  argv: readonly string[],
  end: (code: number) => void,
): void {
  const races = families.flatMap(({ races: own = [] }) => own);
  const command = program
    .command('race')
    .description('Race the methods of a family on one problem.')
    .helpCommand('help [verb]', 'show the help of a verb')
    .addHelpText('after', example(...races.slice(0, 2).map(({ id }) => `southwell race ${id} --limit 1`)));
  for (const race of races) addRace(command, race, argv, end);
}

function addRace(parent: Command, race: Race, argv: readonly string[], end: (code: number) => void): void {
  const command = parent.command(race.id).description(spelled(race.about, race.options, flags(race).option));
  for (const name of Object.keys(race.options))
    command.addOption(optionOf({ options: race.options, inputs: {} }, name));
  command
    .optionsGroup('The race:')
    .option('--racers <names>', `only these of ${race.racers.map(([id]) => id).join(', ')}`, names)
    .option('--limit <seconds>', `seconds for each racer (default: ${RACE_SECONDS})`, positive)
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'print errors only')
    .addHelpText('after', example(`southwell race ${race.id}`, `southwell race ${race.id} --limit 1 --json`))
    .action(async () => {
      const typed = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default');
      const line = `southwell ${argv.map(shellWord).join(' ')}`;
      end(await raceCommand(race, { limit: RACE_SECONDS, ...Object.fromEntries(typed) }, line));
    });
}

async function raceCommand(race: Race, { racers, limit, json, quiet = false, ...given }: RaceFlags, command: string) {
  const known = race.racers.map(([id]) => id);
  const unknown = racers?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new UsageError(`There is no racer '${unknown}'; there are ${known.join(', ')}.`);
  const chosen = racers ? known.filter((id) => racers.includes(id)) : known;
  const title = (id: string) => race.racers.find(([racer]) => racer === id)![1];
  const carrier = await carrierAt(undefined);
  const { outcome, interrupted, end } = await carrier<RaceOutcome>(
    { job: 'race', race: race.id, asked: given, racers: chosen, limit } as RaceJob,
    {
      quiet,
      stopping: 'Stopping; what was measured so far is printed. Ctrl-C again quits at once.',
      stoppedEarly: 'Stopped before anything was measured.',
    },
  );
  try {
    const { about, target, finish, options } = outcome;
    const order = ranked(finish);
    const whole = order.filter((f) => !f.cutOff);
    const won = winnerText(race, finish);
    // An interrupt just after the end of a race does not make it incomplete.
    const stopped = interrupted && whole.length < chosen.length;
    const exitCode = stopped ? EXIT.stopped : EXIT.done;
    if (json) {
      const { id, measure, extra } = race;
      const document = {
        ...{ southwell: 1, command, race: id, about, options, limit, measure, extra },
        target: Number.isFinite(target) ? target : null,
        status: stopped ? 'aborted' : 'completed',
        winner: whole[0]?.racer ?? null,
        won,
        finish: order.map((f) => ({ ...f, title: title(f.racer) })),
        exitCode,
      };
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    } else if (!quiet) {
      const columns = [
        { title: 'method' },
        { title: 'time', align: 'right' },
        { title: race.measure, align: 'right' },
        { title: race.extra, align: 'right' },
      ] as const;
      const rows = order.map(({ racer, cutOff, seconds, value, extra }) => [
        cutOff ? `${title(racer)} (cut off)` : title(racer),
        ...[duration(seconds), number(value), number(extra)],
      ]);
      const said = stopped ? `Stopped: ${whole.length} of ${chosen.length} methods had their time. ${won}`.trim() : won;
      process.stdout.write(`${wrap(`${about}.`)}\n\n${table(columns, rows)}\n\n${wrap(said)}\n`);
    }
    return exitCode;
  } finally {
    // Interrupts are suppressed until everything is written.
    await end();
  }
}
