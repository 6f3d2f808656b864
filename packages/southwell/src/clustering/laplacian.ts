import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  fail,
  flagOption,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { Distances, type NeighbourOptions, neighbourIterates, Points } from '@southwell/numerics/neighbours';
import { elementary } from '@southwell/numerics/special';
import { type Affinity, checkAffinity, edgeSquares, neighbourAffinity } from './affinity.ts';
import { BoundUpdates } from './bound.ts';
import { type Clustering, type KMeansStart, restartRecords, seedsOf } from './centres/kMeans.ts';
import { bestOf, type RestartState } from './centres/restarts.ts';
import { checkClusters } from './checks.ts';
import { mean, meanShift, members, mode, type PrototypeRule } from './prototypes.ts';

const { exp } = elementary;

export const laplacianRecords = {
  /**
   * Prototype of a cluster: its mean with squared distances (SLK-Means); the mean-shift point or the densest point with
   * d = −exp(−‖x − c‖²/(2σ²)) (SLK-MS, SLK-BO); or the initial prototypes, kept fixed, with squared distances
   * (LaplacianShot). Default 'mean'.
   */
  prototype: choiceOption({ mean: 'mean', meanShift: 'mean shift', mode: 'mode', fixed: 'fixed' }),
  /** Weight of the Laplacian term; 0 is k-means or k-modes. Default 1. */
  lambda: numberOption(
    { min: 0, finite: true },
    {
      title: 'Laplacian weight',
      about: 'weight of the graph Laplacian term, which favours equal labels of neighbours',
      argument: 'weight',
      default: 1,
    },
  ),
  /** σ² of the kernel. Default: Σ W_pq‖x_p − x_q‖²/(5n), as in the authors' code. */
  sigma2: numberOption(),
  /** Known labels, 0 … k−1, and −1 for points without one. */
  labels: otherOption<ArrayLike<number>>('labels 0 … k−1, or −1'),
  /** Whether to fix known labels; otherwise they only determine the initialisation, as in the authors' code. Default true. */
  clampLabels: flagOption(),
  /** Initial prototypes. 'labels': the means of the labelled points, the default if every class has one. */
  init: otherOption<KMeansStart['init'] | 'labels'>("'labels', 'k-means++', 'random' or k prototypes"),
  /** Empty clusters: take the farthest point, or stop with the previous assignments. Default 'reseed'. */
  emptyClusters: choiceOption({ reseed: 'take the farthest point', stop: 'stop' }),
  /** Maximum number of inner iterations per outer iteration. Default 600. */
  maxInner: limitOption(0),
  /** Relative tolerance of the inner iterations. Default 1e-7. */
  tolInner: numberOption({ min: 0 }),
};

const startRecords = { ...laplacianRecords, seed: restartRecords.seed };

export interface LaplacianStart extends OptionsOf<typeof startRecords> {}

export type Prototype = NonNullable<LaplacianStart['prototype']>;

/** State of the bound optimiser after a full iteration, as plain data. */
export interface LaplacianState {
  readonly iteration: number;
  readonly passes: number;
  readonly objective: number;
  readonly active: number;
  readonly change: number;
  /** Whether the passes of the iteration reached their tolerance. */
  readonly settled: boolean;
  readonly bound: readonly number[];
  readonly centres: Float64Array;
  readonly assignments: Int32Array;
  /** n × k, by rows. */
  readonly relaxed: Float64Array;
}

export interface LaplacianIterate extends Iterate<Clustering> {
  /**
   * The relaxed energy F after every pass since the last full iteration; it does not increase for a symmetric affinity.
   */
  readonly bound: readonly number[];
}

/**
 * Clustering with a graph term, by the bound optimiser of Ziko, Boudiaf, Dolz, Granger and Ben Ayed (arXiv 2106.09516,
 * 2021): E(l, C) = Σ_p d(x_p, c_{l_p}) − (λ/2) Σ_pq W_pq [l_p = l_q], alternating over prototypes and assignments, the
 * latter relaxed by {@link BoundUpdates} and rounded. Iterations count pairs of these steps; the iterates in between,
 * one for each pass, report progress. The certificate is the relative change of E from the second iteration on (the
 * authors stop at 1e-4). The entropy has weight 1, so that distances should be of order 1: see `neighbourScale`.
 * O((n·d + edges)·k) a pass.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, INVALID_TARGET (labels).
 */
