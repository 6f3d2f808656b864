import * as nn from '@southwell/autodiff/nn';
import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { decodePlain, encodePlain, fail, SouthwellError } from '@southwell/numerics/core';
import { CanonicalVariates, ccaExact } from '../../factorisation/index.ts';
import { type Part, sizeOf } from '../examples.ts';
import { outputsOf } from '../programs.ts';
import { stepRecords } from '../records.ts';
import { type ViewParts, viewPart, viewParts } from './encoders.ts';

/** History of the epochs: lists of equal length. */
export interface DeepCcaHistory {
  /** Mean loss over the batches of the epoch, while parameters change. */
  readonly loss: readonly number[];
  /** Total correlation of the training rows, at the end of the epoch. */
  readonly correlation: readonly number[];
  /** Total correlation of the validation rows. */
  readonly validation?: readonly number[];
}

/** A network for a view, with its parameters and the shape of a row. */
export interface ViewEncoder {
  readonly layer: nn.Layer;
  readonly parameters: nn.Parameters;
  readonly shape: readonly number[];
}

/** Networks of two or more views with correlated codes, and their canonical variates in descending order. */
export class DeepVariates {
  constructor(
    readonly encoders: readonly ViewEncoder[],
    /** Canonical variates of the codes of the training rows: maps codes to scores of variance 1. */
    readonly variates: CanonicalVariates,
    readonly history: DeepCcaHistory = { loss: [], correlation: [] },
    /** Number of epochs after which these parameters were obtained. */
    readonly epoch = 0,
  ) {}

  /** For the training rows: for two views their canonical correlations, for M views at most M − 1. */
  get eigenvalues(): Float64Array {
    return this.variates.eigenvalues;
  }

  /**
   * Scores of new or training rows: rows × components for each view. O(rows · parameters).
   * @throws INVALID_SHAPE, NON_FINITE, EMPTY.
   */
  transform(views: readonly MatrixLike[]): DenseMatrix[] {
    const codes = this.codes(views);
    const out = this.variates.transform(codes);
    for (const Z of codes) Z.free();
    return out;
  }

  /**
   * Correlations of the scores of these rows for each component, averaged over pairs of views.
   * @throws as {@link transform}.
   */
  correlations(views: readonly MatrixLike[]): Float64Array {
    const codes = this.codes(views);
    const out = this.variates.correlations(codes);
    for (const Z of codes) Z.free();
    return out;
  }

  /**
   * The total correlation of these rows, the sum of {@link correlations}: at most the number of components.
   * @throws as {@link transform}.
   */
  score(views: readonly MatrixLike[]): number {
    return this.correlations(views).reduce((sum, rho) => sum + rho, 0);
  }

  /**
   * Scores of the rows of a single view, counted from 0. O(rows · parameters).
   * @throws INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE.
   */
  transformView(view: number, X: MatrixLike): DenseMatrix {
    const encoder = this.encoders[view];
    if (!encoder)
      fail('INVALID_PARAMETER', `view must be a whole number from 0 to ${this.encoders.length - 1}, but is ${view}.`);
    const { count, part } = viewPart(`View ${view + 1}`, X, precisionOf(encoder), encoder.shape);
    const codes = codesOf(encoder, part, count);
    const own = new CanonicalVariates([this.variates.weights[view]], [this.variates.means[view]], this.eigenvalues);
    const [scores] = own.transform([codes]);
    codes.free();
    return scores;
  }

  private codes(input: readonly MatrixLike[]): DenseMatrix[] {
    const { encoders } = this;
    if (input.length !== encoders.length)
      fail('INVALID_SHAPE', `The model has ${encoders.length} views, not ${input.length}.`);
    const shapes = encoders.map(({ shape }) => shape);
    const { rows, parts } = viewParts('the input', input, precisionOf(encoders[0]), shapes);
    return encoders.map((encoder, v) => codesOf(encoder, parts[v], rows));
  }
}

const precisionOf = ({ parameters }: ViewEncoder): nn.Precision =>
  Object.values(parameters).some((p) => p.dtype === 'f64') ? 'f64' : 'f32';

/** Outputs of a network for rows, rows × k. */
export function codesOf({ layer, parameters }: ViewEncoder, part: Part, rows: number): DenseMatrix {
  const { values, shape } = outputsOf(layer, parameters, part, rows);
  const [k] = shape;
  const Z = DenseMatrix.create(rows, k, { fill: false });
  const { data } = Z;
  for (let i = 0; i < rows; i++) for (let c = 0; c < k; c++) data[c * rows + i] = values[i * k + c];
  return Z;
}

/**
 * Canonical variates of the codes of these rows: at most `components`, as many as the codes allow; undefined if codes
 * are not finite or constant.
 * @throws errors that are not due to the codes.
 */
