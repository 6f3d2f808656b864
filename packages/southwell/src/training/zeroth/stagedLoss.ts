import * as nn from '@southwell/autodiff/nn';
import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { type Examples, fillBatch, sizeOf } from '../examples.ts';
import { linearRow, type Stage, stagesOf } from './stages.ts';

/**
 * The loss: as for `trainModel`, or any function of an example's outputs and targets, which need not be differentiable
 * and may be an error rate.
 */
export type ZoLoss = 'squares' | 'crossEntropy' | ((outputs: Float64Array, targets: ArrayLike<number>) => number);

/**
 * Reuse of a forward pass when one parameter changes: `units` propagates the unit that changes, row by row, and skips
 * rows in which nothing changes; `stages` restarts at the layer of the parameter; `none` recomputes everything.
 */
export const reuseTitles = { units: 'by unit', stages: 'by layer', none: 'none' } as const;
export type FeatureReuse = keyof typeof reuseTitles;

/**
 * The mean loss of a batch of `rows` examples as a function of concatenated parameters, in the order of `nn.init`, with
 * intermediate results of a pass for reuse.
 * @throws INVALID_SHAPE, INVALID_PARAMETER if model, examples and loss do not match.
 */
export class StagedLoss {
  /** Total number of parameters. */
  readonly size: number;
  readonly stages: readonly Stage[];
  readonly outputs: readonly number[];
  /** Number of multiplications by weights; for layers other than linear ones an estimate. */
  work = 0;
  private readonly P: Float64Array;
  /** The input of each stage, and the final output. */
  private readonly features: Float64Array[];
  /** Buffers for the results after a change; the stored pass is not modified. */
  private readonly scratch: Float64Array[];
  private readonly losses: Float64Array;
  private readonly weights: Float64Array;
  private readonly batch: Int32Array;
  private readonly ofRow: (outputs: Float64Array, at: number, example: number) => number;
  private readonly scale: number;
  /** From this stage on all are linear or activations, so that rows can be processed separately. */
  private readonly plainFrom: number;

  constructor(
    model: nn.Layer,
    private readonly data: Examples,
    readonly rows: number,
    loss: ZoLoss,
    state?: nn.State,
  ) {
    const held = state ?? nn.initState(model, { dtype: 'f64' });
    const { stages, shape } = stagesOf(model, data.inputs.shape, rows, held);
    this.stages = stages;
    this.outputs = shape;
    this.size = stages.reduce((sum, { from, to }) => sum + to - from, 0);
    this.P = new Float64Array(this.size);
    const sizes = [sizeOf(data.inputs.shape), ...stages.map((s) => s.out)];
    this.features = sizes.map((n) => new Float64Array(rows * n));
    this.scratch = sizes.map((n) => new Float64Array(rows * n));
    this.losses = new Float64Array(rows);
    this.weights = new Float64Array(rows).fill(1);
    this.batch = new Int32Array(rows);
    let total = 0;
    for (let i = 0; i < data.count; i++) total += data.weights?.[i] ?? 1;
    this.scale = data.count / total / rows;
    this.plainFrom = stages.findLastIndex((s) => !s.linear && !s.each) + 1;
    this.ofRow = rowLoss(loss, data, sizes[sizes.length - 1]);
  }

  /** Loads a batch and a point, and stores the pass. Returns the mean loss. */
  load(x: Float64Array, batch: ArrayLike<number>): number {
    this.take(batch);
    this.P.set(x);
    return this.pass(0, this.features, this.features[0], this.losses);
  }

  /** Loads a batch for {@link at}; this invalidates the stored pass. */
  take(batch: ArrayLike<number>): void {
    this.batch.set(batch);
    fillBatch(this.features[0], this.data.inputs, this.batch);
    for (let row = 0; row < this.rows; row++) this.weights[row] = (this.data.weights?.[batch[row]] ?? 1) * this.scale;
  }

  /** The mean loss of the batch at a point, by a full pass, without changing the stored one. */
  at(x: Float64Array): number {
    const kept = this.P.slice();
    this.P.set(x);
    const value = this.pass(0, this.scratch, this.features[0]);
    this.P.set(kept);
    return value;
  }

  /** The mean loss with one parameter of the loaded point changed. */
  moved(coord: number, to: number, reuse: FeatureReuse): number {
    const before = this.P[coord];
    this.P[coord] = to;
    try {
      if (reuse === 'none') return this.pass(0, this.scratch, this.features[0]);
      const s = this.stages.findIndex((stage) => coord < stage.to);
      const { linear } = this.stages[s];
      if (reuse === 'stages' || !linear || s < this.plainFrom) return this.pass(s, this.scratch, this.features[s]);
      return this.unit(s, linear, coord, to - before);
    } finally {
      this.P[coord] = before;
    }
  }

  /** The outputs of the loaded batch. */
  get values(): Float64Array {
    return this.features[this.features.length - 1];
  }