export function* laplacianIterates(
  points: Points,
  k: number,
  W: Affinity,
  options: LaplacianStart & { readonly resume?: LaplacianState } = {},
): Generator<LaplacianIterate> {
  const { resume, ...settings } = options;
  checkOptions('laplacianIterates', startRecords, settings);
  const { maxInner = 600, tolInner = 1e-7, emptyClusters = 'reseed', seed = 0 } = settings;
  const { n } = points;
  const { lambda, labels, fixed, kernelScale, rule } = settingsOf(points, k, W, settings);
  const centres = resume?.centres.slice() ?? startOf(points, k, labels, { ...settings, seed });
  const a = new Float64Array(n * k);
  let current: Int32Array = new Int32Array(n);
  let z: Float64Array = a;
  const distances = new Distances(points, k);

  try {
    let before = resume?.objective ?? Number.NaN;
    let bound: readonly number[] = resume?.bound ?? [];
    let passes = resume?.passes ?? 0;
    const iterate = (iteration: number, fields: Partial<LaplacianIterate> = {}): LaplacianIterate => ({
      iteration,
      objective: before,
      work: { epochs: passes },
      bound,
      snapshot: () => ({
        assignments: current.slice(),
        prototypes: points.restore(centres, k),
        soft: DenseMatrix.fromRowMajor(z === a ? oneHot(current, k) : z, n, k),
      }),
      ...fields,
    });
    /** The iterate after both steps. */
    const whole = (iteration: number, active: number, change: number, settled: boolean): LaplacianIterate => {
      const kept = { iteration, passes, objective: before, active, change, settled, bound };
      const relative = change / Math.max(Math.abs(before), Number.MIN_VALUE);
      return iterate(iteration, {
        active,
        certificate: iteration > 1 ? { kind: 'objectiveGap', value: change, relative } : undefined,
        // Nothing has moved, but if the passes were cut short, more of them might have moved something.
        done: active > 0 && rule ? undefined : settled ? 'converged' : 'iteration-limit',
        checkpoint: (): LaplacianState => ({
          ...kept,
          centres: centres.slice(),
          assignments: current.slice(),
          relaxed: z === a ? oneHot(current, k) : z.slice(),
        }),
      });
    };
    if (resume) {
      [current, z] = [resume.assignments.slice(), resume.relaxed.slice()];
      const again = whole(resume.iteration, resume.active, resume.change, resume.settled);
      yield again;
      if (again.done) return;
    }
    for (let iteration = resume ? resume.iteration + 1 : 0; ; iteration++) {
      if (iteration > 0 && rule) movePrototypes(points, current, k, centres, rule);
      costs(distances, centres, k, a, kernelScale);
      const updates = new BoundUpdates(a, k, W, lambda, fixed);
      const energies = [updates.energy];
      bound = energies;
      let settled = lambda === 0;
      if (lambda > 0) {
        for (let pass = 0; pass < maxInner; pass++) {
          const change = updates.next();
          passes++;
          energies.push(updates.energy);
          settled = change <= tolInner;
          if (settled) break;
          // Before the first assignment there is nothing to report.
          if (iteration > 0) yield iterate(iteration - 1);
        }
      } else passes++;
      const next = round(updates.z, k);
      if (emptyClusters === 'reseed' && rule) reseed(points, next, centres, k, fixed);
      if (iteration > 0 && emptyClusters === 'stop' && clusters(next, k) < clusters(current, k)) {
        yield iterate(iteration, { done: 'stalled' });
        return;
      }
      let active = 0;
      for (let p = 0; p < n; p++) if (iteration === 0 || next[p] !== current[p]) active++;
      current = next;
      z = updates.z;
      const now = energy(a, k, current, W, lambda);
      const change = Math.abs(now - before);
      before = now;
      const last = whole(iteration, active, change, settled);
      yield last;
      if (last.done) return;
    }
  } finally {
    distances.free();
  }
}

