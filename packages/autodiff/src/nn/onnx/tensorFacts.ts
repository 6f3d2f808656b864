import type { NumericArray } from '@southwell/numerics/core';
import { largestEigenvalueOf } from '@southwell/numerics/krylov';
import type { Shape, Tensor } from '../../index.ts';
import { withLine } from '../../index.ts';
import { needObject, needTensors } from '../given.ts';
import { classOf } from '../operators/description.ts';
import { bytesOf } from './tensorData.ts';

/** What there is to say of a tensor of a network. */
export interface TensorFacts {
  readonly name: string;
  readonly type: string;
  readonly shape: Shape;
  readonly size: number;
  /** Absent for types of no fixed width. */
  readonly bytes?: number;
  /** Numbers that are 0; absent if the numbers cannot be read, as the next four are. */
  readonly zeros?: number;
  /** Numbers that are NaN or infinite. */
  readonly notFinite?: number;
  /** The first tensor with the same numbers. */
  readonly duplicateOf?: string;
  /** Largest singular value of a matrix, or of filters as a matrix with a row for each output; not for more than a million numbers. */
  readonly largestSingular?: number;
  /** The sum of squares of all singular values over that of the largest. */
  readonly stableRank?: number;
}

/** Largest matrix whose singular value is computed. */
const CHEAP = 1 << 20;

function spectrum(values: NumericArray, rows: number): Pick<TensorFacts, 'largestSingular' | 'stableRank'> {
  const columns = values.length / rows;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  const short = Math.min(rows, columns);
  const between = new Float64Array(Math.max(rows, columns));
  const [byRow, byColumn] = rows <= columns ? [columns, 1] : [1, columns];
  // Products with W Wᵀ of the shorter side: W[i, j] is values[i·byRow + j·byColumn] with i on the shorter side.
  const product = (v: Float64Array, out: Float64Array): void => {
    for (let j = 0; j < between.length; j++) {
      let sum = 0;
      for (let i = 0; i < short; i++) sum += v[i] * values[i * byRow + j * byColumn];
      between[j] = sum;
    }
    for (let i = 0; i < short; i++) {
      let sum = 0;
      for (let j = 0; j < between.length; j++) sum += between[j] * values[i * byRow + j * byColumn];
      out[i] = sum;
    }
  };
  const largest = largestEigenvalueOf(product, short, { tol: 1e-6 });
  return { largestSingular: Math.sqrt(largest), ...(largest > 0 ? { stableRank: squares / largest } : {}) };
}

/** A tensor whose numbers are read in parts. */
export interface InParts {
  readonly name: string;
  readonly type: string;
  readonly shape: Shape;
  parts(): Iterable<NumericArray>;
}

/** Tensors with different numbers that were seen before, by a hash of these. */
export class Seen {
  private readonly first = new Map<string, InParts[]>();

  private same(a: InParts, b: InParts): boolean {
    const theirs = b.parts()[Symbol.iterator]();
    for (const ours of a.parts()) {
      const other = theirs.next().value;
      for (let i = 0; i < ours.length; i++) if (!other || !Object.is(ours[i], other[i])) return false;
    }
    return true;
  }

  /** The first tensor with the numbers of this hash; undefined if there is none. */
  before(t: InParts, hash: number): string | undefined {
    const key = `${t.type} ${t.shape} ${hash}`;
    const alike = this.first.get(key) ?? [];
    const twin = alike.find((other) => this.same(t, other));
    if (!twin) this.first.set(key, [...alike, t]);
    return twin?.name;
  }
}

/** Facts of a tensor; only its size if `refused` says that its numbers cannot be read. */
export function factsOf(t: InParts, seen: Seen, refused: (f: () => void) => boolean): TensorFacts {
  const size = t.shape.reduce((a, b) => a * b, 1);
  const bytes = bytesOf(t);
  const plain = { name: t.name, type: t.type, shape: t.shape, size, ...(bytes === undefined ? {} : { bytes }) };
  let [zeros, notFinite, varied, hash] = [0, 0, false, 0x811c9dc5];
  let [initial, whole] = [undefined as number | undefined, undefined as NumericArray | undefined];
  const walk = (): void => {
    for (const values of t.parts()) {
      initial ??= values[0];
      whole = values;
      for (let i = 0; i < values.length; i++) {
        if (values[i] === 0) zeros++;
        else if (!Number.isFinite(values[i])) notFinite++;
        if (values[i] !== initial) varied = true;
      }
      const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
      for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
    }
  };
  if (refused(walk)) return plain;
  // Tensors of one number, such as biases of 0, are not duplicates in any useful sense.
  const twin = varied ? seen.before(t, hash) : undefined;
  const matrix = classOf(t.type) === 'float' && t.shape.length >= 2 && size <= CHEAP && size > 0 && notFinite === 0;
  return {
    ...{ ...plain, zeros, notFinite },
    ...(twin === undefined ? {} : { duplicateOf: twin }),
    ...(matrix && whole ? spectrum(whole, t.shape[0]) : {}),
  };
}

/**
 * Facts of tensors by name: zeros, NaN, duplicates, largest singular values of matrices with up to 2²⁰ numbers. O(size).
 * @throws INVALID_PARAMETER for what is no tensor.
 */
export const tensorFacts = withLine((tensors: Readonly<Record<string, Tensor>>): TensorFacts[] => {
  needObject('tensorFacts', 'tensors by name', tensors);
  needTensors('tensorFacts', tensors);
  const seen = new Seen();
  const all = (f: () => void): boolean => {
    f();
    return false;
  };
  return Object.entries(tensors).map(([name, t]) =>
    factsOf({ name, type: t.dtype, shape: t.shape, parts: () => [t.data()] }, seen, all),
  );
});
