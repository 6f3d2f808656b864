import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';

// Models of TensorFlow.js written in tests, and TensorFlow.js itself, which comes with @energetic-ai/core, as the reference.

/** A constant of a graph. */
export interface Constant {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}
/** Attributes as plain values: texts, flags, integers, lists, and element types as `{ type }`. */
type Plain =
  | string
  | boolean
  | number
  | readonly number[]
  | readonly string[]
  | { readonly type: number }
  | { readonly f: number };

const encoded = (value: Plain): unknown => {
  if (typeof value === 'string') return { s: btoa(value) };
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'number') return { i: String(value) };
  if (Array.isArray(value))
    return { list: typeof value[0] === 'string' ? { s: value.map((v) => btoa(String(v))) } : { i: value.map(String) } };
  return value;
};
const TYPES = { float32: 1, int32: 3, bool: 10 } as const;

/** Builds a graph node by node. */
export class Builder {
  readonly nodes: object[] = [];
  readonly weights: Array<Constant & { readonly name: string }> = [];
  private count = 0;

  input(name: string, shape: readonly number[], dtype: Constant['dtype'] = 'float32'): string {
    const dims = { shape: { dim: shape.map((size) => ({ size: String(size) })) } };
    this.nodes.push({ name, op: 'Placeholder', attr: { dtype: { type: TYPES[dtype] }, shape: dims } });
    return name;
  }

  constant(
    values: readonly number[],
    shape: readonly number[] = [values.length],
    dtype: Constant['dtype'] = 'int32',
  ): string {
    const name = `constant${this.count++}`;
    this.weights.push({ name, values, shape, dtype });
    this.nodes.push({ name, op: 'Const', attr: { dtype: { type: TYPES[dtype] } } });
    return name;
  }

  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Plain>> = {}): string {
    const name = `${op}${this.count++}`;
    const attr = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, encoded(value)]));
    this.nodes.push({ name, op, input: inputs, attr });
    return name;
  }

  /** Bytes of the weights, one after the other. */
  bytes(): Uint8Array {
    const parts = this.weights.map(({ values, dtype }) => {
      if (dtype === 'bool') return Uint8Array.from(values);
      return new Uint8Array((dtype === 'float32' ? Float32Array : Int32Array).from(values).buffer);
    });
    return Uint8Array.from(parts.flatMap((part) => [...part]));
  }

  private get specs(): object[] {
    return this.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  }

  /** The text of model.json. */
  json(more: object = {}): string {
    const weightsManifest = [{ paths: ['group1-shard1of1.bin'], weights: this.specs }];
    return JSON.stringify({ format: 'graph-model', modelTopology: { node: this.nodes }, weightsManifest, ...more });
  }

  read(): nn.ReadModel {
    const bytes = this.bytes();
    return nn.read(new TextEncoder().encode(this.json()), {
      external: (_, from, length) => bytes.subarray(from, length === undefined ? undefined : from + length),
    });
  }

  /** What TensorFlow.js gives for these inputs. */
  async theirs(tf: Peer, inputs: Readonly<Record<string, ad.Tensor>>): Promise<ad.Tensor[]> {
    const weightData = this.bytes().slice().buffer;
    const artifacts = {
      modelTopology: { node: this.nodes, versions: { producer: 1 } },
      weightSpecs: this.specs,
      weightData,
    };
    const model = await tf.loadGraphModel({ load: async () => artifacts });
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, x]) => [
        name,
        tf.tensor(x.data(), x.shape, x.dtype === 'i32' ? 'int32' : 'float32'),
      ]),
    );
    const made = model.execute(given);
    return (Array.isArray(made) ? made : [made]).map((t) =>
      ad.tensor(Float64Array.from(t.dataSync()), { shape: t.shape }),
    );
  }
}

interface PeerTensor {
  readonly shape: number[];
  dataSync(): ArrayLike<number>;
}
/** The part of TensorFlow.js that tests need. */
export interface Peer {
  loadGraphModel(handler: {
    load(): Promise<object>;
  }): Promise<{ execute(inputs: Readonly<Record<string, unknown>>): PeerTensor | PeerTensor[] }>;
  tensor(values: ArrayLike<number>, shape: readonly number[], dtype: string): unknown;
  ready(): Promise<void>;
}

/**
 * The first outputs of onnxruntime for a network of one input, as flat lists; undefined without Python or onnxruntime.
 * @throws Error with what Python writes, if the network cannot be run.
 */
export function onnxruntime(
  file: Uint8Array,
  inputs: readonly ad.Tensor[],
  type: 'i64' | 'f32',
): number[][] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-'));
  try {
    writeFileSync(join(folder, 'network.onnx'), file);
    const given = inputs.map((x) => ({ shape: x.shape, values: [...x.data()], type }));
    writeFileSync(join(folder, 'inputs.json'), JSON.stringify(given));
    const script = fileURLToPath(new URL('./peers/run.py', import.meta.url));
    const made = spawnSync('/usr/bin/python3', [script, folder], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    if (made.error || made.status === 3) return undefined;
    if (made.status !== 0) throw new Error(made.stderr.slice(-2000));
    return JSON.parse(made.stdout) as number[][];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
