import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { full, mul, randomNormal, randomUniform, type Shape, sub, type Tensor, tensor, withLine } from '../index.ts';
import type { Initialiser, Precision } from './layer.ts';

// Parameter initialisers. Weights have PyTorch's layout, [out, in, …], and its defaults.

/** Fan-in and fan-out of a weight. */
function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const field = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: (shape[1] ?? 1) * field, fanOut: shape[0] * field };
}

/** A constant. */
export const constantly =
  (value: number): Initialiser =>
  (_, shape, dtype) =>
    full(shape, value, dtype);
/** Zeros. */
export const zeros: Initialiser = constantly(0);
/** Ones. */
export const ones: Initialiser = constantly(1);

/** Uniform on [−bound, bound). */
export const uniform =
  (bound: number): Initialiser =>
  (key, shape, dtype) =>
    mul(sub(randomUniform(key, shape, dtype), 0.5), 2 * bound);

/** Normal with mean 0. */
export const normal =
  (deviation: number): Initialiser =>
  (key, shape, dtype) =>
    mul(randomNormal(key, shape, dtype), deviation);

/** Orthonormal rows, or columns if these are fewer (Saxe et al. 2014): Q of the QR factorisation of a normal matrix. O(m·n·min(m, n)). */
const orthogonal: Initialiser = (key, shape, dtype) => {
  const [m, n] = [shape[0], shape.slice(1).reduce((a, b) => a * b, 1)];
  if (m * n === 0) return zeros(key, shape, dtype);
  const [tall, thin] = [Math.max(m, n), Math.min(m, n)];
  const drawn = DenseMatrix.create(tall, thin);
  drawn.data.set(randomNormal(key, [tall * thin], 'f64').data());
  const factor = qr(drawn);
  const q = factor.thinQ();
  const values = new Float64Array(m * n);
  for (let j = 0; j < thin; j++) {
    // Multiplied by the signs of R's diagonal for a uniform (Haar) distribution (Mezzadri 2007).
    const s = factor.factors.get(j, j) < 0 ? -1 : 1;
    for (let i = 0; i < tall; i++) values[m >= n ? i * n + j : j * n + i] = s * q.get(i, j);
  }
  return tensor(values, { shape, dtype });
};

/** Initialisers by name; a layer's `gain` scales them. */
export const initialisers = {
  /** Uniform within 1/√fanIn: He et al. (2015) with a = √5, the default of PyTorch's layers. */
  'kaiming-uniform': (key: Tensor, shape: Shape, dtype: Precision) =>
    uniform(1 / Math.sqrt(Math.max(1, fans(shape).fanIn)))(key, shape, dtype),
  /** Normal with standard deviation √(2/fanIn): He et al. (2015), for ReLU. */
  'kaiming-normal': (key: Tensor, shape: Shape, dtype: Precision) =>
    normal(Math.sqrt(2 / Math.max(1, fans(shape).fanIn)))(key, shape, dtype),
  /** Uniform within √(6/(fanIn + fanOut)): Glorot & Bengio (2010). */
  'xavier-uniform': (key: Tensor, shape: Shape, dtype: Precision) =>
    uniform(Math.sqrt(6 / (fans(shape).fanIn + fans(shape).fanOut)))(key, shape, dtype),
  /** Normal with standard deviation √(2/(fanIn + fanOut)): Glorot & Bengio (2010). */
  'xavier-normal': (key: Tensor, shape: Shape, dtype: Precision) =>
    normal(Math.sqrt(2 / (fans(shape).fanIn + fans(shape).fanOut)))(key, shape, dtype),
  orthogonal,
  /** Normal with standard deviation 0.02, as in GPT-2. */
  normal: normal(0.02),
  zeros,
} satisfies Readonly<Record<string, Initialiser>>;

/** Name of an initialiser. */
export type Initialisation = keyof typeof initialisers;
export const initialisations = Object.keys(initialisers) as Initialisation[];

/** The named initialiser, scaled by a gain. */
export const named =
  (name: Initialisation, gain = 1): Initialiser =>
  (key, shape, dtype) =>
    gain === 1 ? initialisers[name](key, shape, dtype) : mul(initialisers[name](key, shape, dtype), gain);

/** For biases: uniform within 1/√fanIn of the corresponding weights. */
export const biases = (weights: Shape): Initialiser => uniform(1 / Math.sqrt(Math.max(1, fans(weights).fanIn)));

/**
 * Samples initial values of shape [out, in, …] from the named initialiser.
 * @throws INVALID_PARAMETER for an unknown initialiser.
 */
export const initialise = withLine(
  (name: Initialisation, key: Tensor, shape: Shape, dtype: Precision = 'f32'): Tensor => {
    if (!Object.hasOwn(initialisers, name)) {
      fail('INVALID_PARAMETER', `There is no initialiser '${name}'; there are ${initialisations.join(', ')}.`);
    }
    return initialisers[name](key, shape, dtype);
  },
);
