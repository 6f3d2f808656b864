import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Arena, arenaFor, type Block } from '@southwell/kernels';
import { fail, inOnePlace, Random, type SplitRows, wholeNumber } from '@southwell/numerics/core';
import type { Numbers, ParameterRange, StochasticProblem } from '../optimisers/index.ts';
import { type Examples, emptyBatch, fillBatch, type Part, sizeOf } from './examples.ts';
import type { GradientExchange } from './exchange.ts';
import { areFinite } from './finite.ts';
import { hitsOf, type Loss, lossOf } from './loss.ts';

/** Augments the inputs of one example of a batch in place, for instance by shifting an image. */
export type Alter = (input: Float32Array | Float64Array | Int32Array, random: Random) => void;

/** The random stream of augmentation is separate from the order of the examples. */
const ALTERING = 0x7ffffff1;

/** Number of examples evaluated at a time. */
const JUDGED = 128;

type Flat = Float32Array | Float64Array;

/** Distribution of a number of work items, whose results are summed, over ranks: one row each. */
export type Spread = (pieces: number) => SplitRows;
const here: Spread = (pieces) => inOnePlace(pieces, 1);

/** Values of tensors, concatenated; undefined if there are none. */
export const flatOf = (tensors: Readonly<Record<string, ad.Tensor>>, dtype: nn.Precision): Flat => {
  const all = Object.values(tensors);
  const out = new (dtype === 'f64' ? Float64Array : Float32Array)(all.reduce((n, t) => n + t.size, 0));
  let at = 0;
  for (const t of all) {
    out.set(t.data() as Flat, at);
    at += t.size;
  }
  return out;
};

/** Tensors with the given names and shapes from concatenated values, copied. */
export function tensorsOf(values: Numbers, like: Readonly<Record<string, ad.Tensor>>): Record<string, ad.Tensor> {
  let at = 0;
  return Object.fromEntries(
    Object.entries(like).map(([name, t]) => {
      const own = values.slice(at, at + t.size);
      at += t.size;
      return [name, ad.tensor(own, { shape: [...t.shape], dtype: t.dtype })];
    }),
  );
}

export interface TrainingProblemOptions {
  readonly loss: Loss;
  readonly dtype: nn.Precision;
  readonly seed: number;
  /** Examples per step, and the number of micro-batches. */
  readonly batchSize: number;
  readonly accumulate: number;
  readonly alter?: Alter;
  readonly parameters: nn.Parameters;
  readonly state: nn.State;
  /** The first step, from 0. */
  readonly step: number;
  readonly spread?: Spread;
  readonly exchange?: GradientExchange;
}

/** The gradient of a model's mean loss over batches, as needed by `stochasticIterates`. */
export class TrainingProblem implements StochasticProblem {
  readonly examples: number;
  /** Batch-norm statistics before the current batch, which belong to {@link parameters}. */
  before: Flat;
  private readonly program;
  /**
   * The gradient, if it is a sum over micro-batches, followed by the loss, stored next to the parameters, where
   * optimisers read it.
   */
  private readonly sums: Block<Flat> | undefined;
  private readonly parts: SplitRows;
  private readonly scale: number;
  private readonly key: ad.Tensor;
  private readonly random: Random;
  private readonly micro: number;
  private step: number;
  private pending = false;

