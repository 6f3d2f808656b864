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
import { SouthwellError } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import {
  type LayerValues,
  layerValues,
  type NetworkInput,
  networkAnswer,
  networkInput,
  type OutputValues,
  valuesPicture,
} from './answer.ts';
import { classesIn } from './classes.ts';
import { type NetworkDrawing, networkDrawing } from './drawing.ts';
import { type Pixels, pixelsOf } from './pixels.ts';
import { bytesText, type NetworkWords, networkWords } from './words.ts';

/** What there is to see of a network before it is given anything. */
export interface NetworkView {
  readonly words: NetworkWords;
  readonly facts: NetworkFacts;
  readonly drawing: NetworkDrawing;
  readonly inputs: readonly NetworkInput[];
  /** How pixels are scaled for it, if its file says so. */
  readonly pixels: Pixels;
  /** Names of its classes, if its file has them. */
  readonly classes?: readonly string[];
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

/** Bytes of a network that is kept in memory to be run. */
const MOST_BYTES = 2 ** 29;

/** A network that is looked into, and run on one example at a time. */
export class OpenNetwork {
  readonly view: NetworkView;
  private network: ReadModel | undefined;
  private values: ReadonlyMap<string, Tensor> = new Map();

  /** Reads a file of ONNX. Throws SouthwellError for one that is damaged or cut short. */
  constructor(
    private readonly source: Uint8Array | ByteSource,
    private readonly external?: External,
    progress?: (tensors: number, of: number) => void,
  ) {
    const facts = inspectOnnx(source, { external, progress });
    const refused = this.whyNot(facts);
    const classes = classesIn(facts.metadata);
    this.view = {
      ...{ facts, words: networkWords(facts), drawing: networkDrawing(facts) },
      inputs: facts.inputs.map(networkInput),
      pixels: pixelsOf(facts.metadata, facts.inputs[0]?.type ?? ''),
      ...(classes ? { classes } : {}),
      ...(refused === undefined ? {} : { refused }),
    };
  }

  private whyNot({ missing, tensors, inputs }: NetworkFacts): string | undefined {
    if (missing.length > 0) return `It cannot be run: ${missing.map(({ op }) => op).join(', ')} is not supported.`;
    if (inputs.length === 0) return 'It has no inputs.';
    const bytes = tensors.reduce((n, t) => n + (t.bytes ?? 0), 0);
    if (bytes > MOST_BYTES) return `It has ${bytesText(bytes)} of numbers, which is too much to run it in a page.`;
    try {
      this.network = read(this.source, { external: this.external });
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      return error.message;
    }
    return undefined;
  }

  /** The outputs for an example, and what there is to say of the first value of each node. Throws a message if it does not fit. */
  answer(
    numbers: Readonly<Record<string, ArrayLike<number>>>,
    pixels: Pixels,
  ): { readonly outputs: readonly OutputValues[]; readonly layers: ReadonlyArray<LayerValues | undefined> } {
    if (!this.network) throw new RequestError(this.view.refused!);
    const { outputs, values } = networkAnswer(this.network, numbers, pixels);
    this.values = values;
    const layers = this.view.facts.nodes.map(({ outputs: [name] }) => {
      const t = values.get(name);
      return t && layerValues(t);
    });
    return { outputs, layers };
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
