import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { fail } from '@southwell/numerics/core';
import { elementary, erf } from '@southwell/numerics/special';

/** A layer of a sequential model, with its forward pass on a batch of rows in double precision. */
export interface Stage {
  /** Name of the layer in the model. */
  readonly name: string;
  /** Range of its parameters in the concatenated array: start, and end (exclusive). */
  readonly from: number;
  readonly to: number;
  /** Number of inputs and outputs per row. */
  readonly in: number;
  readonly out: number;
  /** Multiplications per row; for layers other than linear ones an estimate. */
  readonly cost: number;
  /** Forward pass on contiguous rows. */
  forward(P: Float64Array, x: Float64Array, y: Float64Array): void;
  /** The function, for elementwise layers. */
  readonly each?: (v: number) => number;
  /** Offsets of weight [out, in] and bias; −1 for no bias. */
  readonly linear?: { readonly weight: number; readonly bias: number };
  free?(): void;
}

const { exp, log } = elementary;
const sigmoid = (v: number): number => {
  const e = exp(-Math.abs(v));
  return v >= 0 ? 1 / (1 + e) : e / (1 + e);
};
const tanh = (v: number): number => {
  const e = exp(-2 * Math.abs(v));
  return v >= 0 ? (1 - e) / (1 + e) : (e - 1) / (1 + e);
};
const activations: Readonly<Record<string, (v: number) => number>> = {
  relu: (v) => Math.max(v, 0),
  tanh,
  sigmoid,
  silu: (v) => v * sigmoid(v),
  gelu: (v) => 0.5 * v * (1 + erf(v * Math.SQRT1_2)),
  softplus: (v) => Math.max(v, 0) + log(1 + exp(-Math.abs(v))),
};

/** The layers of a model with their names, with outer sequential models flattened. */
function* layersOf(model: nn.Layer, prefix = ''): Generator<readonly [name: string, layer: nn.Layer]> {
  if (model.kind !== 'sequential') {
    yield [prefix, model];
    return;
  }
  for (const [name, layer] of Object.entries(model.layers as Readonly<Record<string, nn.Layer>>))
    yield* layersOf(layer, prefix === '' ? name : `${prefix}.${name}`);
}

/**
 * The stages of a model with concatenated parameters in the order of `nn.init`, for batches of `rows` rows of this
 * shape. Linear layers and activations are plain loops; others run as compiled programs of autodiff, in inference mode
 * (no dropout, batch norms by `state`).
 * @throws INVALID_SHAPE if rows do not fit.
 */
export function stagesOf(
  model: nn.Layer,
  shape: readonly number[],
  rows: number,
  state: nn.State,
): { readonly stages: Stage[]; readonly shape: readonly number[] } {
  const shapes = nn.parameterShapes(model);
  const places = new Map<string, number>();
  let size = 0;
  for (const [name, own] of Object.entries(shapes)) {
    places.set(name, size);
    size += own.reduce((a, b) => a * b, 1);
  }
  const stages: Stage[] = [];
  let at = shape;
  let from = 0;
  for (const [name, layer] of layersOf(model)) {
    const own = nn.parameterShapes(layer);
    const to = Object.values(own).reduce((sum, s) => sum + s.reduce((a, b) => a * b, 1), from);
    const numbers = at.reduce((a, b) => a * b, 1);
    const place = (parameter: string) => places.get(name === '' ? parameter : `${name}.${parameter}`) ?? -1;
    const common = { name, from, to, in: numbers };
    if (layer.kind === 'linear' && at.length === 1) {
      const { in: width, out, bias } = layer as unknown as nn.LinearOptions;
      if (width !== numbers)
        fail('INVALID_SHAPE', `${name || 'The model'} (linear) needs rows of ${width} numbers, not ${numbers}.`);
      const linear = { weight: place('weight'), bias: bias ? place('bias') : -1 };
      stages.push({ ...common, out, cost: width * out, linear, forward: linearForward(linear, width, out) });
      at = [out];
    } else if (layer.kind === 'activation' && Object.hasOwn(activations, layer.name as string)) {
      const each = activations[layer.name as string];
      stages.push({
        ...{ ...common, out: numbers, cost: 0, each },
        forward(_, x, y) {
          for (let k = 0; k < x.length; k++) y[k] = each(x[k]);
        },
      });
    } else {
      const stage = compiledStage(layer, at, rows, stateOf(state, name));
      stages.push({ ...common, ...stage, cost: (to - from) * Math.max(1, numbers) });
      at = stage.shape;
    }
    from = to;
  }
  return { stages, shape: at };
}

const stateOf = (state: nn.State, name: string): nn.State =>
  name === ''
    ? state
    : Object.fromEntries(
        Object.entries(state)
          .filter(([key]) => key.startsWith(`${name}.`))
          .map(([key, t]) => [key.slice(name.length + 1), t]),
      );

const linearForward =
  ({ weight, bias }: { readonly weight: number; readonly bias: number }, width: number, out: number) =>
  (P: Float64Array, x: Float64Array, y: Float64Array): void => {
    for (let row = 0; row * width < x.length; row++)
      linearRow(P, weight, bias, width, out, x, row * width, y, row * out);
  };

/** One row of a linear layer. Four independent sums avoid waiting for the latency of additions. */
export function linearRow(
  P: Float64Array,
  weight: number,
  bias: number,
  width: number,
  out: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  const even = width - (width % 4);
  for (let r = 0; r < out; r++) {
    const w = weight + r * width;
    let s0 = bias >= 0 ? P[bias + r] : 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let c = 0;
    for (; c < even; c += 4) {
      s0 += P[w + c] * x[xAt + c];
      s1 += P[w + c + 1] * x[xAt + c + 1];
      s2 += P[w + c + 2] * x[xAt + c + 2];
      s3 += P[w + c + 3] * x[xAt + c + 3];
    }
    for (; c < width; c++) s0 += P[w + c] * x[xAt + c];
    y[yAt + r] = s0 + s1 + (s2 + s3);
  }
}

/** Any other layer, by a compiled program in double precision. */
function compiledStage(layer: nn.Layer, shape: readonly number[], rows: number, state: nn.State) {
  const parameters = nn.init(layer, ad.randomKey(0), { dtype: 'f64' });
  const program = ad
    .compile((p: nn.Parameters, x: ad.Tensor) => nn.apply(layer, p, x, { state }))
    .prepare(parameters, ad.full([rows, ...shape], 0, 'f64'));
  const size = Object.values(parameters).reduce((sum, t) => sum + t.size, 0);
  const after = program.result.shape.slice(1);
  return {
    shape: after,
    out: after.reduce((a, b) => a * b, 1),
    program,
    size,
    free: () => program.free(),
    forward(this: { readonly from: number }, P: Float64Array, x: Float64Array, y: Float64Array): void {
      if (size > 0) program.inputs[0].data.set(P.subarray(this.from, this.from + size));
      program.inputs[1].data.set(x);
      program.run();
      y.set(program.outputs[0].data as Float64Array);
    },
  };
}
