import { fail, type Iterate, Random, type Status } from '../core/index.ts';
import { decodeNumbers, encodeNumbers } from './checkpoint.ts';
import { type MethodContext, type Proposals, repeated, type Stop } from './method.ts';
import { type MethodName, type MethodSpec, startMethod } from './methods.ts';
import { Space, type SpaceOptions } from './space.ts';

export interface SearchOptions extends SpaceOptions {
  /** Default 'cma-es'. */
  readonly method?: MethodName | MethodSpec;
  /** Evaluations at most. Default 10,000 a coordinate. */
  readonly budget?: number;
  /** Stop once a value is at most this. */
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
  /** Default 0. */
  readonly seed?: number;
}

/** A point to evaluate; `id` counts from 0. */
export interface Candidate {
  readonly id: number;
  readonly x: Float64Array;
}

export interface BestPoint {
  readonly x: Float64Array;
  /** Its value, or the mean of its values where it was evaluated repeatedly. */
  readonly value: number;
  /** Which evaluation it was, from 0; the last of several. */
  readonly id: number;
}

/** What a search can be taken up from: plain data, for JSON. */
export interface Checkpoint {
  readonly southwell: 'black-box checkpoint';
  readonly version: 1;
  /** What decides the points: a search with other settings does not take it. */
  readonly settings: string;
  /** All values so far in the order of their points, as base64 of little-endian doubles. */
  readonly values: string;
}

/**
 * A search by ask and tell: `ask` hands out points, `tell` takes their values in any order, from anywhere. What is asked
 * depends only on the settings and on the values, never on their order or number at a time, so any number of workers
 * gives the same search; and values told again to a new search lead to where they led before, which is how
 * {@link resume} works. NaN counts as the worst value.
 */
export class Search {
  readonly space: Space;
  readonly budget: number;
  private readonly proposals: Proposals;
  private readonly settings: string;
  private readonly target: number;
  private batch: readonly Float64Array[] = [];
  private batchStart = 0;
  private asked = 0;
  private told = 0;
  private readonly batchValues = new Map<number, number>();
  private values = new Float64Array(64);
  private stop: Stop | undefined;
  private bestPoint: BestPoint | undefined;
  /** The method says which point is best, since values have noise and the least of them was lucky. */
  private recommends = false;
  private sum = 0;
  private summands = 0;
  private generations = 0;

