import { accelerator } from '@southwell/kernels';
import { knownKeys, type OptionKeys } from './checks.ts';
import { SouthwellError } from './errors.ts';
import { finished, type Status, stoppedBy, whatNext } from './status.ts';
import { Trace, type TraceEntry } from './trace.ts';

/**
 * The protocol that all methods follow: a method is a generator of iterates, and everything else (a blocking call, a
 * progress bar, a live plot, a checkpoint, an abort button) consumes it. Methods contain mathematics only; tolerances,
 * limits, clocks, signals, observers and checkpoints belong to the runner.
 */

/** A certificate of optimality: bounds or measures the distance to a solution. */
export interface Certificate {
  /** Families may define further kinds, such as `boundGap` between an incumbent and a lower bound. */
  readonly kind:
    | 'dualityGap'
    | 'kktResidual'
    | 'gradientNorm'
    | 'objectiveGap'
    | 'residual'
    | 'normalResidual'
    // Keeps the literal names above in editor completion.
    | (string & Record<never, never>);
  /**
   * Absolute value, in units of the objective (gaps) or of the gradient (residuals); ‖b − Ax‖ of a linear system, ‖Aᵀ(b − Ax)‖
   * of a least-squares problem.
   */
  readonly value: number;
  /**
   * The value divided by its scale at the start (for gaps, the objective at zero). This is what `tol` is compared with.
   */
  readonly relative: number;
}

/**
 * Work done so far, in machine-independent units. Families may add counters of their own, such as `environmentSteps`.
 */
export interface Work {
  [counter: string]: number | undefined;
  epochs?: number;
  matrixVectorProducts?: number;
  /** Evaluations of an oracle: values, gradients or others. */
  oracleCalls?: number;
  /** Nodes of a search tree, or events of a simulation. */
  nodes?: number;
  messages?: number;
  bytesSent?: number;
}

/**
 * One step of a method: a cheap read-only view, valid only until the next iterate is requested. `O` is undefined for
 * methods without an objective, such as a simulation, a controller or a pass over data.
 */
export interface Iterate<P, O extends number | undefined = number> {
  /** Number of steps. A resumed method continues from the count in its checkpoint. */
  readonly iteration: number;
  readonly objective: O;
  readonly certificate?: Certificate;
  /** Further metrics by name: validation loss, regret, lower bound, incumbent. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Size of the support or working set, if the method has one. */
  readonly active?: number;
  readonly work: Readonly<Work>;
  /** Simulated time in seconds, if the method simulates a clock. */
  readonly simulatedSeconds?: number;
  /** Set when the method terminates by itself. */
  readonly done?: Status;
  /** Advice on what to try next, if it is more specific than that of the status. */
  readonly next?: string;
  /**
   * Whether the method can diverge or throw midway (fixed step sizes, factorisations that may break down). If so, the
   * runner copies the point from time to time in order to return a finite one. Omitted by methods whose points only
   * improve. 'diverge' means that the method does not throw by itself: an error comes from another rank and is
   * rethrown.
   */
  readonly mayFail?: boolean | 'diverge';
  /** Copies the current answer: the best point if the method keeps one. */
  snapshot(): P;
  /**
   * Copies the whole state at a boundary (a path point, an epoch, a generation). Passed to the method as `resume`, it
   * reproduces the remaining iterates bit for bit. Plain data and typed arrays; see checkpoint.ts. Absent between
   * boundaries.
   */
  checkpoint?(): unknown;
}

/** Stopping criteria and callbacks. They belong to the caller, never to a method. */
export interface RunOptions<P, O extends number | undefined = number> {
  /** Tolerance: the run stops when the relative certificate is at most this. */
  tol?: number;
  maxIter?: number;
  /** Time limit in seconds. */
  timeLimit?: number;
  /** Stops the run at its next iterate; after `AbortSignal.timeout` the status is `time-limit`. */
  signal?: AbortSignal;
  /** Called with every iterate. */
  onIterate?: (iterate: Iterate<P, O>) => void;
  /**
   * Saves the state at boundaries, at most once in `every` seconds (default 0: at each boundary), and when a run is cut
   * short.
   */
  checkpoint?: { readonly every?: number; save(state: unknown, iteration: number): void };
}

/**
 * A signal shared by ranks, whose clocks differ. `onAny` is a collective call that returns whether the condition holds
 * on any rank; all ranks must call it equally often.
 */
export interface SharedSignal extends AbortSignal {
  onAny(own: boolean): boolean;
}

/** Whether the limit in seconds has been reached, here or, if the signal is shared by several ranks, on any of them. */
function isLate(seconds: number, limit: number, signal: AbortSignal | undefined): boolean {
  const own = seconds >= limit;
  if (limit === Number.POSITIVE_INFINITY || limit <= 0 || !signal || !('onAny' in signal)) return own;
  return (signal as SharedSignal).onAny(own);
}

