import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  numberOption,
  type OptionsNeeding,
  wholeNumber,
} from '@southwell/numerics/core';
import { checkPart, type Examples } from '../examples.ts';
import { patchRows } from './patchRows.ts';

const architectureTitles = { cnn: 'convolutional', lcn: 'locally connected', fcn: 'fully connected' } as const;
export type PatchArchitecture = keyof typeof architectureTitles;

const netRecords = {
  /** 'cnn': one filter on every patch; 'lcn': a separate filter for each patch; 'fcn': every unit on the whole input. */
  arch: choiceOption(architectureTitles),
  /** Number k of consecutive patches of the input. */
  patches: integerOption({ min: 1 }),
  /** Size d of a patch. */
  patchDim: integerOption({ min: 1 }),
  /** b of the activation, at least 0. Default 0.4. With 0 the network is linear. */
  threshold: numberOption({ min: 0, finite: true }),
  /** Number of units of 'fcn'. Default: the number of patches. */
  units: integerOption({ min: 1 }),
};

export interface PatchNetOptions extends OptionsNeeding<typeof netRecords, 'arch' | 'patches' | 'patchDim'> {}

/** Performance of weights. */
export interface PatchScore {
  /** The mean of (f(x) − y)². */
  readonly risk: number;
  /** Error rate of signs; an output of 0 counts as wrong. */
  readonly error: number;
}

/**
 * f(x) = Σᵢ φ_b(⟨wᵢ, xᵢ⟩) with φ_b(z) = sign(z)·max(|z| − b, 0), where xᵢ is a patch of x, or all of it. Weights are
 * stored row by row, in double precision.
 */
export interface PatchNet {
  readonly arch: PatchArchitecture;
  readonly patches: number;
  readonly patchDim: number;
  readonly threshold: number;
  /** Number of terms of the sum. */
  readonly units: number;
  /** Number of rows of the weights: 1, k, or the units of 'fcn'. */
  readonly rows: number;
  /** Length of a row: d, or k·d. */
  readonly width: number;
  /** The same network with another threshold. */
  withThreshold(threshold: number): PatchNet;
  /** f of `inputs`, rows of k·d numbers; O(n·units·width). @throws INVALID_SHAPE. */
  predict(weights: Float64Array, inputs: Float64Array): Float64Array;
  /** @throws INVALID_SHAPE. */
  score(weights: Float64Array, inputs: Float64Array, targets: Float64Array): PatchScore;
  /**
   * The mean of (f(x) − y)² over a batch, given by row indices from 0, or over all; its gradient is written to `out`.
   * O(n·units·width). @throws INVALID_SHAPE.
   */
  gradient(
    weights: Float64Array,
    inputs: Float64Array,
    targets: Float64Array,
    out: Float64Array,
    batch?: Int32Array,
  ): number;
}

/**
 * One-layer networks that differ only in locality and weight sharing (Lahoti et al., ICLR 2024): convolutional, locally
 * connected, fully connected, with soft-threshold activations that are summed. Gradients in closed form.
 *
 * @example const net = patchNet({ arch: 'cnn', patches: 8, patchDim: 20 });
 * @throws INVALID_PARAMETER.
 */
