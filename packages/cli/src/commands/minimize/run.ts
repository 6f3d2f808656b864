import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { checkWritable, failFile, writeFileAtomic } from '@southwell/data/node';
import { SouthwellError } from '@southwell/numerics/core';
import { count, duration, number } from '@southwell/tasks';
import {
  type AsyncObjective,
  asynchronousMethodNames,
  type Checkpoint,
  type MethodName,
  type MinimizeResult,
  minimizeAsync,
  type Search,
  testFunction,
  workerObjective,
} from 'southwell/black-box';
import pc from '../../colours.ts';
import { EXIT, UsageError } from '../../errors.ts';
import { onInterrupt } from '../../interrupt.ts';
import { ProgressLine } from '../../progress.ts';
import { printable, table, wrap } from '../../text.ts';
import { evaluateCommand, takesPoint } from './external.ts';

export interface MinimizeCommandOptions {
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
  readonly checkpoint?: string;
  readonly resume?: boolean;
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
  const { checkpoint: path, resume, method, repeats, restarts, budget, target, timeLimit, seed, jobs } = options;
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
  if (resume && path === undefined) throw new UsageError('--resume goes on from a file: name it with --checkpoint.');
  if (path !== undefined) checkWritable(path);
  if (path !== undefined && !resume && existsSync(path)) {
    throw new UsageError(`${path} exists: go on from it with --resume, or remove it.`);
  }
  const line = new ProgressLine(options.quiet === true);
  const saver = path === undefined ? undefined : new Saver(path);
  const controller = new AbortController();
  const release = onInterrupt(() => {
    line.clear();
    process.stderr.write('Stopping; the best point so far is kept. Ctrl-C again quits at once.\n');
    controller.abort();
  });
  let last: Search | undefined;
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
      onError: options.onError === 'skip' ? 'skip' : 'throw',
      resume: resume ? readCheckpoint(path!) : undefined,
      signal: controller.signal,
      onValue: (search) => {
        last = search;
        const best = search.best ? number(search.best.value, 6) : 'none';
        line.update(`${search.evaluations}/${search.budget} evaluations, best ${best}`);
        saver?.offer(search);
      },
    });
  } catch (error) {
    // What was found before must not be lost with it.
    if (last && saver) saver.save(last.checkpoint());
    if (last && !(error instanceof SouthwellError && error.code !== 'OBJECTIVE')) {
      line.clear();
      const kept = saver ? `; go on from it with --resume --checkpoint ${path}` : '';
      if (last.best)
        process.stderr.write(
          `${printable(`Best point so far: ${list(last.best.x)}, value ${last.best.value}${kept}.`)}\n`,
        );
    }
    throw error;
  } finally {
    line.clear();
    saver?.stop();
    task.close?.();
    release();
  }
  const exitCode =
    result.status === 'aborted' ||
    result.status === 'time-limit' ||
    result.objective === Number.POSITIVE_INFINITY ||
    (target !== undefined && !(result.objective <= target))
      ? EXIT.stopped
      : EXIT.done;
  try {
    saver?.save(result.checkpoint);
  } finally {
    // What cannot be written must not take the result with it.
    tell(task, options, result, exitCode, shown);
  }
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

const list = (x: Float64Array): string => `(${Array.from(x, (v) => number(v, 6)).join(', ')})`;

function readCheckpoint(path: string): Checkpoint {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    failFile(error, path, 'read');
  }
  try {
    return JSON.parse(text) as Checkpoint;
  } catch {
    throw new UsageError(`${path} is no checkpoint of a search.`);
  }
}

/** Writes a checkpoint once a second at most, and soon after the last value. */
class Saver {
  private timer: NodeJS.Timeout | undefined;
  constructor(private readonly path: string) {}

  offer(search: Search): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      try {
        this.save(search.checkpoint());
      } catch (error) {
        process.stderr.write(`${(error as Error).message} The search goes on.\n`);
      }
    }, 1000);
  }

  save(checkpoint: Checkpoint): void {
    writeFileAtomic(this.path, `${JSON.stringify(checkpoint)}\n`);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
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
  if (o.checkpoint !== undefined) lines.push(`Checkpoint written to ${o.checkpoint}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
