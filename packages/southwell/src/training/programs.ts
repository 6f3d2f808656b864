import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Arena, arenaFor, type Block } from '@southwell/kernels';
import { fail, inOnePlace, Random, type SplitRows, wholeNumber } from '@southwell/numerics/core';
import type { Numbers, ParameterRange, StochasticProblem } from '../optimisers/index.ts';
import { type Examples, emptyBatch, fillBatch, type Part, sizeOf } from './examples.ts';
import { hitsOf, type Loss, lossOf } from './loss.ts';

/** Changes the inputs of one example of a batch in place, as shifts of an image do. */
export type Alter = (input: Float32Array | Float64Array | Int32Array, random: Random) => void;

/** Alterations are drawn apart from the order of the examples. */
const ALTERING = 0x7ffffff1;

/** Examples that are judged at a time. */
const JUDGED = 128;

type Flat = Float32Array | Float64Array;

/** How so many pieces of work, of which sums are taken, lie over several ranks: one row each. */
export type Spread = (pieces: number) => SplitRows;
const here: Spread = (pieces) => inOnePlace(pieces, 1);

/** Numbers of tensors that lie one after the other; nothing for none. */
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

/** Tensors of these names and shapes of numbers that lie one after the other, copied. */
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
  /** Examples of a step, and into how many parts they are cut. */
  readonly batchSize: number;
  readonly accumulate: number;
  readonly alter?: Alter;
  readonly parameters: nn.Parameters;
  readonly state: nn.State;
  /** The first step, from 0. */
  readonly step: number;
  readonly spread?: Spread;
}

/** The gradient of a model's mean loss over batches, as `stochasticIterates` takes it. */
export class TrainingProblem implements StochasticProblem {
  readonly examples: number;
  /** What batch norms had counted before the batch at hand: what goes with {@link parameters}. */
  before: Flat;
  private readonly program;
  /** The gradient where it is a sum over parts, and the value behind it, beside the parameters: optimisers read it there. */
  private readonly sums: Block<Flat> | undefined;
  private readonly parts: SplitRows;
  private readonly scale: number;
  private readonly key: ad.Tensor;
  private readonly random: Random;
  private readonly micro: number;
  private step: number;
  private pending = false;

  /** @throws INVALID_PARAMETER for batch norms where steps are spread over ranks. */
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
      fail(
        'INVALID_PARAMETER',
        'Batch norms count one part of a step after another: a model that has any is trained in one place, without spread.',
      );
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

  /** Batch norms go on from here. */
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
    let value: number;
    if (this.sums) {
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

  /** The value of a part of the batch; its gradient is in the program. */
  private part(batch: Int32Array, part: number, key: ad.Tensor, random: Random): number {
    const { program, data, micro } = this;
    const { alter } = this.options;
    const own = batch.subarray(part * micro, (part + 1) * micro);
    const x = program.inputs[1].data;
    fillBatch(x, data.inputs, own);
    if (alter) {
      const size = sizeOf(data.inputs.shape);
      // Drawn by the place in the batch, whatever its parts.
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

/** Room for so many numbers in the memory in which others lie. */
function besideOf(values: Flat, length: number): Block<Flat> {
  const arena = Arena.holding(values) ?? arenaFor(values.byteLength);
  return values instanceof Float32Array ? arena.f32Block(length) : arena.f64Block(length);
}

/** How well parameters do on examples. */
export interface Judgement {
  /** The weighted mean. */
  readonly loss: number;
  /** Share of classes that were guessed, of cross-entropy. */
  readonly accuracy?: number;
}

/** Losses of examples without training: dropout at rest, batch norms by what they have counted. */
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
    // Losses, weights and hits.
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
 * What a model gives for examples: their outputs, one after the other, and the shape of one. O(examples) batches of 128.
 * @throws INVALID_SHAPE if inputs or parameters do not fit, or inputs are fewer than so many examples; INVALID_PARAMETER for a count that is none.
 */
export function outputsOf(
  model: nn.Layer,
  parameters: nn.Parameters,
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
      `The inputs have ${given.length} numbers, but ${count} examples of [${each}] take ${needed}.`,
    );
  const dtype = Object.values(parameters).some((p) => p.dtype === 'f64') ? 'f64' : 'f32';
  const rows = Math.max(1, Math.min(count, JUDGED));
  const program = ad
    .compile((p: nn.Parameters, x: ad.Tensor, s: nn.State) => nn.apply(model, p, x, { state: s }))
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

/** Layers whose tables are read by rows, which Muon leaves to AdamW. */
const TABLES = /(^|\.)(embedding|positions)\.weight$/;

/**
 * Where the parameters lie in one array, and how they are treated: matrices decay, biases, scales and tables of positions not.
 * Weights lie here as [out, in]; Muon and its like leave out embeddings and the last matrix.
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

/** The loss of outputs that are 0 throughout, of the first examples: what a diverging run is held against. @throws INVALID_SHAPE. */
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
    fail('INVALID_SHAPE', `A loss gives a number for each of ${rows} examples, but this one gives [${losses.shape}].`);
  return Array.from<number>(losses.data()).reduce((a, b) => a + b, 0) / rows;
}