export function orderedVariates(
  encoders: readonly ViewEncoder[],
  { rows, parts }: ViewParts,
  components: number,
): CanonicalVariates | undefined {
  const codes = encoders.map((encoder, v) => codesOf(encoder, parts[v], rows));
  try {
    if (codes.some(({ data }) => data.some((z) => !Number.isFinite(z)))) return undefined;
    // Collapsed codes have fewer dimensions: the maximum number is found by halving.
    let [best, most]: [CanonicalVariates | undefined, number] = [undefined, components];
    for (let k = components, least = 1; least <= most; k = Math.ceil((least + most) / 2)) {
      try {
        best = ccaExact(codes, { components: k });
        least = k + 1;
      } catch (error) {
        if (!(error instanceof SouthwellError)) throw error;
        most = k - 1;
      }
    }
    return best;
  } finally {
    for (const Z of codes) Z.free();
  }
}

const FORMAT = 'southwell-deep-cca';
const FIELDS = ['networks', 'shapes', 'weights', 'means', 'eigenvalues'] as const;

/** The contents of a file of deep variates, as plain data. */
export interface SavedDeepVariates {
  readonly dtype: nn.Precision;
  /** The networks as files, such as safetensors. */
  readonly networks: readonly Uint8Array[];
  readonly shapes: ReadonlyArray<readonly number[]>;
  /** For each view: a list of weights of the codes for each component. */
  readonly weights: ReadonlyArray<ReadonlyArray<readonly number[]>>;
  readonly means: ReadonlyArray<readonly number[]>;
  readonly eigenvalues: readonly number[];
}

/** Serialises a network: `writeSafetensors` of `@southwell/data`. */
export type WriteNetwork = (network: nn.Stored<nn.PlainTensor>) => Uint8Array;
/** The inverse: `readSafetensors` of `@southwell/data`. */
export type ReadNetwork = (bytes: Uint8Array) => nn.Stored;

/** A model as plain data, without its history, with networks serialised by `write`. O(parameters). */
export const deepVariatesPlain = ({ encoders, variates }: DeepVariates, write: WriteNetwork): SavedDeepVariates => ({
  dtype: precisionOf(encoders[0]),
  networks: encoders.map(({ layer, parameters }) => write(nn.saveModel(layer, parameters))),
  shapes: encoders.map(({ shape }) => [...shape]),
  weights: variates.weights.map((W) => Array.from({ length: W.cols }, (_, c) => [...W.column(c)])),
  means: variates.means.map((m) => [...m]),
  eigenvalues: [...variates.eigenvalues],
});

/**
 * The inverse of {@link deepVariatesPlain}, with networks parsed by `read`. O(parameters).
 * @throws INVALID_FORMAT, INVALID_SHAPE and INVALID_PARAMETER for networks that do not fit.
 */
export function deepVariatesFrom(saved: SavedDeepVariates, read: ReadNetwork): DeepVariates {
  const { dtype, networks, shapes, weights, means, eigenvalues } = saved;
  const misfit = (): never => fail('INVALID_FORMAT', 'the sizes of its parts do not match.');
  if (networks.length < 2 || [shapes, weights, means].some((list) => list.length !== networks.length)) misfit();
  const encoders = networks.map((file, v): ViewEncoder => {
    const { layer, parameters } = nn.loadModel(read(file), { dtype });
    const shape = shapes[v];
    const empty = { values: new Float32Array(sizeOf(shape)), shape };
    const [width] = outputsOf(layer, parameters, empty, 1).shape;
    const fits =
      means[v].length === width &&
      weights[v].length === eigenvalues.length &&
      weights[v].every((w) => w.length === width);
    if (!fits || eigenvalues.length === 0) misfit();
    return { layer, parameters, shape };
  });
  const matrices = weights.map((list, v) => DenseMatrix.fromColumnMajor(list.flat(), means[v].length, list.length));
  const variates = new CanonicalVariates(
    matrices,
    means.map((m) => Float64Array.from(m)),
    Float64Array.from(eigenvalues),
  );
  return new DeepVariates(encoders, variates);
}

/**
 * A model as JSON text, with networks and their architectures serialised by `write`, such as `writeSafetensors` of
 * `@southwell/data`.
 */
export const saveDeepVariates = (model: DeepVariates, write: WriteNetwork): string =>
  `${encodePlain({ format: FORMAT, version: 1, ...deepVariatesPlain(model, write) })}\n`;

/**
 * The model from a text of {@link saveDeepVariates}, without its history; networks are parsed by `read`, such as
 * `readSafetensors` of `@southwell/data`.
 * @throws INVALID_FORMAT, INVALID_SHAPE, INVALID_PARAMETER.
 */
export function loadDeepVariates(text: string, read: ReadNetwork): DeepVariates {
  const found = decodePlain(text) as Partial<SavedDeepVariates> & { format?: unknown; version?: unknown };
  if (typeof found !== 'object' || found === null || found.format !== FORMAT || found.version !== 1)
    fail('INVALID_FORMAT', `The text is not in the format ${FORMAT}, version 1.`);
  const absent = FIELDS.find((name) => !Array.isArray(found[name]));
  if (!stepRecords.dtype.allows(found.dtype)) fail('INVALID_FORMAT', `The text of ${FORMAT} has no dtype f32 or f64.`);
  if (absent) fail('INVALID_FORMAT', `The text of ${FORMAT} has no list of ${absent}.`);
  return deepVariatesFrom(found as SavedDeepVariates, read);
}