  free(): void {
    for (const stage of this.stages) stage.free?.();
  }

  /** A pass over all rows from a stage on. */
  private pass(first: number, into: Float64Array[], input: Float64Array, losses?: Float64Array): number {
    let x = input;
    for (let s = first; s < this.stages.length; s++) {
      this.stages[s].forward(this.P, x, into[s + 1]);
      this.work += this.rows * this.stages[s].cost;
      x = into[s + 1];
    }
    const width = x.length / this.rows;
    let sum = 0;
    for (let row = 0; row < this.rows; row++) {
      const value = this.ofRow(x, row * width, this.batch[row]);
      if (losses) losses[row] = value;
      sum += this.weights[row] * value;
    }
    return sum;
  }

  /** One unit of a linear stage changes by `by` times its input: rows in which nothing changes keep their loss. */
  private unit(
    s: number,
    linear: { readonly weight: number; readonly bias: number },
    coord: number,
    by: number,
  ): number {
    const stage = this.stages[s];
    const within = coord - linear.weight;
    const ofBias = linear.bias >= 0 && coord >= linear.bias && coord < linear.bias + stage.out;
    const unit = ofBias ? coord - linear.bias : Math.floor(within / stage.in);
    const entry = ofBias ? -1 : within % stage.in;
    let sum = 0;
    for (let row = 0; row < this.rows; row++) {
      const change = entry < 0 ? by : by * this.features[s][row * stage.in + entry];
      sum += this.weights[row] * (change === 0 ? this.losses[row] : this.passUnit(s + 1, row, unit, change));
    }
    return sum;
  }

  /** The loss of a row in which one input of stage `s` has changed by `change`. */
  private passUnit(s: number, row: number, unit: number, change: number): number {
    const { stages, features, scratch, P } = this;
    const before = features[s][row * (features[s].length / this.rows) + unit];
    let now = before + change;
    let old = before;
    let at = s;
    // Elementwise functions keep it a single change.
    while (at < stages.length && stages[at].each) {
      now = stages[at].each!(now);
      at++;
      old = features[at][row * (features[at].length / this.rows) + unit];
    }
    if (now === old) return this.losses[row];
    const width = features[at].length / this.rows;
    if (at === stages.length) {
      const x = scratch[at];
      for (let k = 0; k < width; k++) x[k] = features[at][row * width + k];
      x[unit] = now;
      return this.ofRow(x, 0, this.batch[row]);
    }
    const { linear, in: wide, out } = stages[at];
    let x = scratch[at + 1];
    const by = now - old;
    const w = linear!.weight + unit;
    const kept = features[at + 1];
    for (let r = 0; r < out; r++) x[r] = kept[row * out + r] + P[w + r * wide] * by;
    this.work += out;
    for (at++; at < stages.length; at++) {
      const { each, linear: next, in: n, out: m } = stages[at];
      const y = scratch[at + 1];
      if (each) for (let k = 0; k < n; k++) y[k] = each(x[k]);
      else {
        linearRow(P, next!.weight, next!.bias, n, m, x, 0, y, 0);
        this.work += n * m;
      }
      x = y;
    }
    return this.ofRow(x, 0, this.batch[row]);
  }
}

/** The loss of one example from its outputs, which start at `at`. */
function rowLoss(
  loss: ZoLoss,
  { targets }: Examples,
  width: number,
): (outputs: Float64Array, at: number, example: number) => number {
  const size = sizeOf(targets.shape);
  const stride = targets.stride ?? size;
  const { values } = targets;
  if (typeof loss === 'function') {
    return (outputs, at, i) =>
      loss(outputs.slice(at, at + width), values.subarray(i * stride, i * stride + size) as ArrayLike<number>);
  }
  if (loss === 'squares') {
    if (size !== width)
      fail('INVALID_SHAPE', `The model has ${width} outputs for an example, but there are ${size} targets.`);
    return (outputs, at, i) => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (outputs[at + k] - values[i * stride + k]) ** 2;
      return sum / size;
    };
  }
  if (loss !== 'crossEntropy')
    fail('INVALID_PARAMETER', `loss must be 'squares', 'crossEntropy' or a function, not '${loss}'.`);
  if (size !== 1) fail('INVALID_SHAPE', `There must be one class index for each example, not ${size}.`);
  const { exp, log } = elementary;
  return (outputs, at, i) => {
    const own = values[i * stride];
    if (!(Number.isInteger(own) && own >= 0 && own < width))
      fail('INVALID_PARAMETER', `Example ${i + 1} is of class ${own}, but the model has classes 0 to ${width - 1}.`);
    let most = outputs[at];
    for (let c = 1; c < width; c++) if (outputs[at + c] > most) most = outputs[at + c];
    let sum = 0;
    for (let c = 0; c < width; c++) sum += exp(outputs[at + c] - most);
    return log(sum) - (outputs[at + own] - most);
  };
}
