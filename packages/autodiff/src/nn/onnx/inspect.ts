import { knownKeys, type OptionKeys, SouthwellError } from '@southwell/numerics/core';
import { full, type Shape, withLine } from '../../index.ts';
import { classOf, type GraphNode, type GraphOptions, type GraphValue } from '../operators/description.ts';
import { isOfMemory } from '../operators/memory.ts';
import { takenBy, withInner } from '../operators/order.ts';
import { runGraph } from '../operators/run.ts';
import { parseNetwork } from './network.ts';
import type { OnnxFile, OnnxNode, OnnxTensor } from './parse.ts';
import { graphOf, loaded, type MissingOperator, missingOperators, orderedNodes } from './read.ts';
import { withOneScope } from './scopes.ts';
import type { ByteSource } from './source.ts';
import { type External, tensorParts } from './tensorData.ts';
import { factsOf, type InParts, Seen, type TensorFacts } from './tensorFacts.ts';

/** A node of a network and the tensors of the file that it takes. */
export interface NodeFacts {
  readonly name: string;
  readonly op: string;
  /** Names of the values that it takes and gives. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly tensors: readonly string[];
  /** Number of numbers in these, and their bytes. */
  readonly numbers: number;
  readonly bytes: number;
  /** Shape of its first output, for inputs whose unknown axes have length 1; absent if it cannot be computed. */
  readonly shape?: Shape;
}

/** What there is to say of an ONNX file, or of a graph of TensorFlow.js as one. */
export interface NetworkFacts {
  readonly format: 'ONNX' | 'TensorFlow.js';
  /** Program that wrote it. */
  readonly producer: string;
  /** What that says of it, such as classes and the range of pixels. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly opset: number;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Nodes in an order in which they can be computed, without constants. */
  readonly nodes: readonly NodeFacts[];
  readonly tensors: readonly TensorFacts[];
  readonly missing: readonly MissingOperator[];
  /** What keeps the network from being run, and which numbers could not be read. */
  readonly notes: readonly string[];
}

/** Options of {@link inspectOnnx}. */
export interface InspectOptions {
  /** As in `read`. */
  readonly external?: External;
  /** Called with the number of tensors that are done, also within large ones; may throw to stop. */
  readonly progress?: (tensors: number, of: number) => void;
}
const keys: OptionKeys<InspectOptions> = { external: true, progress: true };

/** Most parameters of a network that is evaluated for its shapes. */
const EVALUATED = 1 << 28;

/** Most steps of a loop that is run for its shapes. */
const STEPS = 1000;
/** Whether a loop may take more steps. */
const isLong = ({ op, inputs }: GraphNode, { constants }: GraphOptions): boolean =>
  op === 'Loop' && (!inputs[0] || Number(constants[inputs[0]]?.values[0] ?? 0) > STEPS);

/** Shapes of all values for inputs of zeros, unknown axes with length 1, and weights of 0. */
function shapesOf(file: OnnxFile, external: External | undefined): ReadonlyMap<string, Shape> {
  const { graph: g, state } = graphOf(file, external);
  const size = Object.values(g.parameters).reduce((n, shape) => n + shape.reduce((a, b) => a * b, 1), 0);
  if (size > EVALUATED || withInner(g.nodes).some((node) => isLong(node, g))) return new Map();
  const blank = (shape: Shape, type: string) => full(shape, 0, classOf(type) === 'float' ? 'f32' : 'i32');
  const inputs = new Map(g.inputs.map((input) => [input.name, input]));
  const names = g.nodes.flatMap((node) => node.outputs.filter((name) => name !== ''));
  const known = loaded(state, file, external, 'f32');
  const tensors = {
    param: (name: string) => blank(g.parameters[name], 'f32'),
    state: (name: string) => known[name],
    input: (name: string) => {
      const { shape, type } = inputs.get(name)!;
      return shape
        ? blank(
            shape.map((n) => (typeof n === 'number' ? n : 1)),
            type,
          )
        : undefined;
    },
  };
  return new Map(runGraph(g, tensors, names).map((t, i) => [names[i], t.shape]));
}

/** The nodes in order, or as they are in the file where there is none, with the reason. */
function nodesOf(file: OnnxFile): readonly [readonly OnnxNode[], string | undefined] {
  try {
    return [orderedNodes(file), undefined];
  } catch (error) {
    if (error instanceof SouthwellError) return [file.nodes, error.message];
    throw error;
  }
}

/**
 * Facts about the network of an ONNX file, also where it cannot be run: nodes in order with shapes, tensors with zeros, NaN, duplicates and largest
 * singular values. The file may be read by ranges. O(size) and one evaluation of networks with up to 2²⁸ parameters.
 * @throws INVALID_FORMAT, with place and byte, for a file that is damaged or cut short.
 */
export const inspectOnnx = withLine((source: Uint8Array | ByteSource, options: InspectOptions = {}): NetworkFacts => {
  knownKeys('inspectOnnx', options, keys);
  const { external, progress } = options;
  const file = withOneScope(parseNetwork(source, external));
  const [inOrder, problem] = nodesOf(file);
  const notes = new Set<string>(problem === undefined ? [] : [problem]);
  const unlessRefused = <T>(f: () => T): T | undefined => {
    try {
      return f();
    } catch (error) {
      if (!(error instanceof SouthwellError) && !isOfMemory(error)) throw error;
      notes.add(error.message);
      return undefined;
    }
  };
  const inParts = (t: OnnxTensor): InParts => ({
    ...{ name: t.name, type: t.type, shape: t.shape },
    *parts() {
      for (const values of tensorParts(t, file.bytes, external)) {
        progress?.(done, file.initialisers.length);
        yield values;
      }
    },
  });
  const refused = (f: () => void): boolean => {
    const done = unlessRefused(() => {
      f();
      return true;
    });
    return done === undefined;
  };
  const seen = new Seen();
  let done = 0;
  const tensors = file.initialisers.map((t) => {
    const facts = factsOf(inParts(t), seen, refused);
    done++;
    return facts;
  });
  progress?.(done, done);
  const byName = new Map(tensors.map((t) => [t.name, t]));
  const missing = missingOperators(inOrder);
  const shapes = missing.length === 0 && notes.size === 0 ? unlessRefused(() => shapesOf(file, external)) : undefined;
  const nodes = inOrder.flatMap((node): NodeFacts[] => {
    if (node.op === 'Constant') return [];
    const own = takenBy(node).flatMap((name) => byName.get(name) ?? []);
    const shape = shapes?.get(node.outputs[0]);
    return [
      {
        ...{ name: node.name, op: node.op, inputs: node.inputs, outputs: node.outputs },
        tensors: own.map(({ name }) => name),
        numbers: own.reduce((n, t) => n + t.size, 0),
        bytes: own.reduce((n, t) => n + (t.bytes ?? 0), 0),
        ...(shape ? { shape } : {}),
      },
    ];
  });
  const [inputs, outputs] = [file.inputs, file.outputs].map((all) =>
    all.map(({ name, type, shape }) => ({ name, type, shape: shape ?? null })),
  );
  const { format, producer, metadata, opset } = file;
  return { format, producer, metadata, opset, inputs, outputs, nodes, tensors, missing, notes: [...notes] };
});
