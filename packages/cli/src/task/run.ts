import { basename } from 'node:path';
import { checkWritable, undivided } from '@southwell/data/node';
import {
  type AnyRequest,
  check,
  checkCompany,
  declared,
  documentOf,
  flagOf,
  flags,
  isFile,
  meets,
  type Output,
  type Reading,
  readingOf,
  reads,
  type Spelling,
  type Task,
} from '@southwell/tasks';
import { chartScript } from '../chartScript.ts';
import { UsageError } from '../errors.ts';
import type { CheckpointRequest } from '../jobs/checkpoint-file.ts';
import { readModel } from '../jobs/read-model.ts';
import type { RowTarget } from '../jobs/row-sink.ts';
import { checkTargets, type Named } from '../jobs/same-file.ts';
import { formatFile, runTableJob, type TableFile, tableFile } from '../jobs/table-job.ts';
import type { TaskJob } from '../jobs/task-job.ts';
import { onOneRank, type Place, placeOf, type RankOptions } from '../ranks/ranks.ts';
import { shown } from '../text.ts';
import { configSpelling, outputPaths, readConfig } from './config.ts';
import { dryRun } from './dryRun.ts';
import { forecast } from './forecast.ts';
import { briefText, viewText } from './text.ts';

type TaskResult = Awaited<ReturnType<Task['job']>>;

interface RunOptions extends CheckpointRequest, RankOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Checks a request, runs it beside the main thread, writes and prints; returns the exit code. `command` is the command
 * line as typed.
 */
export async function runTaskCommand(
  task: Task,
  inputs: Readonly<Record<string, unknown>>,
  given: RunOptions & Readonly<Record<string, unknown>>,
  command: string,
): Promise<number> {
  const {
    config,
    json,
    quiet,
    checkpoint,
    resume,
    ranks,
    timeout,
    rankLogs,
    network,
    events,
    dryRun: dry,
    jsonSchema: _,
    ...typed
  } = given;
  const kept = config === undefined ? {} : readConfig(config);
  const spelling = configSpelling(
    flags(task),
    config,
    Object.keys(kept).filter((name) => !Object.hasOwn(typed, name)),
  );
  const asked = { ...kept, ...typed };
  const options = Object.entries(asked).filter(([name]) => !Object.hasOwn(task.outputs, name));
  const table = Object.keys(task.inputs).find((name) => Object.hasOwn(kept, name));
  if (table !== undefined) throw new UsageError(`${config} names '${table}', which must be given on the command line.`);
  const request = check(task, { ...Object.fromEntries(options), ...inputs }, spelling);
  if (checkpoint !== undefined && task.resumes) {
    checkCompany('--checkpoint', { only: task.resumes }, asked, request, spelling);
  }
  if (dry && events !== undefined)
    throw new UsageError('--events writes what happened, and in a --dry-run nothing does: leave one out.');
  const asPlaced = placeOf(
    { ranks, timeout, rankLogs, network, events, dryRun: dry && !task.forecast },
    task.choosesRanks,
  );
  if (asPlaced) checkRanks(task, asPlaced, asked, request, spelling);
  if (dry) return predicted(task, request, asPlaced, spelling, { command, json, quiet });
  const speaks = asPlaced === undefined || asPlaced.rank === 0;
  const paths = outputPaths(task, asked, spelling);
  for (const [name, output] of Object.entries(task.outputs)) {
    if (paths[name] !== undefined) checkCompany(spelling.option(name), { only: output.only }, asked, request, spelling);
  }
  checkTargets(filesRead(task, request, spelling, config), [
    ...Object.entries(paths).flatMap(([name, path]): Named[] =>
      path === undefined ? [] : [[spelling.option(name), path]],
    ),
    ...(checkpoint === undefined ? [] : [['--checkpoint', checkpoint] as const]),
    ...(events === undefined ? [] : [['--events', events] as const]),
  ]);
  if (events !== undefined) checkWritable(events);
  const alone = asPlaced && (await whyAlone(task, request, spelling));
  // If one rank does all the work, the others have nothing to do.
  if (alone !== undefined && !speaks) return 0;
  const place = alone === undefined ? asPlaced : undefined;
  const outputs = Object.entries(task.outputs);
  const pictures = outputs.some(([name, output]) => output.pictures === true && paths[name] !== undefined);
  // With several processes, only the first prints and writes.
  const files = speaks
    ? outputs.map(([name, output]) => [output, fileOf(output, paths[name], spelling.option(name))] as const)
    : [];
  const byBlocks = (output: Output<TaskResult>) => 'blocks' in output && output.blocks === true;
  const rows: Record<string, RowTarget> = Object.fromEntries(
    outputs.filter(([, output]) => byBlocks(output)).map(([name]) => [name, { path: paths[name], kept: json }]),
  );
  const printed = json ? undefined : outputs.find(([name, { screen }]) => screen && paths[name] === undefined)?.[1];
  return runTableJob<TaskResult>(
    {
      job: 'task',
      ...{ asked: request, verb: task.verb.join(' '), command, pictures, checkpoint, resume, place, rows },
      ...(alone !== undefined && asPlaced && asPlaced.size > 1 && { alone: { why: alone, ranks: asPlaced.size } }),
    } satisfies TaskJob,
    {
      quiet,
      json,
      files: files.flatMap(([output, own]) => (byBlocks(output) ? [] : own)),
      made: files.flatMap(([output, own]) => (byBlocks(output) ? own : [])),
      ...(printed && { screen: (result: TaskResult) => printedText(printed, result) }),
      ...task.interrupted,
      exit: (result) => task.exit?.(result, request),
      document: (result, written) =>
        documentOf(
          task,
          result,
          Object.fromEntries(Object.entries(paths).filter(([, path]) => path !== undefined && written(path))),
        ),
      text: (result, done, told) => {
        const view = task.view(result);
        const shown = { ...view, notes: view.notes.filter((note) => !told.includes(note)) };
        return printed ? briefText(shown) : viewText(shown, { done, reads: reads(task) });
      },
    },
  );
}

