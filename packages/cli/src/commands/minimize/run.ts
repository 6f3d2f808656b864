import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { decodeCheckpoint, encodeCheckpoint, fingerprint, finished } from '@southwell/numerics/core';
import { type CheckpointStore, count, duration, number } from '@southwell/tasks';
import {
  type AsyncObjective,
  asynchronousMethodNames,
  type MethodName,
  type MinimizeResult,
  minimizeAsync,
  type SearchState,
  testFunction,
  workerObjective,
} from 'southwell/black-box';
import { type CheckpointRequest, checkCheckpoint, fileStore } from '../../checkpoint-file.ts';
import pc from '../../colours.ts';
import { EXIT, UsageError } from '../../errors.ts';
import { onInterrupt } from '../../interrupt.ts';
import { ProgressLine } from '../../progress.ts';
import { printable, table, wrap } from '../../text.ts';
import { evaluateCommand, takesPoint } from './external.ts';

export interface MinimizeCommandOptions extends CheckpointRequest {
  readonly command?: string;
  readonly module?: string;
  readonly repeats: number;
  readonly noisy?: boolean;
  readonly dim?: number;
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly x0?: readonly number[];
  readonly sigma?: readonly number[];
  /** True for all coordinates, else a list counted from 1. */
  readonly integer?: true | readonly number[];
  readonly method: MethodName;
  readonly restarts: number;
  readonly budget?: number;
  readonly target?: number;
  readonly timeLimit?: number;
  readonly evaluationLimit?: number;
  readonly seed: number;
  readonly instance: number;
  readonly jobs: number;
  readonly asynchronous?: boolean;
  readonly onError: 'stop' | 'skip';
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface Task {
  readonly name: string;
  readonly dim: number;
  readonly f: AsyncObjective;
  /** Ends what evaluates. */
  readonly close?: () => void;
  readonly lower?: number | readonly number[];
  readonly upper?: number | readonly number[];
  /** The least value there is, where that is known. */
  readonly fopt?: number;
}

/** The minimize command: gives the exit code. */
export async function minimizeCommand(
  name: string | undefined,
  options: MinimizeCommandOptions,
  shown: string,
): Promise<number> {
  const task = taskOf(name, options);
  const { method, repeats, restarts, budget, target, timeLimit, seed, jobs } = options;
  if (options.noisy && method !== 'cma-es') {
    throw new UsageError(`--noisy is for cma-es; with ${method} evaluate each point more than once: --repeats 10.`);
  }
  if (options.asynchronous && options.noisy) {
    throw new UsageError(
      '--noisy compares values of one batch; with --asynchronous evaluate repeatedly: --repeats 10.',
    );
  }
  if (options.asynchronous && !asynchronousMethodNames.includes(method)) {
    throw new UsageError(
      `${method} has to wait for values; --asynchronous is for ${asynchronousMethodNames.join(', ')}.`,
    );
  }
  checkCheckpoint(options);
  const store = fileStore(options);
  const resume = store?.text === undefined ? undefined : stateIn(store.text, options.checkpoint!);
  const line = new ProgressLine(options.quiet === true);
  const controller = new AbortController();
  const release = onInterrupt(() => {
    line.clear();
    process.stderr.write('Stopping; the best point so far is kept. Ctrl-C again quits at once.\n');
    controller.abort();
  });
  let result: MinimizeResult;
  try {
    result = await minimizeAsync(task.f, {
      dim: task.dim,
      x0: options.x0 && spread(options.x0, task.dim),
      lower: task.lower,
      upper: task.upper,
      sigma: options.sigma && spread(options.sigma, task.dim),
      integer: options.integer === true ? true : options.integer?.map((k) => k - 1),
      method: options.noisy ? { name: 'cma-es', noisy: true } : method,
      repeats,
      restarts,
      budget,
      target,
      timeLimit,
      evaluationLimit: options.evaluationLimit,
      seed,
      jobs,
      asynchronous: options.asynchronous,
      onError: options.onError,
      resume,
      signal: controller.signal,
      onIterate: ({ work, objective }) => {
        const best = objective === Number.POSITIVE_INFINITY ? 'none' : number(objective, 6);
        line.update(`${work.oracleCalls} evaluations, best ${best}`);
      },
      checkpoint: store && keeping(store),
    });
  } finally {
    line.clear();
    task.close?.();
    release();
  }
  const missed = target !== undefined && !(result.objective <= target);
  const exitCode =
    result.status === 'failed' ? EXIT.usage : finished(result.status) && !missed ? EXIT.done : EXIT.stopped;
  tell(task, options, result, exitCode, shown);
  if (result.error) process.stderr.write(`southwell: ${printable(result.error.message)}\n`);
  return exitCode;
}

function taskOf(name: string | undefined, o: MinimizeCommandOptions): Task {
  if ([name, o.command, o.module].filter((v) => v !== undefined).length !== 1) {
    throw new UsageError(
      'Say what to minimise, one of three: the name of a test function, --command with a program, --module with a file.',
    );
  }
  const lengths = [o.lower, o.upper, o.x0, o.sigma].map((v) => v?.length ?? 1).filter((n) => n > 1);
  const dim = o.dim ?? lengths[0] ?? (name === undefined ? undefined : 2);
  if (dim === undefined) throw new UsageError('Say how many coordinates the point has: --dim 3.');
  const bounds = { lower: o.lower && spread(o.lower, dim), upper: o.upper && spread(o.upper, dim) };
  if (name !== undefined) {
    const { name: title, f, lower, upper, fopt } = testFunction(name, dim, o.instance);
    return { name: title, dim, f, lower: bounds.lower ?? lower, upper: bounds.upper ?? upper, fopt };
  }
  if (o.module !== undefined) {
    if (!existsSync(o.module)) throw new UsageError(`${o.module} cannot be read: there is no such file.`);
    const f = workerObjective(pathToFileURL(o.module));
    return { name: o.module, dim, f, close: f.close, ...bounds };
  }
  const command = o.command!;
  if (!takesPoint(command)) {
    throw new UsageError('--command must say where the point goes: {x} for all coordinates, or {x1}, {x2} …');
  }
  for (const [, k] of command.matchAll(/\{x(\d+)\}/g)) {
    if (!(Number(k) >= 1 && Number(k) <= dim))
      throw new UsageError(`--command has {x${k}}, but there are ${dim} coordinates.`);
  }
  return { name: command, dim, f: (x, signal) => evaluateCommand(command, x, signal), ...bounds };
}

/** One number stands for all coordinates. */
const spread = (values: readonly number[], dim: number): readonly number[] =>
  values.length === 1 ? new Array<number>(dim).fill(values[0]) : values;

const METHOD = 'black-box search';

/** What a checkpoint of an earlier run kept. Throws a sentence for a file that holds none. */
function stateIn(text: string, path: string): SearchState {
  if (text.startsWith('{"southwell":"black-box checkpoint"')) {
    throw new UsageError(
      `${path} is a checkpoint of an earlier release: go on with that release, or start afresh with another file.`,
    );
  }
  return decodeCheckpoint<SearchState>(text, { method: METHOD }).state;
}

/** Writes what the runner offers; a disk that is full must not end the search. */
function keeping({ every, write }: CheckpointStore) {
  const save = (kept: unknown, iteration: number): void => {
    const state = kept as SearchState;
    try {
      write(encodeCheckpoint({ method: METHOD, problem: fingerprint(state.settings), iteration, state }));
    } catch (error) {
      process.stderr.write(`${(error as Error).message} The search goes on.\n`);
    }
  };
  return { every, save };
}

function tell(task: Task, o: MinimizeCommandOptions, r: MinimizeResult, exitCode: number, shown: string): void {
  if (o.json) {
    const document = {
      southwell: 1,
      command: shown,
      objective: task.name,
      dim: task.dim,
      method: o.method,
      ...(o.noisy && { noisy: true }),
      ...(o.repeats > 1 && { repeats: o.repeats }),
      ...(o.asynchronous && { asynchronous: true }),
      seed: o.seed,
      value: Number.isFinite(r.objective) ? r.objective : String(r.objective),
      x: Array.from(r.point),
      ...(task.fopt !== undefined && { known: task.fopt }),
      status: r.status,
      message: r.message,
      ...(r.next !== undefined && { next: r.next }),
      ...(r.error && { error: r.error.message }),
      evaluations: r.evaluations,
      iterations: r.iterations,
      seconds: r.seconds,
      ...(o.checkpoint !== undefined && { checkpoint: o.checkpoint }),
      exitCode,
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  if (o.quiet) return;
  const least = o.noisy
    ? 'value at the mean of the search'
    : o.repeats > 1
      ? `least mean of ${o.repeats} values`
      : 'least value';
  const lines = [
    '',
    pc.bold(wrap(`${printable(task.name)}: ${least} ${number(r.objective, 7)} in ${count(task.dim, 'coordinate')}.`)),
  ];
  if (task.fopt !== undefined) lines.push(`  ${number(r.objective - task.fopt, 3)} above the least there is.`);
  const most = 20;
  lines.push(
    '',
    table(
      [{ title: 'coordinate' }, { title: 'value', align: 'right' }],
      Array.from(r.point.subarray(0, most), (v, i) => [`x${i + 1}`, number(v, 7)]),
    ),
  );
  if (r.point.length > most) lines.push(pc.dim(`  … and ${r.point.length - most} more; --json prints all.`));
  const ended = exitCode === EXIT.done ? pc.green(r.message) : pc.yellow(r.message);
  lines.push('', ended, pc.dim(`${count(r.evaluations, 'evaluation')} by ${o.method} in ${duration(r.seconds)}.`));
  if (r.next !== undefined) lines.push(wrap(r.next));
  if (o.checkpoint !== undefined) lines.push(`Checkpoint written to ${o.checkpoint}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
