// Over 400 lines: the bookkeeping of a search, shared by asking, telling, replaying and resuming.
import {
  checkOptions,
  fail,
  finished,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  limitOption,
  numberOption,
  type OptionsOf,
  only,
  otherOption,
  Random,
  type SouthwellError,
  type Status,
} from '@southwell/numerics/core';
import { augmentedLagrangian } from './augmented.ts';
import { encodeNumbers } from './encodeNumbers.ts';
import { type AsynchronousMethod, type MethodContext, type Proposals, rowMeans, type Stop } from './method.ts';
import { endsByBudget, type MethodName, type MethodSpec, startAsynchronous, startMethod } from './methods.ts';
import { Space, type SpaceOptions, spaceRecords } from './space.ts';

export const searchRecords = {
  ...spaceRecords,
  /** Default 'cma-es'. */
  method: otherOption<MethodName | MethodSpec>('the name of a method, or it with its options'),
  /** Maximum number of evaluations. Default 10,000 per coordinate. */
  budget: limitOption(1, {
    title: 'Budget',
    about: 'maximum number of evaluations',
    otherwise: '10000 per dimension',
    form: { hint: '10000 per dimension' },
  }),
  /** Target value: the search stops at the first value that is at most this. */
  target: numberOption({}, { title: 'Target', about: 'stop once the value is at most this' }),
  /**
   * Number of restarts from other points once the method has terminated; Infinity: until the budget is spent. Default 0.
   * Swarms and random search have no restarts.
   */
  restarts: limitOption(0),
  /**
   * Number of evaluations of each point, of which the mean is used: for noisy functions, with any method; CMA-ES can adapt
   * the number itself (`noisy`). Default 1.
   */
  repeats: integerOption(
    { min: 1 },
    {
      title: 'Repeats',
      about: 'evaluations of each point, of which the mean is used (noisy functions)',
      default: 1,
    },
  ),
  /**
   * Whether points are proposed one at a time and each value is used immediately, so that no worker waits for the slowest
   * point of a batch. For CMA-ES, differential evolution, cbo and random search. Default false.
   */
  asynchronous: flagOption({
    title: 'Asynchronous',
    about: 'evaluate without waiting for whole batches; the result depends on the order in which values arrive',
  }),
  /**
   * Number of constraints g ≤ 0: f then returns an array, its value followed by those of g. The method runs within an
   * augmented Lagrangian. Not with `repeats`, `asynchronous` or noise. Default 0.
   */
  constraints: integerOption(
    { min: 0 },
    {
      title: 'Constraints',
      about:
        'number of constraint values that f returns after its own, each feasible at 0 or below; handled by an augmented Lagrangian',
    },
  ),
  /** Feasibility tolerance: the largest constraint violation of a feasible point. Default 1e-6. */
  feasibility: numberOption(
    { min: 0 },
    {
      title: 'Feasibility tolerance',
      about: 'largest constraint violation of a feasible point',
      argument: 'tolerance',
      otherwise: '1e-6',
    },
  ),
  /** Default 0. */
  seed: integerOption(
    { min: 0 },
    {
      title: 'Seed',
      about: 'random seed; the same seed evaluates the same points',
      argument: 'number',
      default: 0,
    },
  ),
};

export interface SearchOptions extends OptionsOf<typeof searchRecords> {}

export const searchKeys = keysOf(searchRecords);

/** A point to evaluate; `id` counts from 0. */
export interface Candidate {
  readonly id: number;
  /** Categories are given by their indices: `search.space.inWords(x)` has their values. */
  readonly x: Float64Array;
}

export interface BestPoint {
  readonly x: Float64Array;
  /** Its value, or the mean of its values where it was evaluated repeatedly. */
  readonly value: number;
  /** The largest constraint violation, at least 0; 0 without constraints. */
  readonly violation: number;
  /** Index of the evaluation, from 0; the last one if repeated. */
  readonly id: number;
}

/** State to resume a search from, as plain data for encodeCheckpoint of core. */
export interface SearchState {
  /** The settings that determine the points: a search with other settings refuses the state. */
  readonly settings: string;
  /**
   * All values so far, each followed by those of the constraints: in the order of their points, or for an asynchronous
   * search in the order in which they were told.
   */
  readonly values: Float64Array;
  /**
   * For an asynchronous search: for each value the id of the point and the number of points that had been asked before.
   */
  readonly events?: Float64Array;
}