export function patchNet(options: PatchNetOptions): PatchNet {
  checkOptions('patchNet', netRecords, options);
  const { arch, patches, patchDim, threshold = 0.4 } = options;
  if (arch !== 'fcn' && options.units !== undefined) {
    fail('INVALID_PARAMETER', `units is only for arch 'fcn': '${arch}' has one unit per patch.`);
  }
  const units = arch === 'fcn' ? (options.units ?? patches) : patches;
  const full = patches * patchDim;
  const width = arch === 'fcn' ? full : patchDim;
  /** Offsets of the weights of each unit, and of its part of an input. */
  const rowOf = patchRows(arch, units);
  const from = rowOf.map((row) => row * width);
  const at = Int32Array.from({ length: units }, (_, i) => (arch === 'fcn' ? 0 : i * patchDim));
  const rows = rowOf.reduce((most, row) => Math.max(most, row + 1), 1);
  const z = new Float64Array(units);

  /** f of the example that starts at `base`; leaves the activations in z. */
  const output = (w: Float64Array, x: Float64Array, base: number): number => {
    let f = 0;
    for (let i = 0; i < units; i++) {
      const [a, b] = [from[i], base + at[i]];
      let sum = 0;
      for (let j = 0; j < width; j++) sum += w[a + j] * x[b + j];
      const beyond = Math.abs(sum) - threshold;
      z[i] = beyond > 0 ? (sum > 0 ? beyond : -beyond) : 0;
      f += z[i];
    }
    return f;
  };
  const predict = (w: Float64Array, x: Float64Array): Float64Array => {
    checkSizes(w, x);
    return Float64Array.from({ length: x.length / full }, (_, n) => output(w, x, n * full));
  };
  const checkSizes = (w: Float64Array, x: Float64Array, y?: Float64Array): void => {
    if (w.length !== rows * width) {
      fail('INVALID_SHAPE', `The network needs ${rows} × ${width} weights, but ${w.length} numbers are given.`);
    }
    if (x.length % full !== 0) {
      fail(
        'INVALID_SHAPE',
        `Inputs must be rows of ${patches} × ${patchDim} numbers, but there are ${x.length} numbers.`,
      );
    }
    if (y && y.length !== x.length / full) {
      fail('INVALID_SHAPE', `There are ${x.length / full} inputs, but ${y.length} targets.`);
    }
  };
  return {
    ...{ arch, patches, patchDim, threshold, units, rows, width },
    withThreshold: (other) => patchNet({ ...options, threshold: other }),
    predict,
    score(w, x, y) {
      checkSizes(w, x, y);
      if (y.length === 0) fail('INVALID_SHAPE', 'A score needs at least one example.');
      let [risk, wrong] = [0, 0];
      for (let n = 0; n < y.length; n++) {
        const f = output(w, x, n * full);
        risk += (f - y[n]) * (f - y[n]);
        if (!(f * y[n] > 0)) wrong++;
      }
      return { risk: risk / y.length, error: wrong / y.length };
    },
    gradient(w, x, y, out, batch) {
      checkSizes(w, x, y);
      checkSizes(out, x);
      const count = batch ? batch.length : y.length;
      if (count === 0) fail('INVALID_SHAPE', 'A gradient needs at least one example.');
      out.fill(0);
      let risk = 0;
      for (let m = 0; m < count; m++) {
        const n = batch ? batch[m] : m;
        const base = n * full;
        const r = output(w, x, base) - y[n];
        risk += r * r;
        for (let i = 0; i < units; i++) {
          // The derivative of a unit within its threshold is zero.
          if (z[i] === 0) continue;
          const [a, b] = [from[i], base + at[i]];
          for (let j = 0; j < width; j++) out[a + j] += r * x[b + j];
        }
      }
      const scale = 2 / count;
      for (let j = 0; j < out.length; j++) out[j] *= scale;
      return risk / count;
    },
  };
}

/** Checked inputs and targets of examples in double precision. */
export interface PatchData {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
}

/** @throws EMPTY, INVALID_SHAPE, NON_FINITE with the example. */
export function patchData(name: string, net: PatchNet, data: Examples): PatchData {
  const { count, inputs, targets } = data;
  wholeNumber(`The count of ${name}`, count, 0);
  if (count === 0) fail('EMPTY', `${name} has no examples.`);
  checkPart(`inputs of ${name}`, inputs, count);
  checkPart(`targets of ${name}`, targets, count);
  const size = inputs.shape.reduce((a, b) => a * b, 1);
  if (size !== net.patches * net.patchDim) {
    fail(
      'INVALID_SHAPE',
      `The network needs inputs of ${net.patches} × ${net.patchDim} numbers, but those of ${name} have ${size}.`,
    );
  }
  if (targets.shape.reduce((a, b) => a * b, 1) !== 1) {
    fail('INVALID_SHAPE', `Targets of ${name} must be single numbers, but have the shape [${targets.shape}].`);
  }
  if (data.weights) fail('INVALID_PARAMETER', `Patch networks do not support weights, but ${name} has some.`);
  const whole = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const from = i * (inputs.stride ?? size);
    whole.set(inputs.values.subarray(from, from + size), i * size);
  }
  return {
    inputs: whole,
    targets: Float64Array.from({ length: count }, (_, i) => targets.values[i * (targets.stride ?? 1)]),
  };
}
