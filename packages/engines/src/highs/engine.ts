import {
  checkOptions,
  fail,
  openWorker,
  SouthwellError,
  type Status,
  stoppedBy,
  type WorkerPort,
} from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { judged, objectiveAt, verify } from './check.ts';
import type { Answer, HighsProgress, Problem, Reply, Request, Settings } from './messages.ts';
import { type HighsOptions, type HighsResult, highsRecords, named } from './options.ts';
import { problemOf } from './problem.ts';

/** Seconds after the time limit at which a solver that has not stopped by itself is ended. */
const GRACE = 1;

/** @throws INVALID_SHAPE. */
function settingsOf(
  { start, timeLimit, mipGap, tolerance, explain }: HighsOptions,
  { variables, rows }: Problem,
): Settings {
  const x = start?.x && Float64Array.from(start.x);
  if (x && x.length !== variables)
    fail('INVALID_SHAPE', `The starting point has ${x.length} values for ${variables} variables.`);
  const basis = start?.basis;
  if (basis && (basis.variables.length !== variables || basis.rows.length !== rows)) {
    fail(
      'INVALID_SHAPE',
      `The starting basis is of ${basis.variables.length} variables and ${basis.rows.length} rows, not of ${variables} and ${rows}.`,
    );
  }
  return { timeLimit, mipGap, tolerance, explain, x, basis };
}

/**
 * HiGHS in a worker that is kept for further solves; `close` ends it. Solves follow one another.
 */
export class HighsEngine {
  private worker: Promise<WorkerPort> | undefined;
  /** The solve under way: how it receives messages, and how it fails. */
  private current: { receive(reply: Reply): void; failed(error: Error): void } | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  /**
   * Solves a model as {@link solveWithHighs} does.
   * @throws as solveWithHighs, as a rejected promise.
   */
  solve(model: Model, options: HighsOptions = {}): Promise<HighsResult> {
    const next = this.queue.then(() => this.solveNow(model, options));
    this.queue = next.catch(() => undefined);
    return next;
  }

  /** Ends the worker. */
  close(): void {
    this.end();
    this.current?.failed(new SouthwellError('NOT_SUPPORTED', 'The engine was closed.'));
  }

  private end(): void {
    const { worker } = this;
    this.worker = undefined;
    worker?.then(
      (port) => port.close(),
      () => undefined,
    );
  }

  private async solveNow(model: Model, options: HighsOptions): Promise<HighsResult> {
    checkOptions('solveWithHighs', highsRecords, options);
    const problem = problemOf(model);
    const settings = settingsOf(options, problem);
    const answer = await this.answer(problem, settings, options);
    const verification = verify(problem, answer);
    const { conflict, ...rest } = answer;
    const objective = answer.x && objectiveAt(problem, answer.x);
    return {
      ...rest,
      ...judged(problem, answer, verification),
      objective,
      bound: answer.bound ?? (answer.status === 'converged' ? objective : undefined),
      conflict: conflict && named(conflict, { rows: model.rows.names, variables: model.variables.names }),
      verification,
    };
  }

  private async answer(problem: Problem, settings: Settings, options: HighsOptions): Promise<Answer> {
    const { signal, timeLimit, onProgress, onIncumbent, module = 'highs' } = options;
    let best: Float64Array | undefined;
    let latest: HighsProgress | undefined;
    /** The answer of a solver that was ended. */
    const soFar = (status: Status): Answer => ({
      status,
      x: best,
      bound: latest?.bound,
      iterations: latest?.iterations ?? 0,
      nodes: latest?.nodes ?? 0,
    });
    if (signal?.aborted) return soFar(stoppedBy(signal));
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop: (() => void) | undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const end = (status: Status): void => {
          this.end();
          resolve(soFar(status));
        };
        stop = () => end(stoppedBy(signal));
        signal?.addEventListener('abort', stop, { once: true });
        this.current = {
          failed: reject,
          receive: (reply) => {
            if (reply.type === 'done') return resolve(reply.answer);
            if (reply.type === 'error') return reject(new SouthwellError(reply.code, reply.message));
            latest = reply.progress;
            if (reply.type === 'progress') return onProgress?.(latest);
            best = reply.x;
            onIncumbent?.(best, latest);
          },
        };
        this.open().then((port) => {
          if (signal?.aborted) return;
          if (timeLimit !== undefined && Number.isFinite(timeLimit))
            timer = setTimeout(() => end('time-limit'), 1000 * (timeLimit + GRACE));
          port.post({ module, problem, settings } satisfies Request);
        }, reject);
      });
    } finally {
      this.current = undefined;
      clearTimeout(timer);
      if (stop) signal?.removeEventListener('abort', stop);
    }
  }

  private open(): Promise<WorkerPort> {
    this.worker ??= openWorker<Reply>(
      import.meta.url,
      './highsWorker.js',
      () => new Worker(new URL('./highsWorker.js', import.meta.url), { type: 'module' }),
      (reply) => this.current?.receive(reply),
      (error) => {
        this.worker = undefined;
        this.current?.failed(error);
      },
    );
    return this.worker;
  }
}

/**
 * Solves a linear, mixed-integer or convex quadratic program by HiGHS, in a worker that ends with the solve. The
 * answer is checked against the model: a status that the check contradicts becomes `failed`. An abort ends the worker
 * and returns the best solution so far. For several solves, {@link HighsEngine} keeps the worker.
 * @throws NOT_SUPPORTED if HiGHS is not installed (with the command that installs it) or too old, for nonlinear models,
 * quadratic ones with whole variables, and objectives that are not convex; INVALID_SHAPE for a start of another size;
 * INVALID_PARAMETER for other values of options. All as a rejected promise.
 */
export async function solveWithHighs(model: Model, options: HighsOptions = {}): Promise<HighsResult> {
  const engine = new HighsEngine();
  try {
    return await engine.solve(model, options);
  } finally {
    engine.close();
  }
}