/** A point under evaluation, which is asked and told once for each of its values. */
interface Row {
  readonly x: Float64Array;
  readonly times: number;
  handed: number;
  readonly values: number[];
  /** Values of the constraints. */
  rest: Float64Array;
}

/**
 * A search with an ask-and-tell interface: `ask` returns points, `tell` takes their values in any order, wherever they
 * were computed.
 *
 * Without `asynchronous`, the points depend only on the settings and on the values, not on the order in which values
 * are told or how many points are evaluated at once: any number of workers gives the same search, and telling the same
 * values to a new search leads to the same state, which is how {@link resume} works. With `asynchronous` there is
 * always a point to ask until the budget is spent, and each value is used as soon as it is told: the same settings and
 * the same order of asking and telling give the same search. That order is part of a checkpoint, and points that were
 * under evaluation are asked again with their ids.
 *
 * NaN counts as the worst value.
 */
export class Search {
  readonly space: Space;
  readonly budget: number;
  readonly asynchronous: boolean;
  private readonly source: Source;
  private readonly settings: string;
  private readonly target: number;
  private readonly repeats: number;
  /** Number of values of an evaluation: f and the constraints. */
  readonly width: number;
  private readonly feasibility: number;
  private asked = 0;
  private told = 0;
  /** Points that were asked and not told yet, by id. */
  private readonly awaited = new Map<number, Row>();
  /** The row whose point is being handed out. */
  private row: Row | undefined;
  /** Values told before those of earlier points. */
  private readonly early = new Map<number, number | ArrayLike<number>>();
  private values = new Float64Array(64);
  private readonly events: number[] = [];
  /** After resuming: the points that were under evaluation. */
  private again: Candidate[] = [];
  private stop: Stop | undefined;
  private bestPoint: BestPoint | undefined;
  /** Why the method `auto` has made its choice. */
  why: string | undefined;
  /** Whether the method determines the best point, since with noise the smallest value was only lucky. */
  private recommends = false;
  /** Values by point, where integer coordinates make points recur and values have no noise. */
  private readonly known: Map<string, number> | undefined;
  /** Number of values told for points that already had one. */
  repeated = 0;
  /** Number of NaN values, which include skipped failures. */
  private notNumbers = 0;
  /** Whether only the budget ends the search, so that a spent budget is a normal completion. */
  private readonly planned: boolean;

  /**
   * `start` overrides the method, for custom methods; an asynchronous one makes the search asynchronous.
   * @throws INVALID_PARAMETER, NOT_SUPPORTED.
   */
  constructor(options: SearchOptions, start?: (context: MethodContext) => Proposals | AsynchronousMethod) {
    checkOptions('Search', searchRecords, options);
    this.space = new Space(only<SpaceOptions>(options, keysOf(spaceRecords)));
    const { budget = 10_000 * this.space.dim, target = Number.NEGATIVE_INFINITY, restarts = 0, seed = 0 } = options;
    const { repeats = 1, asynchronous = false } = options;
    const { constraints = 0, feasibility = 1e-6 } = options;
    this.width = 1 + constraints;
    this.feasibility = feasibility;
    this.budget = Math.floor(budget);
    this.target = target;
    this.repeats = repeats;
    const { method = 'cma-es' } = options;
    const spec = typeof method === 'string' ? { name: method } : method;
    const { lower, upper, integer, start: x0, step, begun } = this.space;
    const chosen = start ? 'own' : JSON.stringify(spec, (_, v) => (typeof v === 'function' ? String(v) : v));
    const lists = [lower, upper, x0, step].map((v) => encodeNumbers(v));
    const common = [chosen, lists, integer, begun, Number.isFinite(restarts) ? restarts : 'all', seed];
    if (repeats > 1) common.push(repeats);
    if (this.space.log.length > 0) common.push(`log ${this.space.log}`);
    const { categories, dim } = this.space;
    if (categories.length > 0)
      common.push(...categories.map(({ coordinate, words }) => [`words ${coordinate}`, ...words]));
    const noisy = typeof spec === 'object' && 'noisy' in spec && spec.noisy;
    if (constraints > 0) {
      if (repeats > 1 || asynchronous || noisy)
        fail('NOT_SUPPORTED', 'Constraints cannot be combined with repeats, asynchronous or noisy.');
      common.push(`constraints ${constraints} ${feasibility}`);
    }
    const recurs = this.space.integer.length > 0 || categories.length === dim;
    if (recurs && repeats === 1 && !noisy && constraints === 0) this.known = new Map();
    const search = this;
    let scheduled = false;
    const context: MethodContext = {
      space: this.space,
      random: new Random(seed),
      restarts,
      get budget() {
        scheduled = true;
        return search.budget;
      },
      explain: (why) => {
        this.why = why;
      },
      recommend: (x, value) => {
        this.recommends = true;
        this.bestPoint = Number.isFinite(value)
          ? { x: this.space.outer(this.space.feasible(x)), value, violation: 0, id: this.told - 1 }
          : undefined;
      },
    };
    const started =
      start?.(context) ??
      (constraints > 0
        ? augmentedLagrangian(context, constraints, feasibility, (inner) => startMethod(inner, spec))
        : (asynchronous ? startAsynchronous : startMethod)(context, spec));
    this.asynchronous = 'propose' in started;
    if (asynchronous && !this.asynchronous)
      fail('NOT_SUPPORTED', 'A method that proposes batches cannot be asynchronous.');
    if (this.asynchronous) common.push('asynchronous');
    this.source = 'propose' in started ? oneByOne(started) : new Batches(started, this.width);
    this.planned = start === undefined && constraints === 0 && endsByBudget(spec, restarts);
    this.stop = this.source.stop;
    // The budget determines the points only if the method has read it.
    this.settings = JSON.stringify(scheduled ? [...common, this.budget] : common);
  }

