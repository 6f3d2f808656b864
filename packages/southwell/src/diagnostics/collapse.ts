import * as ad from '@southwell/autodiff';
import { checkOptions, choiceOption, fail, type OptionsOf, otherOption, wholeNumber } from '@southwell/numerics/core';
import { dot } from './product.ts';

const collapseRecords = {
  /** Precision of the softmax. Default 'f32'. */
  precision: choiceOption({ f16: 'half', f32: 'single', f64: 'double' } satisfies Record<ad.SoftmaxPrecision, string>),
  /** The class of each row, from 0; negative for none. Needed for `zeroLoss`. */
  targets: otherOption<ArrayLike<number>>('a class for each row'),
};

export interface SoftmaxCollapseOptions extends OptionsOf<typeof collapseRecords> {}

export interface SoftmaxCollapse {
  /** Number of rows. */
  readonly rows: number;
  /** The fraction of rows whose Σ exp(z − max z) is exactly 1. */
  readonly share: number;
  /**
   * With targets: the fraction of rows, among those with a class, whose cross-entropy is exactly 0, so that they no
   * longer contribute to training.
   */
  readonly zeroLoss?: number;
}

/**
 * Softmax collapse: the fraction of examples whose largest logit exceeds the others so far that its probability is
 * exactly 1 in floating point (Prieto et al., ICLR 2025, arXiv 2501.04697). Loss and derivative of an example of that
 * class are then exactly 0, and training stops if all examples are. The bits are those of `softmaxSum` and
 * `softmaxCrossEntropy`. O(size).
 *
 * @param logits row by row, as `outputsOf` returns them.
 * @param classes number of logits in a row.
 * @throws INVALID_SHAPE for no rows, or logits or targets of the wrong length; INVALID_PARAMETER for an unknown
 * precision or class; NON_FINITE for logits that are not finite.
 */
export function softmaxCollapse(
  logits: ArrayLike<number>,
  classes: number,
  options: SoftmaxCollapseOptions = {},
): SoftmaxCollapse {
  checkOptions('softmaxCollapse', collapseRecords, options);
  const { precision = 'f32', targets } = options;
  wholeNumber('classes', classes, 1);
  const rows = logits.length / classes;
  if (!(rows >= 1 && Number.isInteger(rows))) {
    fail('INVALID_SHAPE', `${logits.length} logits cannot be split into rows of ${classes} classes.`);
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

const alignmentRecords = {
  /** Ranges of tensors, such as `rangesOf` of `southwell/optimisers` returns. Default: none, only the whole. */
  ranges:
    otherOption<ReadonlyArray<{ readonly from: number; readonly to: number; readonly name?: string }>>(
      'a list of ranges',
    ),
};

export interface ScalingAlignmentOptions extends OptionsOf<typeof alignmentRecords> {}

export interface ScalingAlignment {
  /**
   * Cosine between the negative gradient and the parameters, from −1 to 1; NaN if either is 0, as a gradient is after
   * collapse.
   */
  readonly cosine: number;
  /** wᵀg: for a network without biases with L layers, L times the mean over examples of Σ z_k ∂L/∂z_k. */
  readonly product: number;
  /** The same of each range. */
  readonly tensors: ReadonlyArray<{ readonly name: string; readonly cosine: number; readonly product: number }>;
}

/**
 * Alignment of a descent step with the parameters: the cosine between them. In a network without biases, scaling the
 * parameters up scales its logits and changes no prediction; after a perfect fit that is the cheapest way to decrease
 * cross-entropy, and gradients align with that direction (naive loss minimisation: Prieto et al., ICLR 2025, arXiv
 * 2501.04697). With biases the direction is only approximately such a one. O(size).
 *
 * @throws INVALID_SHAPE for arrays of different lengths or none; INVALID_PARAMETER for ranges outside the arrays;
 * NON_FINITE.
 */
export function scalingAlignment(
  parameters: ArrayLike<number>,
  gradient: ArrayLike<number>,
  options: ScalingAlignmentOptions = {},
): ScalingAlignment {
  checkOptions('scalingAlignment', alignmentRecords, options);
  const { ranges = [] } = options;
  const size = parameters.length;
  if (size === 0 || gradient.length !== size) {
    fail(
      'INVALID_SHAPE',
      `There are ${size} parameters and ${gradient.length} gradient values; each parameter needs one.`,
    );
  }
  const [w, g] = [Float64Array.from(parameters), Float64Array.from(gradient)];
  for (const [name, values] of [
    ['Parameter', w],
    ['Gradient entry', g],
  ] as const) {
    const bad = values.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) fail('NON_FINITE', `${name} ${bad + 1} is ${values[bad]}.`);
  }
  const of = (from: number, to: number) => {
    const [a, b] = [w.subarray(from, to), g.subarray(from, to)];
    // Scaled by their largest entries: squares of gradients after a fit would underflow.
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
