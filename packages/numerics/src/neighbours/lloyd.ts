import type { DenseMatrix } from '@southwell/numerics/arrays';
import { type Certificate, fail, type Iterate, ownRows, wholeNumber } from '@southwell/numerics/core';
import { NearestTwo } from './nearestTwo.ts';
import { type Points, squaredDistance } from './points.ts';

/** Points per block in the search for points that may move; see `assign`. */
const BLOCK = 256;

/** State of Lloyd's algorithm, as plain data. It covers all rows, even if these are distributed over ranks. */
export interface LloydState {
  readonly iteration: number;
  readonly certificate?: Certificate;
  readonly active: number;
  readonly centres: Float64Array;
  readonly labels: Int32Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  readonly sums: Float64Array;
  readonly counts: Int32Array;
  readonly tighten: boolean;
  readonly untried: number;
}

/** The means and the assignment of points to them. */
export interface LloydPoint {
  /** The index of the mean nearest to each point, 0 … k−1. */
  readonly assignments: Int32Array;
  /** The means, k × d. */
  readonly prototypes: DenseMatrix;
}

/**
 * Lloyd's algorithm (1982) on prepared points: iterate t has the means after t updates, the nearest mean of every
 * point, and the sum of squared distances. Points whose bounds (Hamerly 2010) prove that they keep their mean are
 * skipped; the others are gathered into matrix products. An empty cluster receives the point that is farthest from its
 * mean, if any is away from its mean. The certificate is the squared movement of the means relative to the mean
 * variance of a column (scikit-learn's `tol`). Ends when no point changes its cluster. The course does not depend on
 * the number of ranks over which the points are distributed: sums are over the moving points of all ranks, and
 * assignments are those of this rank. O(nkd) per step, less as the means settle; O(n) memory beside the points.
 *
 * @param start k means, row-major, relative to the origin of the points, which are copied; or the state of a
 * checkpoint.
 * @throws INVALID_PARAMETER unless k is an integer of at least 1; INVALID_SHAPE unless the start has k means.
 */
export function* lloydIterates(
  points: Points,
  k: number,
  start: Float64Array | LloydState,
): Generator<Iterate<LloydPoint>> {
  wholeNumber('k', k, 1);
  const resume = start instanceof Float64Array ? undefined : start;
  const centres = (start instanceof Float64Array ? start : start.centres).slice();
  if (centres.length !== k * points.d) {
    fail(
      'INVALID_SHAPE',
      `The start must have ${k} means of ${points.d} numbers each, but has ${centres.length} numbers.`,
    );
  }
  const clusters = new Clusters(points, k, centres, resume);
  const bounds = new Bounds(clusters, resume);
  const { total } = clusters;
  const variance = total / points.rows.all / points.d;
  try {
    let active = resume?.active ?? bounds.assign(true);
    let certificate = resume?.certificate;
    for (let iteration = resume?.iteration ?? 0; ; iteration++) {
      const at = { iteration, certificate, active, ...bounds.course() };
      yield {
        iteration,
        objective: clusters.objective(),
        certificate,
        active,
        work: { epochs: iteration + 1 },
        done: active === 0 ? 'converged' : undefined,
        snapshot: () => ({ assignments: clusters.labels.slice(), prototypes: points.restore(centres, k) }),
        checkpoint: (): LloydState => ({ ...at, ...clusters.labelled(), ...bounds.kept(), ...clusters.kept() }),
      };
      if (active === 0) return;
      const squares = bounds.update();
      certificate = { kind: 'gradientNorm', value: squares, relative: variance > 0 ? squares / variance : 0 };
      active = bounds.assign(false);
    }
  } finally {
    bounds.free();
  }
}

/** Means and their clusters: labels, sums and counts, updated with every point that moves. */
class Clusters {
  readonly labels: Int32Array;
  readonly sums: Float64Array;
  readonly counts: Int32Array;
  /** Σ‖x‖² of all points. */
  readonly total: number;

  constructor(
    readonly points: Points,
    readonly k: number,
    readonly centres: Float64Array,
    resume: LloydState | undefined,
  ) {
    const { n, d, rows } = points;
    this.labels = resume ? Int32Array.from(ownRows(rows, Float64Array.from(resume.labels), 1)) : new Int32Array(n);
    this.sums = resume?.sums.slice() ?? new Float64Array(k * d);
    this.counts = resume?.counts.slice() ?? new Int32Array(k);
    this.total = points.total();
  }

  /** Adds a point to the sums of a cluster, or removes it (sign −1). */
  add(data: Float64Array, p: number, c: number, sign: number): void {
    const { sums, counts } = this;
    const { d } = this.points;
    counts[c] += sign;
    const at = p * d;
    const ct = c * d;
    for (let j = 0; j < d; j++) sums[ct + j] += sign * data[at + j];
  }

