import * as ad from '@southwell/autodiff';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { dot } from './product.ts';

export interface SoftmaxCollapseOptions {
  /** In which the softmax is computed. Default 'f32'. */
  readonly precision?: ad.SoftmaxPrecision;
  /** The class of each row, from 0; below 0 none. Needed for `zeroLoss`. */
  readonly targets?: ArrayLike<number>;
}
const collapseKeys: OptionKeys<SoftmaxCollapseOptions> = { precision: true, targets: true };

export interface SoftmaxCollapse {
  /** How many rows there are. */
  readonly rows: number;
  /** The share of rows whose Σ exp(z − max z) is exactly 1. */
  readonly share: number;
  /** With targets: the share of rows, among those that have one, whose cross-entropy is exactly 0: they teach their class no more. */
  readonly zeroLoss?: number;
}

/**
 * How far a softmax has collapsed: of how many examples the largest logit lies so far above the others that in floating point its
 * probability is exactly 1 (Prieto et al., ICLR 2025, arXiv 2501.04697). Loss and derivative of an example whose class that is are exactly 0
 * there, and training stands still where all are. The bits are those of `softmaxSum` and `softmaxCrossEntropy`. O(size).
 *
 * @param logits row by row, such as `outputsOf` gives them.
 * @param classes how many logits a row has.
 * @throws INVALID_SHAPE for no rows, or logits or targets that do not fit; INVALID_PARAMETER for a precision or a class that there is not;
 * NON_FINITE for logits that are not.
 */
export function softmaxCollapse(
  logits: ArrayLike<number>,
  classes: number,
  options: SoftmaxCollapseOptions = {},
): SoftmaxCollapse {
  knownKeys('softmaxCollapse', options, collapseKeys);
  const { precision = 'f32', targets } = options;
  wholeNumber('classes', classes, 1);
  const rows = logits.length / classes;
  if (!(rows >= 1 && Number.isInteger(rows))) {
    fail('INVALID_SHAPE', `${logits.length} logits are no rows of ${classes} classes.`);
  }
  if (targets && targets.length !== rows) {
    fail('INVALID_SHAPE', `There are ${targets.length} targets for ${rows} rows of logits.`);
  }
  const values = Float64Array.from(logits);
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    const [row, place] = [Math.floor(bad / classes) + 1, (bad % classes) + 1];
    fail('NON_FINITE', `Logit ${place} of row ${row} is ${values[bad]}.`);
  }
  const z = ad.tensor(values, { shape: [rows, classes] });
  const share =
    ad
      .softmaxSum(z, { precision })
      .data()
      .filter((s: number) => s === 1).length / rows;
  if (!targets) return { rows, share };
  let known = 0;
  for (let i = 0; i < rows; i++) {
    const t = targets[i];
    if (!(Number.isInteger(t) && t < classes)) {
      fail(
        'INVALID_PARAMETER',
        `The target of row ${i + 1} is ${t}, but classes are whole numbers from 0 to ${classes - 1}.`,
      );
    }
    if (t >= 0) known++;
  }
  const losses = ad.softmaxCrossEntropy(z, ad.tensor(Int32Array.from(targets)), { precision }).data();
  let zero = 0;
  for (let i = 0; i < rows; i++) if (targets[i] >= 0 && losses[i] === 0) zero++;
  return { rows, share, zeroLoss: zero / known };
}

export interface ScalingAlignmentOptions {
  /** Tensors, such as `rangesOf` of `southwell/optimisers` tells where they lie. Default: none, the whole alone. */
  readonly ranges?: ReadonlyArray<{ readonly from: number; readonly to: number; readonly name?: string }>;
}
const alignmentKeys: OptionKeys<ScalingAlignmentOptions> = { ranges: true };

export interface ScalingAlignment {
  /** Between the negative gradient and the parameters, from −1 to 1; NaN where either is 0, as a gradient is after collapse. */
  readonly cosine: number;
  /** wᵀg: for a network without biases of L layers, L times the mean over examples of Σ z_k ∂L/∂z_k. */
  readonly product: number;
  /** The same of each range. */
  readonly tensors: ReadonlyArray<{ readonly name: string; readonly cosine: number; readonly product: number }>;
}

/**
 * How much of a step downhill only scales the parameters: the cosine between the negative gradient and them. Where a network has no biases, scaling
 * them up scales its logits and changes no prediction; past a perfect fit that is the cheapest way to lower cross-entropy, and gradients turn
 * that way (naive loss minimisation: Prieto et al., ICLR 2025, arXiv 2501.04697). With biases the direction is no such one exactly. O(size).
 *
 * @throws INVALID_SHAPE for arrays of different lengths or none; INVALID_PARAMETER for ranges that do not lie within; NON_FINITE.
 */
export function scalingAlignment(
  parameters: ArrayLike<number>,
  gradient: ArrayLike<number>,
  options: ScalingAlignmentOptions = {},
): ScalingAlignment {
  knownKeys('scalingAlignment', options, alignmentKeys);
  const { ranges = [] } = options;
  const size = parameters.length;
  if (size === 0 || gradient.length !== size) {
    fail(
      'INVALID_SHAPE',
      `There are ${size} parameters and ${gradient.length} numbers of a gradient; each parameter has one.`,
    );
  }
  const [w, g] = [Float64Array.from(parameters), Float64Array.from(gradient)];
  for (const [name, values] of [
    ['Parameter', w],
    ['The gradient, at place', g],
  ] as const) {
    const bad = values.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) fail('NON_FINITE', `${name} ${bad + 1} is ${values[bad]}.`);
  }
  const of = (from: number, to: number) => {
    const [a, b] = [w.subarray(from, to), g.subarray(from, to)];
    // By their largest entries: squares of gradients after a fit would underflow.
    const [s, t] = [largest(a), largest(b)];
    const [u, v] = [a.map((x) => x / s), b.map((x) => x / t)];
    return { cosine: -dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v)), product: dot(a, b) };
  };
  return {
    ...of(0, size),
    tensors: ranges.map(({ from, to, name }, k) => {
      const called = name ?? `range ${k + 1}`;
      wholeNumber(`The beginning of '${called}'`, from, 0, size);
      wholeNumber(`The end of '${called}'`, to, from, size);
      return { name: called, ...of(from, to) };
    }),
  };
}

const largest = (values: Float64Array): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
