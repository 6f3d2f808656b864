import { check, documentOf, flags, type Task } from '@southwell/tasks';
import type { CheckpointRequest } from '../checkpoint-file.ts';
import { UsageError } from '../errors.ts';
import { runTableJob, tableFile } from '../table-job.ts';
import { configSpelling, outputPaths, readConfig } from './config.ts';
import { viewText } from './text.ts';

interface RunOptions extends CheckpointRequest {
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Checks what was asked for, does it beside the main thread, writes and prints; gives the exit code. */
export function runTaskCommand(
  task: Task,
  inputs: Readonly<Record<string, unknown>>,
  given: RunOptions & Readonly<Record<string, unknown>>,
): Promise<number> {
  const { config, json, quiet, checkpoint, resume, jsonSchema: _, ...typed } = given;
  const kept = config === undefined ? {} : readConfig(config);
  const spelling = configSpelling(
    flags(task),
    config,
    Object.keys(kept).filter((name) => !Object.hasOwn(typed, name)),
  );
  const asked = { ...kept, ...typed };
  const options = Object.entries(asked).filter(([name]) => !Object.hasOwn(task.outputs, name));
  const table = Object.keys(task.inputs).find((name) => Object.hasOwn(kept, name));
  if (table !== undefined) throw new UsageError(`${config} names '${table}', which is for the command line to name.`);
  const request = check(task, { ...Object.fromEntries(options), ...inputs }, spelling);
  const paths = outputPaths(task, asked, spelling);
  return runTableJob(
    new URL('../task-worker.js', import.meta.url),
    { ...(request as { data: string }), verb: task.verb.join(' '), checkpoint, resume },
    {
      quiet,
      json,
      files: Object.entries(task.outputs).flatMap(([name, output]) =>
        tableFile(paths[name], spelling.option(name), (result: Awaited<ReturnType<Task['job']>>) =>
          output.columns(result),
        ),
      ),
      ...task.interrupted,
      document: (result) => documentOf(task, result, paths),
      text: (result) => viewText(task.view(result)),
    },
  );
}