/** Options of {@link run}. */
export const runKeys: OptionKeys<RunOptions<unknown>> = {
  tol: true,
  maxIter: true,
  timeLimit: true,
  signal: true,
  onIterate: true,
  checkpoint: true,
};

export const checkpointKeys: OptionKeys<NonNullable<RunOptions<unknown>['checkpoint']>> = { every: true, save: true };

const asyncKeys: OptionKeys<RunOptions<unknown> & { sliceMs?: number }> = { ...runKeys, sliceMs: true };

export interface Solution<P, O extends number | undefined = number> {
  /** The point of the last iterate; if the run diverged or failed, the last finite one that was kept. */
  readonly point: P;
  readonly status: Status;
  /** Objective at the point. */
  readonly objective: O;
  readonly iterations: number;
  readonly certificate?: Certificate;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly work: Readonly<Work>;
  /** Bounded in size: see {@link Trace}. */
  readonly trace: ReadonlyArray<TraceEntry<O>>;
  readonly seconds: number;
  readonly simulatedSeconds?: number;
  /** The BLAS used for dense products, if any; results depend on it in their last bits. */
  readonly accelerator?: string;
  /** Advice on what to try next if the run did not end as requested. */
  readonly next?: string;
  /** The error thrown by the method, if the run failed. */
  readonly error?: SouthwellError;
}

const now = (): number => performance.now() / 1000;

/** Ratio of the iteration numbers of successive copies of the point. */
const SPACING = 1.25;

class Run<P, O extends number | undefined> {
  private readonly start = now();
  private readonly trace = new Trace<O>();
  private last: Iterate<P, O> | undefined;
  private status: Status | undefined;
  private error: SouthwellError | undefined;
  private finite: { readonly point: P; readonly objective: O; readonly iteration: number } | undefined;
  private nextCopy = 0;
  private saved = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: RunOptions<P, O>) {
    knownKeys('checkpoint', options.checkpoint, checkpointKeys);
  }

  /** Processes one iterate; returns true when the run is over. */
  take(iterate: Iterate<P, O>): boolean {
    const { tol, maxIter = Number.POSITIVE_INFINITY, timeLimit = Number.POSITIVE_INFINITY, signal } = this.options;
    const seconds = now() - this.start;
    this.last = iterate;
    this.trace.add({
      iteration: iterate.iteration,
      objective: iterate.objective,
      certificate: iterate.certificate?.relative,
      metrics: iterate.metrics,
      active: iterate.active,
      seconds,
      simulatedSeconds: iterate.simulatedSeconds,
    });
    this.options.onIterate?.(iterate);
    const { objective } = iterate;
    if (iterate.certificate && tol !== undefined && iterate.certificate.relative <= tol) this.status = 'converged';
    else if (iterate.done) this.status = iterate.done;
    else if (objective !== undefined && Number.isNaN(objective)) this.status = 'diverged';
    else if (signal?.aborted) this.status = stoppedBy(signal);
    else if (iterate.iteration >= maxIter) this.status = 'iteration-limit';
    else if (isLate(seconds, timeLimit, signal)) this.status = 'time-limit';
    this.keepCopies(iterate, seconds);
    return this.status !== undefined;
  }

  private keepCopies(iterate: Iterate<P, O>, seconds: number): void {
    const { checkpoint } = this.options;
    const over = this.status !== undefined;
    // The state may be gathered from all ranks, so all must save at the same boundaries.
    const due = () => isLate(seconds - this.saved, checkpoint?.every ?? 0, this.options.signal);
    if (checkpoint && iterate.checkpoint && (over || due())) {
      checkpoint.save(iterate.checkpoint(), iterate.iteration);
      this.saved = seconds;
    }
    const { iteration, objective, mayFail } = iterate;
    if (over || !mayFail || iteration < this.nextCopy || (objective !== undefined && !Number.isFinite(objective)))
      return;
    this.finite = { point: iterate.snapshot(), objective, iteration };
    this.nextCopy = Math.ceil(SPACING * iteration) + 1;
  }

  /** Whether to end a run at its last iterate while the method is still waiting. */
  cutShort(): boolean {
    const { last } = this;
    if (!last || this.status !== undefined) return false;
    const { timeLimit = Number.POSITIVE_INFINITY, signal } = this.options;
    const seconds = now() - this.start;
    if (signal?.aborted) this.status = stoppedBy(signal);
    else if (seconds >= timeLimit) this.status = 'time-limit';
    else return false;
    this.keepCopies(last, seconds);
    return true;
  }

  /**
   * Handles an error thrown by the method: the run ends as `failed` if there is a finite point to return; otherwise the
   * error is rethrown.
   */
  fail(error: unknown): void {
    if (!(error instanceof SouthwellError) || !this.finite || this.last?.mayFail === 'diverge') throw error;
    this.status = 'failed';
    this.error = error;
  }

  solution(): Solution<P, O> {
    const { last, error } = this;
    if (!last) throw new Error('A method must yield at least one iterate.');
    const status = this.status ?? 'stalled';
    const lost = status === 'failed' || (status === 'diverged' && !Number.isFinite(last.objective));
    const point = lost && this.finite ? this.finite.point : last.snapshot();
    const seconds = now() - this.start;
    return {
      point,
      status,
      objective: lost && this.finite ? this.finite.objective : last.objective,
      iterations: last.iteration,
      certificate: lost ? undefined : last.certificate,
      metrics: last.metrics,
      work: { ...last.work },
      trace: this.trace.entries(),
      seconds,
      simulatedSeconds: last.simulatedSeconds,
      ...(accelerator() && { accelerator: accelerator()!.name }),
      next: finished(status) ? undefined : (last.next ?? whatNext(status)),
      error,
    };
  }
}

