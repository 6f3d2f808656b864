import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { checkOptions, fail, numbersOption, type OptionsOf, otherOption } from '@southwell/numerics/core';
import type { Network } from '../black-box/index.ts';

export const networkOfRecords = {
  /** Shape of one input, without the batch axis: [n] for vectors, [height, width, channels] for images. */
  inputs: numbersOption({ min: 1 }),
  /** State of batch norms, from training or a file. */
  state: otherOption<nn.State>('the state of the model'),
};

export interface NetworkOfOptions extends OptionsOf<typeof networkOfRecords> {
  readonly inputs: readonly number[];
}

/** A model as a network, with the memory of its programs. */
export interface ModelNetwork extends Network {
  /** Number of inputs and of outputs. */
  readonly inputs: number;
  readonly outputs: number;
  value(x: ArrayLike<number>): Float64Array;
  vjp(x: ArrayLike<number>, u: ArrayLike<number>): Float64Array;
  /** Frees the memory; the network must not be called afterwards. */
  free(): void;
}

/**
 * A trained model as a function of its input, for attacks and for `optimizeThroughNetwork`: values and transposed
 * Jacobian-vector products, each compiled once, of one example at a time. Inputs and outputs are flat; without dropout,
 * with fixed batch-norm statistics, in the precision of the parameters. A `vjp` costs about twice a `value`.
 * @throws INVALID_SHAPE if the parameters or the shape of an input do not fit the model, or a vector has a wrong length;
 * INVALID_PARAMETER.
 */
export function networkOf(model: nn.Layer, parameters: nn.Parameters, options: NetworkOfOptions): ModelNetwork {
  checkOptions('networkOf', networkOfRecords, options);
  const { inputs, state = {} } = options;
  const dtype = Object.values(parameters).some((p) => p.dtype === 'f64') ? 'f64' : 'f32';
  const apply = (p: nn.Parameters, x: ad.Tensor, s: nn.State) => nn.apply(model, p, x, { state: s });
  const example = ad.full([1, ...inputs], 0, dtype);
  const forward = ad.compile(apply).prepare(parameters, example, state);
  const cotangent = ad.full([...forward.result.shape], 0, dtype);
  const backward = ad
    .compile((p: nn.Parameters, x: ad.Tensor, s: nn.State, u: ad.Tensor) => {
      const [, pull] = ad.vjp((input: ad.Tensor) => apply(p, input, s), x);
      return pull(u)[0];
    })
    .prepare(parameters, example, state, cotangent);
  return {
    inputs: example.size,
    outputs: cotangent.size,
    value(x) {
      put(forward.inputs[1].numbers, x, 'The point');
      forward.run();
      return Float64Array.from(forward.outputs[0].data);
    },
    vjp(x, u) {
      put(backward.inputs[1].numbers, x, 'The point');
      put(backward.inputs[3].numbers, u, 'The direction');
      backward.run();
      return Float64Array.from(backward.outputs[0].data);
    },
    free() {
      forward.free();
      backward.free();
    },
  };
}

/** @throws INVALID_SHAPE. */
function put(into: Float32Array | Float64Array, values: ArrayLike<number>, what: string): void {
  if (values.length !== into.length)
    fail('INVALID_SHAPE', `${what} has ${values.length} numbers instead of ${into.length}.`);
  into.set(values);
}
