import { type Operation, observe, type Tensor, tensorOver, type Values } from '@southwell/autodiff';
import type { Parameters } from '@southwell/autodiff/nn';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { patchesOf, type Windows } from './patches.ts';

// Which parameters of a network are matrices that its inputs are multiplied by, found by watching what the network computes:
// this needs no knowledge of its layers.

/** A network as compression sees it: named parameters, and a function of them and of a batch of examples. */
export interface Network<B = Tensor> {
  readonly parameters: Parameters;
  /** The outputs for a batch, one row for each example or each token. */
  apply(parameters: Parameters, batch: B): Tensor;
}

/** A parameter that is a matrix of weights. */
export interface LayerWeights {
  /** The name of the parameter. */
  readonly name: string;
  readonly outputs: number;
  readonly inputs: number;
  /** Whether the parameter has the inputs before the outputs, as [inputs, outputs]. */
  readonly turned: boolean;
  /** `product`: rows times the matrix; `convolution`: patches of images times the matrix; `table`: rows are looked up only. */
  readonly use: 'product' | 'convolution' | 'table';
  /** Whether rows of it are looked up, as those of a table are, which may be beside its use in products. */
  readonly lookedUp: boolean;
  /** How often a batch is multiplied by the matrix: more than once in loops. */
  readonly products: number;
  /** Layers that are multiplied by the same inputs, such as queries and keys, have the same number. */
  readonly source: number;
}

/** How a tensor lies in the memory of a parameter. */
interface Origin {
  readonly name: string;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A use of a parameter as a matrix, in one operation. */
export interface Use extends Omit<LayerWeights, 'lookedUp' | 'products' | 'source'> {
  /** The place of each of the operation's inputs among those of the matrix; undefined if they are the same. */
  readonly places?: Int32Array;
  /** The inputs, one row after the other in the order of the operation; undefined for tables. */
  readonly rows?: () => Iterable<Values>;
  /** The same for uses with the same inputs, in the same order. */
  readonly memory?: unknown;
}

/** Operations that give the numbers of their input in the same order, in memory of their own. */
const COPIES: readonly string[] = ['copy', 'cast', 'barrier'];

/** Recognises the parameters in the operations of a network, one after the other. */
class Uses {
  private readonly origins = new Map<unknown, Origin>();

  constructor(parameters: Parameters) {
    for (const [name, { storage, shape, strides, offset }] of Object.entries(parameters))
      this.origins.set(storage, { name, shape, strides, offset });
  }

  private originOf({ storage, shape, strides, offset }: Tensor): Origin | undefined {
    const known = this.origins.get(storage);
    if (!known) return undefined;
    // Of the parameter itself any view says where its numbers are; a copy must be whole.
    if (!this.copies.has(storage)) return { ...known, shape, strides, offset };
    const whole = offset === 0 && shape.length === known.shape.length && shape.every((n, d) => n === known.shape[d]);
    return whole && isRowMajor(shape, strides) ? known : undefined;
  }
  private readonly copies = new Set<unknown>();

  /** The use of a parameter in an operation, if it is one as a matrix. */
  find({ name, inputs, outputs, attrs }: Operation): Use | undefined {
    const [x, w] = inputs;
    if (COPIES.includes(name)) {
      const from = this.originOf(x);
      if (from) {
        this.origins.set(outputs[0].storage, from);
        this.copies.add(outputs[0].storage);
      }
      return undefined;
    }
    if (name === 'take' && attrs.axis === -2) {
      const table = this.originOf(x);
      return table?.shape.length === 2 ? matrixUse(table, 0, 'table') : undefined;
    }
    const from = w && this.originOf(w);
    if (!from) return undefined;
    if (name === 'turnedProduct' || name === 'matmul') {
      const axes = from.shape.length;
      if (axes < 2 || from.shape.slice(0, -2).some((n) => n !== 1)) return undefined;
      const use = matrixUse(from, name === 'matmul' ? axes - 1 : axes - 2, 'product');
      return use && { ...use, rows: () => [x.data()], memory: use.places ? undefined : x.storage };
    }
    if (name === 'conv2d') {
      const use = matrixUse(from, from.shape.length - 1, 'convolution');
      return use && { ...use, rows: () => patchesOf(x, attrs as unknown as Windows, outputs[0].shape) };
    }
    return undefined;
  }
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] > 1 && strides[d] !== step) return false;
    step *= shape[d];
  }
  return true;
}

