import type { Tensor } from '@southwell/autodiff';
import {
  type ByteSource,
  type External,
  flattenParameters,
  inspectOnnx,
  type NetworkFacts,
  type ReadModel,
  read,
  type TensorFacts,
} from '@southwell/autodiff/nn';
import type { Tokeniser } from '@southwell/autodiff/tokenisers';
import { SouthwellError } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import type { Sampling } from '../saved-models/sampling.ts';
import {
  type LayerValues,
  layerValues,
  type NetworkInput,
  networkAnswer,
  networkInput,
  type OutputValues,
  outputValues,
  valuesPicture,
} from './answer.ts';
import { classesIn } from './classes.ts';
import { type NetworkDrawing, networkDrawing } from './drawing.ts';
import { type Pixels, pixelsOf } from './pixels.ts';
import { cosines, exampleOfText, takesTexts } from './texts.ts';
import { bytesText, type NetworkSize, type NetworkWords, networkWords } from './words.ts';

/** What there is to see of a network before it is given anything. */
export interface NetworkView {
  readonly words: NetworkWords;
  readonly facts: NetworkFacts;
  readonly drawing: NetworkDrawing;
  readonly inputs: readonly NetworkInput[];
  /** How pixels are scaled for it, if its file says so. */
  readonly pixels: Pixels;
  /** Names of its classes, if its file has them; of a model that continues texts, the pieces of its vocabulary. */
  readonly classes?: readonly string[];
  /** What can be done with texts; undefined if it takes none, or its tokeniser is not there. */
  readonly texts?: 'read' | 'continued';
  /** Why it cannot answer; undefined if it can. */
  readonly refused?: string;
}

/** A picture of numbers, and what is left out of it. */
export type Seen = ReturnType<typeof valuesPicture>;

/** A layer that is looked at: what it gave for the last example, and its arrays. */
export interface LayerView {
  readonly node: number;
  readonly values?: Seen;
  readonly arrays: ReadonlyArray<{ readonly facts: TensorFacts; readonly seen: Seen }>;
}

/** What a network answers to an example. */
export interface NetworkAnswered {
  readonly outputs: readonly OutputValues[];
  /** What there is to say of the first value of each node. */
  readonly layers: ReadonlyArray<LayerValues | undefined>;
  /** Of texts: these, the pieces of each, and cosines between their vectors, if each gives one. */
  readonly texts?: readonly string[];
  readonly pieces?: ReadonlyArray<readonly string[]>;
  readonly cosines?: ReadonlyArray<readonly number[]>;
}

/** What is known of a network beside its file. */
export interface OpenOptions {
  readonly external?: External;
  readonly progress?: (tensors: number, of: number) => void;
  readonly tokeniser?: Tokeniser;
  /** That of the file from which the network was made, if it was. */
  readonly size?: NetworkSize;
  /** The file for this number of tokens, if it is for a fixed one. */
  readonly tokens?: (count: number) => Uint8Array;
  /** Continues a text. */
  readonly writes?: (how: Sampling) => Iterable<string>;
}

/** Bytes of a network that is kept in memory to be run. */
const MOST_BYTES = 2 ** 29;
/** Pieces of a vocabulary that are sent with a view. */
const MOST_PIECES = 2 ** 17;

/** A network that is looked into, and run on one example at a time. */
export class OpenNetwork {
  readonly view: NetworkView;
  private network: ReadModel | undefined;
  private length = 0;
  private values: ReadonlyMap<string, Tensor> = new Map();

  /**
   * Reads a file of ONNX, or a model.json of TensorFlow.js.
   * @throws As `inspectOnnx`.
   */
  constructor(
    private readonly source: Uint8Array | ByteSource,
    private readonly options: OpenOptions = {},
  ) {
    const { external, progress, tokeniser, size, writes } = options;
    const facts = inspectOnnx(source, { external, progress });
    const refused = this.whyNot(facts);
    const inputs = facts.inputs.map(networkInput);
    const pieces = writes && tokeniser && tokeniser.size <= MOST_PIECES ? tokeniser.data.pieces : undefined;
    const classes = pieces ?? classesIn(facts.metadata);
    this.view = {
      ...{ facts, words: networkWords(facts, size), drawing: networkDrawing(facts), inputs },
      pixels: pixelsOf(facts.metadata, facts.inputs[0]?.type ?? ''),
      ...(classes ? { classes } : {}),
      ...(refused === undefined && tokeniser && takesTexts(inputs) ? { texts: writes ? 'continued' : 'read' } : {}),
      ...(refused === undefined ? {} : { refused }),
    };
  }

