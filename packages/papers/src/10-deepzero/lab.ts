import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { loadBundledMnist } from '@southwell/data';
import { Random } from 'southwell';
import { drawActive, layersByScores, type ZoLayer, zoGradient, zoGraspScores } from 'southwell/black-box';
import { type CompiledModel, compiledModel } from 'southwell/diagnostics';
import { cosineDecay, type ParameterRange, type Schedule, sgd } from 'southwell/optimisers';
import { type Examples, StagedLoss } from 'southwell/training';
import type { Parameter } from '../experiment.ts';
import type { Pause } from '../pauses.ts';

/** Digits of 7 × 7 pixels, split into training and test sets. */
export interface Digits {
  readonly train: Examples;
  readonly test: Examples;
}
const TESTED = 2000;
const PIXELS = 49;
export const BATCH = 64;

/** The ten thousand digits that come with the library, averaged over 4 × 4 pixels; the test set is fixed. */
export async function loadSmallDigits(): Promise<Digits> {
  const { pixels, labels, rows, columns } = await loadBundledMnist();
  const order = new Random(0).permutation(labels.length);
  const part = (from: number, to: number): Examples => {
    const values = new Float64Array((to - from) * PIXELS);
    for (let i = from; i < to; i++) {
      const own = order[i] * rows * columns;
      for (let y = 0; y < 28; y++)
        for (let x = 0; x < 28; x++)
          values[(i - from) * PIXELS + 7 * (y >> 2) + (x >> 2)] += pixels[own + y * columns + x] / (16 * 255);
    }
    const targets = Int32Array.from({ length: to - from }, (_, i) => labels[order[from + i]]);
    return { count: to - from, inputs: { values, shape: [PIXELS] }, targets: { values: targets, shape: [] } };
  };
  return { train: part(TESTED, labels.length), test: part(0, TESTED) };
}

/** A network with hidden ReLU layers of these widths. */
export function perceptron(hidden: readonly number[]): nn.Layer {
  const widths = [PIXELS, ...hidden];
  return nn.sequential([
    ...hidden.flatMap((out, l) => [nn.linear({ in: widths[l], out }), nn.relu()]),
    nn.linear({ in: widths[hidden.length], out: 10 }),
  ]);
}

/** He initialisation (2015), with zero biases. */
export function startOf(model: nn.Layer, random: Random): nn.Parameters {
  return Object.fromEntries(
    Object.entries(nn.parameterShapes(model)).map(([name, shape]) => {
      const deviation = shape.length > 1 ? Math.sqrt(2 / shape[1]) : 0;
      const size = shape.reduce((a, b) => a * b, 1);
      const values = Float64Array.from({ length: size }, () => deviation * random.normal());
      return [name, ad.tensor(values, { shape: [...shape] })];
    }),
  );
}
export const flatten = (p: nn.Parameters): Float64Array =>
  Float64Array.from(Object.values(p).flatMap((t) => Array.from(t.data())));

/** Weights of each linear layer, with biases between them. */
export function weightsOf(
  model: nn.Layer,
): Array<{ readonly from: number; readonly to: number; readonly least: number }> {
  let at = 0;
  return Object.values(nn.parameterShapes(model)).flatMap((shape) => {
    const from = at;
    at += shape.reduce((a, b) => a * b, 1);
    return shape.length > 1 ? [{ from, to: at, least: shape[0] }] : [];
  });
}

/** Linear warm-up over 20 steps, then cosine decay to 0. */
export const scheduleOf = (rate: number, steps: number): Schedule => cosineDecay({ rate, steps, warmup: 20 });

/** Where the biases lie. */
function biasesOf(model: nn.Layer): ParameterRange[] {
  let at = 0;
  return Object.values(nn.parameterShapes(model)).flatMap((shape) => {
    const from = at;
    at += shape.reduce((a, b) => a * b, 1);
    return shape.length > 1 ? [] : [{ from, to: at, weightDecay: 0 }];
  });
}

export type Model = CompiledModel<readonly [ad.Tensor, ad.Tensor]>;
function batchOf({ inputs, targets }: Examples, chosen: Int32Array) {
  const values = new Float64Array(chosen.length * PIXELS);
  chosen.forEach((i, row) => {
    values.set(inputs.values.subarray(i * PIXELS, (i + 1) * PIXELS), row * PIXELS);
  });
  const classes = Int32Array.from(chosen, (i) => targets.values[i]);
  return [ad.tensor(values, { shape: [chosen.length, PIXELS] }), ad.tensor(classes)] as const;
}

