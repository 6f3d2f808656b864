import { accelerator } from '@southwell/kernels';
import { knownKeys, type OptionKeys } from './checks.ts';
import { SouthwellError } from './errors.ts';
import { finished, type Status, whatNext } from './status.ts';
import { Trace, type TraceEntry } from './trace.ts';

/**
 * The one protocol: a method is a generator of iterates, and everything else (a blocking call, a progress bar, a live
 * plot, a checkpoint, an abort button) is a way to consume it. Methods write mathematics only; tolerances, limits, clocks,
 * signals, observers and checkpoints belong to the runner.
 */

/** A certificate of optimality: bounds or measures the distance to a solution. */
export interface Certificate {
  /** Families may have kinds of their own, such as `boundGap` between an incumbent and a lower bound. */
  readonly kind:
    | 'dualityGap'
    | 'kktResidual'
    | 'gradientNorm'
    | 'objectiveGap'
    | 'residual'
    | 'normalResidual'
    // Keeps the names above in completion.
    | (string & Record<never, never>);
  /**
   * Absolute value, in units of the objective (gaps) or of the gradient (residuals); ‖b − Ax‖ of a linear system, ‖Aᵀ(b − Ax)‖
   * of a least-squares problem.
   */
  readonly value: number;
  /** The value divided by its scale at the start (the objective at zero for gaps): what `tol` is compared with. */
  readonly relative: number;
}

/** Work so far in machine-independent units. Families may count more, by names of their own: `environmentSteps`. */
export interface Work {
  [counter: string]: number | undefined;
  epochs?: number;
  matrixVectorProducts?: number;
  /** Values, gradients or other answers of an oracle. */
  oracleCalls?: number;
  /** Nodes of a search tree, or events of a simulation. */
  nodes?: number;
  messages?: number;
  bytesSent?: number;
}

/**
 * One step of a method: a cheap read-only view, valid only until the method is asked for the next one. `O` is undefined
 * for methods without an objective: a simulation, a controller, a pass over data.
 */
export interface Iterate<P, O extends number | undefined = number> {
  /** Number of steps. A resumed method continues the count of its checkpoint. */
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
  /** Advice on what to try next, if more specific than that of the status. */
  readonly next?: string;
  /**
   * The method can diverge or throw in the middle (steps of a fixed size, factorisations that may break down): the runner
   * then copies the point now and then, to answer with a finite one. Left out by methods whose points only get better. With
   * 'diverge' it cannot throw by itself: what is thrown is of other ranks, and goes on.
   */
  readonly mayFail?: boolean | 'diverge';
  /** Copies the current answer: the best point if the method keeps one. */
  snapshot(): P;
  /**
   * Copies the whole state at a boundary (a path point, an epoch, a generation): what the method takes as `resume` to
   * repeat the rest to the last bit. Plain data and typed arrays; see checkpoint.ts. Absent between boundaries.
   */
  checkpoint?(): unknown;
}

/** Stopping criteria and callbacks, owned by the caller, never by a method. */
export interface RunOptions<P, O extends number | undefined = number> {
  /** Tolerance: stops when the relative certificate is at most this. */
  tol?: number;
  maxIter?: number;
  /** Seconds. */
  timeLimit?: number;
  signal?: AbortSignal;
  /** Callback for every iterate. */
  onIterate?: (iterate: Iterate<P, O>) => void;
  /** Keeps the state at boundaries, at most every `every` seconds (default 0: each), and at the end of a run cut short. */
  checkpoint?: { readonly every?: number; save(state: unknown, iteration: number): void };
}

/** A signal that ranks share, whose clocks differ: whether something holds on any of them, who all ask equally often. */
export interface SharedSignal extends AbortSignal {
  onAny(own: boolean): boolean;
}

