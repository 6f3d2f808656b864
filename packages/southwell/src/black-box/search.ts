// Over 400 lines: the ledger of a search; asking, telling, replaying and resuming keep the same books.
import {
  fail,
  finished,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  Random,
  type SouthwellError,
  type Status,
} from '@southwell/numerics/core';
import { augmentedLagrangian } from './augmented.ts';
import { encodeNumbers } from './encodeNumbers.ts';
import { type AsynchronousMethod, type MethodContext, type Proposals, rowMeans, type Stop } from './method.ts';
import { endsByBudget, type MethodName, type MethodSpec, startAsynchronous, startMethod } from './methods.ts';
import { Space, type SpaceOptions, spaceKeys } from './space.ts';

export interface SearchOptions extends SpaceOptions {
  /** Default 'cma-es'. */
  readonly method?: MethodName | MethodSpec;
  /** Maximum number of evaluations. Default 10,000 per coordinate. */
  readonly budget?: number;
  /** Target value: stops at the first value that is at most this. */
  readonly target?: number;
  /**
   * How often a method that has ended by itself begins anew, elsewhere; Infinity: until the budget is spent.
   * Default 0. Swarms and random search have no restarts.
   */
  readonly restarts?: number;
  /**
   * How often each point is evaluated; the mean of its values counts. For values with noise, for any method; CMA-ES can
   * find the number itself (`noisy`). Default 1.
   */
  readonly repeats?: number;
  /**
   * A point whenever one is asked for, and each value counts at once: no worker waits for the slowest point of a batch.
   * For CMA-ES, differential evolution, cbo and random search. Default false.
   */
  readonly asynchronous?: boolean;
  /**
   * Functions g that are to be at most 0: f then gives an array, its value and those of the g. The method runs within an
   * augmented Lagrangian. Not with `repeats`, `asynchronous` or noise. Default 0.
   */
  readonly constraints?: number;
  /** Feasibility tolerance: the largest constraint violation of a feasible point. Default 1e-6. */
  readonly feasibility?: number;
  /** Default 0. */
  readonly seed?: number;
}

export const searchKeys: OptionKeys<SearchOptions> = {
  ...spaceKeys,
  method: true,
  budget: true,
  target: true,
  restarts: true,
  repeats: true,
  asynchronous: true,
  constraints: true,
  feasibility: true,
  seed: true,
};

/** A point to evaluate; `id` counts from 0. */
export interface Candidate {
  readonly id: number;
  /** With categories by the numbers of their words: `search.space.inWords(x)` has them. */
  readonly x: Float64Array;
}

export interface BestPoint {
  readonly x: Float64Array;
  /** Its value, or the mean of its values where it was evaluated repeatedly. */
  readonly value: number;
  /** The largest g where there are constraints, at least 0. */
  readonly violation: number;
  /** Index of the evaluation, from 0; the last one if repeated. */
  readonly id: number;
}

/** State to resume a search from, as plain data for encodeCheckpoint of core. */
export interface SearchState {
  /** What decides the points: a search with other settings does not take it. */
  readonly settings: string;
  /** All values so far, each followed by those of the constraints: in the order of their points, or of an asynchronous search as they were told. */
  readonly values: Float64Array;
  /** Of an asynchronous search: for each value the point's id and how many points had been asked before it. */
  readonly events?: Float64Array;
}

/** A point under evaluation: handed out and told as many times as it has values to come. */
interface Row {
  readonly x: Float64Array;
  readonly times: number;
  handed: number;
  readonly values: number[];
  /** Values of the constraints. */
  rest: Float64Array;
}

