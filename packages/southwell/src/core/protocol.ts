/** How a run ended. */
export type Status =
  | 'converged'
  | 'iteration-limit'
  | 'time-limit'
  | 'aborted'
  | 'stalled'
  | 'diverged'
  | 'infeasible'
  | 'unbounded';

/** A number that bounds or measures the distance to a solution. */
export interface Certificate {
  readonly kind: 'dualityGap' | 'kktResidual' | 'gradientNorm' | 'objectiveGap';
  /** Absolute value, in units of the objective (gaps) or of the gradient (residuals). */
  readonly value: number;
  /** The value divided by its scale at the start (the objective at zero for gaps): what `tol` is compared with. */
  readonly relative: number;
}

/** Work done so far, in units that do not depend on the machine. */
export interface Work {
  epochs?: number;
  matrixVectorProducts?: number;
  oracleCalls?: number;
  bytesSent?: number;
}

/** One step of a method: a cheap read-only view. Valid only until the method is asked for the next one. */
export interface Iterate<P> {
  readonly iteration: number;
  readonly objective: number;
  readonly certificate?: Certificate;
  /** Size of the support or working set, where the method has one. */
  readonly active?: number;
  readonly work: Readonly<Work>;
  /** The method itself knows that it has ended, and how. */
  readonly done?: Status;
  /** Copies the point. */
  snapshot(): P;
}

export interface TraceEntry {
  readonly iteration: number;
  readonly objective: number;
  readonly certificate?: number;
  readonly active?: number;
  /** Seconds since the start of the run. */
  readonly seconds: number;
}

/** Stopping rules and observers: owned by the caller, never by a method. */
export interface RunOptions<P> {
  /** Stop when the relative certificate is at most this. */
  tol?: number;
  maxIter?: number;
  /** Seconds. */
  timeLimit?: number;
  signal?: AbortSignal;
  /** Called for every iterate. */
  onIterate?: (iterate: Iterate<P>) => void;
}

export interface Solution<P> {
  readonly point: P;
  readonly status: Status;
  readonly objective: number;
  readonly iterations: number;
  readonly certificate?: Certificate;
  readonly trace: readonly TraceEntry[];
  readonly seconds: number;
}

const now = (): number => performance.now() / 1000;

class Run<P> {
  private readonly start = now();
  private readonly trace: TraceEntry[] = [];
  private last: Iterate<P> | undefined;
  private status: Status | undefined;

  constructor(private readonly options: RunOptions<P>) {}

  /** Takes one iterate; true when the run is over. */
  take(iterate: Iterate<P>): boolean {
    const { tol, maxIter = Number.POSITIVE_INFINITY, timeLimit = Number.POSITIVE_INFINITY, signal } = this.options;
    const seconds = now() - this.start;
    this.last = iterate;
    this.trace.push({
      iteration: iterate.iteration,
      objective: iterate.objective,
      certificate: iterate.certificate?.relative,
      active: iterate.active,
      seconds,
    });
    this.options.onIterate?.(iterate);
    if (iterate.certificate && tol !== undefined && iterate.certificate.relative <= tol) this.status = 'converged';
    else if (iterate.done) this.status = iterate.done;
    else if (signal?.aborted) this.status = 'aborted';
    else if (iterate.iteration >= maxIter) this.status = 'iteration-limit';
    else if (seconds >= timeLimit) this.status = 'time-limit';
    return this.status !== undefined;
  }

  solution(): Solution<P> {
    const { last } = this;
    if (!last) throw new Error('A method must yield at least one iterate.');
    return {
      point: last.snapshot(),
      status: this.status ?? 'stalled',
      objective: last.objective,
      iterations: last.iteration,
      certificate: last.certificate,
      trace: this.trace,
      seconds: now() - this.start,
    };
  }
}

/** Runs a method to its end, blocking. The first iterate is iteration 0, the starting point. */
export function run<P>(method: Iterable<Iterate<P>>, options: RunOptions<P> = {}): Solution<P> {
  const state = new Run<P>(options);
  // Inside the loop: when a method is left it gives its memory back, and its iterate shows what is there then.
  for (const iterate of method) if (state.take(iterate)) return state.solution();
  return state.solution();
}

/** As {@link run}, but lets the event loop turn every `sliceMs` milliseconds so that aborts, timers and drawing work. */
export async function runAsync<P>(
  method: Iterable<Iterate<P>>,
  options: RunOptions<P> & { sliceMs?: number } = {},
): Promise<Solution<P>> {
  const state = new Run<P>(options);
  const slice = (options.sliceMs ?? 25) / 1000;
  let sliceEnd = now() + slice;
  for (const iterate of method) {
    if (state.take(iterate)) return state.solution();
    if (now() > sliceEnd) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      sliceEnd = now() + slice;
    }
  }
  return state.solution();
}