/**
 * Runs a method to its end, synchronously. The first iterate is iteration 0, the starting point. If a method that may
 * fail throws a {@link SouthwellError}, the status is `failed` provided there is a finite point to return; all other
 * errors are rethrown.
 */
export function run<P, O extends number | undefined = number>(
  method: Iterable<Iterate<P, O>>,
  options: RunOptions<P, O> = {},
): Solution<P, O> {
  knownKeys('run', options, runKeys);
  const state = new Run<P, O>(options);
  try {
    // The solution is taken inside the loop: leaving the loop ends the generator, which then frees its memory, and the
    // iterate is a view of that memory.
    for (const iterate of method) if (state.take(iterate)) return state.solution();
  } catch (error) {
    state.fail(error);
  }
  return state.solution();
}

/**
 * Like {@link run}, for asynchronous methods too. It yields to the event loop every `sliceMs` milliseconds, so that
 * aborts, timers and drawing work. Once the signal or the time limit ends the run, it no longer waits for a pending
 * iterate; the last iterate must therefore remain valid while the method is waiting.
 */
export async function runAsync<P, O extends number | undefined = number>(
  method: Iterable<Iterate<P, O>> | AsyncIterable<Iterate<P, O>>,
  options: RunOptions<P, O> & { sliceMs?: number } = {},
): Promise<Solution<P, O>> {
  knownKeys('runAsync', options, asyncKeys);
  const state = new Run<P, O>(options);
  const slice = (options.sliceMs ?? 25) / 1000;
  let sliceEnd = now() + slice;
  const turn = async () => {
    if (now() <= sliceEnd) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    sliceEnd = now() + slice;
  };
  try {
    // `for await` over both kinds would await every iterate of a synchronous method.
    if (Symbol.asyncIterator in method) {
      for await (const iterate of interruptible(method, options, () => state.cutShort())) {
        if (state.take(iterate)) return state.solution();
        await turn();
      }
    } else {
      for (const iterate of method) {
        if (state.take(iterate)) return state.solution();
        if (now() > sliceEnd) await turn();
      }
    }
  } catch (error) {
    state.fail(error);
  }
  return state.solution();
}

/** The longest delay that timers support, in seconds. */
const LONGEST = 2e6;

/**
 * Yields the iterates of the method until `over` returns true; `over` is called when the signal aborts or the time
 * limit is reached.
 */
async function* interruptible<T>(
  method: AsyncIterable<T>,
  { timeLimit = Number.POSITIVE_INFINITY, signal }: { readonly timeLimit?: number; readonly signal?: AbortSignal },
  over: () => boolean,
): AsyncGenerator<T> {
  const iterator = method[Symbol.asyncIterator]();
  let stop = (): boolean => false;
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => {
      const stops = over();
      if (stops) resolve(undefined);
      return stops;
    };
  });
  let clock: ReturnType<typeof setTimeout> | undefined;
  // Tries again if the timer fired early or there is no iterate yet.
  const wait = (seconds: number) => {
    clock = setTimeout(() => stop() || wait(0.005), 1000 * seconds);
  };
  if (timeLimit < LONGEST) wait(timeLimit);
  signal?.addEventListener('abort', stop);
  try {
    for (;;) {
      const next = iterator.next();
      // A rejection after the end of the run is ignored.
      next.catch(() => {});
      const found = await Promise.race([next, stopped]);
      if (!found || found.done) return;
      yield found.value;
    }
  } finally {
    clearTimeout(clock);
    signal?.removeEventListener('abort', stop);
    // Not awaited, since the method may be waiting for something that never arrives.
    iterator.return?.().catch(() => {});
  }
}

/** A problem bound to its checked data, to be solved repeatedly; each solve may start from the last point. */
export interface PreparedProblem<P, Options = RunOptions<P>, S = Solution<P>> {
  /** Solves from the given point, by default from the method's own starting point. */
  solve(from?: P, options?: Options): S;
  /** Frees memory; the object must not be used afterwards. */
  release(): void;
}