  /** `start` overrides the method, for methods of your own. */
  constructor(options: SearchOptions, start?: (context: MethodContext) => Proposals) {
    this.space = new Space(options);
    const { budget = 10_000 * this.space.dim, target = Number.NEGATIVE_INFINITY, restarts = 0, seed = 0 } = options;
    const { repeats = 1 } = options;
    if (!(budget >= 1)) fail('INVALID_PARAMETER', `budget must be at least 1, but is ${budget}.`);
    if (!(restarts >= 0)) fail('INVALID_PARAMETER', `restarts must be at least 0, but is ${restarts}.`);
    if (!(Number.isInteger(repeats) && repeats >= 1)) {
      fail('INVALID_PARAMETER', `repeats must be a whole number from 1, but is ${repeats}.`);
    }
    this.budget = Math.floor(budget);
    this.target = target;
    const { method = 'cma-es' } = options;
    const spec = typeof method === 'string' ? { name: method } : method;
    const { lower, upper, integer, start: x0, step, begun } = this.space;
    const chosen = start ? 'own' : JSON.stringify(spec, (_, v) => (typeof v === 'function' ? String(v) : v));
    const lists = [lower, upper, x0, step].map((v) => encodeNumbers(v));
    const common = [chosen, lists, integer, begun, Number.isFinite(restarts) ? restarts : 'all', seed];
    if (repeats > 1) common.push(repeats);
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
      recommend: (x, value) => {
        this.recommends = true;
        this.bestPoint = Number.isFinite(value) ? { x: this.space.feasible(x), value, id: this.told - 1 } : undefined;
      },
    };
    const proposals = start ? start(context) : startMethod(context, spec);
    this.proposals = repeats > 1 ? repeated(proposals, repeats) : proposals;
    this.advance(this.proposals.next());
    // The budget decides the points only where the method has looked at it.
    this.settings = JSON.stringify(scheduled ? [...common, this.budget] : common);
  }

  /**
   * The next point to evaluate; undefined while nothing can be said before outstanding values are told, and after the
   * end. The point is within the bounds, whole where it has to be, and yours.
   */
  ask(): Candidate | undefined {
    if (this.stop || this.asked >= this.budget || this.asked >= this.batchStart + this.batch.length) return undefined;
    const id = this.asked++;
    return { id, x: this.space.feasible(this.batch[id - this.batchStart]) };
  }

  /** The value at a point that was asked. Throws `INVALID_PARAMETER` for others, and for a second value. */
  tell(id: number, value: number): void {
    if (this.stop) return;
    if (!(id >= this.told && id < this.asked) || this.batchValues.has(id)) {
      fail('INVALID_PARAMETER', `No value is awaited for the point ${id}.`);
    }
    this.batchValues.set(id, value);
    // In the order of the points, so that ends and bests do not depend on who was first.
    for (let v = this.batchValues.get(this.told); v !== undefined && !this.stop; v = this.batchValues.get(this.told)) {
      this.record(v);
    }
  }

  private record(value: number): void {
    const id = this.told++;
    if (id === this.values.length) {
      const longer = new Float64Array(2 * id);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[id] = value;
    if (!this.recommends) this.compare(this.batch, id - this.batchStart, value, id);
    if (value === Number.NEGATIVE_INFINITY) this.stop = { status: 'unbounded', message: 'A value is −∞.' };
    else this.checkTarget();
    if (!this.stop && this.told === this.batchStart + this.batch.length) {
      const values = this.values
        .slice(this.batchStart, this.told)
        .map((v) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : v));
      this.batchValues.clear();
      this.generations++;
      this.advance(this.proposals.next(values));
      if (this.recommends && !this.stop) this.checkTarget();
    }
    if (!this.stop && this.told >= this.budget) {
      this.stop = { status: 'iteration-limit', message: `The budget of ${this.budget} evaluations is spent.` };
    }
  }

  /** Takes the point as the best if the mean of its values is. Its repetitions stand in a row in the batch. */
  private compare(batch: readonly Float64Array[], k: number, value: number, id: number): void {
    this.sum += value;
    this.summands++;
    if (batch[k + 1] === batch[k]) return;
    const mean = this.sum / this.summands;
    [this.sum, this.summands] = [0, 0];
    if (mean < (this.bestPoint?.value ?? Number.POSITIVE_INFINITY) || (!this.bestPoint && !Number.isNaN(mean))) {
      this.bestPoint = { x: this.space.feasible(batch[k]), value: mean, id };
    }
  }

  private checkTarget(): void {
    if (this.bestPoint && this.bestPoint.value <= this.target) {
      this.stop = { status: 'converged', message: `The target ${this.target} is reached.` };
    }
  }

  private advance(next: IteratorResult<readonly Float64Array[], Stop>): void {
    this.batchStart = this.told;
    while (!next.done && next.value.length === 0) next = this.proposals.next(new Float64Array(0));
    if (next.done) {
      this.batch = [];
      this.stop = next.value;
    } else this.batch = next.value;
  }

  /** How it ended, if it has. */
  get status(): Status | undefined {
    return this.stop?.status;
  }

  get message(): string {
    return this.stop?.message ?? 'The search goes on.';
  }

  /** The best so far; undefined before any value that is a number. */
  get best(): BestPoint | undefined {
    return this.bestPoint;
  }

  /** Values told without a gap before them. */
  get evaluations(): number {
    return this.told;
  }

  /** Batches finished. */
  get iteration(): number {
    return this.generations;
  }

  /** All values so far in the order of their points; a view. */
  get history(): Float64Array {
    return this.values.subarray(0, this.told);
  }

  /** The state as an iterate of core's protocol; its point is the best so far, or the start while there is none. */
  iterate(): Iterate<Float64Array> {
    const { bestPoint, space } = this;
    return {
      iteration: this.generations,
      objective: bestPoint?.value ?? Number.POSITIVE_INFINITY,
      work: { oracleCalls: this.told },
      done: this.status,
      snapshot: () => (bestPoint?.x ?? space.start).slice(),
    };
  }

  /** Everything that is needed to go on later, or elsewhere. Values told out of order are left out. */
  checkpoint(): Checkpoint {
    return {
      southwell: 'black-box checkpoint',
      version: 1,
      settings: this.settings,
      values: encodeNumbers(this.history),
    };
  }

  /**
   * Goes on from a checkpoint as if never stopped, by telling its values again; only for a search that is new. Throws
   * `INVALID_FORMAT` where the checkpoint is none, or one of other settings. The budget may be another, but for methods
   * whose schedule depends on it (annealing, swarms).
   */
  resume(checkpoint: Checkpoint): this {
    if (
      checkpoint?.southwell !== 'black-box checkpoint' ||
      checkpoint.version !== 1 ||
      typeof checkpoint.values !== 'string'
    ) {
      fail('INVALID_FORMAT', 'This is no checkpoint of a black-box search.');
    }
    if (checkpoint.settings !== this.settings) {
      fail(
        'INVALID_FORMAT',
        'The checkpoint is of a search with other settings: dimension, bounds, start, method or seed.',
      );
    }
    for (const value of decodeNumbers(checkpoint.values)) {
      const candidate = this.ask();
      if (!candidate) break;
      this.tell(candidate.id, value);
    }
    return this;
  }
}