  private whyNot({ missing, tensors, inputs }: NetworkFacts): string | undefined {
    if (missing.length > 0) return `It cannot be run: ${missing.map(({ op }) => op).join(', ')} is not supported.`;
    if (inputs.length === 0) return 'It has no inputs.';
    const bytes = tensors.reduce((n, t) => n + (t.bytes ?? 0), 0);
    if (bytes > MOST_BYTES) return `It has ${bytesText(bytes)} of numbers, which is too much to run it in a page.`;
    try {
      this.network = read(this.source, { external: this.options.external });
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      return error.message;
    }
    return undefined;
  }

  private known(): ReadModel {
    if (!this.network) throw new RequestError(this.view.refused!);
    return this.network;
  }

  /** The outputs for an example, and what there is to say of its layers. Throws a message if it does not fit. */
  answer(numbers: Readonly<Record<string, ArrayLike<number>>>, pixels: Pixels): NetworkAnswered {
    const { outputs, values } = networkAnswer(this.known(), numbers, pixels);
    this.values = values;
    const layers = this.view.facts.nodes.map(({ outputs: [name] }) => {
      const t = values.get(name);
      return t && layerValues(t);
    });
    return { outputs, layers };
  }

  /** What it answers to texts: layers and outputs of the last, and how near the vectors are that it gives for them. Throws a message for texts without tokens. */
  read(texts: readonly string[]): NetworkAnswered {
    const { tokeniser, tokens, writes } = this.options;
    if (!tokeniser) throw new RequestError('Texts need the file of a tokeniser.');
    const pieces: Array<readonly string[]> = [];
    const vectors: Array<readonly number[]> = [];
    let last: NetworkAnswered | undefined;
    for (const text of texts) {
      const { inputs } = this.view;
      const open = tokens ? inputs.map((input) => ({ ...input, open: true })) : inputs;
      const example = exampleOfText(tokeniser, open, text);
      const count = example.pieces.length;
      if (tokens && count !== this.length) {
        this.network = read(tokens(count));
        this.length = count;
      }
      last = this.answer(example.numbers, 'from 0 to 255');
      pieces.push(example.pieces);
      const [{ shape, first, size }] = last.outputs;
      if (first.length === size && shape.length === 2 && shape[0] === 1) vectors.push(first);
    }
    if (!last) throw new RequestError('There is no text.');
    const outputs = writes ? [this.nextToken(last)] : last.outputs;
    return {
      ...{ ...last, outputs, texts, pieces },
      ...(vectors.length > 1 && vectors.length === texts.length ? { cosines: cosines(vectors) } : {}),
    };
  }

  /** The probabilities of the token that follows. */
  private nextToken({ outputs: [{ name, shape }] }: NetworkAnswered): OutputValues {
    const logits = this.values.get(name)!.data();
    const last = Float64Array.from(logits.subarray(logits.length - shape.at(-1)!));
    const most = last.reduce((a, b) => Math.max(a, b));
    const powers = last.map((v) => Math.exp(v - most));
    const sum = powers.reduce((a, b) => a + b);
    return outputValues('next token', { shape: [powers.length], data: () => powers.map((p) => p / sum) });
  }

  /** Continues a text. Throws a message if the network does not. */
  *continue(how: Sampling): Generator<string, void> {
    const { writes } = this.options;
    if (!writes) throw new RequestError('The network does not continue texts.');
    yield* writes(how);
  }

  /** Pictures of what a node gave and of its arrays. */
  look(node: number): LayerView {
    const { nodes, tensors } = this.view.facts;
    const { outputs, tensors: names } = nodes[node];
    const t = this.values.get(outputs[0]);
    const values = t && valuesPicture(t);
    const { network } = this;
    const known = network ? { ...flattenParameters(network.parameters), ...network.state } : {};
    const arrays = names.map((name) => {
      const own: Tensor | undefined = known[name];
      return { facts: tensors.find((one) => one.name === name)!, seen: own && valuesPicture(own) };
    });
    return { node, ...(values ? { values } : {}), arrays };
  }
}
