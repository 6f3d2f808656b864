import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { checkOptions, fail, integerOption, type OptionsOf } from '@southwell/numerics/core';
import { checkAlike, weighted } from './models.ts';

/** Examples with the axis of examples first, and the loss of each of them. */
export interface MergingData {
  readonly inputs: ad.Tensor;
  readonly targets: ad.Tensor;
  /** The loss of a batch of outputs, averaged over its examples. */
  readonly loss: (outputs: ad.Tensor, targets: ad.Tensor) => ad.Tensor;
}

export const barrierRecords = {
  /** Number of networks on the line from a to b, ends included. Default 11. */
  points: integerOption(
    { min: 3 },
    {
      title: 'Points',
      about: 'networks on the line between two of which the loss is measured, ends included',
      argument: 'count',
      default: 11,
      form: { advanced: true },
    },
  ),
};
export interface BarrierOptions extends OptionsOf<typeof barrierRecords> {}

/** Losses on the straight line between two networks. */
export interface Barrier {
  /** The largest excess over the line between the losses of the ends; 0 if there is none. */
  readonly barrier: number;
  readonly lambdas: readonly number[];
  readonly losses: readonly number[];
}

/** Excesses below this, relative to the loss, are those of the line's own rounding. */
const ROUNDING = 1e-14;

/** Examples evaluated at a time. */
const BATCH = 256;

const part = (t: ad.Tensor, from: number, to: number): ad.Tensor => ad.slice(t, [from, to]);

/** @throws EMPTY, INVALID_SHAPE, NON_FINITE. */
export function checkData({ inputs, targets }: Pick<MergingData, 'inputs' | 'targets'>): void {
  if (inputs.shape[0] !== targets.shape[0])
    fail('INVALID_SHAPE', `There are ${inputs.shape[0]} examples, but targets of ${targets.shape[0]}.`);
  if (inputs.shape[0] === 0) fail('EMPTY', 'There are no examples.');
  for (const [name, t] of Object.entries({ inputs, targets })) {
    const bad = t.data().find((v) => !Number.isFinite(v));
    if (bad !== undefined) fail('NON_FINITE', `The ${name} have ${bad}.`);
  }
}

/** The mean loss of a network; compiled once for all networks of its form. */
function evaluator(layer: nn.Layer, { inputs, targets, loss }: MergingData): (model: nn.Model) => number {
  const program = ad.compile((p: nn.Parameters, s: nn.State, x: ad.Tensor, y: ad.Tensor) =>
    loss(nn.apply(layer, p, x, { state: s }), y),
  );
  return ({ parameters, state }) => {
    const n = inputs.shape[0];
    let sum = 0;
    for (let from = 0; from < n; from += BATCH) {
      const to = Math.min(n, from + BATCH);
      sum += (to - from) * program(parameters, state, part(inputs, from, to), part(targets, from, to)).item();
    }
    return sum / n;
  };
}

/** Whether a description has a layer of this kind. */
const hasKind = (value: unknown, kind: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ((value as { kind?: unknown }).kind === kind || Object.values(value).some((entry) => hasKind(entry, kind)));

/** The architecture with statistics of the last batch alone, and without dropout. */
function measuring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(measuring);
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, measuring(entry)]));
  if (own.kind === 'batchNorm') return { ...own, momentum: 1 };
  if (own.kind === 'dropout') return { ...own, rate: 0 };
  return typeof own.dropout === 'number' ? { ...own, dropout: 0 } : own;
}

/**
 * The network with statistics of its batch norms measured on these inputs, as averages over batches: those of an average
 * of networks are no average of theirs (Jordan et al., REPAIR, ICLR 2023). Networks without such norms are returned as they are. O(examples).
 * @throws NOT_SUPPORTED for networks read from ONNX whose norms have statistics; EMPTY for fewer than two examples.
 */
export function restateNorms(model: nn.Model, inputs: ad.Tensor): nn.Model {
  const { layer, parameters, state } = model;
  if (Object.keys(state).length === 0) return model;
  if (hasKind(layer, 'graph'))
    fail(
      'NOT_SUPPORTED',
      'Statistics of norms cannot be measured in networks from ONNX files: train the network here, or keep its statistics.',
    );
  const n = inputs.shape[0];
  if (n < 2) fail('EMPTY', 'Statistics of norms need two examples or more.');
  const own = measuring(layer) as nn.Layer;
  const sums = new Map<string, Float64Array>();
  let [batches, from] = [0, 0];
  while (n - from >= 2) {
    const to = n - from - BATCH < 2 ? n : from + BATCH;
    const [, after] = nn.applyWithState(own, parameters, part(inputs, from, to), { state, train: true });
    for (const [name, t] of Object.entries(after)) {
      const sum = sums.get(name) ?? new Float64Array(t.size);
      const values = t.data();
      for (let i = 0; i < sum.length; i++) sum[i] += values[i];
      sums.set(name, sum);
    }
    batches++;
    from = to;
  }
  const restated = Object.entries(state).map(([name, t]) => {
    const mean = sums.get(name)!.map((v) => v / batches);
    return [name, ad.cast(ad.tensor(mean, { shape: t.shape }), t.dtype)];
  });
  return { ...model, state: Object.fromEntries(restated) };
}

/**
 * The loss barrier between two networks: the largest excess of the mean loss on the straight line between them over the line between the losses
 * of its ends, at equidistant points. Statistics of batch norms are measured again at every point between the ends; in networks
 * from ONNX files they are interpolated. O(points·examples).
 * @throws INVALID_SHAPE for networks that are not alike, or targets that do not fit; NON_FINITE, EMPTY, INVALID_PARAMETER.
 */
export function barrier(a: nn.Model, b: nn.Model, data: MergingData, options: BarrierOptions = {}): Barrier {
  checkOptions('barrier', barrierRecords, options);
  const { points = 11 } = options;
  checkAlike(a, b);
  checkData(data);
  const lossOf = evaluator(a.layer, data);
  const norms = hasKind(a.layer, 'batchNorm');
  const lambdas = Array.from({ length: points }, (_, i) => i / (points - 1));
  const losses = lambdas.map((lambda, i) => {
    if (i === 0) return lossOf(a);
    if (i === points - 1) return lossOf(b);
    const model = weighted([a, b], [1 - lambda, lambda]);
    return lossOf(norms ? restateNorms(model, data.inputs) : model);
  });
  const excess = losses.map((loss, i) => {
    const over = loss - (1 - lambdas[i]) * losses[0] - lambdas[i] * losses[points - 1];
    return over > ROUNDING * Math.abs(loss) ? over : 0;
  });
  return { barrier: Math.max(0, ...excess), lambdas, losses };
}