  /** @throws INVALID_PARAMETER for batch norms in distributed training. */
  constructor(
    model: nn.Layer,
    private readonly data: Examples,
    private readonly options: TrainingProblemOptions,
  ) {
    const { loss, dtype, seed, batchSize, accumulate, parameters, state, spread } = options;
    this.examples = data.count;
    this.micro = batchSize / accumulate;
    this.step = options.step;
    this.key = ad.foldIn(ad.randomKey(seed), 1);
    this.random = new Random(seed).split(ALTERING);
    let total = 0;
    for (let i = 0; i < data.count; i++) total += data.weights?.[i] ?? 1;
    this.scale = data.count / total / batchSize;
    const objective = (
      p: nn.Parameters,
      x: ad.Tensor,
      y: ad.Tensor,
      w: ad.Tensor,
      key: ad.Tensor,
      s: nn.State,
    ): [ad.Tensor, nn.Parameters, nn.State] => {
      const [[value, after], pull] = ad.vjp((q: nn.Parameters): [ad.Tensor, nn.State] => {
        const [outputs, next] = nn.applyWithState(model, q, x, { train: true, key, state: s });
        const frozen = Object.fromEntries(Object.keys(s).map((name) => [name, ad.stopGradient(next[name])]));
        return [ad.sum(ad.mul(lossOf(loss, outputs, y), w)), frozen];
      }, p);
      const none = Object.fromEntries(Object.entries(s).map(([name, t]) => [name, ad.full([...t.shape], 0, dtype)]));
      const [gradient] = pull([ad.full([], 1, dtype), none]);
      return [value, gradient, after];
    };
    const rows = this.micro;
    this.program = ad
      .compile(objective)
      .prepare(
        parameters,
        emptyBatch(data.inputs, rows, dtype),
        emptyBatch(data.targets, rows, dtype),
        ad.full([rows], 0, dtype),
        this.key,
        state,
      );
    this.before = flatOf(state, dtype);
    if (spread && this.before.length > 0) {
      fail('INVALID_PARAMETER', 'Models with batch norms cannot be trained with spread.');
    }
    this.parts = (spread ?? here)(accumulate);
    if (accumulate > 1 || spread) this.sums = besideOf(this.parameters, this.parameters.length + 1);
  }

  get parameters(): Flat {
    return this.program.inputs[0].data as Flat;
  }

  get gradient(): Flat {
    return this.sums?.view.subarray(0, -1) ?? (this.program.outputs[1].data as Flat);
  }

  /** Restores batch-norm statistics. */
  restore(state: ArrayLike<number>): void {
    if (this.before.length === 0) return;
    this.program.inputs[5].data.set(state);
    this.pending = false;
  }

  evaluate(batch: Int32Array): number {
    const { program, parts } = this;
    const counted = this.before.length > 0;
    const carry = () => counted && program.inputs[5].data.set(program.outputs[2].data);
    if (this.pending) carry();
    if (counted) this.before = (program.inputs[5].data as Flat).slice();
    const key = ad.foldIn(this.key, this.step);
    const random = this.random.split(this.step);
    const { exchange } = this.options;
    let value: number;
    if (exchange) value = this.exchanged(exchange, batch, key, random);
    else if (this.sums) {
      const sums = this.sums.view;
      parts.sum(sums, (_, own, __, into) => {
        const part = parts.first + own;
        if (part > 0) carry();
        const partly = this.part(batch, part, parts.all > 1 ? ad.foldIn(key, part) : key, random);
        into.set(program.outputs[1].data);
        into[into.length - 1] = partly;
      });
      value = sums[sums.length - 1];
    } else value = this.part(batch, 0, key, random);
    this.pending = counted;
    this.step++;
    return value;
  }

  /** The loss over all ranks; the gradient becomes what the exchange makes of those of the ranks. */
  private exchanged(exchange: GradientExchange, batch: Int32Array, key: ad.Tensor, random: Random): number {
    const { program, parts, parameters, gradient } = this;
    exchange.begin?.(parameters, this.step);
    let loss = 0;
    const { first, own: count } = exchange.parts?.(parts.all) ?? parts;
    if (count === 0) gradient.fill(0);
    for (let own = 0; own < count; own++) {
      if (exchange.over?.()) break;
      const part = first + own;
      const partly = this.part(batch, part, parts.all > 1 ? ad.foldIn(key, part) : key, random);
      const found = program.outputs[1].data as Flat;
      if (own === 0) gradient.set(found);
      else for (let i = 0; i < gradient.length; i++) gradient[i] += found[i];
      loss += areFinite(found) ? partly : Number.NaN;
    }
    return exchange.combine(gradient, loss);
  }