/**
 * A search by ask and tell: `ask` hands out points, `tell` takes their values in any order, from anywhere.
 *
 * Without `asynchronous`, what is asked depends only on the settings and on the values, never on their order or number at
 * a time, so any number of workers gives the same search; and values told again to a new search lead to where they led
 * before, which is how {@link resume} works. With `asynchronous` there is always a point to ask until the budget is spent,
 * and each value counts as soon as it is told: the same settings and the same order of asking and telling give the same
 * search. That order is part of a checkpoint, and points that were under way are asked again under their ids.
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
  /** Numbers of an evaluation: f and the constraints. */
  readonly width: number;
  private readonly feasibility: number;
  private asked = 0;
  private told = 0;
  /** What was asked and not told yet, by id. */
  private readonly awaited = new Map<number, Row>();
  /** The row that is being handed out. */
  private row: Row | undefined;
  /** Values received ahead of those of earlier points. */
  private readonly early = new Map<number, number | ArrayLike<number>>();
  private values = new Float64Array(64);
  private readonly events: number[] = [];
  /** After resuming: what was under way. */
  private again: Candidate[] = [];
  private stop: Stop | undefined;
  private bestPoint: BestPoint | undefined;
  /** Why the method `auto` has chosen what it has. */
  why: string | undefined;
  /** The method says which point is best, since values have noise and the least of them was lucky. */
  private recommends = false;
  /** Values by point, where whole coordinates make points come again and no noise makes another value of use. */
  private readonly known: Map<string, number> | undefined;
  /** Values told of points that had one. */
  repeated = 0;
  /** Values that were NaN, which failures that are passed over are, too. */
  private notNumbers = 0;
  /** The budget is all that ends the search: to have spent it is what was planned. */
  private readonly planned: boolean;

  /**
   * `start` overrides the method, for methods of your own; an asynchronous one makes the search asynchronous.
   * @throws INVALID_PARAMETER, NOT_SUPPORTED.
   */
  constructor(options: SearchOptions, start?: (context: MethodContext) => Proposals | AsynchronousMethod) {
    knownKeys('Search', options, searchKeys);
    this.space = new Space(only<SpaceOptions>(options, spaceKeys));
    const { budget = 10_000 * this.space.dim, target = Number.NEGATIVE_INFINITY, restarts = 0, seed = 0 } = options;
    const { repeats = 1, asynchronous = false } = options;
    if (!(budget >= 1)) fail('INVALID_PARAMETER', `budget must be at least 1, but is ${budget}.`);
    if (!(restarts >= 0)) fail('INVALID_PARAMETER', `restarts must be at least 0, but is ${restarts}.`);
    if (!(Number.isInteger(repeats) && repeats >= 1)) {
      fail('INVALID_PARAMETER', `repeats must be a whole number from 1, but is ${repeats}.`);
    }
    const { constraints = 0, feasibility = 1e-6 } = options;
    if (!(Number.isInteger(constraints) && constraints >= 0)) {
      fail('INVALID_PARAMETER', `constraints must be a whole number from 0, but is ${constraints}.`);
    }
    if (!(feasibility >= 0)) fail('INVALID_PARAMETER', `feasibility must be at least 0, but is ${feasibility}.`);
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
        fail('NOT_SUPPORTED', 'Constraints do not go with repeats, asynchronous or noisy.');
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
    // The budget decides the points only where the method has looked at it.
    this.settings = JSON.stringify(scheduled ? [...common, this.budget] : common);
  }

  /**
   * The next point to evaluate; undefined once the budget is spent and after the end, and, unless the search is
   * asynchronous, while nothing can be said before outstanding values are told. The point is within the bounds, whole
   * where it has to be, and yours.
   */
  ask(): Candidate | undefined {
    if (this.stop) return undefined;
    let again = this.again.shift();
    // Told in the meantime, by a worker that outlived the search before.
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

  /** Points are evaluated once: there are whole coordinates and no noise. */
  get remembers(): boolean {
    return this.known !== undefined;
  }

  /** The value that was told of this point, where it is of use: whole coordinates, no noise. */
  recall(x: Float64Array): number | undefined {
    return this.known?.get(x.join());
  }

  /**
   * The value at a point that was asked, or where there are constraints an array of it and theirs.
   * @throws `INVALID_PARAMETER` for others, and for a second value.
   */
  tell(id: number, value: number | ArrayLike<number>): void {
    if (this.stop) return;
    if (!this.awaited.has(id) || this.early.has(id)) {
      fail('INVALID_PARAMETER', `No value is awaited for the point ${id}.`);
    }
    const length = typeof value === 'number' ? 1 : value.length;
    // A point that failed has none of them.
    if (length !== this.width && !Number.isNaN(value as number)) {
      fail('INVALID_SHAPE', `A value has ${length} numbers instead of ${this.width}.`);
    }
    if (this.asynchronous) this.events.push(id, this.asked);
    else if (id !== this.told) {
      this.early.set(id, value);
      return;
    }
    this.record(id, value);
    // Without `asynchronous` in the order of the points, so that ends and bests do not depend on who was first.
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

  /** The end that a method or the budget claims, where values bear it out. */
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
    // Who gives a target wants no less: steps alone are not what was asked for.
    const missed = stop.status === 'completed' && this.target !== Number.NEGATIVE_INFINITY;
    return missed ? { ...stop, status: 'iteration-limit' } : stop;
  }

  /** Ends the search where an objective has thrown what is not to be passed over. */
  fail(error: SouthwellError): void {
    this.stop ??= { status: 'failed', message: error.message };
  }

  /** Takes the point as the best if the mean of its values is. */
  private compare({ x, values, times, rest }: Row, id: number): void {
    const mean = values.reduce((a, b) => a + b) / times;
    const violation = rest.reduce((most, g) => Math.max(most, g), 0);
    if (this.better(mean, violation)) {
      this.bestPoint = { x: this.space.outer(this.space.feasible(x)), value: mean, violation, id };
    }
  }

  /** Less than the best; with constraints feasible before infeasible, and of those the one that violates less. */
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

  /** Why it ended, if it has. */
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

  /** Values told; unless the search is asynchronous, those without a gap before them. */
  get evaluations(): number {
    return this.told;
  }

  /** Batches finished, or what an asynchronous method counts. */
  get iteration(): number {
    return this.source.generation;
  }

  /** All values so far in the order of their points, or as they were told to an asynchronous search; a view. */
  get history(): Float64Array {
    return this.values.subarray(0, this.width * this.told);
  }

  /**
   * The state as an iterate of core's protocol; its point is the best so far, or the start while there is none. It goes on
   * showing what there is while values are waited for.
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

  /** Everything that is needed to go on later, or elsewhere. Without `asynchronous`, values told out of order are left out. */
  checkpoint(): SearchState {
    return {
      settings: this.settings,
      values: this.history.slice(),
      ...(this.asynchronous && { events: Float64Array.from(this.events) }),
    };
  }

  /**
   * Goes on from a checkpoint as if never stopped, by telling its values again; only for a search that is new. The
   * budget may be another, but for methods whose schedule depends on it (annealing, swarms).
   * @throws `INVALID_FORMAT` where the checkpoint is none, or one of other settings.
   */
  resume(checkpoint: SearchState): this {
    if (!(checkpoint?.values instanceof Float64Array)) {
      fail('INVALID_FORMAT', 'This is no checkpoint of a black-box search.');
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

  /** Asks and tells in the recorded order; what was under way then is asked again. */
  private replay(values: Float64Array, events: Float64Array): void {
    if (events.length !== 2 * values.length) fail('INVALID_FORMAT', 'The checkpoint has no order of its values.');
    const candidates = new Map<number, Candidate>();
    for (let k = 0; k < values.length && !this.stop; k++) {
      const [id, asked] = events.subarray(2 * k);
      while (this.asked < asked) {
        const candidate = this.ask();
        // The budget was larger.
        if (!candidate) break;
        candidates.set(candidate.id, candidate);
      }
      if (this.asked < asked) break;
      if (!candidates.delete(id)) fail('INVALID_FORMAT', 'The checkpoint tells a value that nobody asked for.');
      this.tell(id, values[k]);
    }
    this.again = [...candidates.values()];
  }
}

/** What a search asks next, from methods of either kind. */
interface Source extends Pick<AsynchronousMethod, 'generation' | 'stop'> {
  /** A point, and how many values it is to have; undefined while others have to come first. */
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

/** Points of a batch one at a time; their values are taken in the same order. */
class Batches implements Source {
  generation = 0;
  stop: Stop | undefined;
  private batch: readonly Float64Array[] = [];
  private values = new Float64Array(0);
  private given = 0;
  private taken = 0;

  constructor(
    private readonly proposals: Proposals,
    /** Numbers of a value. */
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