/** Checked options with defaults; `kernelScale` is σ² for prototypes with kernels. */
function settingsOf(points: Points, k: number, W: Affinity, options: LaplacianStart) {
  const { prototype = 'mean', lambda = 1, clampLabels = true } = options;
  const { n } = points;
  checkClusters(k, n);
  checkAffinity(W, n);
  const labels = options.labels && checkLabels(options.labels, k, n);
  const kernel = prototype === 'meanShift' || prototype === 'mode';
  const sigma2 = options.sigma2 ?? edgeSquares(points, W) / (5 * n);
  if (kernel && !(sigma2 > 0 && sigma2 < Number.POSITIVE_INFINITY)) {
    fail(
      'INVALID_PARAMETER',
      `sigma2 must be positive, but is ${sigma2}: neighbours coincide. Pass a positive one, or remove duplicates.`,
    );
  }
  const rules = { mean, meanShift: meanShift(sigma2), mode: mode(sigma2), fixed: undefined };
  const rule: PrototypeRule | undefined = rules[prototype];
  return { lambda, labels, fixed: clampLabels ? labels : undefined, kernelScale: kernel ? sigma2 : undefined, rule };
}

/** a ← the cost of each cluster for each point. */
function costs(distances: Distances, centres: Float64Array, k: number, a: Float64Array, kernelScale?: number): void {
  const n = a.length / k;
  distances.setCentres(centres, k);
  for (let from = 0; from < n; from += distances.width) {
    const count = Math.min(distances.width, n - from);
    a.set(distances.range(from, count).subarray(0, count * k), from * k);
  }
  if (kernelScale !== undefined) for (let t = 0; t < a.length; t++) a[t] = -exp(-a[t] / (2 * kernelScale));
}

/** Updates the prototype of every non-empty cluster. */
function movePrototypes(points: Points, l: Int32Array, k: number, centres: Float64Array, rule: PrototypeRule): void {
  const { starts, order } = members(l, k);
  for (let c = 0; c < k; c++) {
    if (starts[c] < starts[c + 1]) rule(points, order.subarray(starts[c], starts[c + 1]), centres, c);
  }
}

/** E of assignments l, where a contains the cost of each cluster for each point. */
function energy(a: Float64Array, k: number, l: Int32Array, W: Affinity, lambda: number): number {
  let sum = 0;
  for (let p = 0; p < l.length; p++) {
    sum += a[p * k + l[p]];
    if (lambda === 0) continue;
    for (let t = W.pointers[p]; t < W.pointers[p + 1]; t++) {
      if (l[W.indices[t]] === l[p]) sum -= (lambda / 2) * W.weights[t];
    }
  }
  return sum;
}

const clusters = (l: Int32Array, k: number): number => {
  const seen = new Uint8Array(k);
  for (const c of l) seen[c] = 1;
  return seen.reduce((sum, v) => sum + v, 0);
};

function oneHot(l: Int32Array, k: number): Float64Array {
  const out = new Float64Array(l.length * k);
  l.forEach((c, p) => {
    out[p * k + c] = 1;
  });
  return out;
}

/** The index of the largest entry of every row; in case of ties the first. */
function round(z: Float64Array, k: number): Int32Array {
  return Int32Array.from({ length: z.length / k }, (_, p) => {
    let best = 0;
    for (let c = 1; c < k; c++) if (z[p * k + c] > z[p * k + best]) best = c;
    return best;
  });
}

/** Gives every empty cluster the point, of those not fixed, farthest from its own prototype, unless all are at theirs. */
function reseed(points: Points, l: Int32Array, centres: Float64Array, k: number, fixed: Int32Array | undefined): void {
  const counts = new Int32Array(k);
  for (const c of l) counts[c]++;
  for (let c = 0; c < k; c++) {
    if (counts[c] > 0) continue;
    let far = -1;
    let most = 0;
    for (let p = 0; p < l.length; p++) {
      if (counts[l[p]] < 2 || (fixed !== undefined && fixed[p] >= 0)) continue;
      const v = points.distance(p, centres, l[p]);
      if (v > most) [most, far] = [v, p];
    }
    if (far < 0) return;
    counts[l[far]]--;
    counts[c]++;
    l[far] = c;
    centres.set(points.data.subarray(far * points.d, (far + 1) * points.d), c * points.d);
  }
}

function checkLabels(labels: ArrayLike<number>, k: number, n: number): Int32Array {
  if (labels.length !== n)
    fail('INVALID_SHAPE', `${n} points need ${n} labels (−1 where unknown), not ${labels.length}.`);
  for (let p = 0; p < n; p++) {
    if (!Number.isInteger(labels[p]) || labels[p] < -1 || labels[p] >= k) {
      fail(
        'INVALID_TARGET',
        `Labels must be whole numbers from 0 to ${k - 1}, or −1 where unknown; row ${p + 1} has ${labels[p]}.`,
      );
    }
  }
  return Int32Array.from(labels);
}