  /** The loss of a micro-batch; its gradient is in the program. */
  private part(batch: Int32Array, part: number, key: ad.Tensor, random: Random): number {
    const { program, data, micro } = this;
    const { alter } = this.options;
    const own = batch.subarray(part * micro, (part + 1) * micro);
    const x = program.inputs[1].data;
    fillBatch(x, data.inputs, own);
    if (alter) {
      const size = sizeOf(data.inputs.shape);
      // Random numbers depend on the position in the batch, not on its micro-batches.
      for (let row = 0; row < micro; row++)
        alter(x.subarray(row * size, (row + 1) * size) as Flat, random.split(part * micro + row));
    }
    fillBatch(program.inputs[2].data, data.targets, own);
    const w = program.inputs[3].data;
    for (let row = 0; row < micro; row++) w[row] = (data.weights?.[own[row]] ?? 1) * this.scale;
    program.inputs[4].data.set(key.data());
    program.run();
    return program.outputs[0].data[0];
  }

  free(): void {
    this.sums?.free();
    this.program.free();
  }
}

/** A buffer of this length in the same memory as `values`. */
function besideOf(values: Flat, length: number): Block<Flat> {
  const arena = Arena.holding(values) ?? arenaFor(values.byteLength);
  return values instanceof Float32Array ? arena.f32Block(length) : arena.f64Block(length);
}

/** Evaluation of parameters on examples. */
export interface Judgement {
  /** Weighted mean loss. */
  readonly loss: number;
  /** Accuracy, for cross-entropy. */
  readonly accuracy?: number;
}

/** Evaluates losses of examples: without dropout, with fixed batch-norm statistics. */
export class Judge {
  private readonly program;
  private readonly rows: number;
  private readonly pieces: SplitRows;
  private readonly classes: boolean;

  constructor(
    model: nn.Layer,
    private readonly data: Examples,
    {
      loss,
      dtype,
      parameters,
      state,
      spread = here,
    }: Pick<TrainingProblemOptions, 'loss' | 'dtype' | 'parameters' | 'state' | 'spread'>,
  ) {
    this.rows = Math.min(data.count, JUDGED);
    this.pieces = spread(Math.ceil(data.count / this.rows));
    this.classes = loss === 'crossEntropy' || loss === 'stableMax';
    const { classes } = this;
    const judged = (p: nn.Parameters, x: ad.Tensor, y: ad.Tensor, s: nn.State): ad.Tensor[] => {
      const outputs = nn.apply(model, p, x, { state: s });
      const losses = lossOf(loss, outputs, y);
      return classes ? [losses, hitsOf(outputs, y, dtype)] : [losses];
    };
    const { inputs, targets } = data;
    this.program = ad
      .compile(judged)
      .prepare(parameters, emptyBatch(inputs, this.rows, dtype), emptyBatch(targets, this.rows, dtype), state);
  }

  judge(parameters: Numbers, state: Numbers): Judgement {
    const { program, data, rows, pieces, classes } = this;
    (program.inputs[0].data as Flat).set(parameters);
    if (state.length > 0) program.inputs[3].data.set(state);
    // Sums of losses, weights and hits.
    const sums = new Float64Array(3);
    pieces.sum(sums, (_, first, end, into) => {
      for (let piece = first; piece < end; piece++) {
        const from = rows * (pieces.first + piece);
        const own = Int32Array.from({ length: rows }, (_, row) => Math.min(from + row, data.count - 1));
        fillBatch(program.inputs[1].data, data.inputs, own);
        fillBatch(program.inputs[2].data, data.targets, own);
        program.run();
        const [losses, right] = [program.outputs[0].data, classes ? program.outputs[1].data : undefined];
        for (let row = 0; row < rows && from + row < data.count; row++) {
          const w = data.weights?.[from + row] ?? 1;
          into[0] += w * losses[row];
          into[1] += w;
          if (right) into[2] += w * right[row];
        }
      }
    });
    const [loss, total, hits] = sums;
    return { loss: loss / total, ...(classes && { accuracy: hits / total }) };
  }

  free(): void {
    this.program.free();
  }
}