  /**
   * The next point to evaluate; undefined once the budget is spent or the search has ended, and, unless the search is
   * asynchronous, while the method waits for outstanding values. The point is within the bounds, has integers where
   * required, and is a copy.
   */
  ask(): Candidate | undefined {
    if (this.stop) return undefined;
    let again = this.again.shift();
    // Told in the meantime, by a worker of the search before the checkpoint.
    while (again && !this.awaited.has(again.id)) again = this.again.shift();
    if (again || this.asked >= this.budget) return again;
    if (!this.row || this.row.handed === this.row.times) {
      const wanted = this.source.next();
      if (!wanted) return undefined;
      this.row = { x: wanted.x, times: wanted.times * this.repeats, handed: 0, values: [], rest: new Float64Array(0) };
    }
    this.row.handed++;
    const id = this.asked++;
    this.awaited.set(id, this.row);
    return { id, x: this.space.outer(this.space.feasible(this.row.x)) };
  }

  /** Whether points are evaluated only once: there are integer coordinates and no noise. */
  get remembers(): boolean {
    return this.known !== undefined;
  }

  /** The value of this point if it is known and can be reused: integer coordinates, no noise. */
  recall(x: Float64Array): number | undefined {
    return this.known?.get(x.join());
  }

  /**
   * Tells the value at a point that was asked, or with constraints an array of f and their values.
   * @throws `INVALID_PARAMETER` for other points, and for a second value.
   */
  tell(id: number, value: number | ArrayLike<number>): void {
    if (this.stop) return;
    if (!this.awaited.has(id) || this.early.has(id)) {
      fail('INVALID_PARAMETER', `The point ${id} is not waiting for a value.`);
    }
    const length = typeof value === 'number' ? 1 : value.length;
    // A failed point has no constraint values.
    if (length !== this.width && !Number.isNaN(value as number)) {
      fail('INVALID_SHAPE', `A value has ${length} numbers instead of ${this.width}.`);
    }
    if (this.asynchronous) this.events.push(id, this.asked);
    else if (id !== this.told) {
      this.early.set(id, value);
      return;
    }
    this.record(id, value);
    // Without `asynchronous`, values are processed in the order of the points, so that the end and the best point do
    // not depend on timing.
    for (let v = this.early.get(this.told); v !== undefined && !this.stop; v = this.early.get(this.told)) {
      this.early.delete(this.told);
      this.record(this.told, v);
    }
  }

