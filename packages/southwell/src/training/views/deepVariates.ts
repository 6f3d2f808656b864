import * as nn from '@southwell/autodiff/nn';
import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { decodePlain, encodePlain, fail, SouthwellError } from '@southwell/numerics/core';
import { CanonicalVariates, ccaExact } from '../../factorisation/index.ts';
import { type Part, sizeOf } from '../examples.ts';
import { outputsOf } from '../programs.ts';
import { type ViewParts, viewPart, viewParts } from './encoders.ts';

/** How each epoch of a run went: lists of one length. */
export interface DeepCcaHistory {
  /** Mean loss of the epoch's batches, while parameters changed. */
  readonly loss: readonly number[];
  /** Total correlation of the rows of the fit, at the end of the epoch. */
  readonly correlation: readonly number[];
  /** Of the validation. */
  readonly validation?: readonly number[];
}

/** A network for a view, with its numbers and the shape of a row. */
export interface ViewEncoder {
  readonly layer: nn.Layer;
  readonly parameters: nn.Parameters;
  readonly shape: readonly number[];
}

/** Networks of two or more views whose codes go together, in the order of their correlations. */
export class DeepVariates {
  constructor(
    readonly encoders: readonly ViewEncoder[],
    /** What canonical correlation of the codes of the rows of the fit found: codes in, scores of variance 1 out. */
    readonly variates: CanonicalVariates,
    readonly history: DeepCcaHistory = { loss: [], correlation: [] },
    /** Whole epochs behind these parameters. */
    readonly epoch = 0,
  ) {}

  /** Of the rows of the fit: for two views their canonical correlations, for M views at most M − 1. */
  get eigenvalues(): Float64Array {
    return this.variates.eigenvalues;
  }

  /**
   * Scores of rows, new ones or those of the fit: rows × components for each view. O(rows · parameters).
   * @throws INVALID_SHAPE, NON_FINITE, EMPTY.
   */
  transform(views: readonly MatrixLike[]): DenseMatrix[] {
    const codes = this.codes(views);
    const out = this.variates.transform(codes);
    for (const Z of codes) Z.free();
    return out;
  }

  /**
   * Correlations of the scores of these rows, one a component: the mean over pairs of views.
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
   * Scores of the rows of one view alone, from 0. O(rows · parameters).
   * @throws INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE.
   */
  transformView(view: number, X: MatrixLike): DenseMatrix {
    const encoder = this.encoders[view];
    if (!encoder)
      fail('INVALID_PARAMETER', `There are ${this.encoders.length} views, counted from 0: none is ${view}.`);
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

/** What a network gives for rows, rows × k. */
export function codesOf({ layer, parameters }: ViewEncoder, part: Part, rows: number): DenseMatrix {
  const { values, shape } = outputsOf(layer, parameters, part, rows);
  const [k] = shape;
  const Z = DenseMatrix.create(rows, k, { fill: false });
  const { data } = Z;
  for (let i = 0; i < rows; i++) for (let c = 0; c < k; c++) data[c * rows + i] = values[i * k + c];
  return Z;
}

/**
 * The variates of networks by canonical correlation of their codes of these rows, as many of `components` as their codes have; nothing
 * where codes are not finite or all the same.
 * @throws what is no error of the codes.
 */
export function orderedVariates(
  encoders: readonly ViewEncoder[],
  { rows, parts }: ViewParts,
  components: number,
): CanonicalVariates | undefined {
  const codes = encoders.map((encoder, v) => codesOf(encoder, parts[v], rows));
  try {
    if (codes.some(({ data }) => data.some((z) => !Number.isFinite(z)))) return undefined;
    // Codes that have shrunk have fewer dimensions: the most that there are, by halving.
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

/** What a file of deep variates holds, as plain data. */
export interface SavedDeepVariates {
  readonly dtype: nn.Precision;
  /** The bytes of a file of each, such as one of safetensors. */
  readonly networks: readonly Uint8Array[];
  readonly shapes: ReadonlyArray<readonly number[]>;
  /** Of each view: a list of weights of the codes for each component. */
  readonly weights: ReadonlyArray<ReadonlyArray<readonly number[]>>;
  readonly means: ReadonlyArray<readonly number[]>;
  readonly eigenvalues: readonly number[];
}

/** The bytes of a file of a network: `writeSafetensors` of `@southwell/data`. */
export type WriteNetwork = (network: nn.Stored<nn.PlainTensor>) => Uint8Array;
/** What is in such bytes: `readSafetensors` of `@southwell/data`. */
export type ReadNetwork = (bytes: Uint8Array) => nn.Stored;

/** A model as plain data, without its history, networks as files that `write` makes. O(parameters). */
export const deepVariatesPlain = ({ encoders, variates }: DeepVariates, write: WriteNetwork): SavedDeepVariates => ({
  dtype: precisionOf(encoders[0]),
  networks: encoders.map(({ layer, parameters }) => write(nn.saveModel(layer, parameters))),
  shapes: encoders.map(({ shape }) => [...shape]),
  weights: variates.weights.map((W) => Array.from({ length: W.cols }, (_, c) => [...W.column(c)])),
  means: variates.means.map((m) => [...m]),
  eigenvalues: [...variates.eigenvalues],
});

/**
 * What {@link deepVariatesPlain} made plain, networks read by `read`. O(parameters).
 * @throws INVALID_FORMAT, INVALID_SHAPE and INVALID_PARAMETER for networks that do not fit.
 */
export function deepVariatesFrom(saved: SavedDeepVariates, read: ReadNetwork): DeepVariates {
  const { dtype, networks, shapes, weights, means, eigenvalues } = saved;
  const misfit = (): never => fail('INVALID_FORMAT', 'the sizes of its parts are inconsistent.');
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

/** A model as a text: JSON, networks with their architectures as files that `write` makes, `writeSafetensors` of `@southwell/data`. */
export const saveDeepVariates = (model: DeepVariates, write: WriteNetwork): string =>
  `${encodePlain({ format: FORMAT, version: 1, ...deepVariatesPlain(model, write) })}\n`;

/**
 * The model of a text that {@link saveDeepVariates} wrote, without its history; networks are read by `read`, `readSafetensors` of `@southwell/data`.
 * @throws INVALID_FORMAT, INVALID_SHAPE, INVALID_PARAMETER.
 */
export function loadDeepVariates(text: string, read: ReadNetwork): DeepVariates {
  const found = decodePlain(text) as Partial<SavedDeepVariates> & { format?: unknown; version?: unknown };
  if (typeof found !== 'object' || found === null || found.format !== FORMAT || found.version !== 1)
    fail('INVALID_FORMAT', `This is no text of ${FORMAT}, version 1.`);
  const absent = FIELDS.find((name) => !Array.isArray(found[name]));
  if (found.dtype !== 'f32' && found.dtype !== 'f64')
    fail('INVALID_FORMAT', `This text of ${FORMAT} does not say whether its numbers are f32 or f64.`);
  if (absent) fail('INVALID_FORMAT', `This text of ${FORMAT} has no list of ${absent}.`);
  return deepVariatesFrom(found as SavedDeepVariates, read);
}
