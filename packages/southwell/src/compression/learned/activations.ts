import type { Operation, Tensor } from '@southwell/autodiff';
import { elementary, erf, tanh } from '@southwell/numerics/special';
import { type LayerWeights, type Network, type Use, watchOperations } from '../networks/layers.ts';

/** An activation: its value and its derivative. */
export interface Activation {
  value(z: number): number;
  slope(z: number): number;
}

const sigmoid = (z: number): number => 1 / (1 + elementary.exp(-z));
const normal = (z: number): number => 0.5 * (1 + erf(z * Math.SQRT1_2));

/** The activations whose derivative is known, by the name of the operation. */
export const activations = {
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  tanh: { value: tanh, slope: (z) => 1 - tanh(z) ** 2 },
  sigmoid: { value: sigmoid, slope: (z) => sigmoid(z) * (1 - sigmoid(z)) },
  silu: { value: (z) => z * sigmoid(z), slope: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))) },
  gelu: {
    value: (z) => z * normal(z),
    slope: (z) => normal(z) + (z * elementary.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI),
  },
} satisfies Readonly<Record<string, Activation>>;

export type ActivationName = keyof typeof activations;

/** What a network does with the outputs of a layer: adds a bias, and applies an activation to them. */
export interface Following {
  readonly bias?: ArrayLike<number>;
  readonly activation?: ActivationName;
}

/** Outputs on their way, and the one operation that takes them, if it is the only one. */
interface Stage {
  readonly outputs: number;
  taken: number;
  next?: Stage | ActivationName;
  bias?: Tensor;
}

/** Operations that give the numbers of their input in memory of their own. */
const COPIES: readonly string[] = ['copy', 'cast', 'barrier'];

/**
 * What follows each layer, found by watching one application of the network. Of a layer that is used more than once, or whose
 * outputs are used by several operations, nothing is known.
 * @throws as `apply`.
 */
export function followingOf<B>(
  network: Network<B>,
  batch: B,
  layers: readonly LayerWeights[],
): ReadonlyMap<string, Following> {
  const stages = new Map<unknown, Stage>();
  const first = new Map<string, Stage>();
  const parameters = new Map<unknown, Tensor>(Object.values(network.parameters).map((t) => [t.storage, t]));
  const wanted = new Set(layers.filter(({ products }) => products === 1).map(({ name }) => name));
  watchOperations(network, batch, ({ name, inputs, outputs: [out] }: Operation, use: Use | undefined) => {
    if (COPIES.includes(name)) {
      const [known, stage] = [parameters.get(inputs[0].storage), stages.get(inputs[0].storage)];
      if (known) parameters.set(out.storage, known);
      if (stage) stages.set(out.storage, stage);
      return undefined;
    }
    for (const [i, input] of inputs.entries()) {
      const stage = stages.get(input.storage);
      if (!stage || out.storage === input.storage) continue;
      stage.taken++;
      const bias = inputs.length === 2 ? parameters.get(inputs[1 - i].storage) : undefined;
      if (name === 'add' && bias?.size === stage.outputs && stage.bias === undefined) {
        stage.next = { outputs: stage.outputs, taken: 0, bias };
        stages.set(out.storage, stage.next);
      } else if (name in activations) stage.next = name as ActivationName;
    }
    if (use && use.use !== 'table' && wanted.has(use.name)) {
      const stage: Stage = { outputs: use.outputs, taken: 0 };
      stages.set(out.storage, stage);
      first.set(use.name, stage);
    }
    return undefined;
  });
  return new Map([...first].map(([name, stage]) => [name, resolved(stage)]));
}

function resolved(stage: Stage): Following {
  const only = stage.taken === 1 ? stage.next : undefined;
  if (only === undefined || typeof only === 'string') return only ? { activation: only } : {};
  const after = only.taken === 1 ? only.next : undefined;
  return {
    bias: only.bias!.data(),
    ...(typeof after === 'string' && { activation: after }),
  };
}