/**
 * Outputs of a model for examples, concatenated, and the shape of one. O(examples) in batches of 128.
 * @throws INVALID_SHAPE if inputs or parameters do not fit, or there are fewer inputs than examples; INVALID_PARAMETER
 * for an invalid count.
 */
export function outputsOf(
  model: nn.Layer,
  parameters: nn.Weights,
  inputs: Part,
  count: number,
  state?: nn.State,
): { readonly values: Flat; readonly shape: readonly number[] } {
  wholeNumber('count', count, 0);
  const { values: given, shape: each, stride = sizeOf(each) } = inputs;
  const needed = count === 0 ? 0 : (count - 1) * stride + sizeOf(each);
  if (given.length < needed)
    fail(
      'INVALID_SHAPE',
      `The inputs have ${given.length} numbers, but ${count} examples of shape [${each}] need ${needed}.`,
    );
  const dtype = Object.values(parameters).some((p) => 'dtype' in p && p.dtype === 'f64') ? 'f64' : 'f32';
  const rows = Math.max(1, Math.min(count, JUDGED));
  const program = ad
    .compile((p: nn.Weights, x: ad.Tensor, s: nn.State) => nn.apply(model, p, x, { state: s }))
    .prepare(parameters, emptyBatch(inputs, rows, dtype), state ?? {});
  try {
    const shape = program.result.shape.slice(1);
    const size = sizeOf(shape);
    const values = new (dtype === 'f64' ? Float64Array : Float32Array)(count * size);
    for (let from = 0; from < count; from += rows) {
      fillBatch(
        program.inputs[1].data,
        inputs,
        Int32Array.from({ length: rows }, (_, row) => Math.min(from + row, count - 1)),
      );
      program.run();
      values.set((program.outputs[0].data as Flat).subarray(0, Math.min(rows, count - from) * size), from * size);
    }
    return { values, shape };
  } finally {
    program.free();
  }
}

/** Layers with lookup tables, which Muon leaves to AdamW. */
const TABLES = /(^|\.)(embedding|positions)\.weight$/;

/**
 * Positions of the parameters in one array, with their settings: weight decay for matrices, but not for biases, scales
 * and position tables. Weights are [out, in] here; Muon and similar optimisers exclude embeddings and the last matrix.
 */
export function parameterRanges(
  parameters: nn.Parameters,
  own: (name: string, shape: readonly number[]) => Partial<ParameterRange> = () => ({}),
): ParameterRange[] {
  const all = Object.entries(parameters);
  const last = all.findLast(([, t]) => t.rank >= 2)?.[0];
  let from = 0;
  return all.map(([name, t]) => {
    const shape = [...t.shape];
    const to = from + t.size;
    const range: ParameterRange = {
      ...{ name, from, to, shape },
      ...(shape.length < 2
        ? { weightDecay: 0 }
        : { outputs: 'first', orthogonal: name !== last && !TABLES.test(name) }),
    };
    from = to;
    return { ...range, ...own(name, shape) };
  });
}

/**
 * The loss of zero outputs on the first examples, with which the loss of a diverging run is compared. @throws
 * INVALID_SHAPE.
 */
export function lossOfNothing(loss: Loss, outputs: readonly number[], data: Examples, dtype: nn.Precision): number {
  const rows = Math.min(data.count, 64);
  const y = emptyBatch(data.targets, rows, dtype);
  const values = y.dtype === 'i32' ? new Int32Array(y.size) : new Float64Array(y.size);
  fillBatch(
    values,
    data.targets,
    Int32Array.from({ length: rows }, (_, i) => i),
  );
  const targets = ad.tensor(values, { shape: [...y.shape], dtype: y.dtype });
  const losses = lossOf(loss, ad.full([rows, ...outputs], 0, dtype), targets);
  if (losses.rank !== 1 || losses.shape[0] !== rows)
    fail(
      'INVALID_SHAPE',
      `A loss must return a number for each of ${rows} examples, but its result is [${losses.shape}].`,
    );
  return Array.from<number>(losses.data()).reduce((a, b) => a + b, 0) / rows;
}