/** Why one rank does all the work of a request. */
const whyAlone = async (task: Task, request: AnyRequest, spelling: Spelling): Promise<string | undefined> =>
  task.alone?.(request, {
    spell: spelling.option,
    model: (input) => readModel(request[input] as string),
    async undivided(input) {
      const path = request[input] as string;
      const { drop: _, ...reading } = readingOf(request as Reading, flagOf);
      const why = await undivided(path, reading);
      return why && `${path === '-' ? 'Standard input' : basename(path)} ${why}`;
    },
  });

/** The text of an output on standard output; empty if the job has already written it there in blocks. */
function printedText(output: Output<TaskResult>, result: TaskResult): string | Uint8Array {
  if (!('text' in output)) return '';
  const text = output.text(result, chartScript);
  // Training data of a network may contain terminal control characters, which are only passed to files and pipes.
  return process.stdout.isTTY && typeof text === 'string' ? shown(text) : text;
}

/** What a dry run prints: a prediction measured on the ranks, or a plan; returns the exit code. */
async function predicted(
  task: Task,
  request: AnyRequest,
  place: Place | undefined,
  spelling: Spelling,
  { command, ...how }: { readonly command: string } & Pick<RunOptions, 'json' | 'quiet'>,
): Promise<number> {
  if (!place) throw new UsageError('--dry-run needs several ranks: give --ranks as well.');
  if (task.forecast)
    return forecast({ job: 'task', asked: request, verb: task.verb.join(' '), command, pictures: false, place }, how);
  if (place.kind === 'mpi' && place.rank > 0) return 0;
  return dryRun(task, request, place, spelling, how);
}

/** Throws if a task, or this request of it, does not support several ranks, or what they are given. */
function checkRanks(
  { verb, ranks, forecast, steps }: Task,
  { work }: Place,
  asked: AnyRequest,
  request: AnyRequest,
  spelling: Spelling,
): void {
  if (ranks === undefined) {
    throw new UsageError(onOneRank(verb.join(' ')));
  }
  if (ranks !== true) checkCompany('Running on ranks', { only: ranks }, asked, request, spelling);
  const declares = forecast !== undefined || Object.entries(steps ?? {}).some(([name, of]) => meets(of, request[name]));
  if (work !== undefined && !declares)
    throw new UsageError('--network work=… is for commands whose steps do equal work: leave it out.');
}

/** The input files of a request, with the flag or argument that names them. */
function filesRead(task: Task, request: AnyRequest, spelling: Spelling, config: string | undefined): Named[] {
  const names = [
    ...Object.keys(task.inputs)
      .filter((name) => isFile(task.inputs[name]))
      .map((name) => [name, name] as const),
    ...Object.keys(task.options)
      .filter((name) => declared(task.options[name]).kind === 'file')
      .map((name) => [spelling.option(name), name] as const),
  ];
  return [
    ...names.flatMap(([title, name]): Named[] => {
      const paths = [request[name]].flat();
      return paths.flatMap((path): Named[] => (typeof path === 'string' ? [[title, path]] : []));
    }),
    ...(config === undefined ? [] : [['--config', config] as const]),
  ];
}

/** The file of an output, if requested. */
function fileOf(output: Output<TaskResult>, path: string | undefined, option: string): Array<TableFile<TaskResult>> {
  if ('columns' in output) return tableFile(path, option, (result) => output.columns(result), output.noun);
  if ('formats' in output) {
    const texts = Object.entries(output.formats).map(([ending, { text }]) => [ending, text] as const);
    return formatFile(path, option, Object.fromEntries(texts), output.noun);
  }
  if (path === undefined) return [];
  checkWritable(path);
  return [{ path, noun: output.noun, bytes: (result) => output.text(result, chartScript) }];
}
