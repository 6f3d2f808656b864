import type { Communicator, Exchange } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { share } from '../feedback/exchange.ts';
import type { Client } from '../feedback/index.ts';
import type { DadaoHost } from './host.ts';
import type { DadaoPoint } from './problem.ts';

interface Watched {
  readonly host: DadaoHost;
  readonly client: (i: number) => Client;
  readonly starts: readonly Float64Array[];
  readonly optimum: ArrayLike<number> | undefined;
  readonly seed: number;
  readonly averages: boolean;
}

/** What all ranks see of the points at a time. */
export interface Report {
  readonly objective: number | undefined;
  /** Mean squared distance from the optimum, or the gradient norm at the mean. */
  readonly measure: number;
  readonly spread: number;
  point(): DadaoPoint;
}

/** All nodes' points at a time, on all ranks; sums are over nodes in their order. */
export class Reports {
  private readonly n: number;
  private readonly d: number;
  private readonly first: number;
  private readonly count: number;
  private readonly draws: readonly Random[];

  constructor(
    private readonly comm: Communicator,
    private readonly watched: Watched,
  ) {
    const { starts, seed } = watched;
    this.n = starts.length;
    this.d = starts[0].length;
    const [from, to] = share(this.n, comm);
    this.first = from;
    this.count = to - from;
    const root = new Random(seed).split(2);
    this.draws = Array.from({ length: this.count }, (_, k) => root.split(from + k));
  }

  /** Rows of all nodes in their order, of `width` numbers each, from those of this rank. */
  private *gathered(own: Float64Array, width: number): Exchange<Float64Array> {
    const { comm, n } = this;
    if (comm.size === 1) return own.slice();
    // All ranks send equally many numbers.
    const most = Math.ceil(n / comm.size);
    const padded = new Float64Array(most * width);
    padded.set(own);
    const parts = new Float64Array(most * width * comm.size);
    yield* comm.allGather(padded, parts);
    const all = new Float64Array(n * width);
    for (let rank = 0; rank < comm.size; rank++) {
      const [from, to] = share(n, { rank, size: comm.size });
      const at = rank * most * width;
      all.set(parts.subarray(at, at + (to - from) * width), from * width);
    }
    return all;
  }

  private meanOf(rows: Float64Array, width: number): Float64Array {
    const { n } = this;
    const mean = new Float64Array(width);
    for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) mean[j] += rows[i * width + j];
    for (let j = 0; j < width; j++) mean[j] /= n;
    return mean;
  }

  private meanSquare(x: Float64Array, from: ArrayLike<number>): number {
    const { n, d } = this;
    let sum = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) sum += (x[i * d + j] - from[j]) ** 2;
    return sum / n;
  }

  /** ‖∇f‖ and f at a point; f is undefined if a function returns no value. */
  private *gradientAt(mean: Float64Array): Exchange<Pick<Report, 'objective' | 'measure'>> {
    const { d, count, first, watched } = this;
    const width = d + 1;
    const own = new Float64Array(count * width);
    for (let k = 0; k < count; k++) {
      const gradient = new Float64Array(d);
      const value = watched.client(first + k).gradient(mean, gradient, this.draws[k]);
      own.set(gradient, k * width);
      // A value that is missing is sent as NaN.
      own[k * width + d] = value ?? Number.NaN;
    }
    const whole = this.meanOf(yield* this.gathered(own, width), width);
    let square = 0;
    for (let j = 0; j < d; j++) square += whole[j] * whole[j];
    return { measure: Math.sqrt(square), objective: Number.isNaN(whole[d]) ? undefined : whole[d] };
  }

  *at(time: number): Exchange<Report> {
    const { n, d, count, watched } = this;
    const { host, optimum, averages } = watched;
    const own = new Float64Array(count * d);
    for (let k = 0; k < count; k++) host.nodes.xAt(k, time, own.subarray(k * d, (k + 1) * d));
    const x = yield* this.gathered(own, d);
    const means = averages ? yield* this.gathered(host.averages, d) : undefined;
    const mean = this.meanOf(x, d);
    const rows = (all: Float64Array) => Array.from({ length: n }, (_, i) => all.slice(i * d, (i + 1) * d));
    const found = optimum
      ? { measure: this.meanSquare(x, optimum), objective: undefined }
      : yield* this.gradientAt(mean);
    return {
      ...found,
      spread: this.meanSquare(x, mean),
      point: () => ({ x: rows(x), mean: mean.slice(), ...(means && { averages: rows(means) }) }),
    };
  }
}