  private record(id: number, told: number | ArrayLike<number>): void {
    const row = this.awaited.get(id)!;
    this.awaited.delete(id);
    const { width } = this;
    const index = width * this.told++;
    if (index + width > this.values.length) {
      const longer = new Float64Array(2 * (index + width));
      longer.set(this.values);
      this.values = longer;
    }
    this.values.fill(typeof told === 'number' ? told : 0, index, index + width);
    if (typeof told !== 'number') this.values.set(told, index);
    let value = this.values[index];
    if (width > 1) {
      row.rest = this.values.slice(index + 1, index + width);
      if (row.rest.some(Number.isNaN)) value = Number.NaN;
    }
    if (Number.isNaN(value)) this.notNumbers++;
    if (this.known) {
      const key = this.space.outer(this.space.feasible(row.x)).join();
      if (this.known.has(key)) this.repeated++;
      else this.known.set(key, value);
    }
    row.values.push(value);
    const whole = row.values.length === row.times;
    if (whole && !this.recommends) this.compare(row, id);
    if (value === Number.NEGATIVE_INFINITY) this.stop = { status: 'unbounded', message: 'A value is −∞.' };
    else this.checkTarget();
    if (whole && !this.stop) {
      const values = row.values.map((v) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : v));
      this.source.take(
        row.x,
        this.repeats > 1 ? rowMeans(values, this.repeats) : width > 1 ? [...values, ...row.rest] : values,
      );
      this.stop = this.source.stop && this.judged(this.source.stop);
      if (this.recommends && !this.stop) this.checkTarget();
    }
    if (!this.stop && this.told >= this.budget) {
      const message = `The budget of ${this.budget} evaluations is spent.`;
      this.stop = this.judged({ status: this.planned ? 'completed' : 'iteration-limit', message });
    }
  }

  /** The end that a method or the budget claims, corrected by the values. */
  private judged(stop: Stop): Stop {
    if (!Number.isFinite(this.bestPoint?.value)) {
      const all =
        this.notNumbers === this.told
          ? 'The objective gave NaN, or failed, at every point: there is nothing to compare.'
          : this.notNumbers === 0
            ? 'The objective was infinite at every point: there is nothing to compare.'
            : 'The objective gave no finite number, only NaN, failures and infinity.';
      return { status: 'stalled', message: `${all} ${stop.message}` };
    }
    if (!finished(stop.status)) return stop;
    // With a target, spent steps alone are not a completion.
    const missed = stop.status === 'completed' && this.target !== Number.NEGATIVE_INFINITY;
    return missed ? { ...stop, status: 'iteration-limit' } : stop;
  }

  /** Ends the search after an exception of the objective that is not to be skipped. */
  fail(error: SouthwellError): void {
    this.stop ??= { status: 'failed', message: error.message };
  }

  /** Keeps the point as the best if the mean of its values is. */
  private compare({ x, values, times, rest }: Row, id: number): void {
    const mean = values.reduce((a, b) => a + b) / times;
    const violation = rest.reduce((most, g) => Math.max(most, g), 0);
    if (this.better(mean, violation)) {
      this.bestPoint = { x: this.space.outer(this.space.feasible(x)), value: mean, violation, id };
    }
  }

  /**
   * Whether it is better than the best: feasible before infeasible, then by value, or by violation if both are
   * infeasible.
   */
  private better(value: number, violation: number): boolean {
    const best = this.bestPoint;
    if (!best) return !Number.isNaN(value);
    const excess = (v: number) => (v > this.feasibility ? v : 0);
    const [own, other] = [excess(violation), excess(best.violation)];
    return own === other ? value < best.value : own < other && !Number.isNaN(value);
  }

  private checkTarget(): void {
    if (this.bestPoint && this.bestPoint.violation <= this.feasibility && this.bestPoint.value <= this.target) {
      this.stop = { status: 'converged', message: `The target ${this.target} is reached.` };
    }
  }

  /** Why the search ended, if it has. */
  get status(): Status | undefined {
    return this.stop?.status;
  }

  get message(): string {
    return this.stop?.message ?? 'The search goes on.';
  }

  /** The best point so far; undefined before the first finite value. */
  get best(): BestPoint | undefined {
    return this.bestPoint;
  }

  /** Number of values told; unless the search is asynchronous, only those without a gap before them. */
  get evaluations(): number {
    return this.told;
  }

  /** Number of completed batches, or the iterations of an asynchronous method. */
  get iteration(): number {
    return this.source.generation;
  }

  /** A view of all values so far in the order of their points, or for an asynchronous search in the order told. */
  get history(): Float64Array {
    return this.values.subarray(0, this.width * this.told);
  }

  /**
   * The state as an iterate of core's protocol; its point is the best so far, or the starting point while there is
   * none. It stays valid while values are outstanding.
   */
  iterate(): Iterate<Float64Array> {
    const search = this;
    return {
      get iteration() {
        return search.iteration;
      },
      get objective() {
        return search.bestPoint?.value ?? Number.POSITIVE_INFINITY;
      },
      get work() {
        return { oracleCalls: search.told };
      },
      get done() {
        return search.status;
      },
      snapshot: () => (this.bestPoint?.x ?? this.space.outer(this.space.start)).slice(),
      checkpoint: () => this.checkpoint(),
    };
  }

  /**
   * Everything that is needed to continue later, or elsewhere. Without `asynchronous`, values told out of order are not
   * included.
   */
  checkpoint(): SearchState {
    return {
      settings: this.settings,
      values: this.history.slice(),
      ...(this.asynchronous && { events: Float64Array.from(this.events) }),
    };
  }

  /**
   * Continues from a checkpoint by telling its values again, with the same result as without the interruption; only for
   * a new search. The budget may differ, except for methods whose schedule depends on it (annealing, swarms).
   * @throws `INVALID_FORMAT` if it is not a checkpoint, or one with other settings.
   */
  resume(checkpoint: SearchState): this {
    if (!(checkpoint?.values instanceof Float64Array)) {
      fail('INVALID_FORMAT', 'This is not a checkpoint of a black-box search.');
    }
    if (checkpoint.settings !== this.settings) {
      fail(
        'INVALID_FORMAT',
        'The checkpoint is of a search with other settings: dimension, bounds, start, method, seed or asynchronous.',
      );
    }
    const { values, events = new Float64Array(0) } = checkpoint;
    if (this.asynchronous) this.replay(values, events);
    else {
      for (let k = 0; k < values.length; k += this.width) {
        const candidate = this.ask();
        if (!candidate) break;
        this.tell(candidate.id, values.subarray(k, k + this.width));
      }
    }
    return this;
  }

  /** Asks and tells in the recorded order; points that were under evaluation are asked again. */
  private replay(values: Float64Array, events: Float64Array): void {
    if (events.length !== 2 * values.length) fail('INVALID_FORMAT', 'The checkpoint lacks the order of its values.');
    const candidates = new Map<number, Candidate>();
    for (let k = 0; k < values.length && !this.stop; k++) {
      const [id, asked] = events.subarray(2 * k);
      while (this.asked < asked) {
        const candidate = this.ask();
        // The budget of the earlier search was larger.
        if (!candidate) break;
        candidates.set(candidate.id, candidate);
      }
      if (this.asked < asked) break;
      if (!candidates.delete(id))
        fail('INVALID_FORMAT', 'The checkpoint has a value of a point that was not asked for.');
      this.tell(id, values[k]);
    }
    this.again = [...candidates.values()];
  }
}

