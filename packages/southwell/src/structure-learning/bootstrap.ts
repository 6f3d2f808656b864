import { asMatrix, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  finished,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  Random,
  run,
  stoppedBy,
} from '@southwell/numerics/core';
import { estimateRecords, type GraphMethod, type GraphPoint, graphEstimate, type SampleMethod } from './estimate.ts';
import { type Moments, moments } from './moments.ts';
import { type SampleOptions, type Samples, sampleRecords } from './samples.ts';
import { graphSeed } from './seed.ts';

const bootstrapRecords = {
  ...estimateRecords,
  /** Number of bootstrap samples. Default 100. */
  resamples: integerOption({ min: 1 }),
  /** Seed of the samples. Default 0. */
  seed: graphSeed,
  /** Edge threshold of each estimate, as in {@link EstimateOptions}. Default 0.3. */
  threshold: estimateRecords.threshold,
  /** Prior knowledge, which the method must be given too. */
  knowledge: estimateRecords.knowledge,
};

export interface BootstrapOptions extends OptionsOf<typeof bootstrapRecords> {
  readonly signal?: AbortSignal;
}

export interface BootstrapIteratesOptions extends BootstrapOptions {
  /** State from a checkpoint of an earlier run, for the same data, method and options. */
  readonly resume?: BootstrapState;
  /**
   * Returns sample b, for callers that have some samples drawn elsewhere; `draw` draws any sample here. Samples are
   * requested in order, from 1; undefined means that the run was stopped. Default: `draw(b)`.
   */
  readonly sample?: (b: number, draw: BootstrapDraws['draw']) => BootstrapSample | undefined;
}

/** Result on one bootstrap sample. */
export interface BootstrapSample {
  /** d × d, column by column; 1 where there is an edge. */
  readonly edges: Uint8Array;
  /** Whether the fit converged. */
  readonly finished: boolean;
}

/** The samples of a bootstrap one by one, each of which is the same wherever and in whatever order it is drawn. */
export interface BootstrapDraws {
  /** Sample b, from 1; undefined where the signal stopped its fit. */
  draw(b: number): BootstrapSample | undefined;
  free(): void;
}

/** Completed samples as plain data. */
export interface BootstrapState {
  readonly samples: number;
  /** Number of samples that contain each edge, d × d, column by column. */
  readonly counts: Float64Array;
  /** Number of samples whose fit converged. */
  readonly finished: number;
}

/** Prepares the input of a method on rows: `samples` or `binarySamples`. */
export interface PrepareOption {
  readonly prepare: (X: MatrixLike, options: SampleOptions) => Samples;
}

const drawKeys: OptionKeys<BootstrapOptions & Partial<PrepareOption>> = {
  ...keysOf(bootstrapRecords),
  signal: true,
  prepare: true,
};
const bootstrapKeys: OptionKeys<BootstrapIteratesOptions & Partial<PrepareOption>> = {
  ...drawKeys,
  resume: true,
  sample: true,
};

/** Number of draws after which a column that stays constant is accepted. */
const DRAWS = 100;

/** An iterate has no objective; its metric `finished` is the fraction of fits so far that converged or completed. */
export type BootstrapIterate = Iterate<DenseMatrix, undefined>;

/**
 * The samples of {@link bootstrapIterates} one by one. Each has its own random stream, and is drawn again where a
 * column is constant. Methods on rows need `prepare`.
 */