/** Whether it is so many seconds later, here or, where the signal is one of several ranks, on any of them. */
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
  /** At the point. */
  readonly objective: O;
  readonly iterations: number;
  readonly certificate?: Certificate;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly work: Readonly<Work>;
  /** Bounded: see {@link Trace}. */
  readonly trace: ReadonlyArray<TraceEntry<O>>;
  readonly seconds: number;
  readonly simulatedSeconds?: number;
  /** The BLAS used for dense products, if any: bits depend on it. */
  readonly accelerator?: string;
  /** Advice on what to try next if the run did not end as asked. */
  readonly next?: string;
  /** The error thrown by the method, if the run failed. */
  readonly error?: SouthwellError;
}

const now = (): number => performance.now() / 1000;

/** Copies of the point are this much farther apart than the last two. */
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
    else if (signal?.aborted) this.status = 'aborted';
    else if (iterate.iteration >= maxIter) this.status = 'iteration-limit';
    else if (isLate(seconds, timeLimit, signal)) this.status = 'time-limit';
    this.keepCopies(iterate, seconds);
    return this.status !== undefined;
  }

  private keepCopies(iterate: Iterate<P, O>, seconds: number): void {
    const { checkpoint } = this.options;
    const over = this.status !== undefined;
    // States may be gathered from all ranks, at the same boundaries on all.
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

  /** Whether a run that waits for its method is to end without it: at the last iterate there was. */
  cutShort(): boolean {
    const { last } = this;
    if (!last || this.status !== undefined) return false;
    const { timeLimit = Number.POSITIVE_INFINITY, signal } = this.options;
    const seconds = now() - this.start;
    if (signal?.aborted) this.status = 'aborted';
    else if (seconds >= timeLimit) this.status = 'time-limit';
    else return false;
    this.keepCopies(last, seconds);
    return true;
  }

  /** A method threw: an answer where there is a point to give, else the error goes on. */
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
 * Runs a method to its end, synchronously. The first iterate is iteration 0, the starting point. A {@link SouthwellError} of a
 * method that may fail makes the status `failed` where there is a finite point to give; all others are thrown.
 */
export function run<P, O extends number | undefined = number>(
  method: Iterable<Iterate<P, O>>,
  options: RunOptions<P, O> = {},
): Solution<P, O> {
  knownKeys('run', options, runKeys);
  const state = new Run<P, O>(options);
  try {
    // Inside the loop: when a method is left it gives its memory back, and its iterate shows what is there then.
    for (const iterate of method) if (state.take(iterate)) return state.solution();
  } catch (error) {
    state.fail(error);
  }
  return state.solution();
}

/**
 * As {@link run}, for methods that wait for others too, and the event loop turns every `sliceMs` milliseconds so that
 * aborts, timers and drawing work. A method that waits is not waited for once the signal or the time says stop: while it
 * waits, its last iterate must show what there is.
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
    // Not `for await` over both: that would await every iterate of a synchronous method.
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

/** The longest delay that timers take, in seconds. */
const LONGEST = 2e6;

/** What the method yields, up to where `over` says stop, which is asked when the signal aborts or the time is up. */
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
  // Again where the timer was early, or no iterate has come yet.
  const wait = (seconds: number) => {
    clock = setTimeout(() => stop() || wait(0.005), 1000 * seconds);
  };
  if (timeLimit < LONGEST) wait(timeLimit);
  signal?.addEventListener('abort', stop);
  try {
    for (;;) {
      const next = iterator.next();
      // A failure after the end is nobody's any more.
      next.catch(() => {});
      const found = await Promise.race([next, stopped]);
      if (!found || found.done) return;
      yield found.value;
    }
  } finally {
    clearTimeout(clock);
    signal?.removeEventListener('abort', stop);
    // Not awaited: it may wait for what never comes.
    iterator.return?.().catch(() => {});
  }
}

/** A problem bound to its data and checked, for solving again: each solve may start from the last point. */
export interface PreparedProblem<P, Options = RunOptions<P>, S = Solution<P>> {
  /** From the given point, or where there is none from the method's own start. */
  solve(from?: P, options?: Options): S;
  /** Frees memory; the object cannot be used afterwards. */
  release(): void;
}
