import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { failFile, readTable } from '@southwell/data/node';
import {
  check,
  declared,
  duration,
  type Family,
  flags,
  number,
  RACE_SECONDS,
  type Race,
  ranked,
  runRace,
  shellWord,
  spelled,
  winnerText,
} from '@southwell/tasks';
import type { Command } from 'commander';
import { EXIT, UsageError } from '../errors.ts';
import { example, names, positive } from '../options.ts';
import { ProgressLine } from '../progress.ts';
import { optionOf } from '../task/addTask.ts';
import { table, wrap } from '../text.ts';

interface RaceFlags extends Readonly<Record<string, unknown>> {
  readonly racers?: readonly string[];
  readonly limit: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `southwell race`, a verb for each race that a family declares: flags and help from its declaration. */
export function addRaces(
  program: Command,
  families: readonly Family[],
  argv: readonly string[],
  end: (code: number) => void,
): void {
  const races = families.flatMap(({ races: own = [] }) => own);
  const command = program
    .command('race')
    .description('Race the methods of a family on one problem, all measured alike.')
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
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', example(`southwell race ${race.id}`, `southwell race ${race.id} --limit 1 --json`))
    .action(async () => {
      const typed = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default');
      const line = `southwell ${argv.map(shellWord).join(' ')}`;
      end(await raceCommand(race, { limit: RACE_SECONDS, ...Object.fromEntries(typed) }, line));
    });
}

async function raceCommand(race: Race, { racers, limit, json, quiet, ...given }: RaceFlags, command: string) {
  const known = race.racers.map(([id]) => id);
  const unknown = racers?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new UsageError(`There is no racer '${unknown}'; there are ${known.join(', ')}.`);
  const chosen = racers ? known.filter((id) => racers.includes(id)) : known;
  const request = check(race, withFiles(race, given), flags(race));
  const title = (id: string) => race.racers.find(([racer]) => racer === id)![1];
  const line = new ProgressLine(quiet === true);
  const tools = { racers: chosen, limit, read: readTable };
  const { about, target, finish } = await runRace(race, request, tools, { progress: (id) => line.update(title(id)) });
  line.clear();
  const order = ranked(finish);
  const won = winnerText(race, finish);
  if (json) {
    const options = Object.fromEntries(
      Object.entries(request).map(([name, value]) => [name, value instanceof Blob ? given[name] : value]),
    );
    const { id, measure, extra } = race;
    const best = Number.isFinite(target) ? target : null;
    const rows = order.map((f) => ({ ...f, title: title(f.racer) }));
    const document = { southwell: 1, command, race: id, about, options, limit, measure, extra, target: best };
    process.stdout.write(
      `${JSON.stringify({ ...document, winner: order[0]?.racer ?? null, won, finish: rows, exitCode: EXIT.done }, null, 2)}\n`,
    );
  } else if (!quiet) {
    const columns = [
      { title: 'method' },
      { title: 'time', align: 'right' },
      { title: race.measure, align: 'right' },
      { title: race.extra, align: 'right' },
    ] as const;
    const rows = order.map((f) => [title(f.racer), duration(f.seconds), number(f.value), number(f.extra)]);
    process.stdout.write(`${wrap(`${about}.`)}\n\n${table(columns, rows)}\n\n${wrap(won)}\n`);
  }
  return EXIT.done;
}

/** A race takes a file as a page has it; here it is named. */
function withFiles({ options }: Race, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (declared(options[name]).kind !== 'file' || typeof value !== 'string') return [name, value];
      try {
        return [name, new File([readFileSync(value)], basename(value))];
      } catch (error) {
        return failFile(error, value, 'read');
      }
    }),
  );
}