  /** Moves a point from one cluster to another. */
  private shift(data: Float64Array, p: number, from: number, to: number): void {
    const { sums, counts } = this;
    const { d } = this.points;
    counts[from]--;
    counts[to]++;
    for (let j = 0, at = p * d, ft = from * d, tt = to * d; j < d; j++) {
      const v = data[at + j];
      sums[ft + j] -= v;
      sums[tt + j] += v;
    }
  }

  /**
   * Assigns the points of an ascending list to their nearest clusters; returns the number that moved, over all ranks.
   */
  move(list: Int32Array, count: number, nearest: Int32Array, first: boolean): number {
    const { points, labels } = this;
    if (points.rows.spread) return this.moveAll(list, count, nearest, first);
    let moved = 0;
    const { data } = points;
    for (let i = 0; i < count; i++) {
      const p = list[i];
      if (first) this.add(data, p, nearest[p], 1);
      else if (nearest[p] !== labels[p]) this.shift(data, p, labels[p], nearest[p]);
      else continue;
      labels[p] = nearest[p];
      moved++;
    }
    return moved;
  }

  /** The same for points distributed over ranks: sums and counts change by the contributions of all moving points. */
  private moveAll(list: Int32Array, count: number, nearest: Int32Array, first: boolean): number {
    const { k, labels, sums, counts } = this;
    const { d, data, rows } = this.points;
    const changes = new Float64Array(k * d + k + 1);
    let i = 0;
    rows.sum(changes, (_, __, end, part) => {
      // The list is in ascending order, as are the pieces.
      for (; i < count && list[i] < end; i++) {
        const [p, to] = [list[i], nearest[list[i]]];
        const from = first ? -1 : labels[p];
        if (to === from) continue;
        for (let j = 0; j < d; j++) part[to * d + j] += data[p * d + j];
        part[k * d + to]++;
        if (from >= 0) {
          for (let j = 0; j < d; j++) part[from * d + j] -= data[p * d + j];
          part[k * d + from]--;
        }
        labels[p] = to;
        part[k * d + k]++;
      }
    });
    for (let at = 0; at < k * d; at++) sums[at] += changes[at];
    for (let c = 0; c < k; c++) counts[c] += changes[k * d + c];
    return changes[k * d + k];
  }

  /** Σ‖x − c‖² from the sums of the clusters: O(kd). */
  objective(): number {
    const { k, centres, sums, counts } = this;
    const { d } = this.points;
    let sum = this.total;
    for (let c = 0; c < k; c++) {
      for (let j = c * d; j < (c + 1) * d; j++) sum += centres[j] * (counts[c] * centres[j] - 2 * sums[j]);
    }
    return Math.max(0, sum);
  }

  /** Replaces the centre of a non-empty cluster by its mean; returns the squared distance that it moved. */
  moveCentre(c: number): number {
    const { centres, sums, counts } = this;
    const { d } = this.points;
    let square = 0;
    for (let j = c * d; j < (c + 1) * d; j++) {
      const v = sums[j] / counts[c];
      square += (v - centres[j]) ** 2;
      centres[j] = v;
    }
    return square;
  }

  /**
   * Assigns to an empty cluster the point farthest from its own centre, unless all points coincide with their centres.
   * Returns its index if it is local.
   */
  reseed(c: number): number | undefined {
    const { points, labels, sums, counts, centres } = this;
    const { n, d, rows } = points;
    let far = -1;
    let most = 0;
    for (let p = 0; p < n; p++) {
      if (counts[labels[p]] < 2) continue;
      const v = points.distance(p, centres, labels[p]);
      if (v > most) [most, far] = [v, p];
    }
    // On ties, the first among all ranks.
    const { number, old } = rows
      .tell({ most, number: rows.first + far, old: far < 0 ? -1 : labels[far] })
      .reduce((best, other) => (other.most > best.most ? other : best));
    if (old < 0) return undefined;
    const point = points.copies([number]);
    this.add(point, 0, old, -1);
    sums.fill(0, c * d, (c + 1) * d);
    this.add(point, 0, c, 1);
    if (far < 0 || rows.first + far !== number) return undefined;
    labels[far] = c;
    return far;
  }

  labelled(): Pick<LloydState, 'centres' | 'labels'> {
    const { centres, labels, points } = this;
    return {
      centres: centres.slice(),
      labels: Int32Array.from(points.rows.gather(Float64Array.from(labels))),
    };
  }

  kept(): Pick<LloydState, 'sums' | 'counts'> {
    return { sums: this.sums.slice(), counts: this.counts.slice() };
  }
}