export function bootstrapDraws(X: MatrixLike, method: GraphMethod, options?: BootstrapOptions): BootstrapDraws;
export function bootstrapDraws(
  X: MatrixLike,
  method: SampleMethod,
  options: BootstrapOptions & PrepareOption,
): BootstrapDraws;
/** @throws NOT_SUPPORTED; `draw` as {@link moments} and the method do. */
export function bootstrapDraws(
  X: MatrixLike,
  method: GraphMethod | SampleMethod,
  options: BootstrapOptions & Partial<PrepareOption> = {},
): BootstrapDraws {
  knownKeys('bootstrapDraws', options, drawKeys);
  checkGiven(bootstrapRecords, options);
  const { prepare, seed = 0, signal, threshold } = options;
  const naming = only<SampleOptions>(options, keysOf(sampleRecords));
  const matrix = asMatrix(X);
  if (matrix.kind !== 'dense') fail('NOT_SUPPORTED', 'The bootstrap needs dense data.');
  const { rows: n, cols: d } = matrix;
  const sample = DenseMatrix.create(n, d);
  const root = new Random(seed);
  return {
    draw(b) {
      const random = root.split(b);
      for (let draw = 0; ; draw++) {
        const rows = Int32Array.from({ length: n }, () => random.integer(n));
        let constant = false;
        for (let j = 0; j < d; j++) {
          const [from, to] = [matrix.column(j), sample.column(j)];
          for (let i = 0; i < n; i++) to[i] = from[rows[i]];
          constant ||= to.every((v) => v === to[0]);
        }
        if (!constant || draw === DRAWS) break;
      }
      const data = prepare ? prepare(sample, naming) : moments(sample, naming);
      // The overloads ensure that what `prepare` returns is what the method takes.
      const solution = run((method as (data: Samples | Moments) => Iterable<Iterate<GraphPoint>>)(data), { signal });
      // A fit that was stopped tells nothing about its sample.
      if (solution.status === 'aborted' || signal?.aborted) return undefined;
      const { W, dag } = graphEstimate(solution, data, { threshold });
      const edges = Uint8Array.from(dag.data, (weight) => (weight === 0 ? 0 : 1));
      for (const used of [W, dag, 'C' in data ? data.C : data.X]) used.free();
      return { edges, finished: finished(solution.status) };
    },
    free: () => sample.free(),
  };
}

/**
 * How often each edge is found on rows drawn with replacement. Each iterate is a sample, and its point is the matrix of
 * edge frequencies (entry [i, j] for i → j); `completed` when all are drawn. A run that is stopped keeps the
 * frequencies so far. Each sample has its own random stream, and is drawn again where a column is constant. Methods on
 * rows need `prepare`.
 * @throws as {@link moments} and the method do.
 */
export function bootstrapIterates(
  X: MatrixLike,
  method: GraphMethod,
  options?: BootstrapIteratesOptions,
): Generator<BootstrapIterate>;
export function bootstrapIterates(
  X: MatrixLike,
  method: SampleMethod,
  options: BootstrapIteratesOptions & PrepareOption,
): Generator<BootstrapIterate>;
/** @throws INVALID_PARAMETER, NOT_SUPPORTED. */
export function* bootstrapIterates(
  X: MatrixLike,
  method: GraphMethod | SampleMethod,
  options: BootstrapIteratesOptions & Partial<PrepareOption> = {},
): Generator<BootstrapIterate> {
  knownKeys('bootstrapIterates', options, bootstrapKeys);
  checkGiven(bootstrapRecords, options);
  const { resume, sample = (b, draw) => draw(b), ...drawing } = options;
  const { resamples = 100 } = options;
  // The overloads ensure that `prepare` fits the method.
  const matrix = asMatrix(X);
  const draws = bootstrapDraws(matrix, method as SampleMethod, drawing as BootstrapOptions & PrepareOption);
  try {
    const { cols: d } = matrix;
    const counts = resume ? resume.counts.slice() : new Float64Array(d * d);
    let ended = resume?.finished ?? 0;
    const iterate = (b: number): BootstrapIterate => ({
      iteration: b,
      objective: undefined,
      metrics: { finished: ended / Math.max(b, 1) },
      work: { epochs: b },
      done: b >= resamples ? 'completed' : undefined,
      snapshot: () => {
        const shares = DenseMatrix.fromColumnMajor(counts, d, d);
        for (let k = 0; k < d * d; k++) shares.data[k] /= Math.max(b, 1);
        return shares;
      },
      checkpoint: (): BootstrapState => ({ samples: b, counts: counts.slice(), finished: ended }),
    });
    const from = resume?.samples ?? 0;
    yield iterate(from);
    for (let b = from + 1; b <= resamples; b++) {
      const drawn = sample(b, draws.draw);
      if (!drawn) {
        yield { ...iterate(b - 1), done: stoppedBy(options.signal) };
        return;
      }
      if (drawn.finished) ended++;
      for (let k = 0; k < d * d; k++) counts[k] += drawn.edges[k];
      yield iterate(b);
    }
  } finally {
    draws.free();
  }
}

/** The edge frequencies of {@link bootstrapIterates} after the last sample. */
export const bootstrapEdges = (X: MatrixLike, method: GraphMethod, options: BootstrapOptions = {}): DenseMatrix =>
  run(bootstrapIterates(X, method, options)).point;