/** The whole parameter as a matrix whose outputs are the given axis; undefined if it does not lie in memory as one. */
function matrixUse({ name, shape, strides, offset }: Origin, axis: number, use: LayerWeights['use']): Use | undefined {
  const outputs = shape[axis];
  const inputs = shape.reduce((a, b) => a * b, 1) / outputs;
  if (offset !== 0 || outputs < 2 || inputs < 2) return undefined;
  const turned = strides[axis] === 1;
  if (!turned && strides[axis] !== inputs) return undefined;
  const step = turned ? outputs : 1;
  const others = shape.flatMap((n, d) => (d === axis || n === 1 ? [] : [{ n, stride: strides[d] / step }]));
  const places = new Int32Array(inputs);
  const seen = new Uint8Array(inputs);
  let same = true;
  for (let i = 0; i < inputs; i++) {
    let [rest, at] = [i, 0];
    for (const { n, stride } of others.toReversed()) {
      at += (rest % n) * stride;
      rest = Math.floor(rest / n);
    }
    if (!Number.isInteger(at) || at < 0 || at >= inputs || seen[at] === 1) return undefined;
    seen[at] = 1;
    places[i] = at;
    same &&= at === i;
  }
  return { name, outputs, inputs, turned, use, ...(same ? {} : { places }) };
}

/** Says where a run may end: after what is needed has been seen. */
class Enough extends Error {}

/**
 * Applies a network to a batch and calls `seen` after each operation, with its use of one of the parameters as a matrix, if it
 * is one; the run ends early where `seen` returns true.
 * @throws as `apply` and `seen`.
 */
export function watchOperations<B>(
  { parameters, apply }: Network<B>,
  batch: B,
  seen: (operation: Operation, use: Use | undefined) => boolean | undefined,
): Tensor | undefined {
  const uses = new Uses(parameters);
  // Errors of `seen` are not those of the layer in which it is called.
  let failure: { readonly error: unknown } | undefined;
  try {
    return observe(
      () => apply(parameters, batch),
      (operation) => {
        const use = uses.find(operation);
        let enough: boolean | undefined;
        try {
          enough = seen(operation, use);
        } catch (error) {
          failure = { error };
        }
        if (enough || failure) throw new Enough();
      },
    );
  } catch (error) {
    if (failure) throw failure.error;
    if (error instanceof Enough) return undefined;
    throw error;
  }
}

/**
 * The same for the uses alone, in order.
 * @throws as `apply` and `seen`.
 */
export function watchUses<B>(
  network: Network<B>,
  batch: B,
  seen: (use: Use) => boolean | undefined,
): Tensor | undefined {
  return watchOperations(network, batch, (_, use) => (use ? seen(use) : undefined));
}

/**
 * The matrices of weights among the parameters of a network, in the order in which a batch meets them: right operands of
 * products, convolutions that are not grouped, and tables from which rows are taken, a whole parameter each. A table that is
 * also the matrix of a product counts as that. Costs one application of the network.
 * @throws as `apply`.
 */
export function layersOf<B>(network: Network<B>, batch: B): readonly LayerWeights[] {
  const found = new Map<string, LayerWeights>();
  const sources = new Map<unknown, number>();
  watchUses(network, batch, ({ name, outputs, inputs, turned, use, memory }) => {
    const before = found.get(name);
    const own = use === 'table' ? 0 : 1;
    const lookedUp = use === 'table' || before?.lookedUp === true;
    if (!before || (before.use === 'table' && !turned)) {
      const source = sources.get(memory) ?? found.size;
      if (memory !== undefined) sources.set(memory, source);
      found.set(name, { name, outputs, inputs, turned, use, lookedUp, products: own, source });
      // Inputs of several products are not those of one of them.
    } else if (before.turned === turned)
      found.set(name, {
        ...{ ...before, lookedUp, products: before.products + own },
        source: -1 - [...found.keys()].indexOf(name),
      });
    return undefined;
  });
  return [...found.values()];
}

/** The matrix of a layer, of outputs × inputs. O(size). */
export function matrixOf({ outputs, inputs, turned }: LayerWeights, parameter: Tensor): DenseMatrix {
  const W = DenseMatrix.create(outputs, inputs, { fill: false });
  const { data } = W;
  const given = parameter.data();
  // Columns of W are contiguous: with the inputs first, the parameter has the same order.
  if (turned) data.set(given);
  else for (let i = 0; i < outputs; i++) for (let j = 0; j < inputs; j++) data[j * outputs + i] = given[i * inputs + j];
  return W;
}

/** A parameter that has this matrix in place of its own. O(size). */
export function withMatrix(
  { outputs, inputs, turned }: LayerWeights,
  { shape }: Tensor,
  { data }: DenseMatrix,
): Tensor {
  if (turned) return tensorOver(Float32Array.from(data), shape);
  const out = new Float32Array(data.length);
  for (let i = 0; i < outputs; i++) for (let j = 0; j < inputs; j++) out[i * inputs + j] = data[j * outputs + i];
  return tensorOver(out, shape);
}