/** Bounds on distances (Hamerly 2010), which identify points that keep their cluster without computing distances. */
class Bounds {
  /** Upper bound on the distance to the point's own mean, and lower bound on that to any other mean. */
  private readonly upper: Float64Array;
  private readonly lower: Float64Array;
  private readonly halfGap: Float64Array;
  private readonly list: Int32Array;
  private readonly nearest: Int32Array;
  private readonly nearby: NearestTwo;
  private tighten: boolean;
  private untried: number;

  constructor(
    private readonly clusters: Clusters,
    resume: LloydState | undefined,
  ) {
    const { points, k } = clusters;
    const { n, rows } = points;
    this.upper = resume ? ownRows(rows, resume.upper, 1).slice() : new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    this.lower = resume ? ownRows(rows, resume.lower, 1).slice() : new Float64Array(n);
    this.halfGap = new Float64Array(k);
    this.list = new Int32Array(n);
    this.nearest = new Int32Array(n);
    this.nearby = new NearestTwo(points, k);
    this.tighten = resume?.tighten ?? true;
    this.untried = resume?.untried ?? 0;
  }

  /** Assigns every point to its nearest mean; returns how many moved. */
  assign(first: boolean): number {
    const { clusters, list, nearest, nearby, upper, lower } = this;
    const { n } = clusters.points;
    nearby.setCentres(clusters.centres);
    let count = n;
    if (first) for (let p = 0; p < n; p++) list[p] = p;
    else count = this.mayMove();
    nearby.find(list, count, nearest, upper, lower);
    return clusters.move(list, count, nearest, first);
  }

  /** Lists the points that may move, in ascending order; returns their number. */
  private mayMove(): number {
    const { list, upper, lower, halfGap, tighten } = this;
    const { centres, k, labels } = this.clusters;
    const { n, d, data } = this.clusters.points;
    gaps(centres, k, d, halfGap);
    let [count, loose, open] = [0, 0, 0];
    // If most points of a block may move, the whole block enters the product, which saves gathering.
    for (let from = 0; from < n; from += BLOCK) {
      const start = count;
      const to = Math.min(n, from + BLOCK);
      for (let p = from; p < to; p++) {
        const safe = Math.max(lower[p], halfGap[labels[p]]);
        if (upper[p] <= safe) continue;
        loose++;
        if (tighten) {
          upper[p] = Math.sqrt(squaredDistance(data, p * d, centres, labels[p] * d, d)) * (1 + 1e-12);
          if (upper[p] <= safe) continue;
        }
        list[count++] = p;
      }
      open += count - start;
      if (count - start < 0.7 * (to - from)) continue;
      for (let p = from; p < to; p++) list[start + p - from] = p;
      count = start + to - from;
    }
    // While nearly all points may move, tightening the bounds does not pay; it is tried again from time to time.
    this.tighten = tighten ? open < 0.6 * loose : ++this.untried % 8 === 0;
    return count;
  }

  /** Moves centres to their means and relaxes the bounds by the distances moved. Returns Σ‖Δ‖². */
  update(): number {
    const { clusters, upper, lower } = this;
    const { k, counts, labels } = clusters;
    for (let c = 0; c < k; c++) {
      const taken = counts[c] === 0 ? clusters.reseed(c) : undefined;
      if (taken !== undefined) [upper[taken], lower[taken]] = [Number.POSITIVE_INFINITY, 0];
    }
    const moves = new Float64Array(k);
    let squares = 0;
    for (let c = 0; c < k; c++) {
      if (counts[c] === 0) continue;
      const square = clusters.moveCentre(c);
      squares += square;
      moves[c] = Math.sqrt(square);
    }
    let [largest, next, where] = [0, 0, 0];
    for (let c = 0; c < k; c++) {
      if (moves[c] > largest) [next, largest, where] = [largest, moves[c], c];
      else if (moves[c] > next) next = moves[c];
    }
    for (let p = 0; p < labels.length; p++) {
      upper[p] += moves[labels[p]];
      lower[p] -= labels[p] === where ? next : largest;
    }
    return squares;
  }

  course(): Pick<LloydState, 'tighten' | 'untried'> {
    return { tighten: this.tighten, untried: this.untried };
  }

  kept(): Pick<LloydState, 'upper' | 'lower'> {
    const { rows } = this.clusters.points;
    return { upper: rows.gather(this.upper).slice(), lower: rows.gather(this.lower).slice() };
  }

  free(): void {
    this.nearby.free();
  }
}

/** Half the distance from every centre to the nearest other centre. O(k²d). */
function gaps(centres: Float64Array, k: number, d: number, out: Float64Array): void {
  out.fill(Number.POSITIVE_INFINITY);
  for (let a = 0; a < k; a++) {
    for (let b = a + 1; b < k; b++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += (centres[a * d + j] - centres[b * d + j]) ** 2;
      const half = Math.sqrt(sum) / 2;
      if (half < out[a]) out[a] = half;
      if (half < out[b]) out[b] = half;
    }
  }
}
