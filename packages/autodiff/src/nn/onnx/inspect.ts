import { knownKeys, type NumericArray, type OptionKeys, SouthwellError } from '@southwell/numerics/core';
import { largestEigenvalueOf } from '@southwell/numerics/krylov';
import { full, type Shape } from '../../index.ts';
import { classOf, type GraphValue } from '../operators/description.ts';
import { runGraph } from '../operators/run.ts';
import { parseNetwork } from './network.ts';
import type { OnnxFile, OnnxNode, OnnxTensor } from './parse.ts';
import { graphOf, loaded, type MissingOperator, missingOperators, orderedNodes } from './read.ts';
import type { ByteSource } from './source.ts';
import { bytesOf, type External, tensorParts } from './tensorData.ts';

/** What there is to say of a tensor of a network. */
export interface TensorFacts {
  readonly name: string;
  readonly type: string;
  readonly shape: Shape;
  readonly size: number;
  /** Absent for types of no fixed width. */
  readonly bytes?: number;
  /** Numbers that are 0; absent if the numbers cannot be read, as the next four are. */
  readonly zeros?: number;
  /** Numbers that are NaN or infinite. */
  readonly notFinite?: number;
  /** The first tensor with the same numbers. */
  readonly duplicateOf?: string;
  /** Largest singular value of a matrix, or of filters as a matrix with a row for each output; not for more than a million numbers. */
  readonly largestSingular?: number;
  /** The sum of squares of all singular values over that of the largest. */
  readonly stableRank?: number;
}

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

/** Largest matrix whose singular value is computed. */
const CHEAP = 1 << 20;

function spectrum(values: NumericArray, rows: number): Pick<TensorFacts, 'largestSingular' | 'stableRank'> {
  const columns = values.length / rows;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  const short = Math.min(rows, columns);
  const between = new Float64Array(Math.max(rows, columns));
  const [byRow, byColumn] = rows <= columns ? [columns, 1] : [1, columns];
  // Products with W Wᵀ of the shorter side: W[i, j] is values[i·byRow + j·byColumn] with i on the shorter side.
  const product = (v: Float64Array, out: Float64Array): void => {
    for (let j = 0; j < between.length; j++) {
      let sum = 0;
      for (let i = 0; i < short; i++) sum += v[i] * values[i * byRow + j * byColumn];
      between[j] = sum;
    }
    for (let i = 0; i < short; i++) {
      let sum = 0;
      for (let j = 0; j < between.length; j++) sum += between[j] * values[i * byRow + j * byColumn];
      out[i] = sum;
    }
  };
  const largest = largestEigenvalueOf(product, short, { tol: 1e-6 });
  return { largestSingular: Math.sqrt(largest), ...(largest > 0 ? { stableRank: squares / largest } : {}) };
}

/** The numbers of a tensor in parts. */
type Parts = (t: OnnxTensor) => Iterable<NumericArray>;

/** Tensors with different numbers that were seen before, by a hash of these. */
class Seen {
  private readonly first = new Map<string, OnnxTensor[]>();

  constructor(private readonly parts: Parts) {}

  private same(a: OnnxTensor, b: OnnxTensor): boolean {
    const theirs = this.parts(b)[Symbol.iterator]();
    for (const ours of this.parts(a)) {
      const other = theirs.next().value;
      for (let i = 0; i < ours.length; i++) if (!other || !Object.is(ours[i], other[i])) return false;
    }
    return true;
  }

  /** The first tensor with the numbers of this hash; undefined if there is none. */
  before(t: OnnxTensor, hash: number): string | undefined {
    const key = `${t.type} ${t.shape} ${hash}`;
    const alike = this.first.get(key) ?? [];
    const twin = alike.find((other) => this.same(t, other));
    if (!twin) this.first.set(key, [...alike, t]);
    return twin?.name;
  }
}

function factsOf(t: OnnxTensor, parts: Parts, seen: Seen, refused: (f: () => void) => boolean): TensorFacts {
  const size = t.shape.reduce((a, b) => a * b, 1);
  const bytes = bytesOf(t);
  const plain = { name: t.name, type: t.type, shape: t.shape, size, ...(bytes === undefined ? {} : { bytes }) };
  let [zeros, notFinite, varied, hash] = [0, 0, false, 0x811c9dc5];
  let [initial, whole] = [undefined as number | undefined, undefined as NumericArray | undefined];
  const walk = (): void => {
    for (const values of parts(t)) {
      initial ??= values[0];
      whole = values;
      for (let i = 0; i < values.length; i++) {
        if (values[i] === 0) zeros++;
        else if (!Number.isFinite(values[i])) notFinite++;
        if (values[i] !== initial) varied = true;
      }
      const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
      for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
    }
  };
  if (refused(walk)) return plain;
  // Tensors of one number, such as biases of 0, are not duplicates in any useful sense.
  const twin = varied ? seen.before(t, hash) : undefined;
  const matrix = classOf(t.type) === 'float' && t.shape.length >= 2 && size <= CHEAP && size > 0 && notFinite === 0;
  return {
    ...{ ...plain, zeros, notFinite },
    ...(twin === undefined ? {} : { duplicateOf: twin }),
    ...(matrix && whole ? spectrum(whole, t.shape[0]) : {}),
  };
}

/** Most parameters of a network that is evaluated for its shapes. */
const EVALUATED = 1 << 28;

/** Shapes of all values for inputs of zeros, unknown axes with length 1, and weights of 0. */
function shapesOf(file: OnnxFile, external: External | undefined): ReadonlyMap<string, Shape> {
  const { graph: g, state } = graphOf(file, external);
  const size = Object.values(g.parameters).reduce((n, shape) => n + shape.reduce((a, b) => a * b, 1), 0);
  if (size > EVALUATED) return new Map();
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
export function inspectOnnx(source: Uint8Array | ByteSource, options: InspectOptions = {}): NetworkFacts {
  knownKeys('inspectOnnx', options, keys);
  const { external, progress } = options;
  const file = parseNetwork(source, external);
  const [inOrder, problem] = nodesOf(file);
  const notes = new Set<string>(problem === undefined ? [] : [problem]);
  const unlessRefused = <T>(f: () => T): T | undefined => {
    try {
      return f();
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      notes.add(error.message);
      return undefined;
    }
  };
  const parts: Parts = (t) => ({
    *[Symbol.iterator]() {
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
  const seen = new Seen(parts);
  let done = 0;
  const tensors = file.initialisers.map((t) => {
    const facts = factsOf(t, parts, seen, refused);
    done++;
    return facts;
  });
  progress?.(done, done);
  const byName = new Map(tensors.map((t) => [t.name, t]));
  const missing = missingOperators(inOrder);
  const shapes = missing.length === 0 && notes.size === 0 ? unlessRefused(() => shapesOf(file, external)) : undefined;
  const nodes = inOrder.flatMap((node): NodeFacts[] => {
    if (node.op === 'Constant') return [];
    const own = node.inputs.flatMap((name) => byName.get(name) ?? []);
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
}