/** The gradient by autodiff, compiled once for a batch size. */
export function backprop(model: nn.Layer, data: Examples) {
  const loss = (p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => ad.mean(ad.crossEntropy(nn.apply(model, p, x), y));
  const first = batchOf(
    data,
    Int32Array.from({ length: BATCH }, (_, i) => i),
  );
  const compiled: Model = compiledModel(loss, nn.init(model, ad.randomKey(0), { dtype: 'f64' }), ...first);
  return {
    size: compiled.size,
    /** Without weight decay. */
    biases: biasesOf(model),
    /** The loss of a batch, with its gradient. */
    gradient(x: Float64Array, batch: Int32Array, g: Float64Array): number {
      compiled.take(...batchOf(data, batch));
      return compiled.gradient(x, g);
    },
    free: () => compiled.free(),
  };
}

/** Test accuracy. */
export function accuracyOf(test: StagedLoss, data: Examples, x: Float64Array): number {
  test.load(
    x,
    Int32Array.from({ length: data.count }, (_, i) => i),
  );
  let right = 0;
  for (let i = 0; i < data.count; i++) {
    const own = test.values.subarray(10 * i, 10 * i + 10);
    if (own.indexOf(Math.max(...own)) === data.targets.values[i]) right++;
  }
  return right / data.count;
}

/** Options of a gradient-based run. */
export interface GradientRun {
  readonly rate: number;
  readonly steps: number;
  /** The only trainable weights: all others remain 0. */
  readonly weights?: Int32Array;
  /** The weights that have a gradient in a step, of all: the others only decay, and keep their momentum. */
  readonly active?: (step: number) => Int32Array;
  readonly each?: (step: number, x: Float64Array) => void;
}

/**
 * SGD with momentum on the gradients of autodiff, as the reference for differences. Returns the losses and the final
 * point.
 */
export async function trainByGradients(
  oracle: ReturnType<typeof backprop>,
  start: Float64Array,
  batches: (step: number) => Int32Array,
  { rate, steps, weights, active, each }: GradientRun,
  pause: Pause,
): Promise<{ readonly losses: number[]; readonly x: Float64Array }> {
  const kept = new Uint8Array(start.length).fill(weights ? 0 : 1);
  if (weights) for (const j of weights) kept[j] = 1;
  const x = start.map((v, j) => (kept[j] ? v : 0));
  const optimiser = sgd({ rate: scheduleOf(rate, steps), momentum: 0.9, weightDecay: 5e-4 });
  const state = optimiser.init(x, oracle.biases);
  const g = new Float64Array(x.length);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    losses.push(oracle.gradient(x, batches(step), g));
    if (active) {
      const now = Float64Array.from(active(step), (j) => g[j]);
      g.fill(0);
      active(step).forEach((j, k) => {
        g[j] = now[k];
      });
    } else for (let j = 0; j < g.length; j++) if (!kept[j]) g[j] = 0;
    optimiser.step(state, x, g);
    each?.(step + 1, x);
    await pause();
  }
  state.free();
  return { losses, x };
}

/** Layer-wise ratios by ZO-GraSP from 25 digits of each class, and the weights that it would keep permanently. */
export function grasp(model: nn.Layer, data: Examples, x: Float64Array, sparsity: number, seed: number) {
  const chosen = new Random(seed).permutation(data.count).filter(
    ((seen) => (i: number) => {
      const c = data.targets.values[i];
      seen[c] = (seen[c] ?? 0) + 1;
      return seen[c] <= 25;
    })([] as number[]),
  );
  const weights = weightsOf(model);
  const net = new StagedLoss(model, data, chosen.length, 'crossEntropy');
  net.take(chosen);
  const coords = weights.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, k) => from + k));
  const { scores, queries } = zoGraspScores((at) => net.at(at), x, { coords, seed });
  net.free();
  const layers: ZoLayer[] = layersByScores(scores, weights, sparsity);
  const inWeights = new Set(coords);
  const best = [...coords].sort((a, b) => Math.abs(scores[b]) - Math.abs(scores[a]) || a - b);
  const kept = new Set(best.slice(0, Math.round((1 - sparsity) * coords.length)));
  return {
    ...{ layers, queries },
    /** The published mask, with the highest-scoring weights; and one with the same ratios, drawn once. */
    mask: Int32Array.from(x.keys()).filter((j) => kept.has(j) || !inWeights.has(j)),
    drawn: drawActive(x.length, layers, seed, 0),
  };
}

/** The estimate of a gradient under test: by coordinate differences. */
export const estimateOf = (f: (x: Float64Array) => number, x: Float64Array, mu?: number): Float64Array =>
  zoGradient(f, x, mu === undefined ? {} : { mu }).gradient;

/** Default number of training steps. */
export const stepsOf = (quick: number, full: number): Parameter => ({
  ...{ name: 'steps', title: 'Training steps', default: { quick, full }, min: 24, max: 20_000, integer: true },
});

/** An independent random generator for each seed of a run and each draw. */
export const drawOf = (seed: number, draw: number): Random => new Random(seed).split(draw);