/** The source of points, from methods of either kind. */
interface Source extends Pick<AsynchronousMethod, 'generation' | 'stop'> {
  /** A point, and the number of its values; undefined while others must be told first. */
  next(): { readonly x: Float64Array; readonly times: number } | undefined;
  /** All values of a point. */
  take(x: Float64Array, values: ArrayLike<number>): void;
}

function oneByOne(method: AsynchronousMethod): Source {
  return {
    next: () => ({ x: method.propose(), times: 1 }),
    take: (x, values) => method.update(x, values[0]),
    get generation() {
      return method.generation;
    },
    get stop() {
      return method.stop;
    },
  };
}

/** Hands out the points of a batch one at a time; their values are taken in the same order. */
class Batches implements Source {
  generation = 0;
  stop: Stop | undefined;
  private batch: readonly Float64Array[] = [];
  private values = new Float64Array(0);
  private given = 0;
  private taken = 0;

  constructor(
    private readonly proposals: Proposals,
    /** Number of numbers in a value. */
    private readonly width: number,
  ) {
    this.advance(proposals.next());
  }

  next(): { readonly x: Float64Array; readonly times: number } | undefined {
    const { batch, given } = this;
    if (given === batch.length) return undefined;
    const x = batch[given];
    while (batch[this.given] === x) this.given++;
    return { x, times: this.given - given };
  }

  take(_: Float64Array, values: ArrayLike<number>): void {
    this.values.set(values, this.taken);
    this.taken += values.length;
    if (this.taken < this.width * this.batch.length) return;
    this.generation++;
    this.advance(this.proposals.next(this.values));
  }

  private advance(next: IteratorResult<readonly Float64Array[], Stop>): void {
    while (!next.done && next.value.length === 0) next = this.proposals.next(new Float64Array(0));
    if (next.done) this.stop = next.value;
    this.batch = next.done ? [] : next.value;
    this.values = new Float64Array(this.width * this.batch.length);
    this.given = this.taken = 0;
  }
}