function startOf(
  points: Points,
  k: number,
  labels: Int32Array | undefined,
  options: LaplacianStart & { seed: number },
): Float64Array {
  const { d, data } = points;
  const counts = new Int32Array(k);
  labels?.forEach((c) => {
    if (c >= 0) counts[c]++;
  });
  const { init = labels && counts.every((c) => c > 0) ? 'labels' : 'k-means++' } = options;
  if (init === 'labels' && !labels) fail('INVALID_PARAMETER', "init 'labels' needs labels.");
  if (init === 'labels' && !counts.every((c) => c > 0)) {
    fail('INVALID_TARGET', `Class ${counts.indexOf(0)} has no labelled point to start from; choose another init.`);
  }
  const centres = init === 'labels' ? new Float64Array(k * d) : seedsOf(points, k, { init, seed: options.seed });
  if (!labels) return centres;
  // The prototype of a class with labelled points starts at their mean, however the others are initialised.
  for (let c = 0; c < k; c++) if (counts[c] > 0) centres.fill(0, c * d, (c + 1) * d);
  labels.forEach((c, p) => {
    if (c >= 0) for (let j = 0; j < d; j++) centres[c * d + j] += data[p * d + j] / counts[c];
  });
  return centres;
}

export interface LaplacianOptions extends LaplacianStart, OptionsOf<typeof restartRecords>, RunOptions<Clustering> {
  /** The graph. Default: the symmetric graph of `neighbours` nearest neighbours. */
  readonly affinity?: Affinity;
  /** Default 4 (knn = 5 of the authors' code, which counts the point itself), or all others where there are fewer. */
  readonly neighbours?: number;
  /** Nearest-neighbour search; 'approximate' for tens of thousands of points. Default 'exact'. */
  readonly search?: NeighbourOptions['search'];
  /** Whether to keep the default graph directed, as in the authors' code; F may then increase. Default false. */
  readonly directed?: boolean;
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: RestartState;
}

export const laplacianKeys: OptionKeys<LaplacianOptions> = {
  ...keysOf({ ...startRecords, ...restartRecords }),
  ...runKeys,
  affinity: true,
  neighbours: true,
  search: true,
  directed: true,
  resume: true,
};

/**
 * {@link laplacianIterates} on the rows of X (n × d, any matrix). Defaults: `tol` 1e-4, `maxIter` 100. An exact search
 * for neighbours takes O(n²d).
 * @throws as that, and EMPTY and NON_FINITE.
 */
export function laplacianClustering(X: MatrixLike, k: number, options: LaplacianOptions = {}): Solution<Clustering> {
  knownKeys('laplacianClustering', options, laplacianKeys);
  const { affinity, neighbours, search, directed, restarts, seed = 0, tol = 1e-4, maxIter = 100, ...rest } = options;
  const start = only<LaplacianStart>(rest, keysOf(startRecords));
  const watch = only<RunOptions<Clustering>>(rest, runKeys);
  const points = Points.from(X);
  try {
    checkClusters(k, points.n);
    const W = affinity ?? graphOf(points, neighbours, { search, seed }, directed);
    const seeded = typeof (rest.init ?? 'k-means++') === 'string' && rest.init !== 'labels' && !known(rest.labels, k);
    return bestOf<Clustering, LaplacianState>(
      restarts ?? (seeded ? 10 : 1),
      seed,
      { ...rest, rows: points.rows },
      ({ seed, resume, checkpoint }) =>
        run(laplacianIterates(points, k, W, { ...start, seed, resume }), { ...watch, tol, maxIter, checkpoint }),
    );
  } finally {
    points.matrix.free();
  }
}

/** Whether the labels include every class. */
const known = (labels: ArrayLike<number> | undefined, k: number): boolean =>
  labels !== undefined && new Set(Array.from(labels).filter((c) => c >= 0)).size === k;

/** The nearest-neighbour graph, by default with 4 neighbours or all others; for a single point, the empty graph. */
function graphOf(points: Points, wanted: number | undefined, options: NeighbourOptions, directed?: boolean): Affinity {
  const { n } = points;
  if (n === 1) return { n, pointers: new Int32Array(2), indices: new Int32Array(0), weights: new Float64Array(0) };
  const neighbours = wanted ?? Math.min(4, n - 1);
  return neighbourAffinity(run(neighbourIterates(points, neighbours, options)).point!, { directed });
}
